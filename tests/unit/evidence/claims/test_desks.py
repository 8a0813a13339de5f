"""Desks as data: what ships is what was read, and a file from a stranger is refused with what is wrong in it."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest

from tests.support.claims import RULES
from tests.support.source import ROOT
from workstation.evidence.claims import shown
from workstation.evidence.claims.desks import PUBLISHED, Desks, read
from workstation.evidence.claims.model import Need
from workstation.kernel import i18n
from workstation.kernel.errors import InputError
from workstation.kernel.paths import resources

SHIPPED = resources() / "claims"


def test_all_twelve_desks_are_there_and_none_else() -> None:
    assert {desk.id for desk in Desks(SHIPPED)} == set(RULES)


@pytest.mark.parametrize(("desk", "limit", "value"), [
    ("ebay", "total_bytes", 1_750_000), ("ebay", "files", 5), ("ebay", "text_characters", 1_000),
    ("paypal", "file_bytes", 10_000_000), ("paypal", "total_bytes", 50_000_000),
    ("stripe", "file_bytes", 5_000_000), ("stripe", "text_characters", 150_000), ("stripe", "total_bytes", None),
    ("mastercard", "name_characters", 16), ("mastercard", "total_bytes", 18_000_000),
    ("mastercard", "advised_bytes", 14_500_000), ("mastercard", "dpi", 300), ("mastercard", "pixels", 30_000_000),
    ("amex", "files", 5), ("amex", "file_bytes", 5_000_000), ("amex", "total_bytes", 25_000_000),
    ("discover", "pages", 20), ("discover", "total_bytes", 3_000_000), ("visa_13_1", "total_bytes", 2_000_000),
    ("shopee", "file_bytes", 10_000_000), ("shopee", "video_bytes", 30_000_000), ("shopee", "video_seconds", 60),
    ("tiktok_shop", "file_bytes", None), ("shopify_payments", "files", None),
    ("amazon_a_to_z", "total_bytes", 10_000_000),
])
def test_a_limit_is_what_the_desk_publishes(desk: str, limit: str, value: int | None) -> None:
    assert getattr(Desks(SHIPPED).get(desk).limits.limits(), limit) == value


@pytest.mark.parametrize(("desk", "said"), [
    ("amazon_a_to_z", "48 hours (older stores, Australia) · 72 hours (newer stores, United States) · appeal: 30 days"),
    ("ebay", "5 days"), ("visa_13_1", "18 to 30 days, sources differ"), ("stripe", "the dispute's due_by"),
    ("tiktok_shop", "appeal: 21 days (United States) · appeal: 7 days (Thailand, Vietnam)"),
    ("shopee", "3 days (refund only)"), ("mastercard", "time to answer not published"),
])
def test_the_clock_is_said(desk: str, said: str) -> None:
    assert shown.desk(Desks(SHIPPED).get(desk)).clock == said


def test_what_is_not_published_is_said_and_not_invented() -> None:
    lines = shown.desk(Desks(SHIPPED).get("tiktok_shop")).limit_lines
    assert [line for line in lines if "not published" in line] == list(lines)
    assert len(lines) == len(PUBLISHED)


def test_every_desk_has_sources_and_asks_for_something() -> None:
    for part in Desks(SHIPPED):
        desk = shown.desk(part)
        assert part.sources
        for reason in desk.reasons:
            assert any(slot.need is Need.REQUIRED for slot in reason.slots), (desk.id, reason.id)


def test_a_desk_speaks_the_language_of_whoever_asks() -> None:
    part = Desks(SHIPPED).get("shopee")
    with i18n.speaking("zh_CN"):
        assert shown.desk(part).title == "虾皮 Shopee"
    assert shown.desk(part).title == "Shopee"


async def test_another_task_keeps_its_own_language() -> None:
    part = Desks(SHIPPED).get("shopee")
    with i18n.speaking("zh_CN"):
        asked = asyncio.ensure_future(_title(part))
        assert await asked == "虾皮 Shopee"
    assert await _title(part) == "Shopee"


async def _title(part: object) -> str:
    return str(part.title)  # type: ignore[attr-defined]


GOOD = """
version = 1
id = "mine"
title = { en = "Mine", zh = "我的" }
sources = ["its page"]
[limits]
not_found = ["formats", "file_bytes", "total_bytes", "files", "pages"]
[[reason]]
id = "a"
title = { en = "A", zh = "甲" }
required = ["receipt"]
"""


def _written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


def test_a_small_file_is_a_desk(tmp_path: Path) -> None:
    assert read(_written(tmp_path, GOOD)).id == "mine"


def test_the_example_of_the_manual_is_a_desk(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "claims-desks.md").read_text(encoding="utf-8")
    desk = shown.desk(read(_written(tmp_path, manual.split("```toml\n")[1].split("```")[0], "my_desk.toml")))
    assert (desk.limits.files, desk.limits.takes) == (3, ("picture",))


@pytest.mark.parametrize("text", [
    "", "version = 1", "\udcff\udcfe", "[[" * 5_000, "a = " + "[" * 3_000 + "]" * 3_000,
    GOOD.replace("version = 1", "version = 2"),
    GOOD.replace('id = "mine"', 'id = "other"'),
    GOOD.replace('id = "mine"', 'id = "../mine"'),
    GOOD.replace('"receipt"', '"no_such_proof"'),
    GOOD.replace('["receipt"]', '["receipt", "receipt"]'),
    GOOD.replace('"files", ', ""),
    GOOD.replace("[limits]", "[limits]\nfiles = 3"),
    GOOD.replace("[limits]", "[limits]\nwhatever = 3"),
    GOOD.replace("[limits]", "[limits]\ndpi = 5"),
    GOOD.replace("[limits]", '[limits]\ndpi = "300"'),
    GOOD.replace('en = "Mine"', 'en = "Mi\\u202ene"'),
    GOOD.replace('en = "Mine"', 'en = "' + "x" * 401 + '"'),
    GOOD.replace('sources = ["its page"]', "sources = []"),
    GOOD + GOOD[GOOD.index("[[reason]]"):],
    GOOD + '\n[[text]]\nid = "t"\ntitle = { en = "T", zh = "T" }\nfill = ["password"]\n',
    GOOD + '\n[[text]]\nid = "t"\ntitle = { en = "T", zh = "T" }\nreasons = ["b"]\n',
    GOOD + '\n[[clock]]\nhours = 3\ndays = 3\n',
    GOOD + "#" * 70_000,
])
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"mine\.toml"):
        read(_written(tmp_path, text))


def test_ones_own_desk_joins_and_a_bad_one_is_told_not_obeyed(tmp_path: Path) -> None:
    _written(tmp_path, GOOD)
    _written(tmp_path, "nonsense", "broken.toml")
    desks = Desks(SHIPPED, tmp_path)
    assert desks.get("mine").title.en == "Mine"
    assert len(desks.problems) == 1
    assert "broken.toml" in desks.problems[0]


def test_ones_own_desk_may_stand_in_for_a_shipped_one(tmp_path: Path) -> None:
    _written(tmp_path, GOOD.replace('id = "mine"', 'id = "stripe"'), "stripe.toml")
    assert Desks(SHIPPED, tmp_path).get("stripe").title.en == "Mine"


def test_an_unknown_desk_and_reason_are_named() -> None:
    with pytest.raises(InputError, match="nowhere"):
        Desks(SHIPPED).get("nowhere")
    with pytest.raises(InputError, match="PROOF_OF_DELIVERY"):
        Desks(SHIPPED).get("ebay").wanted("nothing")


def test_no_file_names_a_proof_twice_in_toml() -> None:
    for path in SHIPPED.glob("*.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["id"] == path.stem
