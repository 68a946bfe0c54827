"""Packages out of Debian's archive, for any suite, without touching the machine's own apt.

Each suite and architecture has a private apt root in the cache: its own sources, lists and (empty) package
database. Only the mirror and the way to reach it (proxies, certificates) come from the machine's
configuration. apt itself checks the signatures.
"""

import re
import subprocess
import tempfile
import time
from pathlib import Path

from lab import cache

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ATTEMPTS = 4
PAUSE_SECONDS = 5


class ArchiveError(Exception):
    """Debian's archive could not give what was asked for."""


def mirror():
    """The address from which this machine gets Debian's main archive, as apt understands it."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format",
         "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(CREATED_BY)|$(REPO_URI)"],
        check=True, capture_output=True, text=True).stdout
    for line in targets.splitlines():
        *kind, uri = line.split("|", 4)
        if kind == ["Debian", "Debian", "main", "Packages"]:
            return uri
    raise ArchiveError("apt has no list of Debian's main archive; "
                       "check the machine's sources and run 'apt-get update'")


class Suite:
    """One suite of Debian's archive (for example "bookworm"), seen through its private apt root."""

    def __init__(self, name, architecture="amd64"):
        self.name = name
        self.architecture = architecture
        self.root = cache.directory("apt", f"{name}-{architecture}")
        for part in ("lists/partial", "archives/partial", "none"):
            (self.root / part).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()

    def update(self):
        """Fetch the suite's list of packages."""
        if not KEYRING.exists():
            raise ArchiveError(f"{KEYRING} is missing; install the package debian-archive-keyring")
        (self.root / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {mirror()} {self.name} main\n", encoding="ascii")
        self._fetch("apt-get", "update")

    def field(self, package, name):
        """One field of the package's newest record, for example its "Depends"."""
        for line in self._apt("apt-cache", "show", "--no-all-versions", package).splitlines():
            if line.startswith(f"{name}: "):
                return line.partition(": ")[2]
        raise ArchiveError(f"the package {package} of {self.name} has no field {name}")

    def closure(self, package, wanted):
        """The package and all that it depends on, of the names that the pattern `wanted` finds."""
        listing = self._apt("apt-cache", "depends", "--recurse", "--no-recommends",
                            "--no-suggests", "--no-conflicts", "--no-breaks", "--no-replaces",
                            "--no-enhances", package)
        names = {line for line in listing.splitlines() if re.match(r"[a-z0-9]", line)}
        return sorted(name for name in names if wanted.match(name))

    def unpack(self, packages, tree):
        """Download the packages and unpack all of them into the directory `tree`."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            self._fetch("apt-get", "download", *packages, folder=folder)
            for package in sorted(Path(folder).glob("*.deb")):
                subprocess.run(["dpkg-deb", "-x", package, tree], check=True)

    def _fetch(self, *command, folder=None):
        """Run an apt command that uses the network, again if it fails."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._apt(*command, folder=folder)
                return
            except ArchiveError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS * attempt)

    def _apt(self, program, *arguments, folder=None):
        """Run an apt program on the private root and return what it prints."""
        options = {
            "Dir::State": self.root,
            "Dir::State::lists": self.root / "lists",
            "Dir::State::status": self.root / "status",
            "Dir::Cache": self.root,
            "Dir::Etc::sourcelist": self.root / "sources.list",
            "Dir::Etc::sourceparts": self.root / "none",
            "Dir::Etc::preferences": self.root / "none/preferences",
            "Dir::Etc::preferencesparts": self.root / "none",
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Sandbox::User": "root",
            "APT::Update::Error-Mode": "any",
            "Acquire::Languages": "none",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
        }
        flags = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        done = subprocess.run([program, "-q", *flags, *arguments], cwd=folder, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise ArchiveError(f"{program} {' '.join(arguments)} failed for {self.name}:\n"
                               f"{done.stderr.strip()}")
        return done.stdout
