"""From the screen to the record: what a capture says of screens, windows and canvases, and what is never evidence."""

from __future__ import annotations

import asyncio
import json
import threading
from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.evidence import Bench, PaintedScreen, bench, make_grab, pixels
from workstation.evidence import capturing, png, repo
from workstation.evidence.decoding import decode
from workstation.evidence.filing import Filing
from workstation.evidence.imaging import checked, crop
from workstation.evidence.model import Grab, Monitor, OpenWindow, Picture, Rect, WindowPart
from workstation.evidence.service import EvidenceService
from workstation.kernel.errors import BlankScreen, CaptureRefused, DiskFull, InputError, Unsupported
from workstation.store.blobs import BlobFiles, Encrypted, SealedFile

WINDOW = OpenWindow("0x7", "Parcel 42", "browser", 8, 6, 20, 10)


@dataclass
class PaintedDesktop(PaintedScreen):
    """A back end that knows its windows, too."""

    covered: bool = False

    async def screens(self) -> tuple[Monitor, ...]:
        return self.picture.monitors

    async def windows(self) -> tuple[OpenWindow, ...]:
        return (WINDOW,)

    async def grab_window(self, _window_id: str) -> Grab:
        part = WindowPart(Rect(WINDOW.x, WINDOW.y, WINDOW.width, WINDOW.height), self.covered, cut=False)
        return replace(self.picture, window=part, window_title=WINDOW.title)


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(tmp_path) as opened:
        opened.screen = PaintedDesktop()
        opened.service = EvidenceService(
            opened.database, opened.blobs, opened.secrets, opened.clock, opened.screen, "device-1", "0.1.0")
        yield opened


async def _statement(made: Bench, record_id: str) -> dict[str, Any]:
    stored = await made.database.read(lambda conn: repo.get(conn, record_id))
    found = json.loads(b64decode(json.loads(stored.envelope)["payload"]))
    assert isinstance(found, dict)
    return found


async def test_a_window_is_kept_as_the_screen_showed_it(made: Bench) -> None:
    made.screen.covered = True  # type: ignore[attr-defined]
    view = await made.service.capture(made.request(window="0x7"))
    said = await _statement(made, view.id)
    assert (view.title, view.width, view.height) == ("Parcel 42", 20, 10)
    assert said["what"]["scope"] == "window"
    assert said["display"]["window"] == {"x": 8, "y": 6, "width": 20, "height": 10, "covered": True, "cut": False}
    assert said["display"]["crop"] == {"x": 8, "y": 6, "width": 20, "height": 10}
    expected = crop(made.screen.picture, Rect(8, 6, 20, 10))
    assert await made.service.open(view.id) == png.encode(20, 10, expected.rgba)
    assert (await made.service.verify()).intact
    assert await made.service.windows() == (WINDOW,)
    assert await made.service.screens() == made.screen.picture.monitors


async def test_a_canvas_says_that_scales_are_unknown(made: Bench) -> None:
    unknown = Monitor("DP-1", 0, 0, 40, 30, 0, 0, 0.0)
    made.screen.picture = replace(
        make_grab(), canvas=True, screen=-1, monitors=(unknown,), back_end="wayland/portal", window_title="")
    whole = await made.service.capture(made.request())
    part = await made.service.capture(made.request(rect=Rect(1, 2, 30, 20)))
    said = await _statement(made, part.id)
    assert (whole.title, part.title) == ("All screens, 64×48", "Region of the screens, 30×20")
    assert (said["display"]["canvas"], said["display"]["screen"]) == (True, -1)
    assert said["display"]["monitors"][0]["scale"] == 0
    assert (await made.service.verify()).intact


@pytest.mark.parametrize("change", [
    {"canvas": True}, {"canvas": True, "screen": -1}, {"screen": -1}, {"screen": 1},
    {"canvas": True, "screen": -1, "monitors": (), "window": WindowPart(Rect(0, 0, 9, 9), False, False)},
    {"monitors": (Monitor("one", 0, 0, 64, 48, 64, 48, 0.0),)}, {"monitors": ()}, {"rgba": b""},
    {"monitors": (Monitor("one", 0, 0, 64, 48, 63, 48, 1.0),)},
    {"monitors": (Monitor("one", 0, 0, 40, 48, 64, 48, 1.0),)}, {"width": 0}, {"width": -64, "height": -48},
], ids=["half-a-canvas", "canvas-with-scales", "no-screen", "another-screen", "window-on-canvas", "scale-0",
        "no-monitors", "no-pixels", "other-size", "stretched", "empty", "negative"])
def test_a_guess_is_never_evidence(change: dict[str, Any]) -> None:
    with pytest.raises(CaptureRefused, match="not captured") as caught:
        checked(replace(make_grab(), **change))
    assert caught.value.remedy


