"""The harness itself can fail: unnamed skips, far networks, stray warnings and stray Qt messages."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.network import is_loopback
from tests.support.source import ROOT

BODY = """
    import socket, threading, warnings
    import PySide6.QtCore as Q
    import pytest

    @pytest.mark.skip
    def test_unnamed_skip(): ...
    def test_named_skip(): pytest.skip("no scanner here")
    def test_stray_warning(): warnings.warn("stray")
    def test_stray_qt_message(): Q.qWarning("stray")
    def test_stray_thread():
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
    def swallowed(reach, *args):
        with pytest.raises(OSError):
            reach(*args)
    def test_far_connect(): swallowed(socket.create_connection, ("192.0.2.1", 9), 1)
    def test_far_datagram():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            swallowed(far.sendto, b"x", ("192.0.2.1", 9))
    def test_far_name(): swallowed(socket.getaddrinfo, "somewhere.elsewhere", 80)
    def test_far_invalid_name(): swallowed(socket.getaddrinfo, "nowhere.invalid", 80)
    def test_loopback():
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(("localhost", server.getsockname()[1])).close()
            server.accept()[0].close()
"""
WRONG = {
    "test_stray_warning", "test_stray_qt_message", "test_stray_thread", "test_far_connect", "test_far_datagram",
    "test_far_name",
}


def failed(folder: Path, body: str, **environment: str) -> set[str]:
    """The tests of a made-up file that fail or err under this repository's own conftest and configuration."""
    (folder / "test_made_up.py").write_text(textwrap.dedent(body), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "--tb=no",
         "--rootdir", str(folder), "-c", str(ROOT / "pyproject.toml"), str(folder / "test_made_up.py")],
        cwd=ROOT, env={**os.environ, "WORKSTATION_NO_SKIPS": "", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return {line.split(" - ")[0].split("::")[-1].split("/")[-1] for line in lines}


def test_what_is_stray_far_or_unnamed_fails(tmp_path: Path) -> None:
    assert failed(tmp_path, BODY) == {"test_unnamed_skip", *WRONG}


def test_in_ci_nothing_may_be_skipped(tmp_path: Path) -> None:
    assert failed(tmp_path, BODY, WORKSTATION_NO_SKIPS="1") == {"test_unnamed_skip", "test_named_skip", *WRONG}


def test_in_ci_no_file_may_be_skipped(tmp_path: Path) -> None:
    body = "import pytest\npytest.skip('no scanner here', allow_module_level=True)"
    assert failed(tmp_path, body, WORKSTATION_NO_SKIPS="1") == {"test_made_up.py"}


def test_homes_are_not_the_users_own() -> None:
    from workstation.kernel.paths import default_home

    assert "workstation-tests-" in str(default_home().root)
    assert "DBUS_SESSION_BUS_ADDRESS" not in os.environ


@pytest.mark.parametrize(("host", "inside"), [
    ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("localhost", True),
    ("10.0.0.1", False), ("::ffff:10.0.0.1", False), ("example.com", False), ("fe80::1%eth0", False),
])
def test_what_loopback_is(host: str, inside: bool) -> None:
    assert is_loopback(host) is inside
