"""Sealed files: written in an order that survives a power cut, bound to their record, swept when nobody knows them."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from tests.unit.store.conftest import Store
from workstation.kernel.errors import DiskFull, NotFound, ReadOnly, Tampered
from workstation.store import blobs, files
from workstation.store.blobs import BlobFiles, SealedFile

CONTENT = b"a photo of a broken lamp" * 100


@pytest.fixture
def folder(tmp_path: Path) -> BlobFiles:
    return BlobFiles(tmp_path / "blobs")


def test_content_comes_back_and_only_ciphertext_is_on_disk(folder: BlobFiles) -> None:
    sealed = folder.seal("record-1", CONTENT)
    on_disk = folder.path(sealed.address).read_bytes()
    assert folder.open(sealed) == CONTENT
    assert CONTENT[:24] not in on_disk
    assert sealed.address == hashlib.sha256(on_disk).hexdigest()
    assert sealed.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert sealed.size == len(CONTENT)


def test_equal_content_is_sealed_apart(folder: BlobFiles) -> None:
    one, two = folder.seal("record-1", CONTENT), folder.seal("record-2", CONTENT)
    assert one.key != two.key
    assert one.address != two.address


def test_the_order_of_writing(folder: BlobFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    honest_file, honest_folder, honest_replace = files.sync_file, files.sync_folder, Path.replace

    def sync_file(descriptor: int) -> None:
        steps.append("fsync file")
        honest_file(descriptor)

    def sync_folder(path: Path) -> None:
        steps.append("fsync folder")
        honest_folder(path)

    def rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        assert self.read_bytes()
        return honest_replace(self, target)

    monkeypatch.setattr(files, "sync_file", sync_file)
    monkeypatch.setattr(files, "sync_folder", sync_folder)
    monkeypatch.setattr(Path, "replace", rename)
    folder.seal("record-1", CONTENT)
    assert steps[:3] == ["fsync file", "rename", "fsync folder"]


@pytest.mark.parametrize("place", [0, 100, -1])
def test_a_changed_byte_is_tampering(folder: BlobFiles, place: int) -> None:
    sealed = folder.seal("record-1", CONTENT)
    path = folder.path(sealed.address)
    changed = bytearray(path.read_bytes())
    changed[place] ^= 1
    path.write_bytes(bytes(changed))
    with pytest.raises(Tampered) as caught:
        folder.open(sealed)
    assert caught.value.findings == ("record-1",)


def test_a_file_cannot_be_swapped_for_another(folder: BlobFiles) -> None:
    """Even by somebody who also changes the address and the key in the row: the binding names the record."""
    one, two = folder.seal("record-1", CONTENT), folder.seal("record-2", CONTENT)
    swapped = SealedFile("record-1", two.address, two.sha256, two.size, two.key)
    with pytest.raises(Tampered):
        folder.open(swapped)
    assert folder.open(one) == CONTENT


def test_a_missing_file_says_so(folder: BlobFiles) -> None:
    sealed = folder.seal("record-1", CONTENT)
    folder.path(sealed.address).unlink()
    with pytest.raises(NotFound):
        folder.open(sealed)


def test_orphans_are_swept_and_known_files_stay(folder: BlobFiles) -> None:
    kept, orphan = folder.seal("record-1", CONTENT), folder.seal("record-2", CONTENT)
    half = folder.path(kept.address).parents[1] / "tmp" / "half-written"
    half.write_bytes(b"x")
    assert folder.sweep([kept.address]) == 2
    assert folder.open(kept) == CONTENT
    assert not folder.path(orphan.address).exists()
    assert not half.exists()


def test_an_empty_folder_is_swept_quietly(folder: BlobFiles) -> None:
    assert folder.sweep([]) == 0


@pytest.mark.parametrize(("number", "known"), [
    (errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EROFS, ReadOnly),
])
def test_a_disk_that_refuses_keeps_no_half_file(
    folder: BlobFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, known: type[Exception]
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(files, "sync_file", refuse)
    with pytest.raises(known):
        folder.seal("record-1", CONTENT)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_row_finds_its_file_and_an_erased_one_nothing(store: Store, folder: BlobFiles) -> None:
    sealed = folder.seal("record-1", CONTENT)
    await store.database.write(lambda unit: blobs.record(unit.conn, sealed, upstream=True))
    found = await store.database.read(lambda c: blobs.find(c, "record-1"))
    assert found == sealed
    with pytest.raises(NotFound):
        await store.database.read(lambda c: blobs.find(c, "record-2"))
