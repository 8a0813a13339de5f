"""Personal data of a case: what erasing would destroy, what stays provable, and the hold that stands in its way.

Nothing goes at once: what is asked for here waits a quarter of an hour and can be taken back until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ui.bridge import Bridge
from ui.conversation.pieces import StateLine
from ui.evidence.presenter import EvidencePresenter
from ui.shell.actions import Actions
from ui.widgets import timetext
from ui.widgets.labels import label, rule
from ui.widgets.screen import open_within
from workstation.api import Core, ErasureApi
from workstation.domain import erased_words
from workstation.evidence.erasure.model import GRACE, Due, ErasePreview, Hold, customer_subject, order_subject
from workstation.kernel.clock import MINUTE, Clock, SystemClock
from workstation.kernel.errors import Unsupported, WorkstationError
from workstation.kernel.i18n import N_, _, ngettext

VALUES = {
    "file_name": N_("file names"), "message_id": N_("Message-IDs"), "order": N_("order numbers"),
    "position": N_("places of files in messages"), "purpose": N_("purposes"), "receipt": N_("mail servers' receipts"),
    "url": N_("addresses of pages"), "window_title": N_("window titles"), "lost": N_("what a translation lost"),
}
MOST_SUBJECTS = 20
KEEP = (N_("Why it must be kept"), N_("a claim, a court, an authority"))
FREE = (N_("Why it is held no longer"), N_("the claim is over"))
GO = (N_("Why it is erased"), N_("the buyer asks"))


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as the dialog shows it."""

    preview: ErasePreview
    due: Due | None
    subjects: tuple[tuple[str, str], ...] = ()
    """What can be erased from here: subject and title, the case first."""
    hold: Hold | None = None
    """On the case itself, whatever is to be erased."""


class PersonalOpener(QObject):
    """Opens the dialog for the case of `presenter`."""

    def __init__(self, bridge: Bridge, presenter: EvidencePresenter, actions: Actions, host: QWidget) -> None:
        super().__init__(host)
        self._bridge, self._presenter, self._host = bridge, presenter, host
        self.dialog: PersonalDialog | None = None
        actions.on("evidence.personal", self.open)

    def open(self) -> None:
        """Without an open case the person is told."""
        case_id = self._presenter.conversation_id
        if case_id:
            self.dialog = PersonalDialog(self._bridge, case_id, self._host)
            self.dialog.open()
        else:
            self._bridge.notice(_("Open a conversation first."), tone="warn")


