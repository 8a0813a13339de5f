"""Answers of programs as people read them: names and values as they are, lists as tables, nothing left out."""

from __future__ import annotations

import json

import pytest

from workstation.evidence.claims import fields, pages

EVENTS = [{"time": "2026-11-08", "what": "Handed over <b>", "place": "Guangzhou"},
          {"time": "2026-11-05", "what": "Left"}]


def test_an_answer_is_fields_and_its_list_a_table() -> None:
    made = fields.answer({"number": "LX47", "paid": True, "tag": "", "track": {"events": EVENTS}, "tags": ["a", 1]})
    assert "<b>number</b>: LX47" in made
    assert "<b>paid</b>: true" in made
    assert "<b>tag</b>: –" in made
    assert "<b>tags</b>: a, 1" in made
    assert '<th align="left">time</th><th align="left">what</th><th align="left">place</th>' in made
    assert "<td>2026-11-05</td><td>Left</td><td>–</td>" in made
    assert "Handed over &lt;b&gt;" in made


def test_what_is_too_deep_stays_as_it_came() -> None:
    deep: object = "end"
    for _level in range(fields.MOST_DEEP + 2):
        deep = {"in": [deep, {}]}
    with pytest.raises(fields.Unreadable):
        fields.answer(deep)
    assert "&quot;in&quot;: [" in pages.document("Answer", [], "application/json", json.dumps(deep).encode())
    assert "not json" in pages.document("Answer", [], "application/json", b"not json")


def test_rows_are_a_table_or_where_they_are_wide_one_field_below_the_other() -> None:
    narrow = pages.document("Orders", [], "text/csv", b"order,total\n702-55,\"12,50\"\n")
    assert "<td>702-55</td><td>12,50</td>" in narrow
    names = [f"field {n}" for n in range(12)]
    wide = pages.document("Orders", [], "text/tab-separated-values", f"{'	'.join(names)}\na\tb\n".encode())
    assert "<b>field 1</b>: b" in wide
    assert "<b>field 11</b>: –" in wide
    assert "<p dir=\"ltr\">only a line</p>" in pages.document("Orders", [], "text/csv", b"only a line\n")


def test_numbers_beside_arabic_are_held_together() -> None:
    assert fields.held("رقم الطلب 702-5512873 #1073") == "رقم الطلب \u2066702-5512873\u2069 \u2066#1073\u2069"
    assert fields.held("Order 702-5512873") == "Order 702-5512873"
