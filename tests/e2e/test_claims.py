"""Claims desks on the command line: what they want, what a case lacks, and the form."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from PIL import Image

from tests.support.claims import RULES, outside
from tests.support.cli import opened, prepared


async def test_a_case_goes_to_a_desk_by_commands(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    picture = io.BytesIO()
    Image.effect_noise((900, 700), 90).convert("RGB").save(picture, "PNG")
    (tmp_path / "damage.png").write_bytes(picture.getvalue())
    async with opened(cli) as running:
        kept = await running.core.evidence.keep_file("case-1", tmp_path / "damage.png")
    desks = cli("evidence", "desks", "--json").json
    assert {desk["id"] for desk in desks} == set(RULES)
    asked = ("evidence", "binder", "--case", "case-1", "--desk", "tiktok_shop", "--reason")
    assert "✓ Close-up of the damage (required): 1 exhibit" in cli(*asked, "damaged").out
    lacking = cli(*asked, "not_received", "--json", code=1).json
    assert lacking["complete"] is False
    assert [one["record_id"] for one in lacking["exhibits"]] == [kept.id]
    claim = ("evidence", "claims", "--case", "case-1", "--desk", "ebay")
    assert cli(*claim, "--opened", "2026-11-20", "--reference", "77").out.split()[0] == "2026-11-25"
    assert "is not a date" in cli.refused(*claim, "--due", "soon")
    form = ("evidence", "export", "--case", "case-1", "--desk", "ebay", "--out", tmp_path / "form.zip")
    done = cli(*form, "--json").json
    assert [file["record_ids"] for file in done["files"]] == [[kept.id]]
    with zipfile.ZipFile(tmp_path / "form.zip") as archive:
        archive.extractall(tmp_path / "form")
    assert outside("ebay", tmp_path / "form" / "files") == []
    assert "exists already" in cli.refused(*form)
    async with opened(cli) as running:
        assert (await running.core.evidence.verify()).intact
        assert (await running.core.evidence.verify(tmp_path / "form-evidence.zip")).intact
