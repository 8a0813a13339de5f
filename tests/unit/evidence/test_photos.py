"""Photos of phones and scanners are looked at, marked and compared as any other; a hostile one is named."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.support.evidence import CASE, Bench
from tests.support.heic import heic
from workstation.evidence import photos
from workstation.evidence.claims.press import Press
from workstation.evidence.model import DeriveRequest, Rect, Redact
from workstation.evidence.photos import Photos
from workstation.kernel.errors import InputError


def _photo() -> bytes:
    image = Image.new("RGB", (96, 64), (200, 30, 30))
    ImageDraw.Draw(image).rectangle((48, 0, 96, 32), fill=(20, 190, 20))
    return heic(image, turned=1, orientation=8)


async def test_a_phones_photo_is_seen_upright_and_a_redacted_copy_says_who_decoded_it(
    made: Bench, tmp_path: Path
) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(_photo())
    kept = await made.service.keep_file(CASE, tmp_path / "IMG_1.HEIC")
    assert kept.mime == "image/heic"
    seen = await made.service.look(kept.id)
    assert seen.picture is not None
    assert (seen.picture.width, seen.picture.height, seen.trouble) == (64, 96, "")
    assert seen.picture.rgba[1] > 2 * seen.picture.rgba[0]      # the green corner is at the upper left now
    copy = await made.service.derive(DeriveRequest(kept.id, (Redact(Rect(0, 0, 10, 10)),)))
    assert b"libheif" in (await made.service.details(copy.id)).statement
    assert (await made.service.compare(kept.id, copy.id)).exact is True
    assert await made.service.open(kept.id) == _photo()
    assert (await made.service.verify()).intact


@pytest.mark.parametrize("damage", [_photo()[:500], _photo()[:300] + b"\xff" * 900])
async def test_a_hostile_photo_is_named_and_nothing_else_happens(made: Bench, tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(damage)
    kept = await made.service.keep_file(CASE, tmp_path / "IMG_1.HEIC")
    seen = await made.service.look(kept.id)
    assert (seen.picture, seen.trouble.startswith("The photo cannot be shown: ")) == (None, True)


async def test_beside_a_message_it_is_small_and_other_files_stay_as_they_are() -> None:
    shown = await Photos().small(_photo(), side=48)
    with Image.open(io.BytesIO(shown)) as image:
        assert (image.format, image.size) == ("JPEG", (32, 48))
    assert await Photos().small(b"\x89PNG\r\n\x1a\n...") == b"\x89PNG\r\n\x1a\n..."
    assert not photos.foreign(b"")


async def test_what_hangs_is_ended_and_said() -> None:
    slow = Press(0.05, ["sleep", "60"])
    with pytest.raises(InputError, match="too long"):
        await Photos(lambda: slow).small(_photo())
