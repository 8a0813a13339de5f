"""Both guides list every action with its keys, as the table of actions has them; nobody keeps that by hand."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.support.source import ROOT
from ui.shell.action_table import TABLE

ENGLISH, CHINESE = "docs/user-guide.md", "docs/zh/user-guide.md"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """What writes the tables."""
    spec = importlib.util.spec_from_file_location("keys", ROOT / ".ci" / "keys.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_guide_lists_every_action_with_its_keys(tool: ModuleType) -> None:
    assert list(tool.differences(ENGLISH)) == [], "python .ci/keys.py --write brings it up to date"


def test_the_chinese_guide_lists_the_same_keys_in_the_same_order(tool: ModuleType) -> None:
    """Only the keys: a word that is translated later is written anew by the tool, together with the catalogue."""
    text = (ROOT / CHINESE).read_text(encoding="utf-8")
    _begin, there = tool.written(text, tool.GUIDES[CHINESE][0])
    assert [line.split("|")[3] for line in there] == [line.split("|")[3] for line in tool.table(CHINESE)], (
        "python .ci/keys.py --write brings it up to date")


def test_a_line_that_differs_is_named(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = TABLE[0]
    monkeypatch.setattr(tool, "TABLE", (type(spec)(spec.id, spec.text, ("Ctrl+F12", "G, Q")), *TABLE[1:]))
    found = list(tool.differences(ENGLISH))
    assert len(found) == 2
    assert "`Ctrl+F12` or `G` `Q`" in found[0]
    assert "`G` `I`" in found[1]
