"""A backup and a compaction that are killed, or run out of room: what was whole stays whole, and it is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import space
from tests.support.backing import NOW
from tests.support.source import ROOT
from tests.support.wholestore import MESSAGES, Whole, whole
from workstation.kernel.paths import Home
from workstation.store import backup, blobs, check, restore
from workstation.store.blobs import BlobFiles
from workstation.store.restore import Way

MB = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> Whole:
    return whole(tmp_path)


def quiet(_done: int, _total: int) -> None:
    return


def command(what: str, store: Whole, *more: object) -> list[str]:
    return [sys.executable, "-m", "tests.support.backing", what, str(store.home.root), store.key.hex(),
            *(str(each) for each in more)]


def ended(given: list[str], **environment: str) -> tuple[int, str]:
    done = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
                          env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **environment})
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.strip()


def killed(given: list[str]) -> None:
    child = subprocess.Popen(given, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == b"here\n"
    finally:
        child.kill()
        child.communicate(timeout=30)


def one_more(store: Whole) -> None:
    """Something that the first backup does not have: a sealed file, and fewer bodies."""
    with store.connection() as connection:
        blobs.record(connection, BlobFiles(store.home.blobs).seal("later", b"a photo that came later" * 4_000))
        connection.exec_driver_sql("DELETE FROM mail_body WHERE rowid % 2 = 0")


def brought_back(store: Whole, folder: Path, new: Path) -> Whole:
    opened = restore.restore(folder, Home(new), Way(store.recovery), store.passphrase, quiet)
    return Whole(opened.home, opened.key, store.passphrase, store.recovery)


@pytest.mark.parametrize("stop", [pytest.param("1", marks=pytest.mark.long), "4"])
def test_a_first_backup_that_is_killed_is_none_and_the_next_one_is_whole(
    store: Whole, tmp_path: Path, stop: str,
) -> None:
    folder = tmp_path / "backup"
    killed(command("backup", store, folder, stop))
    with pytest.raises(Exception, match="no finished backup"):
        restore.verify(folder, Way(store.recovery))
    assert ended(command("backup", store, folder)) == (0, "done")
    assert brought_back(store, folder, tmp_path / "new").count("message") == MESSAGES
    assert len(list(folder.glob("store-*"))) == 1, "nothing of the killed one is left"


@pytest.mark.parametrize(("stop", "which"), [
    pytest.param("1", 0, marks=pytest.mark.long), ("last", 0), ("manifest", 1)])
def test_a_second_backup_that_is_killed_leaves_one_of_the_two_whole(
    store: Whole, tmp_path: Path, stop: str, which: int,
) -> None:
    folder = tmp_path / "backup"
    backup.make(store.home, store.key, folder, NOW, quiet)
    one_more(store)
    bodies = store.count("mail_body")
    if stop == "last":
        said: list[int] = []
        backup.make(store.home, store.key, tmp_path / "other", NOW, lambda done, _total: said.append(done))
        stop = str(max(4, len(said) // 2))
    killed(command("backup", store, folder, stop))
    manifest = restore.verify(folder, Way(store.recovery))
    assert manifest.made_at == NOW + which
    assert (manifest.sealed_count == len(store.addresses())) == bool(which)
    new = brought_back(store, folder, tmp_path / "new")
    assert (new.count("mail_body") == bodies) == bool(which)
    assert check.check(new.home, new.key).whole


@pytest.fixture
def _namespace(tmp_path: Path) -> None:
    if not space.available(tmp_path):
        pytest.skip(space.MISSING)


@pytest.mark.usefixtures("_namespace")
@pytest.mark.parametrize(("room", "stop"), [(6 * MB, ""), (MB // 2, "unasked")])
def test_on_a_small_disk_a_backup_is_refused_before_or_while_it_is_written(
    store: Whole, tmp_path: Path, room: int, stop: str,
) -> None:
    """The disk is another one: asked before, or full on the way because others fill it too."""
    folder = tmp_path / "backup"
    folder.mkdir()
    kind = ended([*space.small(folder, room), *command("backup", store, folder, stop)])
    assert kind[0] == 3
    assert kind[1].startswith("DiskFull")
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("_namespace")
def test_a_second_backup_on_a_disk_that_fills_leaves_the_first(store: Whole, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    backup.make(store.home, store.key, folder, NOW, quiet)
    one_more(store)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    script = ('"$@"; code=$?; PYTHONPATH=. ' + f'{sys.executable} -c "import sys; from pathlib import Path; '
              'from workstation.store import restore; from workstation.store.restore import Way; '
              "print('still', restore.verify(Path(sys.argv[1]), Way(sys.argv[2])).made_at)\" "
              f'"{folder}" "{store.recovery.splitlines()[-1]}"; exit $code')
    inner = ["sh", "-c", script, "sh", *command("backup", store, folder)]
    code, said = ended([*space.small(folder, size + size // 2), *inner])
    assert code == 3
    assert said.splitlines()[0].startswith("DiskFull")
    assert said.splitlines()[-1] == f"still {NOW}"


@pytest.mark.usefixtures("_namespace")
def test_a_target_that_cannot_be_written_is_refused(store: Whole, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    folder.mkdir()
    code, said = ended([*space.read_only(folder), *command("backup", store, folder)])
    assert (code, said.split()[0]) == (3, "ReadOnly")


@pytest.mark.usefixtures("_namespace")
def test_without_room_for_both_the_store_is_not_compacted(store: Whole) -> None:
    size = sum(path.stat().st_size for path in store.home.root.rglob("*") if path.is_file())
    code, said = ended([*space.small(store.home.root, size + 4 * MB), *command("compact", store)])
    assert (code, said.split()[0]) == (3, "DiskFull")
    assert "nothing was changed" in said
    assert store.count("message") == MESSAGES


@pytest.mark.usefixtures("_namespace")
def test_with_a_full_temporary_folder_the_store_is_compacted_or_as_before(store: Whole, tmp_path: Path) -> None:
    """SQLite writes the copy to the system's temporary folder, which may be a small disk of its own."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    code, said = ended([*space.small(temporary, 200_000), *command("compact", store)],
                       SQLITE_TMPDIR=str(temporary), TMPDIR=str(temporary))
    assert (code, said.split()[0]) in ((0, "done"), (3, "DiskFull"))
    assert store.count("message") == MESSAGES
    assert check.check(store.home, store.key).whole
