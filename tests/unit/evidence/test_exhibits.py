"""Exhibits that are no captures keep the bytes as they came, once a case, and say where they are from."""

from __future__ import annotations

import asyncio
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tests.support.erasing import OTHER, Answered, Mailbox, jpeg
from tests.support.evidence import CASE, Bench, bench, payload_of
from workstation.evidence import exhibits, mimes, small
from workstation.evidence.exhibits import Sources
from workstation.evidence.model import Kind
from workstation.evidence.ports import AnswerBehind, DeliveredFile
from workstation.kernel.errors import InputError, NotFound, Unsupported

MAIL = hashlib.sha256(b"the raw mail").hexdigest()


def turned(colour: str, orientation: int) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (40, 20), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


PHOTO = DeliveredFile(CASE, "<m1@buyer.example>", 0, "kaputt 台灣.JPG", "application/octet-stream", jpeg(), True, MAIL)
ANSWER = AnswerBehind(
    ("order", "refund"), "shopify · shop.example", "shop.example/1042", 1_789_000_000_000, 1_789_000_100_000,
    "application/json; charset=utf-8", b'{"data": {"orders": []}}', "POST https://shop.example/graphql.json", 200,
)


async def statement_of(made: Bench, record_id: str) -> dict[str, object]:
    ((envelope,),) = await made.sql("SELECT envelope FROM evidence_record WHERE id = ?", record_id)
    assert isinstance(envelope, bytes)
    return payload_of(envelope)


async def test_a_buyers_photo_is_kept_byte_for_byte_and_says_which_mail_it_came_in(tmp_path: Path) -> None:
    async with bench(tmp_path, exhibits=Sources(Mailbox(PHOTO))) as made:
        kept = await made.service.keep_attachment("<m1@buyer.example>", 0)
        assert (kept.kind, kept.case_id, kept.mime) == (Kind.FILE, CASE, "image/jpeg")
        assert (await made.service.file(kept.id))[2] == PHOTO.content
        said = await statement_of(made, kept.id)
        assert said["what"] == {
            "scope": "message_file", "received": True, "mime_told": "application/octet-stream", "mail_sha256": MAIL,
        }
        assert set(said["private"]) >= {"message_id", "position", "file_name"}  # type: ignore[call-overload]
        assert "kaputt" not in str(said)
        assert "buyer.example" not in str(said)
        rows = await made.sql("SELECT name, value FROM evidence_private WHERE record_id = ?", kept.id)
        values = {str(name): str(value) for name, value in rows}
        assert (values["file_name"], values["position"]) == ("kaputt 台灣.JPG", "0")


async def test_the_same_bytes_in_the_same_case_are_kept_once_by_whatever_way_they_come(tmp_path: Path) -> None:
    again = replace(PHOTO, message_id="<m2@buyer.example>", name="again.jpg")
    elsewhere = replace(PHOTO, message_id="<m3@buyer.example>", case_id=OTHER)
    async with bench(tmp_path, exhibits=Sources(Mailbox(PHOTO, again, elsewhere))) as made:
        copy = tmp_path / "copy.jpg"
        copy.write_bytes(PHOTO.content)
        first = await made.service.keep_attachment("<m1@buyer.example>", 0)
        same = [
            await made.service.keep_attachment("<m1@buyer.example>", 0),
            await made.service.keep_attachment("<m2@buyer.example>", 0),
            await made.service.keep_file(CASE, copy), await made.service.keep_picture(CASE, PHOTO.content),
        ]
        assert {each.id for each in same} == {first.id}
        assert (await made.service.keep_attachment("<m3@buyer.example>", 0)).id != first.id
        assert len(await made.service.list()) == 2


async def test_asking_twice_at_once_keeps_one(tmp_path: Path) -> None:
    file = tmp_path / "invoice.pdf"
    file.write_bytes(b"%PDF-1.7\n" + bytes(5_000))
    async with bench(tmp_path) as made:
        kept = await asyncio.gather(*(made.service.keep_file(CASE, file) for _n in range(5)))
        assert len({each.id for each in kept}) == 1
        assert len(await made.service.list(CASE)) == 1


