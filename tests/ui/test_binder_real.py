"""The binder's window over the real binder, store and press: a case becomes eBay's form and the full pack beside it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.claims import Known, Sheets, letters, photo
from tests.support.evidence import CASE, KEY, NOW, PaintedScreen
from tests.support.fakecase import QUIET_PLATFORM, case_core, case_world
from tests.support.fakecore import World, make_row
from tests.support.fresh import fresh
from tests.support.secrets import MemorySecrets
from ui.binder.view import BinderWindow
from ui.bridge import Bridge
from workstation.domain.states import Channel
from workstation.evidence.claims.binder import BinderService
from workstation.evidence.claims.desks import Desks
from workstation.evidence.claims.model import CORRESPONDENCE
from workstation.evidence.model import CaptureRequest
from workstation.evidence.service import EvidenceService
from workstation.kernel.clock import FixedClock
from workstation.kernel.paths import resources
from workstation.runtime.thread import CoreThread
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database

pytestmark = QUIET_PLATFORM


@pytest.fixture
def world() -> World:
    world = case_world()
    world.rows = [make_row(0, id=CASE, who="Ana Souza", subject="Where is it?", channel=Channel.EBAY, issue="late")]
    return world


@pytest.fixture
def real(
    lonely_bridge: Bridge, core_thread: CoreThread, world: World, tmp_path: Path,
) -> Iterator[EvidenceService]:
    """The two services that a binder needs are the product's own; what is around them is in memory."""
    fresh(tmp_path / "workstation.db", KEY)
    database = Database(tmp_path / "workstation.db", KEY, world.bus.publish)
    clock = FixedClock(NOW)
    evidence = EvidenceService(
        database, BlobFiles(tmp_path / "blobs"), MemorySecrets(), clock, PaintedScreen(), "device-1", "0.1.0")
    binder = BinderService(
        database, clock, lambda: Desks(resources() / "claims"), Known(said=letters(2)), evidence, Sheets(),
        lambda _connection, case_id: (case_id,))
    core, _drafts, _translation = case_core(world)
    lonely_bridge.attach(replace(core, evidence=evidence, binder=binder), core_thread)
    yield evidence
    database.close()


def test_a_case_becomes_a_form_and_a_pack(
    real: EvidenceService, lonely_bridge: Bridge, core_thread: CoreThread, tmp_path: Path, qtbot: QtBot,
) -> None:
    core_thread.run(real.capture(CaptureRequest(CASE, purpose="delivery page of the carrier")))
    picture = tmp_path / "box.jpg"
    picture.write_bytes(photo(900, 700, noisy=False))
    window = BinderWindow(lonely_bridge, CASE, clock=FixedClock(NOW))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    model, rows = window.pane.model, window.pane.list
    qtbot.waitUntil(lambda: model.rowCount() == 2 and window.page.filled)
    assert window.page.bar.desks.currentData() == "ebay"
    assert window.page.bar.reasons.currentData() == "PROOF_OF_DELIVERY"
    delivery = window.page.meter.line("proof_of_delivery")
    assert delivery is not None
    assert delivery.text == "! Proof of delivery: What is there was not captured from a real screen."

    window.adding.files([picture])
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    added = next(row.id for row in model.rows if row.title.startswith("box"))
    window.presenter.caption(added, "箱子：左下角破损")
    window.presenter.drop((added,), 0)
    qtbot.waitUntil(lambda: window.presenter.can_undo)
    assert model.rows[0].id == added
    window.presenter.undo()
    qtbot.waitUntil(lambda: model.rows[0].id != added)
    window.presenter.redo()
    qtbot.waitUntil(lambda: model.rows[0].id == added and not window.presenter._waiting)
    rows.choose(CORRESPONDENCE)
    window.presenter.toggle((CORRESPONDENCE,))
    qtbot.waitUntil(lambda: not model.rows[model.position(CORRESPONDENCE)].included)
    qtbot.waitUntil(lambda: window.presenter.can_undo)

    window.presenter.compile(tmp_path / "out.zip")
    qtbot.waitUntil(lambda: window.right.currentWidget() is window.sheet, timeout=20_000)
    report = window.sheet.report
    assert report is not None
    with zipfile.ZipFile(report.path) as pack:
        inside = {name.rpartition("/")[2] for name in pack.namelist()}
    assert {file.name for file in report.files} <= inside
    assert report.pack is not None
    assert zipfile.is_zipfile(report.pack)
    said = "\n".join(window.sheet.lines)
    assert all(file.name in said for file in report.files)
    assert "Made of exhibit 1, " in said
    assert "box.jpg" in said

    again = BinderWindow(lonely_bridge, CASE, clock=FixedClock(NOW))
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: again.pane.model.rowCount() == 3)
    assert again.pane.model.rows[0].caption == "箱子：左下角破损"
    assert not again.page.bar._proposed.isVisibleTo(again), "the desk was chosen with the first edit"
