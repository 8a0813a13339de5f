"""Every screen and dialog of the window, each as a person meets it.

The tests of names and order, of room and of colours walk through `SCREENS`; so does whoever wants to look at them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from tests.support.fakecore import NOW
from tests.support.first_run import PASSPHRASE
from tests.support.screens_binder import BINDER
from tests.support.screens_check import CHECK
from tests.support.screens_desk import DESK
from tests.support.screens_exhibits import EXHIBITS
from tests.support.screens_playbook import PLAYBOOK
from tests.support.screens_viewer import VIEWER
from tests.support.stage import OFFLINE, ONLINE, REFUSED, REPLY, Stage
from ui.bridge import Notice
from ui.shell.menus import ROW_MENU
from ui.shell.only_reading import OnlyReadingBar
from workstation.domain.problem import Problem, ProblemKind
from workstation.drafts.model import Mode
from workstation.evidence.model import Grab, Kind, Monitor, RecordView
from workstation.kernel.actions import Action
from workstation.kernel.errors import KeyMissing, PassphraseNeeded, WorkstationError
from workstation.kernel.failing import damaged

PROBLEMS = (
    Problem("reply:o1", ProblemKind.REPLY, "fail", "The reply to Ana was not sent.", "550 no such user.",
            "The reply is kept.", "Put it right and try again.", NOW,
            (Action.RETRY, Action.TAKE_BACK, Action.OPEN_CONVERSATION), "pt"),
    Problem("reply:o2", ProblemKind.REPLY, "unknown", "It is not known whether the reply to Bo arrived.",
            "It was cut.", "Kept.", "Look.", NOW, (Action.LOOK_AGAIN, Action.ARRIVED, Action.SEND_AGAIN), "ja"),
    Problem("import:1", ProblemKind.IMPORT, "warn", "2 rows of a.csv could not be used.", "", "The rest is imported.",
            "Put these right.", NOW, (Action.SHOW_FILE, Action.CHOOSE_ORDERS, Action.DISMISS), place="/nowhere/a.csv",
            details=("line 2: no number", "line 9: no date")),
)
RECORD = RecordView("r1", "pt", Kind.CAPTURE, "Capture of screen 1", NOW, 1, "ab" * 32, 1234, "image/png", False, False,
                    False, 320, 200)
REPORT = "Workstation\nLookupError: boom\n  ui/shell/window.py:120 in _open"
PLACE = "/home/ana/.local/share/workstation"

# the window


def reading(stage: Stage) -> QWidget:
    """A conversation with its checks, and a reply that is translated and read back."""
    window = stage.reading()
    composer = window.middle.composer
    composer.write_reply()
    composer.body.setPlainText(REPLY)
    presenter = composer.presenter
    stage.until(lambda: bool(composer.target.toPlainText()) and not presenter.unsaved)
    return window


def noting(stage: Stage) -> QWidget:
    """A note to the team, with a capture in the case."""
    window = stage.reading()
    panel, composer = window.case.panel, window.middle.composer
    assert panel is not None
    panel.evidence.capture()
    stage.until(lambda: panel.evidence.list.count() == 1)
    composer.write_note()
    stage.until(lambda: composer.presenter.key == ("pt", Mode.NOTE) and composer.presenter.editable)
    return window


def arabic(stage: Stage) -> QWidget:
    return stage.reading("ar")


def empty(stage: Stage) -> QWidget:
    stage.world.rows = []
    return stage.window()


def offline(stage: Stage) -> QWidget:
    window = stage.window((OFFLINE,))
    stage.until(window.list.offline.isVisible)
    return window


def only_reading(stage: Stage) -> QWidget:
    """A home whose folder cannot be written: the bar that says so."""
    window = stage.reading()
    window.only_read(window.quit)
    bar = window.findChild(OnlyReadingBar)
    assert bar is not None
    stage.until(bar.isVisible)
    return bar


def welcome(stage: Stage) -> QWidget:
    """No mailbox and no mail."""
    stage.world.rows = []
    window = stage.window(())
    stage.until(window.first_run.isVisible)
    return window


def problems(stage: Stage) -> QWidget:
    window = stage.window((ONLINE, REFUSED))
    stage.problems.put(*PROBLEMS)
    window.drawer.open()
    panel = window.drawer.panel
    stage.until(lambda: panel is not None and panel.model.rowCount() == len(PROBLEMS))
    stage.until(lambda: "3" in window.status.text)
    return window


def toast(stage: Stage) -> QWidget:
    """A failure with what puts it right, and one step back."""
    window = stage.window()
    window.say(Notice("The reply to Ana was refused: 550 no such user.", undo=stage.clear, seconds=60, tone="fail",
                      remedy="Try again", act=stage.clear))
    return window.toast


def palette(stage: Stage) -> QWidget:
    window = stage.window()
    stage.actions.action("app.palette").trigger()
    stage.until(window.palette_.isVisible)
    return window.palette_


def cheat_sheet(stage: Stage) -> QWidget:
    from ui.shell.cheatsheet import CheatSheet

    return stage.show(CheatSheet(stage.actions))


def menu_bar(stage: Stage) -> QWidget:
    return stage.window().menuBar()


def row_menu(stage: Stage) -> QWidget:
    window = stage.window()
    return stage.show(window.menus.fill(QMenu(window), ROW_MENU))


def snooze_menu(stage: Stage) -> QWidget:
    window = stage.window()
    return stage.show(window.menus.snooze_menu(QMenu(window)))


# dialogs


def settings(page: int) -> Callable[[Stage], QWidget]:
    """One page of the settings."""
    def shown(stage: Stage) -> QWidget:
        from PySide6.QtWidgets import QTabWidget

        from ui.settings.dialog import SettingsDialog

        stage.attach()
        dialog = stage.show(SettingsDialog(stage.settings, stage.actions, None, stage.bridge))
        tabs = dialog.findChild(QTabWidget)
        assert tabs is not None
        tabs.setCurrentIndex(page)
        return dialog
    return shown


def mailbox(stage: Stage) -> QWidget:
    from ui.onboarding.mailbox import MailboxDialog

    stage.attach()
    return stage.show(MailboxDialog(stage.bridge, stage.settings))


def mailboxes(stage: Stage) -> QWidget:
    from ui.onboarding.accounts import MailboxesDialog
    from workstation.kernel.clock import FixedClock

    stage.world.accounts = [ONLINE, REFUSED]
    stage.attach()
    dialog = stage.show(MailboxesDialog(stage.bridge, stage.settings, clock=FixedClock(NOW)))
    stage.until(lambda: len(dialog.rows) == 2)
    return dialog


def hub(stage: Stage) -> QWidget:
    from ui.onboarding.hub import HubDialog

    stage.attach()
    return stage.show(HubDialog(stage.bridge))


def source(stage: Stage) -> QWidget:
    from ui.onboarding.source import SourceDialog

    stage.attach()
    return stage.show(SourceDialog(stage.bridge))


def mail_chooser(stage: Stage) -> QWidget:
    from ui.onboarding.importing import MailChooser

    return stage.show(MailChooser())


def imported(stage: Stage) -> QWidget:
    """An import that ended with a bad row."""
    from ui.onboarding.importing import ImportDialog, import_orders

    stage.attach()
    dialog = stage.show(ImportDialog(stage.bridge, "Import orders", Path("/nowhere/a.csv"), import_orders))
    stage.until(lambda: len(dialog.bad_rows()) == 1)
    return dialog


def crash(stage: Stage) -> QWidget:
    from ui.errors.crash import CrashDialog

    return stage.show(CrashDialog(REPORT, 2))


def last_report(stage: Stage) -> QWidget:
    from ui.errors.crash import ReportDialog

    file = stage.folder / "report.txt"
    file.write_text(REPORT, encoding="utf-8")
    return stage.show(ReportDialog(file))


def region(stage: Stage) -> QWidget:
    from ui.evidence.region import RegionOverlay

    grab = Grab(640, 400, bytes([90, 120, 150, 255]) * (640 * 400),
                (Monitor("offscreen", 0, 0, 640, 400, 640, 400, 1.0),), 0, "offscreen", False)
    overlay = RegionOverlay(grab)
    overlay.resize(640, 400)
    return stage.show(overlay)


# a home that does not open, and the first steps


def trouble(problem: WorkstationError) -> Callable[[Stage], QWidget]:
    def shown(stage: Stage) -> QWidget:
        from ui.onboarding.repair_page import RepairPage

        page = RepairPage(problem, PLACE)
        page.resize(960, 720)
        return stage.show(page)
    return shown


def recover(stage: Stage) -> QWidget:
    from ui.onboarding.recover_page import RecoverPage

    page = RecoverPage()
    page.resize(960, 720)
    return stage.show(page)


def restore(stage: Stage) -> QWidget:
    """A backup that was chosen and looked at, and a recovery key that is half typed."""
    from ui.main import FrontDoor
    from ui.onboarding.background import Background
    from ui.onboarding.restore_page import RestorePage
    from workstation.store.restore import Seen

    page = RestorePage(FrontDoor(None), Background(stage.bridge), Path(PLACE))
    page.resize(960, 760)
    stage.show(page)
    page.backup.show_folder(Path("/media/ana/Backup/workstation"))
    page._on_found(Seen(NOW, 1_234_500_000, passphrase=True))
    page.recovery.line.setText("3K7M 9QWX 1")
    page.recovery.changed.emit()
    return page


def first_page(name: str) -> Callable[[Stage], QWidget]:
    """A step before there is a home."""
    def shown(stage: Stage) -> QWidget:
        from ui.main import FrontDoor
        from ui.onboarding.entry import Entry

        entry = Entry(FrontDoor(None), stage.folder / "home", stage.bridge)
        stage.show(entry)
        entry.begin()
        assistant = entry.assistant
        assert assistant is not None
        if name != "language":
            assistant.go_to("home")
        if name == "key":
            _choose_passphrase(assistant.page)
            assistant.next()
        stage.until(lambda: assistant.here == name)
        return entry
    return shown


def _choose_passphrase(page: QWidget) -> None:
    keeper = page.keeper  # type: ignore[attr-defined]
    keeper.passphrase.setChecked(True)
    for field in (keeper.first_field, keeper.second_field):
        field.line.setText(PASSPHRASE)


def later_page(name: str) -> Callable[[Stage], QWidget]:
    """A step over the home that is there."""
    def shown(stage: Stage) -> QWidget:
        from ui.onboarding.again import FirstSteps

        stage.world.accounts = [ONLINE]
        stage.attach()
        steps = stage.show(FirstSteps(stage.bridge, stage.settings))
        steps.assistant.go_to(name)
        return steps
    return shown


SCREENS: dict[str, Callable[[Stage], QWidget]] = {
    "reading": reading, "noting": noting, "arabic": arabic, "empty": empty, "offline": offline,
    "only-reading": only_reading, "welcome": welcome,
    "problems": problems, "toast": toast, "palette": palette, "cheat-sheet": cheat_sheet, "menus": menu_bar,
    "menu-row": row_menu, "menu-snooze": snooze_menu,
    "settings-general": settings(0), "settings-shortcuts": settings(1), "settings-privacy": settings(2),
    "mailbox": mailbox, "mailboxes": mailboxes, "hub": hub, "source": source, "mail-chooser": mail_chooser,
    "imported": imported, "crash": crash, "last-report": last_report, "region": region,
    "locked": trouble(PassphraseNeeded("This home is locked by a passphrase.")),
    "key-missing": trouble(KeyMissing("The key of this home is not in the keyring.")), "recover": recover,
    "damaged": trouble(damaged()), "restore": restore,
    **{f"first-{name}": first_page(name) for name in ("language", "home", "key")},
    **DESK,
    **VIEWER, **BINDER, **EXHIBITS, **CHECK, **PLAYBOOK,
    **{f"first-{name}": later_page(name) for name in ("mailbox", "orders", "packs", "hub", "done")},
}
