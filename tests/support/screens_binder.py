"""The binder's window as a person meets it: a case, without a desk, empty, its chooser, and a pack that was made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from tests.support.fakebinder import EXHIBITS, LETTERS, FakeBinder, PicturedEvidence
from tests.support.fakecore import NOW
from tests.support.stage import Stage
from ui.binder.view import BinderWindow
from workstation.evidence.claims.model import Claim, Exhibit, Translation
from workstation.kernel.clock import FixedClock

EBAY = "ebay", "PROOF_OF_DELIVERY"


def shown(stage: Stage, exhibits: tuple[Exhibit, ...] = EXHIBITS, choice: tuple[str, str] = EBAY) -> BinderWindow:
    """The binder of the Portuguese case, read."""
    binder = FakeBinder(stage.world, list(exhibits), choice=choice)
    stage.parts = lambda world: {"binder": binder, "evidence": PicturedEvidence(world)}
    stage.attach()
    window = BinderWindow(stage.bridge, "pt", clock=FixedClock(NOW))
    window.resize(*(min(a, b) for a, b in zip(stage.size, (1_180, 760), strict=True)))
    stage.show(window)
    stage.until(lambda: window.presenter.loaded is not None and window.page.filled)
    asked = {one.record_id for one in exhibits if one.mime.startswith("image/")}
    stage.until(lambda: asked <= set(window.pane.model.pictured) or window.pane.model.rowCount() > 20)
    window.pane.list.setFocus()
    return window


def binder(stage: Stage) -> QWidget:
    return shown(stage)


def claimed(stage: Stage) -> QWidget:
    """The claim came in three days ago; a desk of one's own cannot be read."""
    window = shown(stage)
    core = stage.parts(stage.world)["binder"]
    core.problems = (("The claims desk in temu.toml cannot be used: limits: files: give its value, or name it in "
                     "not_found, and not both. It lies in /home/ana/.local/share/workstation/claims. Correct the file; "
                     "docs/claims-desks.md says how it is written."),)
    core.claims_at = {"ebay": Claim("2026-11-18", "5012345678")}
    window.presenter.reload()
    stage.until(lambda: bool(window.page.claim.reference.text()))
    window.page.claim.opened.setFocus()
    return window


def proposed(stage: Stage) -> QWidget:
    """Nobody chose a desk yet; the channel says which it may be."""
    return shown(stage, choice=("", ""))


def empty(stage: Stage) -> QWidget:
    return shown(stage, (LETTERS,))


def keeping(stage: Stage) -> QWidget:
    """The attachments of the conversation, one of them kept."""
    window = shown(stage)
    window.keep()
    dialog = window.keeping
    assert dialog is not None
    stage.until(lambda: dialog.model.rowCount() == 2)
    return dialog


def compiled(stage: Stage) -> QWidget:
    window = shown(stage)
    window.presenter.compile(Path("/home/ana/ebay-2026-11-21.zip"))
    stage.until(lambda: window.right.currentWidget() is window.sheet)
    return window


def translating(stage: Stage) -> QWidget:
    """A machine translated an exhibit, and nobody went over it."""
    window = shown(stage)
    machine = Translation("en", "Outside of the box: the lower left corner is torn.", "firefox")
    window.translate(replace(EXHIBITS[1], language="zh", translation=machine))
    assert window.translation is not None
    return window.translation


BINDER: dict[str, Callable[[Stage], QWidget]] = {
    "binder": binder, "binder-claim": claimed, "binder-proposed": proposed, "binder-empty": empty,
    "binder-keeping": keeping, "binder-compiled": compiled, "binder-translating": translating,
}
