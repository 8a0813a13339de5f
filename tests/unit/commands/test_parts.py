"""Every part `doctor` looks at has a word for people."""

from __future__ import annotations

import re

from tests.support.source import ROOT
from workstation.commands.parts import PARTS, spoken

LOOKING = ("app/examine.py", "app/examine_system.py", "store/health.py", "commands/session.py")


def test_every_part_has_a_word() -> None:
    text = "".join((ROOT / "workstation" / name).read_text(encoding="utf-8") for name in LOOKING)
    assert set(re.findall(r'(?:Finding|_problem)\("([^"]+)"', text)) == set(PARTS)


def test_a_server_keeps_its_name() -> None:
    assert spoken("imap mail.example.com") == "imap mail.example.com"
    assert spoken("hub clock") == "hub clock"
