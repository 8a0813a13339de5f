"""Keys of a home: checked, renewed, moved and replaced, always refused while another process holds the home."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, prepared
from tests.support.keyring import missing_peer, run_with_keyring
from workstation import app
from workstation.app import keys
from workstation.commands import root
from workstation.inbox.model import ListQuery
from workstation.kernel.errors import Busy, InputError, KeyringProblem, NotFound, WrongKey
from workstation.kernel.paths import Home
from workstation.store import keymove, vault
from workstation.store.keybox import Argon
from workstation.store.keyrings import locked
from workstation.store.lock import HomeLock
from workstation.store.secrets import KeyringSecrets, secrets_for


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return prepared(tmp_path)


def secret(cli: Cli) -> Path:
    return Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])


def test_every_change_is_refused_while_the_home_is_held(cli: Cli, tmp_path: Path) -> None:
    home, new = Home(cli.home), tmp_path / "new"
    before = home.description.read_bytes()
    with HomeLock(cli.home):
        for change in (
            lambda: keys.check_recovery(home, (tmp_path / "home.recovery").read_text()),
            lambda: keys.renew_recovery(home, secret(cli), new),
            lambda: keys.change_passphrase(home, secret(cli), secret(cli)),
            lambda: keys.move(home, secret(cli), None),
            lambda: keys.new_data_key(home, secret(cli), new),
            lambda: app.recover_home(home, (tmp_path / "home.recovery").read_text(), secret(cli)),
            lambda: app.place_home(home, secret(cli), copied=True),
        ):
            with pytest.raises(Busy):
                change()
    assert home.description.read_bytes() == before
    assert not new.exists()


async def test_the_window_changes_keys_of_the_home_it_holds(cli: Cli, tmp_path: Path) -> None:
    async with opened(cli) as running:
        held = running.core.keys
        assert held is not None
        before = await held.state()
        assert (before.keeper, before.keeper_name, before.folder) == ("passphrase", "", cli.home)
        await held.check_recovery((tmp_path / "home.recovery").read_text())
        assert (await held.state()).recovery_tested >= before.recovery_tested > 0
        with pytest.raises(WrongKey):
            await held.change_passphrase("not this one", "a longer one")
        with pytest.raises(InputError, match="too short"):
            await held.change_passphrase(secret(cli).read_text(), "short")
        await held.change_passphrase(secret(cli).read_text(), "a longer one")
        renewal = await held.renew_recovery()
        await renewal.save_to(tmp_path / "new")
        with pytest.raises(WrongKey):
            await renewal.finish((tmp_path / "home.recovery").read_text())
        await renewal.finish((tmp_path / "new").read_text())
        await renewal.abandon()
        assert (tmp_path / "new").exists(), "it opens the home"
        given_up = await held.renew_recovery()
        await given_up.save_to(tmp_path / "useless")
        await given_up.abandon()
        assert not (tmp_path / "useless").exists()
        with pytest.raises(NotFound):
            await given_up.finish(given_up.recovery)
    assert app.unlock_home(Home(cli.home), "a longer one").home.root == cli.home
    vault.check_recovery(Home(cli.home), (tmp_path / "new").read_text())
    with pytest.raises(WrongKey):
        vault.check_recovery(Home(cli.home), (tmp_path / "home.recovery").read_text())


def test_a_move_without_a_keyring_changes_nothing(cli: Cli) -> None:
    before = Home(cli.home).description.read_bytes()
    with pytest.raises(KeyringProblem):
        keys.move(Home(cli.home), secret(cli), None)
    with pytest.raises(InputError, match="that way already"):
        keys.move(Home(cli.home), secret(cli), secret(cli))
    assert Home(cli.home).description.read_bytes() == before


async def test_a_keyring_that_locks_while_it_is_emptied_is_no_failed_move(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The passphrase opens the home by then: "nothing was changed" would be wrong."""

    class Locks(KeyringSecrets):
        def names(self) -> tuple[str, ...]:
            return ("mail",)

        def get(self, name: str) -> bytes | None:
            return b"kept"

        def delete(self, name: str) -> None:
            raise locked()

    async with opened(cli):
        home = Home(cli.home)
    monkeypatch.setattr(keymove, "KeyringSecrets", Locks)
    description, key = vault.settled(home, secret(cli))
    moved = keymove._out_of_keyring(home, description, key, secret(cli))
    assert moved.keeper == "passphrase"
    assert "still holds the old entries" in " ".join(moved.warnings)
    assert secrets_for(moved).get("mail") == b"kept"


