"""A photo with a name on it is redacted by command; what leaves the house holds nothing of the name."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from PIL import Image

from tests.support.cli import opened, prepared

BOX = (40, 30, 120, 20)
SECRET = b"GPS-of-Ana-Souza"


def photo() -> bytes:
    """As a telephone makes one: lying, with its place, a small preview, and the address on the parcel."""
    image = Image.effect_noise((200, 300), 60).convert("RGB").rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 8                   # to be turned left, that is 200 wide and 300 high
    exif[0x010E] = SECRET.decode()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, exif=exif, comment=SECRET)
    return out.getvalue()


async def test_a_photo_is_redacted_by_command_and_packed_alone(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    content = photo()
    (tmp_path / "Ana Souza.jpg").write_bytes(content)
    async with opened(cli) as running:
        original = await running.core.evidence.keep_file("case-1", tmp_path / "Ana Souza.jpg")
    box = ",".join(map(str, BOX))
    copy = cli("evidence", "redact", original.id, "--rect", box, "--purpose", "claim", "--json").json
    assert (copy["width"], copy["height"], copy["derived_from"]) == (200, 300, original.id)
    assert copy["operations"] == ["orient 8", "redact 40,30,120,20"]
    assert "does not lie in the picture" in cli.refused("evidence", "redact", original.id, "--rect", "150,0,60,5")
    async with opened(cli) as running:
        evidence = running.core.evidence
        pack = await evidence.export(tmp_path / "alone.zip", record_ids=[copy["id"]])
        assert (await evidence.verify()).findings == ()
        assert (await evidence.verify(pack)).findings == ()
        assert await evidence.open(original.id) == content
        assert await evidence.thumbnail(copy["id"])
    with zipfile.ZipFile(pack) as archive:
        everything = {name: archive.read(name) for name in archive.namelist()}
    for part in everything.values():
        for said in (SECRET, b"Ana Souza", b"ExifIFD", b"Exif\0\0"):
            assert said not in part
    (png,) = [part for name, part in everything.items() if name.endswith(".png")]
    with Image.open(io.BytesIO(content)) as lying, Image.open(io.BytesIO(png)) as shown:
        upright = lying.transpose(Image.Transpose.ROTATE_90)
        expected = upright.convert("RGBA")
        expected.paste("black", (40, 30, 160, 50))
        assert shown.info == {}
        assert shown.convert("RGBA").tobytes() == expected.tobytes()
    (envelope,) = [json.loads(part) for name, part in everything.items() if copy["id"] in name and "records" in name]
    assert set(envelope) == {"payload", "payloadType", "signatures"}
