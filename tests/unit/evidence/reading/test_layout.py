"""Boxes as rows, what was not read, and the numbers in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from workstation.evidence.model import Rect
from workstation.evidence.reading import layout, power
from workstation.evidence.reading.model import FoundNumber, Line, unread


def line(x: int, y: int, text: str, width: int = 100, height: int = 20) -> Line:
    return Line(Rect(x, y, width, height), text, 0.9)


def test_what_stands_beside_each_other_is_one_row() -> None:
    table = [line(200, 12, "702-5512873-9046218"), line(10, 10, "Order"), line(10, 40, "Placed"),
             line(200, 38, "1 Nov"), line(10, 70, "", 300)]
    assert layout.rows(table) == "Order  702-5512873-9046218\nPlaced  1 Nov"


def test_lines_that_lie_over_each_other_are_rows_of_their_own() -> None:
    assert layout.rows([line(10, 10, "one"), line(12, 18, "two")]) == "one\ntwo"
    assert layout.rows([]) == ""


def test_boxes_that_reach_a_little_into_each_other_are_still_one_row() -> None:
    assert layout.rows([line(10, 10, "Total"), line(105, 10, "24.90")]) == "Total  24.90"


def test_a_text_has_its_bounds() -> None:
    many = [line(10, 30 * n, "x" * 900) for n in range(300)]
    assert len(layout.rows(many)) == layout.MOST_TEXT
    assert len(layout.numbers(" ".join(f"#{n}" for n in range(1_000, 1_200)))) == layout.MOST_NUMBERS


def test_signs_are_not_counted_as_lines_that_were_not_read() -> None:
    assert layout.unread([line(0, 0, "", 22, 20), line(0, 0, "", 90, 20), line(0, 0, "read")]) == 1
    assert unread(0) == ""
    assert unread(2) == "2 lines could not be read."


@pytest.mark.parametrize(("text", "expected"), [
    ("παγελα δεν φτε", True), ("5 Ω", False), ("α and β of the test", False), ("订单", False), ("", False)])
def test_greek_words_are_doubtful_and_greek_signs_are_not(text: str, expected: bool) -> None:
    assert layout.doubtful(text) is expected


def test_numbers_are_found_by_the_rules_for_buyers_words() -> None:
    found = layout.numbers("订单号702-5512873-9046218 已发货 LX473124829CN LX473124828CN #1042")
    assert found == (FoundNumber("order", "702-5512873-9046218", "amazon"), FoundNumber("order", "#1042", "shopify"),
                     FoundNumber("tracking", "LX473124829CN"))


@pytest.mark.parametrize(("supplies", "expected"), [
    ({}, False), ({"BAT0": {"type": "Battery", "status": "Discharging"}}, True),
    ({"BAT0": {"type": "Battery", "status": "Discharging"}, "AC": {"type": "Mains", "online": "1"}}, False),
    ({"BAT0": {"type": "Battery", "status": "Charging"}}, False),
    ({"mouse": {"type": "Battery", "scope": "Device", "status": "Discharging"}}, False)])
def test_the_battery_is_told_where_the_kernel_says_it(
    tmp_path: Path, supplies: dict[str, dict[str, str]], expected: bool
) -> None:
    for name, facts in supplies.items():
        (tmp_path / name).mkdir()
        for fact, value in facts.items():
            (tmp_path / name / fact).write_text(f"{value}\n")
    assert power.on_battery(tmp_path) is expected
    assert power.on_battery(tmp_path / "none") is False
