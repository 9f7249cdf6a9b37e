"""Debian's package lists, fetched as an ordinary user into folders of our own.

The machine's own sources are used, so a configured mirror serves; nothing below /var/lib/apt or
/var/cache/apt is read or written, and translations switched off for the machine (container
images do so) are switched on for this call alone.
"""

import os
import subprocess

CONFIGURATION = """\
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::Languages;
Acquire::Languages "en";
Acquire::Retries "3";
APT::Sandbox::User "{user}";
Dir::State "{root}/state";
Dir::State::lists "{root}/state/lists";
Dir::State::status "/dev/null";
Dir::Cache "{root}/cache";
"""
TARGET_FIELDS = "$(CREATED_BY)\t$(CODENAME)\t$(COMPONENT)\t$(ORIGIN)\t$(LANGUAGE)\t$(FILENAME)"
APT_HELPER = "/usr/lib/apt/apt-helper"


class ListsError(Exception):
    """Why the package lists can't be had, and what to do."""


class PackageLists:
    """The lists of one Debian suite's main component below a private folder."""

    def __init__(self, root, suite):
        self.root, self.suite = os.path.abspath(root), suite
        self.configuration = os.path.join(self.root, "apt.conf")

    def update(self, note):
        """Runs `apt-get update` in private folders. `note` receives its lines."""
        self._configure()
        try:
            process = subprocess.Popen(
                self._apt_get("update"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
        except FileNotFoundError:
            raise ListsError("apt-get: not found; this needs Debian 12 (or a Debian with apt)")
        for line in process.stdout:
            note("  " + line.rstrip())
        if process.wait() != 0:
            note("apt-get update reported errors; going on with the lists that are there")

    def paths(self):
        """The files (Packages, Translation-en) of the suite."""
        found = {}
        listing = subprocess.run(
            self._apt_get("indextargets", "--format", TARGET_FIELDS),
            capture_output=True, text=True, check=False)
        for line in listing.stdout.splitlines():
            kind, codename, component, origin, language, path = line.split("\t")
            wanted = kind == "Packages" or (kind == "Translations" and language == "en")
            if wanted and (codename, component, origin) == (self.suite, "main", "Debian"):
                found[kind] = path
        missing = [kind for kind in ("Packages", "Translations") if kind not in found]
        if missing:
            raise ListsError(
                f"no {' and no '.join(missing)} list of Debian {self.suite} main came down into "
                f"{self.root}: is the network (or the proxy) up, and does `apt-get indextargets` "
                f"name {self.suite} main? Then run this again")
        return found["Packages"], found["Translations"]

    def packages(self):
        """Packages with English descriptions: {name, source, section, synopsis, description}."""
        binaries, translations = self.paths()
        english = {}
        for stanza in stanzas(lines_of(translations)):
            key = (stanza["Package"], stanza["Description-md5"])
            english[key] = stanza["Description-en"]
        for stanza in stanzas(lines_of(binaries)):
            name = stanza["Package"]
            text = english.get((name, stanza.get("Description-md5")))
            if text is not None:
                synopsis, _, description = text.partition("\n")
                yield {
                    "name": name,
                    "source": stanza.get("Source", name).split()[0],
                    "section": stanza.get("Section", ""),
                    "synopsis": synopsis.strip(),
                    "description": "\n" + description,
                }

    def _apt_get(self, *arguments):
        return ["apt-get", "-c", self.configuration, *arguments]

    def _configure(self):
        for folder in ("state/lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(self.root, folder), exist_ok=True)
        # Root may not hand downloads to the user _apt, who can't enter a home folder.
        user = "root" if os.geteuid() == 0 else ""
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(root=self.root, user=user))


def lines_of(path):
    """Lines of a list file, however apt keeps it compressed."""
    process = subprocess.Popen(
        [APT_HELPER, "cat-file", path], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    yield from process.stdout
    if process.wait() != 0:
        raise ListsError(f"{path}: can't be read; delete it and run this again")


def stanzas(lines):
    """Control-file stanzas as {field: value}; continuation lines keep their line breaks."""
    stanza, field = {}, None
    for line in lines:
        line = line.rstrip("\n")
        if not line:
            if stanza:
                yield stanza
            stanza, field = {}, None
        elif line[0] in " \t":
            if field is not None:
                stanza[field] += "\n" + line
        else:
            field, _, value = line.partition(":")
            stanza[field] = value.strip()
    if stanza:
        yield stanza
