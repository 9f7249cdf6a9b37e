"""A chart of named points, as SVG."""


def points_chart(path, points, across_name, up_name, ticks=None):
    """Writes named points: `(name, x, y)` each.

    `ticks` are the labels of the axis across, `(x, text)`; five even ones when there are none given.
    """
    width, height, left, right, bottom = 640, 380, 64, 150, 48
    low_x, high_x = padded([x for _, x, _ in points])
    low_y, high_y = padded([y for *_, y in points])
    across = lambda x: left + (width - left - right) * (x - low_x) / (high_x - low_x)
    up = lambda y: height - bottom - (height - bottom - 20) * (y - low_y) / (high_y - low_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<path d="M{left} 20V{height - bottom}H{width - right}" fill="none" stroke="#888"/>',
        f'<text x="{left}" y="{height - 10}">{across_name}</text>',
        f'<text x="8" y="14">{up_name}</text>']
    for step in range(5):
        value = low_y + (high_y - low_y) * step / 4
        parts.append(f'<text x="{left - 6}" y="{up(value) + 4:.1f}" text-anchor="end">'
                     f'{value:.3f}</text>')
    even = [low_x + (high_x - low_x) * step / 4 for step in range(5)]
    for value, text in ticks or [(value, f"{value:.3f}") for value in even]:
        parts.append(f'<text x="{across(value):.1f}" y="{height - bottom + 16}" '
                     f'text-anchor="middle">{text}</text>')
    for name, x, y in points:
        parts.append(f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="4" fill="#2563eb"/>'
                     f'<text x="{across(x) + 8:.1f}" y="{up(y) + 4:.1f}">{name}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts + ["</svg>\n"]))


def padded(values):
    """The range of values with some room on both sides."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.15, 0.005)
    return low - room, high + room


COLOURS = ("#888", "#2563eb", "#db2777", "#16a34a", "#d97706", "#7c3aed", "#0891b2", "#111")


def lines_chart(path, lines, across_name, up_name, ticks):
    """Writes lines: `{name: [(x, y), …]}`; `ticks` are the labels of the axis across, `(x, text)`."""
    width, height, left, right, bottom = 640, 380, 64, 150, 48
    low_x, high_x = padded([x for points in lines.values() for x, _ in points])
    low_y, high_y = padded([y for points in lines.values() for _, y in points])
    across = lambda x: left + (width - left - right) * (x - low_x) / (high_x - low_x)
    up = lambda y: height - bottom - (height - bottom - 20) * (y - low_y) / (high_y - low_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">',
        f'<path d="M{left} 20V{height - bottom}H{width - right}" fill="none" stroke="#888"/>',
        f'<text x="{left}" y="{height - 10}">{across_name}</text>',
        f'<text x="8" y="14">{up_name}</text>']
    for step in range(5):
        value = low_y + (high_y - low_y) * step / 4
        parts.append(f'<text x="{left - 6}" y="{up(value) + 4:.1f}" text-anchor="end">'
                     f'{value:.3f}</text>')
    for value, text in ticks:
        parts.append(f'<text x="{across(value):.1f}" y="{height - bottom + 16}" '
                     f'text-anchor="middle">{text}</text>')
    for place, (name, points) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        bends = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{bends}" fill="none" stroke="{colour}" stroke-width="2"/>')
        key = 30 + 18 * place
        parts.append(f'<path d="M{width - right + 12} {key}h18" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{width - right + 36}" y="{key + 4}">{name}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts + ["</svg>\n"]))
