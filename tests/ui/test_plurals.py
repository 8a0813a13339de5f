"""A number that varies is never put before a plural by hand: "1 files" is nobody's language."""

from __future__ import annotations

import ast

import pytest

from tests.support.plurals import hand_built_plurals
from tests.support.source import Source, sources


def test_the_product_counts_through_ngettext() -> None:
    every = [*sources("ui"), *sources("workstation")]
    found = [where for source in every for where in hand_built_plurals(source)]
    assert found == []


@pytest.mark.parametrize(("text", "seen"), [
    ("_('{n} files').format(n=len(found))", 1), ("_('{n} more rows').format(n=rest)", 1),
    ("_('All {count} mails are read.').format(count=x.count)", 1),
    ("_('At least {n} characters').format(n=SHORTEST)", 0), ("_('{n} new').format(n=3)", 0),
    ("ngettext('{n} file', '{n} files', n).format(n=n)", 0), ("_('{name} leaves').format(name=who)", 0),
])
def test_hand_built_plurals_are_seen(text: str, seen: int) -> None:
    assert len(list(hand_built_plurals(Source("ui/x.py", text, ast.parse(text))))) == seen
