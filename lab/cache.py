"""Where the laboratory keeps what it fetched or found out, outside the checkout."""

import contextlib
import fcntl
import os
from pathlib import Path


def directory(*parts):
    """A directory inside the cache, made if need be: $KEXEC_LAB_CACHE, else the user's cache."""
    chosen = os.environ.get("KEXEC_LAB_CACHE")
    if chosen:
        top = Path(chosen)
    else:
        top = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kexec-lab"
    path = top.absolute().joinpath(*parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def lock(name):
    """Hold the cache's lock of this name; a second process waits until the first is done."""
    with open(directory() / f"{name}.lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
