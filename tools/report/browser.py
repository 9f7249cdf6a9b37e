"""Looks at reports and charts in a headless Chromium, and says what is wrong with them."""

import argparse
import filecmp
import html
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter

from png import Picture

HERE = os.path.dirname(os.path.abspath(__file__))
DESKTOP, TABLET, PHONE = 1360, 900, 360
NARROWEST = 500  # Chromium's windows are not narrower; such pages are shown in a frame.


class Browser:
    """A Chromium without a network, unless asked for one."""

    def __init__(self, program, folder):
        self.program, self.folder, self.runs, self.console = program, folder, 0, []
        self.fence = next((fence for fence in (["unshare", "-n"], ["unshare", "-rn"])
                           if shutil.which("unshare")
                           and subprocess.run([*fence, "true"], stderr=subprocess.DEVNULL,
                                              check=False).returncode == 0), None)

    def run(self, page, size, *options, dark=False, network=False):
        """Standard output of Chromium on the page; what its console had is in `console`."""
        self.runs += 1
        profile = os.path.join(self.folder, f"profile-{self.runs}")
        command = [self.program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   "--no-first-run", "--disable-dev-shm-usage", "--force-device-scale-factor=1",
                   "--enable-logging=stderr", f"--user-data-dir={profile}",
                   f"--window-size={size[0]},{size[1]}",
                   f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                   *options, f"file://{page}"]
        if not network and self.fence:
            command = [*self.fence, *command]
        elif not network:
            command[1:1] = ["--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   start_new_session=True)
        try:
            output, errors = process.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            sys.exit(f"check-report: Chromium did not end on {page}")
        finally:
            shutil.rmtree(profile, ignore_errors=True)
        told = errors.decode(errors="replace")
        require(process.returncode == 0,
                f"{page}: Chromium ended with {process.returncode}: {told[-400:]}")
        # Chromium's own windows speak, too.
        self.console = [line for line in told.split("\n")
                        if "CONSOLE" in line and "source: chrome://" not in line]
        return output.decode(errors="replace")

    def check_console(self, page):
        require(not self.console, f"{page}: the console has {self.console[:3]}")

    def picture(self, page, size, name, **how):
        path = os.path.join(self.folder, name)
        self.run(framed(page, size[0], self.folder), size, f"--screenshot={path}", **how)
        self.check_console(page)
        picture = Picture(path)
        require((picture.width, picture.height) == size,
                f"{name} is {picture.width} by {picture.height}")
        return picture

    def is_same(self, name, other):
        """Whether two pictures are the same, to the last bit of their files."""
        return filecmp.cmp(os.path.join(self.folder, name), os.path.join(self.folder, other),
                           shallow=False)

    def probe(self, page, width, **how):
        """What tools/report/probe.js says of the page."""
        with open(page, encoding="utf-8") as file:
            text = file.read()
        with open(os.path.join(HERE, "probe.js"), encoding="utf-8") as file:
            script = file.read()
        copy = os.path.join(self.folder, "probed.html")
        with open(copy, "w", encoding="utf-8") as file:
            file.write(text.replace("</body>", f"<script>{script}</script></body>"))
        dumped = self.run(framed(copy, width, self.folder), (width, 900), "--dump-dom",
                          "--virtual-time-budget=3000", **how)
        self.check_console(page)
        found = re.search(r'<pre id="probe">(.*?)</pre>', dumped, re.DOTALL)
        require(found, f"{page}: the probe says nothing")
        return json.loads(html.unescape(found.group(1)))


def framed(page, width, folder):
    """The page, in a frame when windows cannot be as narrow; the frame hands on what is probed."""
    if width >= NARROWEST:
        return page
    path = os.path.join(folder, "frame.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""<!doctype html><meta charset="utf-8"><body style="margin:0">
            <iframe src="file://{page}" style="border:0;width:{width}px;height:100vh"></iframe>
            <script>addEventListener("message", (message) => {{
              const place = document.createElement("pre");
              [place.id, place.textContent] = ["probe", message.data];
              document.body.append(place);
            }});</script></body>""")
    return path


def require(condition, complaint):
    if not condition:
        sys.exit(f"check-report: {complaint}")


def rgb(color):
    """"rgb(1, 2, 3)" or "rgba(1, 2, 3, 0.5)" as three numbers."""
    return tuple(int(float(part)) for part in re.findall(r"[\d.]+", color)[:3])


def near(a, b):
    return all(abs(x - y) <= 24 for x, y in zip(a, b))


def frame_of(chart):
    return tuple(round(chart["frame"][side]) for side in ("left", "top", "right", "bottom"))


def check_the_check(browser):
    """Errors of scripts, and attempts to fetch something, are seen where there are some."""
    page = os.path.join(browser.folder, "bad.html")

    def write(body):
        with open(page, "w", encoding="utf-8") as file:
            file.write(f"<!doctype html><body>{body}</body>")

    write("<script>undefined.name</script>")
    browser.run(page, (600, 400), "--dump-dom")
    require(browser.console, "errors of scripts are not seen")
    write('<img src="http://localhost:9/x.png">')
    require(browser.probe(page, 600)["fetched"], "attempts to fetch are not seen")


def check_layout(name, probe, width):
    """Charts lie within the page, their texts within them and apart."""
    require(probe["inner"] == width, f"{name}: the page is {probe['inner']} wide, not {width}")
    require(not probe["fetched"], f"{name} fetches {probe['fetched']}")
    require(probe["width"] <= width, f"{name}: {probe['width']} pixels wide in {width}")
    for chart in probe["charts"]:
        where = f"{name} at {width}: \"{chart['title']}\""
        left, top, right, bottom = frame_of(chart)
        require(0 <= left and right <= width and right - left >= min(280, width - 80)
                and bottom - top >= 150, f"{where} is at {chart['frame']}")
        require(not chart["problems"], f"{where}: {'; '.join(chart['problems'])}")
        require(chart["letters"] >= 9.5, f"{where}: letters are {chart['letters']:.1f} high")


def check_drawn(name, probe, picture):
    """Every chart shows its series' colours, in many pixels, on a calm ground."""
    for chart in probe["charts"]:
        pixels = Counter(picture.part(*frame_of(chart)))
        (ground, count), = pixels.most_common(1)
        require(count > 0.6 * sum(pixels.values()), f"{name}: \"{chart['title']}\" has no ground")
        inked = sum(n for pixel, n in pixels.items() if not near(pixel, ground))
        require(inked > 500, f"{name}: \"{chart['title']}\" has {inked} pixels that are drawn")
        for color in chart["colors"]:
            drawn = sum(n for pixel, n in pixels.items() if near(pixel, rgb(color)))
            if rgb(color) != ground:
                require(drawn > 60, f"{name}: \"{chart['title']}\" shows {color} {drawn} times")


def changed(chart, picture, other):
    """Pixels of a chart that differ between two pictures."""
    frame = frame_of(chart)
    return sum(a != b for a, b in zip(picture.part(*frame), other.part(*frame)))


def check_reports(browser, samples):
    page = {name: os.path.join(samples, name, "report.html")
            for name in ("run", "other", "long", "short")}
    probe = browser.probe(page["run"], DESKTOP)
    require(len(probe["charts"]) >= 8, f"run: {len(probe['charts'])} charts")
    size = (DESKTOP, probe["height"])
    shown = browser.picture(page["run"], size, "run.png", network=True)
    check_layout("run", probe, DESKTOP)
    check_drawn("run", probe, shown)

    browser.picture(page["run"], size, "run-offline.png")
    require(browser.is_same("run.png", "run-offline.png"),
            "without a network the report looks different")
    other = browser.picture(page["other"], size, "other.png")
    for chart in probe["charts"]:
        count, same = changed(chart, shown, other), chart["title"].startswith("Learning rate")
        require((count == 0) if same else (count > 200),
                f"other data change {count} pixels of \"{chart['title']}\"")

    dark = browser.probe(page["run"], DESKTOP, dark=True)
    night = browser.picture(page["run"], size, "run-dark.png", dark=True)
    check_drawn("run in the dark", dark, night)
    require(sum(night.pixel(3, 3)) < 120 < 600 < sum(shown.pixel(3, 3)), "dark is not dark")

    for name in ("run", "long", "short"):
        for width in (TABLET, PHONE):
            check_layout(name, browser.probe(page[name], width), width)
    for name, width in (("long", DESKTOP), ("short", DESKTOP), ("run", PHONE)):
        seen = browser.probe(page[name], width)
        check_layout(name, seen, width)
        check_drawn(name, seen, browser.picture(
            page[name], (width, seen["height"]), f"{name}-{width}.png"))


def check_refreshes(browser, samples):
    """The reports of a refreshed collection and of refreshed vectors."""
    for name in ("refresh", "vectors"):
        page = os.path.join(samples, name, "report.html")
        for width in (PHONE, TABLET, DESKTOP):
            probe = browser.probe(page, width)
            require(len(probe["charts"]) == 5, f"{name}: {len(probe['charts'])} charts")
            check_layout(name, probe, width)
        size = (DESKTOP, probe["height"])
        check_drawn(name, probe, browser.picture(page, size, f"{name}.png", network=True))
        browser.picture(page, size, f"{name}-offline.png")
        require(browser.is_same(f"{name}.png", f"{name}-offline.png"),
                f"without a network the report {name} looks different")
        dark = browser.probe(page, DESKTOP, dark=True)
        check_drawn(f"{name} in the dark", dark,
                    browser.picture(page, size, f"{name}-dark.png", dark=True))
        phone = browser.probe(page, PHONE)
        browser.picture(page, (PHONE, phone["height"]), f"{name}-{PHONE}.png")


def check_charts(browser, samples):
    """Every SVG file, as an element of a page and opened by itself."""
    names = sorted(name for name in os.listdir(samples) if name.endswith(".svg"))
    require(len(names) >= 4, f"{samples} has {len(names)} charts")
    for name in names:
        with open(os.path.join(samples, name), encoding="utf-8") as file:
            svg = file.read()
        page = os.path.join(browser.folder, name + ".html")
        with open(page, "w", encoding="utf-8") as file:
            file.write(f'<!doctype html><meta charset="utf-8"><body style="margin:0">{svg}</body>')
        probe = browser.probe(page, 600)
        check_layout(name, probe, 600)
        shown = browser.picture(os.path.join(samples, name), (600, 372), name + ".png")
        check_drawn(name, probe, shown)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="Chromium")
    parser.add_argument("samples", help="what the tests wrote")
    parser.add_argument("--keep", metavar="FOLDER", help="where the pictures are kept")
    args = parser.parse_args()
    samples = os.path.abspath(args.samples)
    with tempfile.TemporaryDirectory() as folder:
        if args.keep:
            folder = os.path.abspath(args.keep)
            os.makedirs(folder, exist_ok=True)
        browser = Browser(args.program, folder)
        check_the_check(browser)
        check_reports(browser, samples)
        check_refreshes(browser, samples)
        check_charts(browser, samples)
    how = "in a network namespace of its own" if browser.fence else "with every name unresolved"
    print(f"check-report: reports and charts look right ({browser.runs} runs of Chromium, {how})")


if __name__ == "__main__":
    main()