async def test_a_file_a_person_adds_is_sealed_from_the_disk(tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(b"\x00\x00\x00\x14ftypqt  " + bytes(range(256)) * 9_000)
    async with bench(tmp_path) as made:
        kept = await made.service.keep_file(CASE, film)
        assert (kept.mime, kept.size) == ("video/quicktime", film.stat().st_size)
        assert (await made.service.file(kept.id))[0].endswith(f"{kept.id}.mov")
        assert (await made.service.file(kept.id))[2] == film.read_bytes()
        assert (await statement_of(made, kept.id))["what"] == {"scope": "added_file"}


@pytest.mark.parametrize("content", [b"", b"plain words"])
async def test_what_is_pasted_must_be_a_picture(tmp_path: Path, content: bytes) -> None:
    async with bench(tmp_path) as made:
        with pytest.raises(InputError):
            await made.service.keep_picture(CASE, content)
        assert await made.service.list() == ()


@pytest.mark.parametrize("encoded", [False, True])
async def test_a_pasted_picture_says_whether_we_encoded_it(tmp_path: Path, encoded: bool) -> None:
    async with bench(tmp_path) as made:
        kept = await made.service.keep_picture(CASE, jpeg("blue"), "shot.jpg", encoded)
        said = await statement_of(made, kept.id)
        assert said["what"] == {"scope": "pasted_picture", "encoded_here": encoded}


async def test_nothing_is_kept_that_is_too_large_empty_or_without_a_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exhibits, "MOST_FILE", 1_000)
    large, empty = tmp_path / "large.bin", tmp_path / "empty.bin"
    large.write_bytes(bytes(1_001))
    empty.write_bytes(b"")
    heavy = replace(PHOTO, content=bytes(1_001))
    async with bench(tmp_path, exhibits=Sources(Mailbox(heavy))) as made:
        for case_id, path in ((CASE, large), (CASE, empty), (CASE, tmp_path), ("", large)):
            with pytest.raises(InputError):
                await made.service.keep_file(case_id, path)
        with pytest.raises(InputError):
            await made.service.keep_attachment(heavy.message_id, 0)
        with pytest.raises(NotFound):
            await made.service.keep_attachment("<absent@buyer.example>", 0)
        assert await made.service.list() == ()


async def test_an_answer_is_kept_as_it_arrived_with_the_checks_it_stands_behind(tmp_path: Path) -> None:
    other = replace(ANSWER, checks=("tracking",), source="17track", body=b"{}", asked="", status=0)
    async with bench(tmp_path, exhibits=Sources(answers=Answered(ANSWER, other))) as made:
        kept = await made.service.keep_answers(CASE)
        assert [each.kind for each in kept] == [Kind.ANSWER, Kind.ANSWER]
        assert await made.service.open(kept[0].id) == ANSWER.body
        assert (await statement_of(made, kept[0].id))["what"] == {
            "scope": "answer", "source": "shopify · shop.example", "checks": ["order", "refund"],
            "asked": "POST https://shop.example/graphql.json", "status": 200, "credentials_removed": 0,
            "first_ns": "1789000000000000000", "last_ns": "1789000100000000000",
        }
        assert [each.id for each in await made.service.keep_answers(CASE)] == [each.id for each in kept]


async def test_credentials_in_an_answer_are_removed_and_the_record_says_so(tmp_path: Path) -> None:
    body = b'{"Access_Token" : "shpat_\\"x\\"1", "note": "password reset", "api_key":"k", "order": {"token": 7}}'
    told = replace(ANSWER, body=body)
    async with bench(tmp_path, exhibits=Sources(answers=Answered(told))) as made:
        (kept,) = await made.service.keep_answers(CASE)
        content = await made.service.open(kept.id)
        assert content == (
            b'{"Access_Token" : "[removed]", "note": "password reset", "api_key":"[removed]", "order": {"token": 7}}')
        said = await statement_of(made, kept.id)
        assert said["what"]["credentials_removed"] == 2  # type: ignore[index]


async def test_what_nobody_wired_is_said(tmp_path: Path) -> None:
    async with bench(tmp_path) as made:
        with pytest.raises(Unsupported):
            await made.service.keep_attachment("m", 0)
        with pytest.raises(Unsupported):
            await made.service.keep_answers(CASE)


@pytest.mark.parametrize(("head", "said", "name", "mime"), [
    (b"\x89PNG\r\n\x1a\n", "image/jpeg", "a.jpg", "image/png"),
    (b"\x00\x00\x00\x20ftypisom", "", "", "video/mp4"),
    (b"\x00\x00\x00\x20ftypheic", "", "", "image/heic"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "", "image/webp"),
    (b"RIFF\x00\x00\x00\x00ABCD", "", "", mimes.UNKNOWN),
    (b"words", "Text/Plain; charset=utf-8", "", "text/plain"),
    (b"words", "application/octet-stream", "list.CSV", "text/csv"),
    (b"words", "not a mime", "x.exe", mimes.UNKNOWN),
    (b"words", "text/plain\r\nX: y", "", mimes.UNKNOWN),
    (b"", "", "", mimes.UNKNOWN),
])
def test_a_file_is_what_its_bytes_say_before_what_its_sender_says(head: bytes, said: str, name: str, mime: str) -> None:
    assert mimes.decide(head, said, name) == mime


def test_the_small_picture_is_upright_small_and_without_metadata() -> None:
    found = small.small_png(turned("red", orientation=6), "image/jpeg")
    with Image.open(io.BytesIO(found)) as picture:
        assert (picture.format, picture.size) == ("PNG", (20, 40))
        assert not picture.getexif()
    with Image.open(io.BytesIO(small.small_png(_png(4_000, 900), "image/png"))) as picture:
        assert picture.width == 320


def test_what_cannot_be_read_has_no_small_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = jpeg()
    for content in (b"", b"\xff\xd8\xff", whole[:40], whole[:-300], b"\x89PNG\r\n\x1a\n" + bytes(40)):
        assert small.small_png(content, mimes.sniff(content)) == b""
    assert small.small_png(b"%PDF-1.7", "application/pdf") == b""
    monkeypatch.setattr(small, "MOST_PIXELS", 100)
    assert small.small_png(whole, "image/jpeg") == b""


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (10, 20, 30, 128)).save(out, "PNG")
    return out.getvalue()
