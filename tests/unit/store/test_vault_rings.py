"""Keyrings of every system: GNOME's for real, with its own prompt on a screen; KWallet against a wallet of our own on a
real bus; Windows and macOS with the `keyring` package's real back ends over a replaced operating system."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tests.support.evidence_x11 import xvfb
from tests.support.keyring import missing_peer, run_with_keyring
from workstation.kernel.errors import KeyringLocked, KeyringProblem
from workstation.store.keyring_packaged import PackagedRing, credential_manager, keychain

ON_A_BUS = pytest.mark.skipif(bool(missing_peer()), reason=f"{missing_peer()} is not installed")
ON_A_SCREEN = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool") and Path("/usr/libexec/gcr-prompter").exists()),
    reason="Xvfb, xdotool or gcr-prompter is not installed")

PROMPTED = """
    import subprocess, threading, time
    from pathlib import Path
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection
    from workstation.kernel.errors import KeyringLocked
    from workstation.kernel.paths import Home
    from workstation.store import vault
    from workstation.store.keyrings import Asking, system_ring
    folder = Path(__file__).parent
    home = Home(folder / "home")
    made = vault.create_home(home, keeper="keyring", recovery_out=folder / "recovery")
    service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    with open_dbus_connection() as bus:
        path = bus.send_and_get_reply(
            new_method_call(service, "ReadAlias", "s", ("default",))).body[0]
        bus.send_and_get_reply(new_method_call(service, "Lock", "ao", ([path],)))

    def answer(*keys):
        "What a person does once the prompt is on the screen."
        def act():
            while not subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "."],
                                     capture_output=True).stdout.split():
                threading.Event().wait(0.1)
            threading.Event().wait(0.7)
            for key in keys:
                subprocess.run(["xdotool", *key], check=True)
        threading.Thread(target=act, daemon=True).start()

    def opens():
        try:
            return vault.open_home(home).key == made.key
        except KeyringLocked as problem:
            return str(problem)

    answer(("key", "Escape"))
    print(">", opens())
    try:
        system_ring(Asking(seconds=1.0)).check()
    except KeyringLocked as problem:
        print(">", problem)
    seen = []
    try:
        system_ring(Asking(seconds=20.0, cancelled=lambda: len(seen) > 3 or bool(seen.append(1)))).check()
    except KeyringLocked as problem:
        print(">", problem)
    answer(("type", "--delay", "40", "pw"), ("key", "Return"))
    print(">", opens())
    print(">", opens())
"""


@ON_A_BUS
@ON_A_SCREEN
def test_a_locked_keyring_raises_its_own_prompt(tmp_path: Path) -> None:
    with xvfb() as screen:
        said = run_with_keyring(PROMPTED, tmp_path, screen=screen).splitlines()   # the desktop's helpers speak too
    closed, late, given_up, *opened = (line.removeprefix("> ") for line in said if line.startswith("> "))
    assert closed.startswith("The system keyring stayed locked: its question was closed without an answer.")
    assert "type the keyring's password" in closed
    assert "nobody answered its question in time" in late
    assert "closed without an answer" in given_up
    assert opened == ["True", "True"], "unlocked, and not asked again"


WALLET = """
    import subprocess, sys
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection
    from workstation.kernel.errors import KeyringProblem
    from workstation.store.keyrings import Asking, system_ring
    daemon = subprocess.Popen([sys.executable, "-m", "tests.support.kwallet", "1"], stdout=subprocess.PIPE)
    daemon.stdout.readline()
    for ring in (system_ring(), system_ring(Asking(seconds=5)), system_ring(Asking(seconds=5)), system_ring()):
        try:
            ring.check()
            print("open", ring.name)
        except KeyringProblem as problem:
            print(type(problem).__name__, problem)
    ring = system_ring()
    print(ring.get("h", "data-key"))
    ring.set("h", "data-key", bytes(32))
    ring.set("h", "secret:mail", "\\u00e9\\u4f60".encode() * 900)
    ring.set("other", "data-key", b"x")
    print(ring.get("h", "data-key") == bytes(32), len(ring.get("h", "secret:mail")), sorted(ring.names("h")))
    ring.delete("h", "data-key")
    ring.delete("h", "data-key")
    print(ring.get("h", "data-key"), ring.names("h"))
    with open_dbus_connection() as bus:
        place = DBusAddress("/modules/kwalletd6", "org.kde.kwalletd6", "org.kde.KWallet")
        bus.send_and_get_reply(new_method_call(place, "closeAll"))
    print(len(system_ring(Asking(seconds=5)).get("h", "secret:mail")))
    daemon.kill()
    daemon.wait()
