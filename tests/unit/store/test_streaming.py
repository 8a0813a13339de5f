"""A file sealed in pieces is the file that `seal` would have made, and a file that changes meanwhile is refused."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from workstation.kernel.errors import InputError
from workstation.store import streaming
from workstation.store.blobs import BlobFiles

SIZES = (0, 1, 15, 16, 17, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_001)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_in_pieces_opens_as_a_whole(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    source = tmp_path / "film.mp4"
    source.write_bytes(content)
    files = BlobFiles(tmp_path / "blobs")
    measured = streaming.measure(source, 10_000_000)
    sealed = files.seal_file("record-1", source, measured)
    assert (sealed.sha256, sealed.size) == (hashlib.sha256(content).hexdigest(), size)
    assert files.open(sealed) == content
    assert measured.head == content[:64]
    assert list((tmp_path / "blobs" / "tmp").iterdir()) == []


@pytest.mark.parametrize("change", [b"longer than before, by far", b"", b"SAME LENGTH"])
def test_a_file_that_changed_since_it_was_measured_is_refused(tmp_path: Path, change: bytes) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"same length")
    measured = streaming.measure(source, 100)
    source.write_bytes(change)
    files = BlobFiles(tmp_path / "blobs")
    with pytest.raises(InputError):
        files.seal_file("record-1", source, measured)
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def test_folders_pipes_and_what_is_too_large_are_no_files(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe", tmp_path / "large"
    os.mkfifo(pipe)
    large.write_bytes(b"x" * 101)
    for path in (tmp_path, pipe, large, tmp_path / "absent"):
        with pytest.raises(InputError):
            streaming.measure(path, 100)


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    files = BlobFiles(tmp_path / "blobs")
    sealed = files.seal("record-1", b"content")
    assert files.forget(sealed.address)
    assert not files.path(sealed.address).exists()
    assert not files.forget(sealed.address)
