"""Charts of named points and of lines, as SVG."""

COLOURS = ("#888", "#2563eb", "#db2777", "#16a34a", "#d97706", "#7c3aed", "#0891b2", "#111")
WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 640, 380, 64, 150, 48


class Frame:
    """Axes around some points, and the marks inside them."""

    def __init__(self, points, across_name, up_name, ticks=None):
        """`ticks` are the labels of the axis across, `(x, text)`; five even ones without."""
        self.across_range = padded([x for x, _ in points])
        self.up_range = padded([y for _, y in points])
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'font-family="sans-serif" font-size="12">',
            f'<path d="M{LEFT} 20V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#888"/>',
            f'<text x="{LEFT}" y="{HEIGHT - 10}">{across_name}</text>',
            f'<text x="8" y="14">{up_name}</text>']
        for value in even(self.up_range):
            self.parts.append(f'<text x="{LEFT - 6}" y="{self.up(value) + 4:.1f}" '
                              f'text-anchor="end">{value:.3f}</text>')
        for value, text in ticks or [(each, f"{each:.3f}") for each in even(self.across_range)]:
            self.parts.append(f'<text x="{self.across(value):.1f}" y="{HEIGHT - BOTTOM + 16}" '
                              f'text-anchor="middle">{text}</text>')

    def across(self, x):
        low, high = self.across_range
        return LEFT + (WIDTH - LEFT - RIGHT) * (x - low) / (high - low)

    def up(self, y):
        low, high = self.up_range
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 20) * (y - low) / (high - low)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts + ["</svg>\n"]))


def points_chart(path, points, across_name, up_name, ticks=None):
    """Writes named points: `(name, x, y)` each."""
    frame = Frame([(x, y) for _, x, y in points], across_name, up_name, ticks)
    for name, x, y in points:
        place = f"{frame.across(x):.1f}", f"{frame.up(y):.1f}"
        frame.parts.append(f'<circle cx="{place[0]}" cy="{place[1]}" r="4" fill="#2563eb"/>'
                           f'<text x="{frame.across(x) + 8:.1f}" y="{frame.up(y) + 4:.1f}">'
                           f'{name}</text>')
    frame.write(path)


def lines_chart(path, lines, across_name, up_name, ticks=None):
    """Writes lines: `{name: [(x, y), …]}`."""
    frame = Frame([point for own in lines.values() for point in own], across_name, up_name, ticks)
    for place, (name, points) in enumerate(lines.items()):
        stroke = f'stroke="{COLOURS[place % len(COLOURS)]}" stroke-width="2"'
        bends = " ".join(f"{frame.across(x):.1f},{frame.up(y):.1f}" for x, y in points)
        key = 30 + 18 * place
        frame.parts.append(f'<polyline points="{bends}" fill="none" {stroke}/>'
                           f'<path d="M{WIDTH - RIGHT + 12} {key}h18" {stroke}/>'
                           f'<text x="{WIDTH - RIGHT + 36}" y="{key + 4}">{name}</text>')
    frame.write(path)


def padded(values):
    """The range of values with some room on both sides."""
    low, high = min(values), max(values)
    room = max((high - low) * 0.15, 0.005)
    return low - room, high + room


def even(ends):
    """Five values from one end to the other."""
    low, high = ends
    return [low + (high - low) * step / 4 for step in range(5)]
