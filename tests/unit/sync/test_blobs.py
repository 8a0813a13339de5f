"""When a file counts as secured: on the hash the hub computed over what it stored, and on nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.hub import Desktop
from workstation.kernel.errors import Offline
from workstation.sync import blobs
from workstation.sync.blobs import BlobUploader
from workstation.sync.ports import UploadMoved
from workstation.sync.wire import UploadState


class Answers:
    """A hub that says what it is told to, and notes what it was asked."""

    def __init__(self, begin: UploadState, uploads: Sequence[UploadState | Exception]) -> None:
        self._begin = begin
        self._uploads = list(uploads)
        self.began = 0
        self.sent: list[tuple[int, int]] = []

    async def begin_upload(self, address: str, length: int, content: bytes = b"") -> UploadState:
        self.began += 1
        return self._begin

    async def upload(self, address: str, offset: int, length: int, pieces: AsyncIterable[bytes]) -> UploadState:
        self.sent.append((offset, sum([len(piece) async for piece in pieces])))
        answer = self._uploads.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
async def desktop(tmp_path: Path) -> AsyncIterator[Desktop]:
    made = Desktop(tmp_path / "d", "d")
    yield made
    await made.close()


async def upload(desktop: Desktop, hub: Answers, stuck: dict[str, str] | None = None) -> int:
    told = {} if stuck is None else stuck
    uploader = BlobUploader(desktop.database, desktop.files, hub, desktop.clock, told)  # type: ignore[arg-type]
    return await uploader.upload(lambda _count: None)


async def test_another_hash_than_the_address_secures_nothing(desktop: Desktop) -> None:
    await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(0), [UploadState(116, "0" * 64)])) == 0
    assert await desktop.secured() == set()


async def test_every_byte_taken_but_nothing_said_secures_nothing(desktop: Desktop) -> None:
    await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(0), [UploadState(116)])) == 0
    assert await desktop.secured() == set()


async def test_it_goes_on_where_the_hub_stands_in_parts(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_PART", part := 1_000_000)
    address = await desktop.seal(b"x" * (2 * part), "b")
    size = 2 * part + 16
    hub = Answers(UploadState(1000), [UploadState(1000 + part), UploadState(size, address)])
    assert await upload(desktop, hub) == 1
    assert hub.sent == [(1000, part), (1000 + part, size - 1000 - part)]
    assert await desktop.secured() == {address}


async def test_a_large_file_that_was_damaged_is_never_sent_to_its_end(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blobs, "_PART", part := 1_000_000)
    address = await desktop.seal(b"x" * (2 * part), "b")
    with desktop.files.path(address).open("r+b") as file:
        first = file.read(1)[0]
        file.seek(0)
        file.write(bytes([first ^ 1]))   # whatever it was: ciphertext begins with any byte now and then
    hub, stuck = Answers(UploadState(0), [UploadState(part), UploadState(2 * part)]), dict[str, str]()
    assert await upload(desktop, hub, stuck) == 0
    assert (hub.sent, list(stuck)) == ([(0, part), (part, part)], [address])
    assert await upload(desktop, hub, stuck) == 0
    assert (len(hub.sent), hub.began) == (2, 1)   # the second time nothing is sent to find it out


async def test_a_hub_that_does_not_move_is_not_asked_for_ever(desktop: Desktop) -> None:
    await desktop.seal(b"x" * 100, "b")
    assert await upload(desktop, Answers(UploadState(0), [UploadState(0)] * 2)) == 0


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