async def test_the_commands_say_what_they_did(
    cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSTATION_PASSPHRASE_FILE", str(secret(cli)))
    new, newer = tmp_path / "new", tmp_path / "newer"

    def run(*arguments: object, code: int = 0) -> str:
        assert root.main([str(each) for each in (*arguments, "--home", cli.home)]) == code
        said = capsys.readouterr()
        return said.out + said.err

    async with opened(cli) as running:
        await running.core.inbox.import_mail(_mail(tmp_path))
    assert json.loads(run("key", "show", "--json"))["keeper"] == "passphrase"
    assert "a passphrase" in run("key", "show")
    assert "opens the home" in run("key", "recovery", "check", tmp_path / "home.recovery")
    assert "the old one does not" in run("key", "recovery", "renew", "--recovery-out", new)
    assert "another home" in run("key", "recovery", "check", tmp_path / "home.recovery", code=2)
    assert "new recovery key" in run("key", "rekey", "--recovery-out", newer)
    assert "opens the home" in run("key", "recovery", "check", newer)
    assert "Say which" in run("key", "place", code=2)
    assert "opens here" in run("key", "place", "--moved")
    assert "device of its own" in run("key", "place", "--copied")
    fresh = tmp_path / "fresh"
    fresh.write_text("a new one")
    assert "the old one does not" in run("key", "passphrase", "--new-file", fresh)
    monkeypatch.setenv("WORKSTATION_PASSPHRASE_FILE", str(fresh))
    async with opened(Cli(tmp_path, cli.home, {"WORKSTATION_PASSPHRASE_FILE": str(fresh)})) as running:
        assert len((await running.core.inbox.page(ListQuery(search="kettle"))).rows) == 1


MOVING = """
    import json, os, sys
    from pathlib import Path
    from workstation.app import keys
    from workstation.kernel.paths import Home
    from workstation.store import keybox, vault
    from workstation.store.engine import connect
    from workstation.store.keyrings import system_ring
    from workstation.store.secrets import secrets_for
    keybox.Argon.__init__.__defaults__ = (1, 64, 1)
    folder = Path(__file__).parent
    home = Home(folder / "home")
    (folder / "pass").write_text("one two three")
    made = vault.create_home(home, keeper="keyring", recovery_out=folder / "recovery")
    connection = connect(home.database, made.key)
    connection.execute("CREATE TABLE secret(name TEXT PRIMARY KEY, value BLOB NOT NULL)")
    connection.close()
    values = {"mail:1": b"password", "device-key": bytes(range(32)), "token": "\\u4f60".encode() * 900}
    for name, value in values.items():
        secrets_for(made).set(name, value)

    def kept(opened):
        return all(secrets_for(opened).get(name) == value for name, value in values.items())

    def die_at(number, work):
        "Dies before the n-th write to the keyring or rename; whether it lived."
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        steps = [0]
        def dying(call):
            def wrapped(*args, **kwargs):
                steps[0] += 1
                if steps[0] == number:
                    os._exit(9)
                return call(*args, **kwargs)
            return wrapped
        kind = type(system_ring())
        kind.set, kind.delete, Path.replace = dying(kind.set), dying(kind.delete), dying(Path.replace)
        work()
        os._exit(0)

    told, file = [], folder / "pass"
    for to, given in ((file, None), (None, file)) * 2:
        number, lived = 0, False
        while not lived:
            number += 1
            def opens():
                return vault.open_home(home, passphrase_file=file)
            if (opens().keeper == "keyring") == (to is None):
                break
            lived = die_at(number, lambda: keys.move(home, given, to))
            told.append(opens().key == made.key and kept(opens()))
        told.append(opens().keeper)
    ring = system_ring()
    print(json.dumps({"told": told, "names": sorted(ring.names(made.home_id))}))
"""


@pytest.mark.skipif(bool(missing_peer()), reason=f"{missing_peer()} is not installed")
def test_a_move_between_keepers_takes_every_secret_along_and_survives_a_kill(tmp_path: Path) -> None:
    found = json.loads(run_with_keyring(MOVING, tmp_path).splitlines()[-1])
    keepers = [each for each in found["told"] if isinstance(each, str)]
    assert keepers == ["passphrase", "keyring"] * 2
    assert all(each for each in found["told"])
    assert len(found["told"]) > 12


def _mail(folder: Path) -> Path:
    file = folder / "one.eml"
    file.write_bytes(b"From: Ana <ana@buyer.example>\r\nTo: shop@seller.example\r\nSubject: kettle\r\n"
                     b"Message-ID: <1@buyer.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\nIt leaks.\r\n")
    return file
