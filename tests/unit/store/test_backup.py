"""A backup is whole or none, tells tampering, and becomes a home of its own elsewhere."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from tests.support.wholestore import CONTENTS, Whole, whole
from workstation.kernel.errors import DiskFull, InputError, NewerSchema, Tampered, WrongKey
from workstation.kernel.paths import Home
from workstation.store import backup, blobs, check, keydescription, restore, vault
from workstation.store.blobs import BlobFiles
from workstation.store.restore import Way

NOW = 1_795_000_000_000
OWN = "# a seller's own clocks\n"


def quiet(_done: int, _total: int) -> None:
    return


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    made = whole(tmp_path)
    (made.home.root / "clocks.toml").write_text(OWN)
    return made


@pytest.fixture
def made(store: Whole, tmp_path: Path) -> Path:
    backup.make(store.home, store.key, tmp_path / "backup", NOW, quiet)
    return tmp_path / "backup"


def restored(store: Whole, made: Path, root: Path) -> vault.OpenedHome:
    return restore.restore(made, Home(root), Way(store.recovery), store.passphrase, quiet)


def test_what_was_backed_up_comes_back(store: Whole, made: Path, tmp_path: Path) -> None:
    opened = restored(store, made, tmp_path / "new")
    again = Whole(opened.home, opened.key, store.passphrase, store.recovery)
    assert check.check(opened.home, opened.key).whole
    for table in ("conversation", "message", "order_link", "thread_reference", "mail_body"):
        assert again.count(table) == store.count(table)
    with again.connection() as connection:
        files = BlobFiles(opened.home.blobs)
        found = [files.open(blobs.find(connection, f"blob-{n}")) for n in range(len(CONTENTS))]
    assert found == list(CONTENTS)
    assert (opened.home.root / "clocks.toml").read_text() == OWN


def test_it_opens_as_a_device_of_its_own(store: Whole, made: Path, tmp_path: Path) -> None:
    """The lost home may have signed more since: two homes must not sign one chain."""
    with store.connection() as connection:
        connection.exec_driver_sql("INSERT INTO secret(name, value) VALUES ('device-key', x'01'), ('mail', x'02')")
    backup.make(store.home, store.key, made, NOW + 1, quiet)
    before = keydescription.load(store.home.description)
    opened = restored(store, made, tmp_path / "new")
    assert before is not None
    assert opened.home_id == before.home_id
    assert opened.device_id != before.device_id
    again = Whole(opened.home, opened.key, store.passphrase, store.recovery)
    with again.connection() as connection:
        assert connection.exec_driver_sql("SELECT name FROM secret").scalars().all() == ["mail"]
    assert vault.open_home(Home(tmp_path / "new"), passphrase_file=store.passphrase).key == store.key


def test_a_reply_that_waited_is_never_sent_again(store: Whole, made: Path, tmp_path: Path) -> None:
    opened = restored(store, made, tmp_path / "new")
    again = Whole(opened.home, opened.key, store.passphrase, store.recovery)
    with again.connection() as connection:
        assert connection.exec_driver_sql("SELECT state FROM outgoing").scalars().all() == ["sending"]
    with store.connection() as connection:   # the home itself goes on
        assert connection.exec_driver_sql("SELECT state FROM outgoing").scalars().all() == ["queued"]


def test_nothing_of_it_is_readable(made: Path) -> None:
    for path in made.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"shop@shop.example" not in content
            assert b"kettle" not in content


def test_the_same_folder_again_copies_only_what_is_new(store: Whole, made: Path) -> None:
    sealed = BlobFiles(store.home.blobs).seal("new", b"one more")
    with store.connection() as connection:
        blobs.record(connection, sealed)
    again = backup.make(store.home, store.key, made, NOW + 5, quiet)
    assert (again.files, again.copied) == (4, 1)
    assert [path.name for path in made.glob("store-*")] == [f"store-{NOW + 5}.db"]
    assert restore.verify(made, Way(store.recovery)).made_at == NOW + 5


def test_a_file_that_went_goes_from_the_next_backup(store: Whole, made: Path) -> None:
    with store.connection() as connection:
        connection.exec_driver_sql("DELETE FROM blob WHERE id = 'blob-0'")
    backup.make(store.home, store.key, made, NOW + 5, quiet)
    assert len(list((made / "blobs").glob("*/*"))) == 2


def test_files_that_the_home_lacks_are_named_and_the_rest_is_kept(store: Whole, made: Path, tmp_path: Path) -> None:
    gone, changed, _good = store.addresses()
    files = BlobFiles(store.home.blobs)
    files.path(gone).unlink()
    files.path(changed).write_bytes(b"something else")
    done = backup.make(store.home, store.key, tmp_path / "other", NOW, quiet)
    assert done.missing == (gone, changed)
    restored(store, tmp_path / "other", tmp_path / "new")


@pytest.mark.parametrize("harm", ["flip store", "cut store", "no store", "flip blob", "no blob", "other count", "mac"])
def test_tampering_is_told_and_nothing_restored(store: Whole, made: Path, tmp_path: Path, harm: str) -> None:
    spoil(made, harm)
    with pytest.raises(Tampered) as caught:
        restored(store, made, tmp_path / "new")
    assert caught.value.findings
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new.*"))
    with pytest.raises(Tampered):
        restore.verify(made, Way(store.recovery))


@pytest.mark.parametrize("seed", range(4))
def test_a_flipped_byte_anywhere_in_the_store_is_told(
    store: Whole, made: Path, seed: int, request: pytest.FixtureRequest,
) -> None:
    chance = random.Random((request.config.getoption("--seed") or 11) + seed)
    flip(next(made.glob("store-*")), chance)
    with pytest.raises(Tampered):
        restore.verify(made, Way(store.recovery))


def test_another_recovery_key_opens_nothing(store: Whole, made: Path, tmp_path: Path) -> None:
    from workstation.store.keyrecovery import new_recovery_key, to_words

    with pytest.raises(WrongKey):
        restore.restore(made, Home(tmp_path / "new"), Way(to_words(new_recovery_key())), store.passphrase, quiet)
    with pytest.raises(InputError):
        restore.restore(made, Home(tmp_path / "new"), Way("no key at all"), store.passphrase, quiet)
    assert not (tmp_path / "new").exists()


def test_a_home_with_anything_in_it_is_not_touched(store: Whole, made: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        restored(store, made, tmp_path / "new")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["letter.txt"]
    (tmp_path / "new" / "letter.txt").unlink()
    assert restored(store, made, tmp_path / "new").home.database.exists()


@pytest.mark.parametrize("place", [
    "inside", "around", "other files", "other blobs", "another's draft", "a file", "another home's"])
def test_a_folder_for_something_else_is_not_touched(store: Whole, tmp_path: Path, place: str) -> None:
    folder = unfit(store, tmp_path, place)
    before = sorted(path.name for path in folder.parent.iterdir())
    with pytest.raises(InputError):
        backup.make(store.home, store.key, folder, NOW, quiet)
    assert sorted(path.name for path in folder.parent.iterdir()) == before


def test_one_that_is_stopped_leaves_the_earlier_one(store: Whole, made: Path) -> None:
    class Enough(Exception):
        pass

    for moment in range(1, 6):
        said: list[int] = []

        def report(_done: int, _total: int, said: list[int] = said, moment: int = moment) -> None:
            said.append(1)
            if len(said) == moment:
                raise Enough

        sealed = BlobFiles(store.home.blobs).seal(f"new-{moment}", f"more {moment}".encode())
        with store.connection() as connection:
            blobs.record(connection, sealed)
        with pytest.raises(Enough):
            backup.make(store.home, store.key, made, NOW + moment, report)
        assert restore.verify(made, Way(store.recovery)).made_at == NOW
        assert [path.name for path in made.glob("store-*")] == [f"store-{NOW}.db"]


def test_an_unfinished_one_is_none(store: Whole, made: Path, tmp_path: Path) -> None:
    (made / backup.MANIFEST).unlink()
    with pytest.raises(InputError, match="no finished backup"):
        restored(store, made, tmp_path / "new")
    backup.make(store.home, store.key, made, NOW + 9, quiet)   # and is gone on with
    assert restored(store, made, tmp_path / "new").home_id


def test_without_room_nothing_is_begun(store: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(DiskFull, match="MB"):
        backup.make(store.home, store.key, tmp_path / "backup", NOW, quiet)
    assert not [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]


def test_one_of_a_newer_program_is_refused(store: Whole, made: Path, tmp_path: Path) -> None:
    manifest = json.loads((made / backup.MANIFEST).read_text())
    (made / backup.MANIFEST).write_text(json.dumps({**manifest, "schema": 99}))
    with pytest.raises(NewerSchema):
        restored(store, made, tmp_path / "new")


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"format": 1}', "\x00", '{"format": "x"}'])
def test_a_manifest_that_is_none_is_said_so(store: Whole, made: Path, tmp_path: Path, content: str) -> None:
    (made / backup.MANIFEST).write_text(content)
    with pytest.raises(InputError):
        restored(store, made, tmp_path / "new")


def spoil(made: Path, harm: str) -> None:
    store = next(made.glob("store-*"))
    blob = sorted((made / "blobs").glob("*/*"))[1]
    manifest = json.loads((made / backup.MANIFEST).read_text())
    if harm == "flip store":
        flip(store, random.Random(1))
    elif harm == "cut store":
        store.write_bytes(store.read_bytes()[:-4096])
    elif harm == "no store":
        store.unlink()
    elif harm == "flip blob":
        flip(blob, random.Random(2))
    elif harm == "no blob":
        blob.unlink()
    else:
        change = {"sealed_count": 99} if harm == "other count" else {"mac": "0" * 64}
        (made / backup.MANIFEST).write_text(json.dumps({**manifest, **change}))


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def unfit(store: Whole, tmp_path: Path, place: str) -> Path:
    if place == "inside":
        return store.home.root / "backup"
    if place == "around":
        return tmp_path
    folder = tmp_path / "folder"
    if place == "a file":
        folder.write_text("mine")
        return folder
    folder.mkdir()
    if place == "other files":
        (folder / "letter.txt").write_text("mine")
        return folder
    if place in ("other blobs", "another's draft"):   # what would be swept as a part of an earlier backup
        mine = folder / ("blobs/holiday.jpg" if place == "other blobs" else "thesis.tmp")
        mine.parent.mkdir(exist_ok=True)
        mine.write_text("mine")
        return folder
    manifest = {"format": 1, "home_id": "another", "device_id": "", "made_at": 1, "schema": 2, "store": "store-1.db",
                "store_size": 1, "store_sha256": "", "files": {}, "sealed": "", "sealed_count": 0, "sealed_bytes": 0,
                "missing": [], "mac": ""}
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    return folder
