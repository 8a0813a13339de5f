"""The system's keyring, for real: GNOME Keyring on a session bus of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.keyring import missing_peer, run_with_keyring

pytestmark = pytest.mark.skipif(bool(missing_peer()), reason=f"{missing_peer()} is not installed")

MAKE_AND_OPEN = """
    import json, sys
    from pathlib import Path
    from workstation.kernel.paths import Home
    from workstation.store import vault
    folder = Path(__file__).parent
    home = Home(folder / "home")
    opened = vault.open_home(home) if home.description.exists() else None
    heavy = [name for name in ("cryptography", "keyring", "argon2", "sqlalchemy", "httpx") if name in sys.modules]
    made = opened or vault.create_home(home, keeper="keyring", recovery_out=folder / "recovery")
    again = vault.open_home(home)
    from workstation.store.secrets import secrets_for
    secrets = secrets_for(again)
    before = secrets.get("mail")
    secrets.set("mail", b"\\x00secret")
    kept = secrets.get("mail") == b"\\x00secret"
    secrets.delete("mail")
    secrets.delete("mail")
    print(json.dumps({
        "keeper": made.keeper, "same": again.key == made.key, "heavy": heavy, "before": before,
        "kept": kept, "gone": secrets.get("mail") is None, "key": made.key.hex(),
    }))
"""


def test_a_home_lives_in_the_keyring_with_its_secrets(tmp_path: Path) -> None:
    told = json.loads(run_with_keyring(MAKE_AND_OPEN, tmp_path))
    assert told.pop("key")
    assert told == {"keeper": "keyring", "same": True, "heavy": [], "before": None, "kept": True, "gone": True}


def test_opening_over_the_bus_loads_nothing_heavy(tmp_path: Path) -> None:
    first = json.loads(run_with_keyring(MAKE_AND_OPEN, tmp_path))
    second = json.loads(run_with_keyring(MAKE_AND_OPEN, tmp_path))  # another process, another bus, the same login
    assert second["key"] == first["key"]
    assert second["heavy"] == []


def test_a_keyring_nobody_set_up_is_refused_with_a_remedy(tmp_path: Path) -> None:
    script = """
        import time
        from pathlib import Path
        from workstation.kernel.errors import KeyringProblem
        from workstation.kernel.paths import Home
        from workstation.store import vault
        folder = Path(__file__).parent
        try:
            vault.create_home(Home(folder / "home"), keeper="keyring", recovery_out=folder / "recovery")
        except KeyringProblem as problem:
            print(problem.remedy)
    """
    assert "--passphrase-file" in run_with_keyring(script, tmp_path, unlocked=False)
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "recovery").exists()


def test_a_locked_keyring_says_unlock_it(tmp_path: Path) -> None:
    script = MAKE_AND_OPEN + """
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection
    service = DBusAddress("/org/freedesktop/secrets", "org.freedesktop.secrets", "org.freedesktop.Secret.Service")
    default = "/org/freedesktop/secrets/aliases/default"
    with open_dbus_connection() as bus:
        path = bus.send_and_get_reply(new_method_call(service, "ReadAlias", "s", ("default",))).body[0]
        bus.send_and_get_reply(new_method_call(service, "Lock", "ao", ([path],)))
    try:
        vault.open_home(home)
    except Exception as problem:
        print(type(problem).__name__, problem)
    """
    last = run_with_keyring(script, tmp_path).splitlines()[-1]
    assert last.startswith("KeyringLocked The system keyring is locked; nothing was changed. Unlock it")


def test_a_copied_home_is_recovered_into_the_keyring(tmp_path: Path) -> None:
    script = MAKE_AND_OPEN + """
    system = vault.system_ring()
    system.delete(made.home_id, vault.DATA_KEY)
    try:
        vault.open_home(home)
    except Exception as problem:
        print(type(problem).__name__, "does not hold the key" in str(problem), "init --recover" in problem.remedy)
    back = vault.recover(home, (folder / "recovery").read_text(), keeper="keyring")
    print(back.key == made.key, vault.open_home(home).key == made.key, back.warnings)
    """
    lines = run_with_keyring(script, tmp_path).splitlines()
    assert lines[1:] == ["KeyMissing True True", "True True ()"]
