"""The check of a pack: nothing wrong, something wrong, no pack at all, and while it is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from tests.support.fakecore_rest import FakeEvidence
from tests.support.stage import Stage
from ui.evidence.checking import CheckDialog
from workstation.evidence.model import Finding, Part, State, VerifyReport
from workstation.evidence.verify import PARTS
from workstation.kernel.errors import InputError

_SAID = {
    "bag": "Every file is listed, and no other is: all SHA-256 and SHA-512 sums hold.",
    "signatures": "5 records are exactly as key bba22922657dbfb8 signed them.",
    "hashes": "3 files are byte for byte the ones that were sealed.",
    "chain": "Records that follow each other name each other: none of them was moved or put between.",
}
_ONLY = {"time": "When it happened: device time only. No time-stamp authority vouches for the device's clock."}
_WRONG = Finding("data/files/000001-01a20323-0f4a-76fa-b33d-227d0af30e83.png",
                 "the file is not the one that was sealed (its SHA-256 differs)", "hashes")


def _report(*findings: Finding) -> VerifyReport:
    return VerifyReport(5, 3, findings, parts=tuple(_part(name, title, findings) for name, title in PARTS.items()))


def _part(name: str, title: str, findings: tuple[Finding, ...]) -> Part:
    wrong = tuple(finding for finding in findings if finding.part == name)
    proved = () if wrong or name not in _SAID else (_SAID[name],)
    claimed = (_ONLY[name],) if name in _ONLY else ()
    state = State.WRONG if wrong else State.CLAIMED if claimed else State.PROVED if proved else State.ABSENT
    return Part(name, title, state, proved, claimed, wrong)


def shown(answer: VerifyReport | InputError | None) -> Callable[[Stage], QWidget]:
    """The dialog over a core that answers so; None: not yet."""

    async def verify(_self: object, _pack: Path | None = None) -> VerifyReport:
        if answer is None:
            await asyncio.Event().wait()
        if not isinstance(answer, VerifyReport):
            raise answer or InputError("", "")
        return answer

    def show(stage: Stage) -> QWidget:
        checking = type("Checking", (FakeEvidence,), {"verify": verify})
        stage.parts = lambda world: {"evidence": checking(world)}
        stage.attach()
        dialog = stage.show(CheckDialog(stage.bridge, Path("Ana Souza.zip")))
        if answer is not None:
            stage.until(lambda: "Checking" not in dialog.area.accessibleDescription())
        return dialog

    return show


CHECK: dict[str, Callable[[Stage], QWidget]] = {
    "check-intact": shown(_report()), "check-wrong": shown(_report(_WRONG)),
    "check-no-pack": shown(InputError("The pack cannot be read: it is not a complete zip file.",
                                      "Ask for the pack again, or give another file.")),
    "check-under-way": shown(None),
}
