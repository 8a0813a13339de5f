"""The last page: what is ready, what was skipped and can be done now, the first mail as it arrives, and a few keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton

from ui.onboarding.page import Page
from ui.onboarding.session import Session
from ui.onboarding.steps import AFTER_HOME, NAMES, STEPS
from ui.shell.action_table import BY_ID
from ui.widgets.labels import ElidedLabel, key_cap, label
from ui.widgets.marks import Mark, word
from ui.widgets.progress import ProgressLine
from ui.widgets.timetext import number
from workstation.api import Core
from workstation.inbox.model import Account, ConversationRow, ListQuery, Queue
from workstation.kernel.i18n import _, ngettext

KEYS = ("list.next", "composer.reply", "composer.send", "app.palette", "app.help")
"""The actions worth knowing on the first day."""
SHOWN = 3
"""First conversations that are named."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the mailboxes brought so far."""

    accounts: tuple[Account, ...]
    rows: tuple[ConversationRow, ...]
    count: int


class DonePage(Page):
    """Follows the first reading of the mailboxes while it is open."""

    asked = Signal(str)
    """A step that was skipped is to be done now."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, _("Ready"), _("Everything here can be changed later, in the menu File or with the "
                                                "settings; these steps can be walked again from the menu Help."))
        self.lines: dict[str, str] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.mail = label(role="title", wrap=True)
        self.state = label(role="quiet", wrap=True)
        self.progress = ProgressLine(cancellable=False)
        self.first_rows = [ElidedLabel() for _n in range(SHOWN)]
        self._steps = QGridLayout()
        self._lay_out()
        bridge = session.bridge
        for changed in (bridge.conversations_changed, bridge.account_status_changed, bridge.accounts_changed):
            changed.connect(self.reload)
        session.changed.connect(self.list_steps)
        self.list_steps()
        self.reload()

    @property
    def next_text(self) -> str:
        return _("&Open the inbox")

    def enter(self) -> None:
        self.list_steps()
        self.reload()

    def reload(self) -> None:
        """Ask what arrived."""
        self.session.bridge.call(_arrived, self._on_arrived, self, replaces="arrived")

    def _lay_out(self) -> None:
        self._steps.setHorizontalSpacing(12)
        self._steps.setVerticalSpacing(6)
        self._steps.setColumnStretch(1, 1)
        self.body.addLayout(self._steps)
        self.body.addSpacing(8)
        self.body.addWidget(self.mail)
        self.body.addWidget(self.state)
        self.body.addWidget(self.progress)
        for row in self.first_rows:
            row.hide()
            self.body.addWidget(row)
        self.body.addSpacing(8)
        self.body.addWidget(label(_("Keys worth knowing"), "title"))
        keys = QGridLayout()
        keys.setHorizontalSpacing(12)
        keys.setVerticalSpacing(6)
        keys.setColumnStretch(1, 1)
        for at, name in enumerate(KEYS):
            spec = BY_ID[name]
            shown = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            holder = QHBoxLayout()
            holder.addWidget(key_cap(shown))
            holder.addStretch(1)
            keys.addLayout(holder, at, 0)
            keys.addWidget(label(_(spec.text)), at, 1)
        self.body.addLayout(keys)
        self.body.addStretch(1)

    def list_steps(self) -> None:
        """What is ready and what was skipped, as it is now."""
        for at, step in enumerate(STEPS[NAMES.index(AFTER_HOME):-1]):
            done = step.name in self.session.done
            note = self.session.notes.get(step.name, "") if done else _("skipped")
            text = _("{name}: {text}").format(name=_(step.title), text=note) if note else _(step.title)
            state = "pass" if done else "pending"
            if self.lines.get(step.name) == f"{state} {text}":
                continue
            self.lines[step.name] = f"{state} {text}"
            self._clear(at)
            line = label(text, "" if done else "quiet", wrap=True)
            line.setAccessibleName(f"{word(state)}: {text}")
            self._steps.addWidget(Mark(state), at, 0)
            self._steps.addWidget(line, at, 1)
            self._add_button(at, step.name, _(step.title), done)

    def _add_button(self, at: int, name: str, title: str, done: bool) -> None:
        self.buttons.pop(name, None)
        if done:
            return
        button = QPushButton(_("Do it now"))
        button.setProperty("role", "flat")
        button.setAutoDefault(False)
        button.setAccessibleName(f"{_('Do it now')}: {title}")
        button.clicked.connect(partial(self._ask, name))
        self.buttons[name] = button
        self._steps.addWidget(button, at, 2)

    def _clear(self, row: int) -> None:
        for column in range(3):
            item = self._steps.itemAtPosition(row, column)
            widget = item.widget() if item is not None else None
            if widget is not None:
                self._steps.removeWidget(widget)
                widget.hide()
                widget.deleteLater()

    def _ask(self, name: str, _checked: bool = False) -> None:
        self.asked.emit(name)

    def _on_arrived(self, arrived: Arrived) -> None:
        self._say_mail(arrived)
        reading = any(account.last_sync_at is None and account.state in ("connecting", "online")
                      for account in arrived.accounts)
        self.progress.start(_("Fetching mail")) if reading and self.progress.isHidden() else None
        if not reading:
            self.progress.stop()
        for shown, row in zip(self.first_rows, arrived.rows, strict=False):
            shown.set_full_text(_("{name}: {text}").format(name=row.who, text=row.subject))
            shown.show()

    def _say_mail(self, arrived: Arrived) -> None:
        if not arrived.accounts and not arrived.count:
            self.mail.setText(_("No mailbox is connected yet; the inbox is empty."))
            self.state.setText("")
            return
        n = arrived.count
        words = ngettext("{n} conversation is here", "{n} conversations are here", n).format(n=number(n))
        if words != self.mail.text():
            self.mail.setText(words)
            from ui import a11y

            a11y.announce(self.mail, words)
        troubles = [f"{account.settings.address}: {account.sentence}" for account in arrived.accounts
                    if account.sentence]
        self.state.setText("\n".join(troubles))
        self.state.setVisible(bool(troubles))


async def _arrived(core: Core) -> Arrived:
    page = await core.inbox.page(ListQuery(queue="all", limit=SHOWN))
    queues: tuple[Queue, ...] = await core.inbox.queues()
    count = next((queue.count for queue in queues if queue.key == "all"), len(page.rows))
    return Arrived(await core.accounts.list(), tuple(page.rows), count)