class PersonalDialog(QDialog):
    """Opened with `.open()`."""

    def __init__(
        self, bridge: Bridge, case_id: str, parent: QWidget | None = None, clock: Clock | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Personal data of this case"))
        self._bridge, self._case_id, self._clock = bridge, case_id, clock or SystemClock()
        self._subject = case_id
        self._seen: Seen | None = None
        self.subject = QComboBox()
        self.subject.setAccessibleName(_("What is erased"))
        self.subject_head = label(_("What is erased"), "quiet")
        self.hold_line, self.plan_line, self.problem = StateLine(), StateLine(), StateLine()
        self.hold_reason = _field(*KEEP)
        self.hold_button = _button(_("Hold the case"))
        self.erase_reason = _field(*GO)
        self.erase_button = _button(_("Erase in {n} minutes").format(n=GRACE // MINUTE))
        self.cancel_button = _button(_("Take it back"))
        self.goes, self.stays, self.outside = (label(wrap=True) for _part in range(3))
        self._lay_out()
        self.hold_button.clicked.connect(self._on_hold)
        self.erase_button.clicked.connect(self._on_erase)
        self.cancel_button.clicked.connect(self._on_cancel)
        self.subject.activated.connect(self._on_subject)
        self.hold_reason.textChanged.connect(self._enable)
        self._enable()
        self._ask()

    def _lay_out(self) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(16, 16, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(label(_("Legal hold"), "title"))
        layout.addWidget(label(_("While a case is held, nothing of it is erased, by nobody and by no rule. "
                                 "Who holds it and why becomes a record."), "quiet", wrap=True))
        layout.addWidget(self.hold_line)
        layout.addLayout(_row(self.hold_reason, self.hold_button))
        layout.addWidget(rule())
        layout.addWidget(label(_("Erase"), "title"))
        facts = QFormLayout()
        facts.setHorizontalSpacing(16)
        facts.setVerticalSpacing(8)
        self.subject_head.setBuddy(self.subject)
        facts.addRow(self.subject_head, self.subject)
        for title, value in ((_("Goes for good"), self.goes), (_("Stays as proof"), self.stays),
                             (_("Is not reached"), self.outside)):
            head = label(title, "quiet")
            head.setAlignment(Qt.AlignmentFlag.AlignTop)
            facts.addRow(head, value)
        layout.addLayout(facts)
        layout.addWidget(self.plan_line)
        layout.addLayout(_row(self.erase_reason, self.erase_button, self.cancel_button))
        layout.addWidget(self.problem)
        layout.addStretch(1)
        self._frame(inner)

    def _frame(self, inner: QWidget) -> None:
        """It scrolls where the text is large or the screen low."""
        room = QScrollArea()
        room.setFrameShape(QFrame.Shape.NoFrame)
        room.setWidgetResizable(True)
        room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        room.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        room.setWidget(inner)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        buttons.setContentsMargins(16, 0, 16, 16)
        frame = QVBoxLayout(self)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(room, 1)
        frame.addWidget(buttons)
        open_within(self, 640, 720)

    def _ask(self) -> None:
        self._bridge.call(
            partial(_see, self._case_id, self._subject), self._on_seen, self, self._on_problem, "see")

    def _offer(self, subjects: tuple[tuple[str, str], ...]) -> None:
        """What can be chosen; what is chosen stays."""
        if [self.subject.itemData(at) for at in range(self.subject.count())] != [each for each, _title in subjects]:
            self.subject.clear()
            for each, title in subjects:
                self.subject.addItem(title, each)
        self.subject.setCurrentIndex(max(0, self.subject.findData(self._subject)))
        for widget in (self.subject_head, self.subject):
            widget.setVisible(len(subjects) > 1)

    @Slot()
    def _on_subject(self) -> None:
        self._subject = str(self.subject.currentData())
        self._ask()

    def _on_seen(self, seen: Seen) -> None:
        self._seen = seen
        self._offer(seen.subjects)
        preview, hold = seen.preview, seen.hold
        self.goes.setText(goes(preview))
        self.stays.setText(stays(preview))
        self.outside.setText(outside(preview))
        if hold is None:
            self.hold_line.say("pass", _("This case is not held."))
        else:
            text = _("Held since {date}: “{reason}”").format(date=timetext.day(hold.at), reason=hold.reason or "–")
            self.hold_line.say("warn", text)
        self.hold_button.setText(_("Hold the case") if hold is None else _("Lift the hold"))
        _name(self.hold_reason, *(KEEP if hold is None else FREE))
        state, text = planned(seen, self._clock.now())
        self.plan_line.say(state, text)
        self._enable()

    @Slot()
    def _enable(self) -> None:
        seen = self._seen
        held = seen is not None and seen.hold is not None
        waits = seen is not None and seen.due is not None and seen.due.rule is None and seen.due.runs_at is not None
        ready = seen is not None and _ready(seen.preview)
        self.hold_button.setEnabled(seen is not None and (held or bool(self.hold_reason.text().strip())))
        for widget in (self.erase_reason, self.erase_button):
            widget.setVisible(not waits)
            widget.setEnabled(ready)
        self.cancel_button.setVisible(waits)

    @Slot()
    def _on_hold(self) -> None:
        held = self._seen is not None and self._seen.hold is not None
        work = partial(_hold, self._case_id, self.hold_reason.text(), held)
        self._bridge.call(work, self._on_done, self, self._on_problem)

    @Slot()
    def _on_erase(self) -> None:
        work = partial(_plan, self._subject, self.erase_reason.text())
        self._bridge.call(work, self._on_done, self, self._on_problem)

    @Slot()
    def _on_cancel(self) -> None:
        self._bridge.call(partial(_cancel, self._subject), self._on_done, self, self._on_problem)

    def _on_done(self, _result: object) -> None:
        self.hold_reason.clear()
        self.problem.say("pass", "")
        self._ask()

    def _on_problem(self, problem: WorkstationError) -> None:
        self.problem.say("fail", str(problem))
        self._ask()


def _ready(seen: ErasePreview) -> bool:
    return not seen.empty and seen.hold is None and not seen.leaving


def goes(seen: ErasePreview) -> str:
    """What erasing would destroy, a line each."""
    if seen.empty:
        return _("Nothing: there is no buyer's data in this case.")
    lines = list(erased_words.counted(seen.counts))
    if seen.files:
        lines.append(ngettext("{n} file with its key and small picture ({size})",
                              "{n} files with their keys and small pictures ({size})", seen.files).format(
                                  n=seen.files, size=timetext.size(seen.size)))
    if seen.values:
        named = [_(VALUES[name]) if name in VALUES else name for name in seen.values]
        lines.append(_("What lies beside the records: {names}").format(names=_(", ").join(named)))
    if seen.texts:
        lines.append(ngettext("{n} text that was read in a picture, and its words in the search",
                              "{n} texts that were read in pictures, and their words in the search", seen.texts,
                              ).format(n=seen.texts))
    if seen.copies:
        lines.append(ngettext("{n} copy that went along with a reply", "{n} copies that went along with replies",
                              seen.copies).format(n=seen.copies))
    return "\n".join(lines)


def stays(seen: ErasePreview) -> str:
    lines = [ngettext(
        "{n} record with its hash, signature, time and place in the chain. A new one says what went, when and why.",
        "{n} records with their hashes, signatures, times and places in the chain. A new one says what went, when and "
        "why.", seen.stay).format(n=seen.stay)]
    if seen.counts.get("messages"):
        lines.append(_("When each message came and which way, for counts and clocks. In its place stands when and why "
                       "it was erased."))
    if seen.shared:
        lines.append(erased_words.shared(seen.shared))
    if seen.held:
        lines.append(erased_words.held(seen.held))
    return "\n".join(lines)


def outside(seen: ErasePreview) -> str:
    """What this program cannot reach, or does not touch here."""
    text = _("Copies on the mail server and in the shop's own system, backups made before, and what others were sent. "
             "A mail that is read again from the server does not bring its words back.")
    if seen.packs:
        text += " " + ngettext("{n} pack was exported.", "{n} packs were exported.", seen.packs).format(n=seen.packs)
    return text


def planned(seen: Seen, now: int) -> tuple[str, str]:
    """The state and sentence of what is going to happen by itself."""
    due = seen.due
    if seen.preview.leaving and seen.preview.hold is None:
        return "warn", _("A reply is still on its way; nothing is erased before it has left.")
    if due is None:
        return "pass", ""
    if due.runs_at is None:
        return "unknown", _("The platform's deadline counts from the delivery, and no source told it: nothing is "
                            "erased by itself.")
    when = timetext.when(due.runs_at, now) if due.rule is None else timetext.day(due.runs_at)
    if seen.preview.hold is not None:
        return "warn", _("It would be erased on {date}; the hold stands in the way.").format(date=when)
    if due.rule is None:
        return "pending", _("It will be erased at {time}.").format(time=when)
    return "pending", _("It will be erased on {date}: {rule}.").format(date=when, rule=due.rule.source)


def _field(name: str, example: str) -> QLineEdit:
    made = QLineEdit()
    _name(made, name, example)
    made.setMaxLength(500)
    return made


def _name(field: QLineEdit, name: str, example: str) -> None:
    field.setAccessibleName(_(name))
    field.setPlaceholderText(f"{_(name)} · {_(example)}")


def _button(text: str) -> QPushButton:
    made = QPushButton(text)
    made.setAutoDefault(False)
    return made


def _row(field: QLineEdit, *buttons: QPushButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(field, 1)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(0)
    return row


def erasure(core: Core) -> ErasureApi:
    """Raises Unsupported where nothing can be erased."""
    if core.erasure is None:
        raise Unsupported(_("Nothing can be erased here."), _("Open the program's own home."))
    return core.erasure


async def _see(case_id: str, subject: str, core: Core) -> Seen:
    api = erasure(core)
    due = next((one for one in await api.due() if one.case_id == subject), None)
    preview, hold = await api.preview(subject), await api.held(case_id)
    return Seen(preview, due, await _subjects(case_id, core), hold)


async def _subjects(case_id: str, core: Core) -> tuple[tuple[str, str], ...]:
    """The case, its customer when other cases are theirs, too, and its orders."""
    found = [(case_id, _("This conversation"))]
    if core.customers is not None:
        customer = await core.customers.of(case_id)
        if customer.conversations > 1:
            found.append((customer_subject(customer.id), ngettext(
                "The customer: {n} conversation", "The customer: {n} conversations", customer.conversations,
            ).format(n=customer.conversations)))
    for link in await core.orders.links(case_id):
        orders = [order for order in await core.orders.find(link.ref.order_id) if order.ref == link.ref]
        if link.strong and orders:
            title = _("Order {order}, and every conversation about it").format(order=link.ref.order_id)
            found.append((order_subject(orders[0].id), title))
    return tuple(found[:MOST_SUBJECTS])


async def _hold(case_id: str, reason: str, held: bool, core: Core) -> None:
    await (erasure(core).lift(case_id, reason) if held else erasure(core).hold(case_id, reason))


async def _plan(case_id: str, reason: str, core: Core) -> None:
    await erasure(core).plan(case_id, reason)


async def _cancel(case_id: str, core: Core) -> None:
    await erasure(core).cancel(case_id)
