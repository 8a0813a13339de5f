"""The menus, native where the system has a menu bar of its own. Every line is an action of the registry."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar

from ui.inbox.presenter import InboxPresenter
from ui.inbox.snooze import choices
from ui.shell.actions import Actions
from ui.widgets import timetext
from workstation.kernel.i18n import LANGUAGES, N_, _

SnoozeSlot = Callable[[int], None]
ChooseSlot = Callable[[str], None]
THEMES = {"system": N_("As the system"), "light": N_("Light"), "dark": N_("Dark"), "contrast": N_("High contrast")}
_MENUS = (
    (N_("File"), (
        "file.connect file.mailboxes file.source file.hub - file.import_mail file.import_orders - file.backup - "
        "file.sync - app.settings - app.quit")),
    (N_("Conversation"), (
        "list.next list.previous list.search - conversation.resolve conversation.resolve_next conversation.reopen "
        "@snooze conversation.no_response - conversation.assign conversation.label conversation.mute "
        "conversation.review conversation.merge list.all - list.save_view list.remove_view - "
        "conversation.read conversation.unread - "
        "conversation.original conversation.side_by_side conversation.quoted conversation.source - app.undo")),
    (N_("Answer"), (
        "composer.reply composer.note - composer.preview composer.attach composer.history composer.blocker - "
        "composer.send")),
    (N_("Evidence"), (
        "case.focus case.refresh case.other - case.step case.step_skip case.proof case.playbook - "
        "evidence.focus - evidence.capture evidence.region evidence.window evidence.again - "
        "evidence.in_3 evidence.in_5 evidence.in_10 - evidence.keep_files evidence.add_file evidence.paste "
        "evidence.answers - evidence.binder - evidence.export evidence.verify evidence.check_pack - "
        "evidence.personal")),
    (N_("View"), "view.queues view.list view.case - view.problems - @theme @language - app.palette"),
    (N_("Help"), "app.help - app.first_steps app.sample"),
)
ROW_MENU = (
    "list.open - conversation.resolve conversation.resolve_next conversation.reopen @snooze conversation.no_response - "
    "conversation.assign conversation.label conversation.mute conversation.review conversation.merge - "
    "conversation.read conversation.unread list.select")


class Menus:
    """Builds menus from lines of action ids; "-" is a rule, "@name" a menu within."""

    def __init__(self, actions: Actions, inbox: InboxPresenter, snooze: SnoozeSlot) -> None:
        self._actions, self._inbox, self._snooze = actions, inbox, snooze
        self._choosers: dict[str, tuple[str, dict[str, str], ChooseSlot]] = {}

    def chooser(self, name: str, current: str, slot: ChooseSlot) -> None:
        """What the menus "@theme" and "@language" choose from and call."""
        texts = {"theme": THEMES, "language": {"": N_("As the system"), **LANGUAGES}}[name]
        self._choosers[name] = (current, texts, slot)

    def fill_bar(self, bar: QMenuBar) -> None:
        for title, line in _MENUS:
            self.fill(bar.addMenu(_(title)), line)

    def fill(self, menu: QMenu, line: str) -> QMenu:
        for word in line.split():
            if word == "-":
                menu.addSeparator()
            elif word == "@snooze":
                self._add_snooze(menu)
            elif word.startswith("@"):
                self._add_chooser(menu, word[1:])
            else:
                menu.addAction(self._actions.action(word))
        return menu

    def snooze_menu(self, menu: QMenu) -> QMenu:
        """The snooze choices with the time each stands for."""
        now = self._inbox.model.clock.now()
        menu.clear()
        for choice in choices(now):
            text = f"{_(choice.text)}\t{timetext.soon(choice.until, now)}"
            menu.addAction(text).triggered.connect(partial(self._on_snooze, choice.until))
        return menu

    def _on_snooze(self, until: int, _checked: bool = False) -> None:
        self._snooze(until)

    def _add_snooze(self, menu: QMenu) -> None:
        within = menu.addMenu(_("Snooze"))
        within.setIcon(self._actions.action("conversation.snooze").icon())
        within.aboutToShow.connect(partial(self.snooze_menu, within))

    def _add_chooser(self, menu: QMenu, name: str) -> None:
        current, texts, slot = self._choosers[name]
        within = menu.addMenu({"theme": _("Colours"), "language": _("Language")}[name])
        group = QActionGroup(within)
        for value, text in texts.items():
            action = QAction(_(text), group, checkable=True, checked=value == current)
            action.triggered.connect(partial(_choose, slot, value))
            within.addAction(action)


def _choose(slot: ChooseSlot, value: str, _checked: bool = False) -> None:
    slot(value)
