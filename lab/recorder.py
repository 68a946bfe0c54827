"""A pytest plugin for './dev check': writes down which tests were listed and which of them ran.

    pytest -p lab.recorder --record FILE [--earlier FILE]

The record is read by lab.rows. `--earlier` names a text (what the stages before pytest said) that
is printed once more right before pytest's own closing line.
"""

import json
from pathlib import Path

import pytest


def pytest_addoption(parser):
    """The plugin's two options."""
    parser.addoption("--record", type=Path, metavar="FILE", help="write listed and run tests here")
    parser.addoption("--earlier", type=Path, metavar="FILE", help="print this before the end")


def pytest_configure(config):
    """Record in the process that sees everything: not in a worker of xdist."""
    if config.getoption("--record") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(config.getoption("--record")))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    """Print the earlier stages' text."""
    earlier = config.getoption("--earlier")
    if earlier:
        terminalreporter.section("stages before")
        terminalreporter.line(earlier.read_text(encoding="utf-8").rstrip())


class Recorder:
    """Collects the node ids of the listed tests and of those that passed or failed."""

    def __init__(self, path):
        self._path = path
        self._listed = set()
        self._ran = set()

    def pytest_collection_finish(self, session):
        """Without xdist, the session has the tests."""
        self._listed.update(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids):
        """With xdist, each worker tells what it has."""
        self._listed.update(ids)

    def pytest_runtest_logreport(self, report):
        """A test ran if its body did, or if it failed before."""
        if report.failed or (report.when == "call" and not report.skipped):
            self._ran.add(report.nodeid)

    def pytest_sessionfinish(self):
        """Write the record."""
        record = {"listed": sorted(self._listed), "ran": sorted(self._ran)}
        self._path.write_text(json.dumps(record, indent=1), encoding="utf-8")