async def test_a_screen_of_one_colour_is_refused_unless_a_person_wants_it(made: Bench) -> None:
    made.screen.picture = replace(make_grab(), rgba=b"\x00\x00\x00\xff" * (64 * 48))
    for changes in ({}, {"rect": Rect(1, 1, 8, 8)}, {"window": "0x7"}):
        with pytest.raises(BlankScreen, match="single colour") as caught:
            await made.service.capture(made.request(**changes))
        assert "capture it anyway" in caught.value.remedy
    assert await made.service.list() == ()
    assert not list(made.folder.glob("blobs/*/*"))
    view = await made.service.capture(made.request(blank=True))
    assert capturing.UNIFORM in (await _statement(made, view.id))["how"]["warnings"]


async def test_a_part_of_one_colour_is_kept_with_a_warning(made: Bench) -> None:
    grab = make_grab()
    made.screen.picture = replace(grab, rgba=b"\x01\x02\x03\xff" * (64 * 20) + grab.rgba[64 * 20 * 4:])
    view = await made.service.capture(made.request(rect=Rect(0, 0, 64, 20)))
    assert capturing.UNIFORM in (await _statement(made, view.id))["how"]["warnings"]
    view = await made.service.capture(made.request())
    assert capturing.UNIFORM not in (await _statement(made, view.id))["how"]["warnings"]


@pytest.mark.parametrize("count", [1, 16_384, 16_385, 40_000])
def test_uniform_is_every_pixel(count: int) -> None:
    plain = bytearray(b"\x01\x02\x03\xff" * count)
    assert capturing.uniform(Picture(count, 1, plain))
    plain[-2] ^= 1
    assert capturing.uniform(Picture(count, 1, plain)) is (count == 1)


async def test_what_the_disk_refuses_is_no_record(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The record's transaction is ready by then, and is undone."""
    def full(_files: BlobFiles, _encrypted: Encrypted) -> SealedFile:
        raise DiskFull("The disk is full; the file was not kept.")

    with monkeypatch.context() as patched:
        patched.setattr(BlobFiles, "keep", full)
        with pytest.raises(DiskFull):
            await made.service.capture(made.request())
    assert await made.sql("SELECT 1 FROM evidence_record") == await made.sql("SELECT 1 FROM blob") == []
    assert (await made.service.capture(made.request())).sequence == 1
    assert (await made.service.verify()).intact


async def test_nothing_is_committed_before_the_file_is_down(made: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on, keep = threading.Event(), threading.Event(), BlobFiles.keep

    def slow(files: BlobFiles, encrypted: Encrypted) -> SealedFile:
        reached.set()
        assert go_on.wait(20)
        return keep(files, encrypted)

    monkeypatch.setattr(BlobFiles, "keep", slow)
    capture = asyncio.ensure_future(made.service.capture(made.request()))
    assert await asyncio.to_thread(reached.wait, 20)
    done, _waiting = await asyncio.wait({capture}, timeout=0.2)
    assert not done
    assert await made.service.list() == ()
    go_on.set()
    assert (await capture).id == (await made.service.list())[0].id


@pytest.mark.parametrize("height", [1, 128, 129, 700])
def test_a_file_is_the_same_whoever_packs_it(height: int) -> None:
    picture = Picture(70, height, pixels(70, height, seed=5))
    packing = png.Packing(70, height, picture.rgba)
    helpers = [threading.Thread(target=packing.work) for _helper in range(3)]
    for helper in helpers:
        helper.start()
    content = packing.content()
    for helper in helpers:
        helper.join()
    assert content == png.encode(70, height, picture.rgba)
    found = decode(content).picture
    assert (found.width, found.height, bytes(found.rgba)) == (70, height, picture.rgba)


def test_a_picture_that_cannot_be_packed_is_not_filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_packing: png.Packing, _first: int) -> tuple[bytes, int]:
        raise MemoryError

    monkeypatch.setattr(png.Packing, "_strip", fails)
    filing = Filing(BlobFiles(tmp_path), "record", Picture(400, 300, bytearray(400 * 300 * 4)))
    with pytest.raises(MemoryError):
        filing.look()
    filing.keep()
    for waiting in (filing.known, filing.down):
        assert isinstance(waiting.exception(0), MemoryError)
    assert not list(tmp_path.iterdir())


async def test_a_back_end_without_windows_says_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        assert await made.service.screens() == ()
        with pytest.raises(Unsupported, match="windows are open"):
            await made.service.windows()
        with pytest.raises(Unsupported, match="windows are open"):
            await made.service.capture(made.request(window="0x7"))
        made.screen.reason = "there is no display"
        for asked in (made.service.windows(), made.service.screens(), made.service.grab(0)):
            with pytest.raises(CaptureRefused, match="no display"):
                await asked


async def test_a_refused_capture_leaves_nothing_behind(made: Bench) -> None:
    for changes in ({"case_id": ""}, {"rect": Rect(60, 0, 9, 9)}, {"rect": Rect(0, 0, 0, 5)}):
        with pytest.raises(InputError):
            await made.service.capture(made.request(**changes))
    assert await made.service.list() == ()
    assert not list(made.folder.glob("blobs/*/*"))
