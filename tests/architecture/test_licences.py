"""The licence gate can shut, and is open for what is bundled today."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.support.source import ROOT


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    """The gate's tool."""
    spec = importlib.util.spec_from_file_location("licences", ROOT / ".ci" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


@pytest.mark.parametrize(("text", "verdict"), [
    ("MIT", ""), ("Apache-2.0 OR BSD-3-Clause", ""), ("LGPL-3.0-only OR GPL-2.0-only", ""), ("MIT OR GPL-3.0", ""),
    ("GNU Lesser General Public License v2 or later (LGPLv2+)", ""),
    ("AGPL-3.0-or-later", "GPL or AGPL"), ("GNU General Public License v3 (GPLv3)", "GPL or AGPL"),
    ("MIT AND GPL-2.0-only", "GPL or AGPL"), ("GNU Affero General Public License v3", "GPL or AGPL"),
    ("", "unknown licence"), ("Proprietary", "unknown licence"),
])
def test_licences_are_judged(gate: ModuleType, text: str, verdict: str) -> None:
    assert gate.judge(text) == verdict


def test_everything_bundled_may_be(gate: ModuleType) -> None:
    bundled = gate.closure()
    assert {"pyside6-essentials", "sqlcipher3", "argos-translate-lt", "starlette"} <= bundled.keys()
    assert "minisbd" not in bundled
    assert {name: gate.licence(name) for name in bundled if gate.judge(gate.licence(name))} == {}


def test_without_the_exclusion_the_gate_shuts(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "not_bundled", set)
    refused = [name for name in gate.closure() if gate.judge(gate.licence(name))]
    assert refused == ["minisbd"]
