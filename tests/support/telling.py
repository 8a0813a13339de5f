"""What went wrong is said the moment it happens, with its test's name, and how a process ended that died: so the log of
a run that did not come to its summary says it too.
"""

from __future__ import annotations

import resource
import signal
import subprocess
from typing import Any

import pytest

LINES = 15           # of what an assertion says
PATIENCE = 10.0      # seconds until a process that closed its line has ended


class Telling:
    """A plugin of the one process that prints; the tests may run in others."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            where = f" (in {report.when})" if report.when != "call" else ""
            self._say(f"just failed: {report.nodeid}{where} after {report.duration:.1f} s", *_why(report))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        if error:
            most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
            self._say(f"{node.gateway.id} is gone: {_ended(node)}; the largest process that ended had {most} MB")

    def _say(self, first: str, *more: str) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None:
            terminal.write_line("")
            for line in (first, *more):
                terminal.write_line(line)


def _why(report: pytest.TestReport) -> list[str]:
    """The place and the beginning of what was said there."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return report.longreprtext.splitlines()[-LINES:]
    return [f"  {crash.path}:{crash.lineno}", *(f"  {line}" for line in crash.message.splitlines()[:LINES])]


def _ended(node: Any) -> str:
    process = getattr(node.gateway._io, "popen", None)   # execnet's, of a process on this machine
    try:
        code = process.wait(PATIENCE) if process is not None else None
    except subprocess.TimeoutExpired:
        return "it closed its line and runs on"
    if code is None:
        return "nobody knows how"
    return f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit {code}"
