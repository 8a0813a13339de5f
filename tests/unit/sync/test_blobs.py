"""When a file counts as secured: on the hash the hub computed over what it stored, and on nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.hub import Desktop
from workstation.kernel.errors import Offline
from workstation.sync.blobs import BlobUploader
from workstation.sync.ports import UploadMoved
from workstation.sync.wire import CHUNK, UploadState


class Answers:
    """A hub that says what it is told to, and notes what it was asked."""

    def __init__(self, begin: UploadState, uploads: Sequence[UploadState | Exception]) -> None:
        self._begin = begin
        self._uploads = list(uploads)
        self.began = 0
        self.sent: list[tuple[int, int]] = []

    async def begin_upload(self, address: str, length: int) -> UploadState:
        self.began += 1
        return self._begin

    async def upload(self, address: str, offset: int, content: bytes) -> UploadState:
        self.sent.append((offset, len(content)))
        answer = self._uploads.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def desktop(tmp_path: Path) -> AsyncIterator[Desktop]:
    made = Desktop(tmp_path / "d", "d")
    yield made
    await made.close()


async def upload(desktop: Desktop, hub: Answers) -> int:
    uploader = BlobUploader(desktop.database, desktop.files, hub, desktop.clock, {})  # type: ignore[arg-type]
    return await uploader.upload(lambda _count: None)


async def test_another_hash_than_the_address_secures_nothing(desktop: Desktop) -> None:
    await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(0), [UploadState(116, "0" * 64)])) == 0
    assert await desktop.secured() == set()


async def test_every_byte_taken_but_nothing_said_secures_nothing(desktop: Desktop) -> None:
    await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(0), [UploadState(116)])) == 0
    assert await desktop.secured() == set()


async def test_it_goes_on_where_the_hub_stands_in_pieces(desktop: Desktop) -> None:
    address = await desktop.seal(b"x" * (2 * CHUNK), "b")
    size = 2 * CHUNK + 16
    hub = Answers(UploadState(1000), [UploadState(1000 + CHUNK), UploadState(size, address)])
    assert await upload(desktop, hub) == 1
    assert hub.sent == [(1000, CHUNK), (1000 + CHUNK, size - 1000 - CHUNK)]
    assert await desktop.secured() == {address}


async def test_a_place_that_moved_is_asked_for_again_and_not_for_ever(desktop: Desktop) -> None:
    address = await desktop.seal(b"x" * 100, "b")
    moved = UploadMoved("elsewhere")
    hub = Answers(UploadState(0), [moved, UploadState(116, address)])
    assert (await upload(desktop, hub), hub.began) == (1, 2)
    await desktop.seal(b"y" * 100, "c")
    with pytest.raises(Offline):
        await upload(desktop, Answers(UploadState(0), [moved] * 9))


async def test_what_is_secured_is_not_asked_about_again(desktop: Desktop) -> None:
    address = await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(116, address), [])) == 1
    hub = Answers(UploadState(0), [])
    assert (await upload(desktop, hub), hub.began) == (0, 0)