"""


@ON_A_BUS
def test_kwallet_keeps_secrets_where_no_secret_service_runs(tmp_path: Path) -> None:
    lines = run_with_keyring(WALLET, tmp_path, keyring=False).splitlines()
    assert lines[0].startswith("KeyringLocked The system keyring is locked")
    assert lines[1].startswith("KeyringLocked The system keyring stayed locked")
    assert lines[2:] == ["open KWallet", "open KWallet", "None", "True 4500 ['data-key', 'secret:mail']",
                         "None ('secret:mail',)", "4500"]


@ON_A_BUS
def test_a_bus_with_no_keyring_at_all_names_the_file(tmp_path: Path) -> None:
    script = """
        from workstation.kernel.errors import KeyringProblem
        from workstation.store.keyrings import system_ring
        try:
            system_ring().check()
        except KeyringProblem as problem:
            print(problem)
    """
    said = run_with_keyring(script, tmp_path, keyring=False)
    assert "no Secret Service is running" in said
    assert "--passphrase-file" in said


class CredentialStore(types.ModuleType):
    """Windows' calls as wincred.h has them: one generic credential a target, at most 2,560 bytes of UTF-16."""

    CRED_TYPE_GENERIC, CRED_PERSIST_ENTERPRISE = 1, 3

    class error(Exception):  # noqa: N801 — the system's own names, here and below
        def __init__(self, winerror: int, funcname: str) -> None:
            super().__init__(winerror, funcname)
            self.winerror, self.funcname = winerror, funcname

    def __init__(self) -> None:
        super().__init__("win32cred")
        self.kept: dict[str, dict[str, Any]] = {}

    def CredRead(self, *, Type: int, TargetName: str) -> dict[str, Any]:  # noqa: N803
        if TargetName not in self.kept:
            raise self.error(1168, "CredRead")
        return self.kept[TargetName]

    def CredWrite(self, credential: dict[str, Any], _flags: int) -> None:
        blob = credential["CredentialBlob"].encode("utf-16-le")
        if len(blob) > 2_560:
            raise self.error(1783, "CredWrite")
        self.kept[credential["TargetName"]] = {**credential, "CredentialBlob": blob}

    def CredDelete(self, *, Type: int, TargetName: str) -> None:  # noqa: N803
        if self.kept.pop(TargetName, None) is None:
            raise self.error(1168, "CredDelete")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> tuple[PackagedRing, CredentialStore]:
    """keyring's own Windows back end; only the operating system's calls are ours."""
    backend = importlib.import_module("keyring.backends.Windows")
    store = CredentialStore()
    monkeypatch.setattr(backend, "win32cred", store, raising=False)
    monkeypatch.setattr(backend, "pywintypes", store, raising=False)
    monkeypatch.setattr(backend, "missing_deps", False)
    return credential_manager(), store


@pytest.mark.parametrize("size", [32, 899, 900, 901, 4_000, 40_000])
def test_windows_keeps_secrets_of_any_length(windows: tuple[PackagedRing, CredentialStore], size: int) -> None:
    ring, store = windows
    value = os.urandom(size)
    ring.set("h", "secret:token", value)
    assert ring.get("h", "secret:token") == value
    assert ring.names("h") == ("secret:token",)
    ring.set("h", "secret:token", b"short")
    assert ring.get("h", "secret:token") == b"short"
    assert len(store.kept) == 2, "no piece of the longer one is left"
    ring.delete("h", "secret:token")
    ring.delete("h", "secret:token")
    assert (ring.get("h", "secret:token"), ring.names("h")) == (None, ())


def test_windows_killed_while_a_long_secret_is_replaced_keeps_the_old_one(
    windows: tuple[PackagedRing, CredentialStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, store = windows
    old, new = os.urandom(3_000), os.urandom(3_000)
    ring.set("h", "secret:token", old)
    honest, left = store.CredWrite, 3

    def dying(credential: dict[str, Any], flags: int) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt
        honest(credential, flags)

    monkeypatch.setattr(store, "CredWrite", dying)
    with pytest.raises(KeyboardInterrupt):
        ring.set("h", "secret:token", new)
    monkeypatch.setattr(store, "CredWrite", honest)
    assert ring.get("h", "secret:token") == old
    ring.set("h", "secret:token", new)
    assert ring.get("h", "secret:token") == new


def test_windows_notices_a_piece_that_another_program_changed(windows: tuple[PackagedRing, CredentialStore]) -> None:
    ring, store = windows
    ring.set("h", "secret:token", os.urandom(3_000))
    piece = next(name for name in store.kept if name.endswith("/1"))
    del store.kept[piece]
    with pytest.raises(KeyringProblem, match="another program"):
        ring.get("h", "secret:token")


@pytest.mark.parametrize(("error", "expected"), [("KeychainDenied", KeyringLocked), ("SecAuthFailure", KeyringProblem)])
def test_macos_says_denied_and_broken_apart(
    monkeypatch: pytest.MonkeyPatch, error: str, expected: type[KeyringProblem]
) -> None:
    """keyring's own macOS back end; its calls into Security.framework are ours."""
    backend = importlib.import_module("keyring.backends.macOS")
    api = types.SimpleNamespace(**{name: type(name, (Exception,), {}) for name in (
        "Error", "NotFound", "KeychainDenied", "SecAuthFailure")})
    for name in ("NotFound", "KeychainDenied", "SecAuthFailure"):
        setattr(api, name, type(name, (api.Error,), {}))

    def refuse(*_args: object) -> str:
        raise getattr(api, error)(-128)

    api.find_generic_password = refuse
    monkeypatch.setattr(backend, "api", api, raising=False)
    with pytest.raises(expected) as caught:
        PackagedRing("Keychain", backend.Keyring).check()
    assert type(caught.value) is expected
    assert caught.value.remedy


def test_a_back_end_of_another_system_is_refused_with_a_remedy() -> None:
    if sys.platform == "darwin":
        pytest.skip("this is that system")
    with pytest.raises(KeyringProblem, match="Keychain"):
        keychain().check()
