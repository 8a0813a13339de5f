"""What a person can do with evidence, over a real encrypted store."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.evidence import CASE, NOW, Bench, bench, make_grab, payload_of, small_case
from tests.support.secrets import MemorySecrets
from workstation.domain.events import EvidenceSealed
from workstation.evidence.model import Kind, Rect
from workstation.evidence.signing import DeviceKey
from workstation.kernel.errors import CaptureRefused, InputError, NotFound, Tampered


def decode(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and RGBA of a PNG without filters, read chunk by chunk with the standard library."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, body, size = 8, b"", (0, 0)
    while at < len(png):
        length, name = struct.unpack_from(">I4s", png, at)
        chunk = png[at + 8:at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(name + chunk)
        if name == b"IHDR":
            size = struct.unpack(">II", chunk[:8])
            assert chunk[8:] == b"\x08\x06\x00\x00\x00"
        body += chunk if name == b"IDAT" else b""
        at += 12 + length
    raw, stride = zlib.decompress(body), size[0] * 4 + 1
    rows = [raw[start:start + stride] for start in range(0, len(raw), stride)]
    assert all(row[0] == 0 for row in rows)
    return size[0], size[1], b"".join(row[1:] for row in rows)


async def test_a_capture_is_sealed_and_opens_to_the_same_pixels(made: Bench) -> None:
    view = await made.service.capture(made.request())
    content = await made.service.open(view.id)
    grab = made.screen.picture
    assert decode(content) == (grab.width, grab.height, grab.rgba)
    assert (view.sha256, view.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (view.kind, view.case_id, view.sequence, view.at) == (Kind.CAPTURE, CASE, 1, NOW)
    assert (view.real_screen, view.time_stamped, view.secured) == (False, False, False)
    assert EvidenceSealed(CASE, view.id) in made.events


async def test_nothing_readable_lies_on_the_disk(made: Bench) -> None:
    await made.service.capture(made.request())
    stored = b"".join(path.read_bytes() for path in made.folder.rglob("*") if path.is_file())
    assert b"\x89PNG\r\n\x1a\n" not in stored
    assert b"Orders <of> Ana" not in stored  # its whole length: ciphertext holds any three given bytes soon enough


async def test_a_region_is_cut_in_physical_pixels(made: Bench) -> None:
    made.screen.picture = make_grab(90, 60, scale=1.5)
    view = await made.service.capture(made.request(rect=Rect(7, 11, 20, 13)))
    width, height, rgba = decode(await made.service.open(view.id))
    assert (width, height) == (20, 13)
    whole = made.screen.picture.rgba
    expected = b"".join(whole[(y * 90 + 7) * 4:(y * 90 + 27) * 4] for y in range(11, 24))
    assert rgba == expected


@pytest.mark.parametrize("rect", [
    Rect(0, 0, 65, 10), Rect(0, 0, 10, 49), Rect(-1, 0, 10, 10), Rect(5, 5, 0, 10), Rect(64, 0, 1, 1),
])
async def test_a_region_outside_the_screen_is_refused(made: Bench, rect: Rect) -> None:
    with pytest.raises(InputError):
        await made.service.capture(made.request(rect=rect))
    assert await made.service.list() == ()


@pytest.mark.parametrize("wrong", [
    {"width": 0, "rgba": b""}, {"rgba": b""}, {"width": 63}, {"screen": 1}, {"monitors": ()},
    {"rgba": bytes(64 * 48 * 4 - 4)},
])
async def test_an_inexact_image_is_never_evidence(made: Bench, wrong: dict[str, object]) -> None:
    from dataclasses import replace

    made.screen.picture = replace(make_grab(), **wrong)  # type: ignore[arg-type]
    with pytest.raises(CaptureRefused):
        await made.service.capture(made.request())
    assert await made.service.list() == ()
    assert not list(made.folder.glob("blobs/*/*"))


@pytest.mark.parametrize("scale", [0.0, -1.0, 2.0, 1.25])
async def test_a_scale_that_does_not_explain_the_pixels_is_refused(made: Bench, scale: float) -> None:
    from dataclasses import replace

    grab = make_grab()
    monitor = replace(grab.monitors[0], scale=scale)
    made.screen.picture = replace(grab, monitors=(monitor,))
    with pytest.raises(CaptureRefused):
        await made.service.capture(made.request())


async def test_a_back_end_that_cannot_see_says_why(made: Bench) -> None:
    made.screen.reason = "No display."
    with pytest.raises(CaptureRefused, match="No display"):
        await made.service.grab(0)


async def test_a_grab_can_be_looked_at_before_it_is_sealed(made: Bench) -> None:
    grab = await made.service.grab(0)
    assert await made.service.list() == ()
    made.clock.advance(5_000)
    view = await made.service.seal(grab, made.request(rect=Rect(1, 1, 4, 4)))
    assert view.at == NOW
    assert (view.width, view.height) == (4, 4)


async def test_a_capture_without_a_case_is_refused(made: Bench) -> None:
    with pytest.raises(InputError):
        await made.service.capture(made.request(case_id=""))


async def test_the_thumbnail_is_small_and_shows_the_picture(made: Bench) -> None:
    made.screen.picture = make_grab(1000, 300)
    view = await made.service.capture(made.request())
    width, height, rgba = decode(await made.service.thumbnail(view.id))
    assert width <= 320
    assert (width, height) == (250, 75)
    assert max(abs(rgba[(40 * 250 + 20) * 4 + 1] - 161), 0) <= 2
    with pytest.raises(NotFound):
        await made.service.thumbnail("missing")


async def test_opening_and_attaching_are_records_too(made: Bench) -> None:
    view = await made.service.capture(made.request())
    await made.service.open(view.id)
    name, mime, content = await made.service.file(view.id)
    assert (name, mime) == (f"000001-{view.id}.png", "image/png")
    assert hashlib.sha256(content).hexdigest() == view.sha256
    chain = await made.service.list(CASE, custody=True)
    assert [(one.kind, one.sequence) for one in chain] == [(Kind.CAPTURE, 1), (Kind.VIEW, 2), (Kind.EXPORT, 3)]
    assert [one.id for one in await made.service.list(CASE)] == [view.id]


async def test_a_reply_is_kept_once_as_it_was_sent(made: Bench) -> None:
    raw = b"Message-ID: <a@b>\r\n\r\n\xff\x00body"
    for _again in range(2):
        await made.service.keep_reply(CASE, "<a@b>", raw, "250 ok")
    (view,) = await made.service.list(CASE)
    assert (view.kind, view.mime, view.size) == (Kind.REPLY, "message/rfc822", len(raw))
    assert await made.service.open(view.id) == raw


async def test_the_record_says_who_what_when_how_and_where(made: Bench) -> None:
    view = await made.service.capture(made.request(url="https://x.example/?q=Ana", url_learnt="typed", automation=True))
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record")
    said = payload_of(bytes(envelope))  # type: ignore[call-overload]
    assert said["who"] == {"by": "automation", "device": "device-1", "key_id": await made.service.key_id()}
    assert said["what"] == {"scope": "screen", "url_learnt": "typed"}
    when, how = said["when"], said["how"]
    assert isinstance(when, dict)
    assert isinstance(how, dict)
    assert (when["wall_ns"], when["source"], when["hub_offset_ms"]) == (str(NOW * 1_000_000), "device", None)
    assert {"python", "system", "session", "qt", "application"} <= how.keys()
    assert (how["back_end"], how["real_screen"], how["warnings"]) == ("test", False, ["a warning"])
    assert said["chain"] == {"sequence": 1, "previous": "0" * 64}
    file = said["file"]
    assert isinstance(file, dict)
    assert file["pixels"] == {
        "sha256": hashlib.sha256(made.screen.picture.rgba).hexdigest(), "width": 64, "height": 48,
    }
    ((address,),) = await made.sql("SELECT address FROM blob WHERE id = ?", view.id)
    assert file["ciphertext_sha256"] == address


async def test_personal_values_are_commitments_and_none_is_taken_away_unseen(made: Bench) -> None:
    await made.service.capture(made.request(url="https://x.example/?q=Ana"))
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record")
    text = json.dumps(payload_of(bytes(envelope)))  # type: ignore[call-overload]
    assert "Ana" not in text
    assert "Li Wei" not in text
    rows = await made.sql("SELECT name, salt, value FROM evidence_private ORDER BY name")
    committed = json.loads(text)["private"]
    for name, salt, value in rows:
        assert committed[name] == hashlib.sha256(bytes(salt) + str(value).encode()).hexdigest()  # type: ignore[call-overload]
    assert {"operator", "url", "window_title", "purpose"} <= committed.keys()
    await made.sql("DELETE FROM evidence_private WHERE name = 'url'")
    report = await made.service.verify()
    assert [finding.part for finding in report.findings] == ["commitments"]
    assert "url" in report.findings[0].what


async def test_every_record_waits_in_the_outbox_without_keys_or_personal_values(made: Bench) -> None:
    await small_case(made)
    rows = await made.sql("SELECT collection, entity_id, kind, body FROM outbox ORDER BY seq")
    assert [(row[0], row[2]) for row in rows] == [("evidence", "append")] * 3
    keys = await made.sql("SELECT key FROM blob")
    for row in rows:
        body = json.loads(str(row[3]))
        assert payload_of(base64.b64decode(body["envelope"]))["id"] == row[1]
        assert body["blob"]["sealed_size"] == made.blobs.path(body["blob"]["address"]).stat().st_size
        assert body["wrapped_key"] is None
        assert "Li Wei" not in str(row[3])
        assert all(base64.b64encode(bytes(key[0])).decode() not in str(row[3]) for key in keys)  # type: ignore[call-overload]


async def test_a_file_key_travels_wrapped(tmp_path: Path) -> None:
    async with bench(tmp_path, wrap_key=lambda key: f"wrapped:{len(key)}") as made:
        await made.service.capture(made.request())
        ((body,),) = await made.sql("SELECT body FROM outbox")
        assert json.loads(str(body))["wrapped_key"] == "wrapped:32"


async def test_the_hubs_clock_is_noted_when_it_was_measured(tmp_path: Path) -> None:
    async with bench(tmp_path, hub_offset=lambda: -250) as made:
        await made.service.capture(made.request())
        ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record")
        when = payload_of(bytes(envelope))["when"]  # type: ignore[call-overload]
    assert isinstance(when, dict)
    assert when["hub_offset_ms"] == -250


def test_one_device_has_one_key_whoever_asks_first() -> None:
    secrets = MemorySecrets()
    with ThreadPoolExecutor(8) as pool:
        keys = {key.key_id for key in pool.map(DeviceKey.load, [secrets] * 16)}
    assert len(keys) == 1


async def test_secured_needs_a_receipt_and_a_stored_file(made: Bench) -> None:
    view = await made.service.capture(made.request())
    await made.sql("DELETE FROM outbox")
    assert not (await made.service.list())[0].secured
    await made.sql("UPDATE blob SET secured_at = 1 WHERE id = ?", view.id)
    assert (await made.service.list())[0].secured


async def test_the_device_key_is_made_once_and_the_chain_goes_on(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    async with bench(tmp_path, secrets) as made:
        first = await made.service.capture(made.request())
        key = await made.service.key_id()
    async with bench(tmp_path, secrets) as made:
        second = await made.service.capture(made.request())
        assert await made.service.key_id() == key
        assert (first.sequence, second.sequence) == (1, 2)
        assert (await made.service.verify()).intact
    async with bench(tmp_path) as made:
        await made.service.capture(made.request())
        assert await made.service.key_id() != key
        assert (await made.service.verify()).intact


async def test_many_captures_at_once_make_one_chain(made: Bench) -> None:
    views = await asyncio.gather(*(made.service.capture(made.request()) for _n in range(12)))
    assert sorted(view.sequence for view in views) == list(range(1, 13))
    assert (await made.service.verify()).intact


async def test_a_changed_file_does_not_open_and_leaves_no_view(made: Bench) -> None:
    view = await made.service.capture(made.request())
    (path,) = made.folder.glob("blobs/*/*")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(Tampered) as caught:
        await made.service.open(view.id)
    assert view.id in caught.value.findings[0]
    assert len(await made.service.list(CASE, custody=True)) == 1
