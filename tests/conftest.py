"""What the guest tests share: kernels, the built program, guests with logs, a table of their time.

`boot` makes guests for one test, `guest_factory` makes guests that the tests of a module share.
"""

import contextlib
import functools
import os
import re
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab import kernels as lab_kernels  # noqa: E402  (the import needs the path set above)
from lab.guest import PATIENCE, Guest  # noqa: E402
from lab.initramfs import base  # noqa: E402

pytest.register_assert_rewrite("crash_guest", "crash_log", "kexec_guest", "odd_memory", "schema")

LOGS = Path(os.environ.get("KEXEC_LAB_LOGS") or ROOT / "build-check" / "logs")
BUDGET_SECONDS = {
    "handover": 420, "blackout": 360, "arm64": 480, "kdump": 480, "verbs": 300,
    "distribution": 480, "parity": 180, "explain": 180, "machines": 240, "secure_boot": 120,
    "timeline": 120, "unpacked": 120,
}
AREAS = {"check": "kdump", "crash": "kdump"}  # of modules that are not named after theirs
GUEST_SECONDS = "guest-seconds"

closed_guests = []  # of this process, not yet reported
failed_tests = set()  # node ids, of this process
area_seconds = {}  # of the whole run, in the process that prints the table


@pytest.fixture(scope="session")
def kernels():
    """A function from a kernel's name ("6.1", "6.12", "7.x") to the kernel."""
    return functools.cache(lab_kernels.get)


@pytest.fixture(scope="session")
def program():
    """The kexec program that was built for guests."""
    build = os.environ.get("KEXEC_BUILD")
    if not build:
        pytest.fail("KEXEC_BUILD is not set; './dev check' sets it to the build for guests")
    path = Path(build).absolute() / "kexec"
    if not path.exists():
        pytest.fail(f"{path} does not exist; './dev check' builds it")
    return path


@pytest.fixture
def boot(request, tmp_path):
    """A function that boots a guest for this test."""
    with _guests(request.node, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def guest_factory(request, tmp_path_factory):
    """A function that boots a guest for all tests of this module."""
    with _guests(request.node, tmp_path_factory.mktemp("guests")) as make:
        yield make


@contextlib.contextmanager
def _guests(node, folder):
    """Give boot(kernel, archive=base(), **of Guest): a guest that has reported itself ready.

    The guests end with the context. Their console logs stay if a test below `node` failed.
    """
    logs = _log_directory(node.nodeid)
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    guests = []

    def make(kernel, archive=None, timeout=PATIENCE, **options):
        number = len(guests) + 1
        initrd = folder / f"initrd-{number}"
        (archive or base()).write(initrd)
        guest = Guest(kernel.vmlinuz, initrd, log=logs / f"console-{number}.log", **options)
        guests.append(guest)
        guest.ready(timeout)
        return guest

    try:
        yield make
    finally:
        for guest in guests:
            guest.close()
        closed_guests.extend(guests)
        if not any(failed.startswith(node.nodeid) for failed in failed_tests):
            shutil.rmtree(logs)


def _log_directory(nodeid):
    """Where the logs of a test are, or those which the tests of a module share."""
    module, _, test = nodeid.partition("::")
    # The classes of a module may run in several processes, each with guests of its own.
    shared = f"shared-{os.environ.get('PYTEST_XDIST_WORKER', 'all')}"
    return LOGS / Path(module).stem / re.sub(r"[^\w.-]+", "-", test or shared).strip("-")


def pytest_addoption(parser):
    """`--all` runs the tests marked long, too."""
    parser.addoption("--all", action="store_true", help="run the tests marked long, too")


def pytest_configure(config):
    """Make the marker known."""
    config.addinivalue_line("markers", "long: runs only with './dev check --all'")


def pytest_collection_modifyitems(config, items):
    """Leave out the long tests unless they are asked for."""
    if config.getoption("--all"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Say where a failed test's logs are, and hand on the time of the guests that ended with it."""
    if call.when == "teardown":
        item.user_properties.append((GUEST_SECONDS, sum(guest.seconds for guest in closed_guests)))
        closed_guests.clear()
    report = (yield).get_result()
    if report.failed:
        failed_tests.add(item.nodeid)
        logs = [path for node in (item, item.parent)
                if (path := _log_directory(node.nodeid)).exists()]
        if logs:
            report.sections.append(("guest logs", "\n".join(map(str, logs))))


def pytest_runtest_logreport(report):
    """Add up the guests' time; with xdist, the reports of all workers arrive here."""
    if report.when == "teardown":
        area = _area(Path(report.nodeid.partition("::")[0]).stem.removeprefix("test_"))
        area_seconds.setdefault(area, 0)
        area_seconds[area] += dict(report.user_properties).get(GUEST_SECONDS, 0)


def _area(module):
    """The area that a module counts for: handover_efi counts for handover."""
    names = {**AREAS, **{area: area for area in BUDGET_SECONDS}}
    return next((area for name, area in names.items() if module.startswith(name)), module)


def pytest_terminal_summary(terminalreporter):
    """Print the seconds of guest time of each area beside its budget."""
    terminalreporter.section("guest time")
    terminalreporter.line(f"{'area':14}{'seconds':>8}{'budget':>8}")
    for area, seconds in sorted(area_seconds.items()):
        terminalreporter.line(f"{area:14}{seconds:8.0f}{BUDGET_SECONDS.get(area, '-'):>8}")
