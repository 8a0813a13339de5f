"""The Chinese interface is complete: every text of the source, no guess, the same placeholders, compiled as written."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest
from babel.messages.catalog import Message

from tests.support.source import ROOT


@pytest.fixture(scope="module")
def catalogue() -> ModuleType:
    """The tool that keeps the catalogue."""
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / ".ci" / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def test_the_chinese_catalogue_is_complete(catalogue: ModuleType) -> None:
    found = list(catalogue.problems())
    assert found[:10] == [], f"{len(found)} in all; python .ci/catalogue.py --check lists them"


@pytest.mark.parametrize(("message", "fault"), [
    (Message("Sent", ""), "no translation"),
    (Message("Sent", "已发送", flags=["fuzzy"]), "fuzzy"),
    (Message("{n} sent", "已发送"), "placeholders"),
    (Message("{n} sent", "已发送 {m} 封"), "placeholders"),
    (Message(("{n} mail", "{n} mails"), ("",)), "no translation"),
])
def test_each_fault_is_seen(catalogue: ModuleType, message: Message, fault: str) -> None:
    assert fault in " ".join(catalogue._faults(message))


def test_a_good_translation_passes(catalogue: ModuleType) -> None:
    assert list(catalogue._faults(Message(("{n} mail", "{n} mails"), ("{n} 封邮件",)))) == []
