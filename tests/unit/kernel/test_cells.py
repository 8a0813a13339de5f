"""No text of a stranger becomes a formula in a table of ours."""

from __future__ import annotations

import pytest

from workstation.kernel.cells import plain_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://evil.example")'])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert plain_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "702-1234567-1234567", "a=b", " =1", "12.50", "'=1", "包裹"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert plain_cell(text) == text
