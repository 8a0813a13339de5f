"""The readable page of a pack repeats what strangers wrote: as text, not as markup and not as a formula."""

from __future__ import annotations

from workstation.evidence.report import Line, html

NOW = 1_795_200_000_000


def test_nothing_in_the_page_is_markup_or_a_formula() -> None:
    private = {"purpose": '=HYPERLINK("http://e.example")', "url": "<b>x"}
    line = Line({"id": "r1", "kind": "capture"}, "hash", private, "")
    page = html(NOW, [line], "@key").decode()
    assert "<code>&#x27;=HYPERLINK(&quot;http://e.example&quot;)</code>" in page
    assert "<code>&#x27;@key</code>" in page
    assert "<code>&lt;b&gt;x</code>" in page
