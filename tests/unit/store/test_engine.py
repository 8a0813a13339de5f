"""Opening the encrypted file: the key, the pragmas, the guard, and what a disk's refusal becomes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from tests.unit.store.conftest import KEY
from workstation.kernel.errors import Busy, DiskFull, NewerSchema, ReadOnly, StoreError, WorkstationError, WrongKey
from workstation.store.engine import SCHEMA_VERSION, connect, execute_once, translate_error


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "store.db"
    connection = connect(file, KEY)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.execute("INSERT INTO t VALUES ('plain words')")
    connection.close()
    return file


def test_the_file_is_ciphertext(path: Path) -> None:
    content = path.read_bytes()
    assert not content.startswith(b"SQLite format 3")
    assert b"plain words" not in content


@pytest.mark.parametrize(("pragma", "value"), [
    ("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("temp_store", 2),
    ("busy_timeout", 5000),
])
def test_the_pragmas_hold(path: Path, pragma: str, value: object) -> None:
    connection = connect(path, KEY)
    found = connection.execute(f"PRAGMA {pragma}").fetchone()[0]
    connection.close()
    assert found == value


def test_a_wrong_key_is_known(path: Path) -> None:
    with pytest.raises(WrongKey, match="nothing was changed"):
        connect(path, bytes(32))


def test_a_short_key_is_a_bug(path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        connect(path, b"short")


def test_a_newer_store_is_refused_before_a_byte_changes(tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    raw = sqlcipher.connect(str(file))
    raw.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
    raw.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    raw.execute("CREATE TABLE t (x)")
    raw.close()
    before = file.read_bytes()
    with pytest.raises(NewerSchema, match="newer version"):
        connect(file, KEY)
    assert file.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["newer.db"]


def test_a_reader_cannot_write(path: Path) -> None:
    connection = connect(path, KEY, read_only=True)
    with pytest.raises(sqlcipher.OperationalError) as caught:
        connection.execute("INSERT INTO t VALUES ('x')")
    connection.close()
    assert isinstance(translate_error(caught.value), ReadOnly)


def test_a_folder_that_is_not_there_is_known(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly):
        connect(tmp_path / "none" / "store.db", KEY)


def test_a_full_disk_is_known_and_keeps_what_was_before(path: Path) -> None:
    connection = connect(path, KEY)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlcipher.Error) as caught:
        connection.execute("INSERT INTO t VALUES (?)", ("y" * 100_000,))
    assert isinstance(translate_error(caught.value), DiskFull)
    assert connection.execute("SELECT count(*) FROM t").fetchone()[0] == 1
    connection.close()


def test_a_held_store_is_busy(path: Path) -> None:
    holder, waiter = connect(path, KEY), connect(path, KEY)
    holder.execute("BEGIN IMMEDIATE")
    waiter.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(sqlcipher.OperationalError) as caught:
        waiter.execute("BEGIN IMMEDIATE")
    assert isinstance(translate_error(caught.value), Busy)
    holder.close()
    waiter.close()


def test_anything_else_names_its_kind_and_not_its_text() -> None:
    known = translate_error(sqlcipher.DatabaseError("strange: buyer@example.com"))
    assert type(known) is StoreError
    assert "DatabaseError" in str(known)
    assert "buyer" not in str(known)


def test_one_statement_closes_what_it_opened(path: Path) -> None:
    assert execute_once(path, KEY, "SELECT x FROM t") == ("plain words",)
    with pytest.raises(WorkstationError):
        execute_once(path, KEY, "SELECT nothing FROM nowhere")
    path.rename(path.with_name("moved"))  # Windows refuses this while a connection is open
    assert not list(path.parent.glob("*-wal"))


def test_a_flipped_bit_names_the_store_and_not_a_bug(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(StoreError):
        execute_once(path, KEY, "SELECT x FROM t")


def test_the_first_page_needs_no_orm() -> None:
    """Design.md, Start: what is loaded before the paint."""
    code = ("import sys, workstation.store.engine, workstation.store.vault; "
            "print([m for m in ('sqlalchemy', 'sqlmodel', 'cryptography', 'httpx', 'keyring', 'argon2', 'pydantic') "
            "if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
