"""The status line: "online · 2 pending · all evidence upstream 10:01 · pt→en ready", and what is simulated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.bridge import Bridge
from ui.widgets import timetext
from ui.widgets.labels import ElidedLabel, label
from ui.widgets.marks import Mark
from workstation.domain.states import Delivery
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.domain.events import JobChanged
    from workstation.drafts.model import Outgoing
    from workstation.inbox.model import Account
    from workstation.sync.model import SyncStatus
    from workstation.translation.model import Engine

REFRESH_MS = 30_000
STALE_MS = 3 * REFRESH_MS
"""What was read longer ago than this is shown with its age."""
READING_JOB = "reading pictures"
"""The job that reads many pictures, as `evidence.reading` names it."""
SIMULATED = {"shop": N_("shop"), "carrier": N_("carrier"), "mail": N_("mail"), "hub": N_("hub"),
             "stamps": N_("time stamps")}
"""Words for what `Core.simulated` names."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the line: its words, its mark ("" for none), and more in the tooltip."""

    text: str
    mark: str = ""
    tip: str = ""
    press: bool = False      # a button: it opens the list of what failed


@dataclass(frozen=True, slots=True)
class State:
    """All that the line speaks of; None is not known yet."""

    sync: SyncStatus | None = None
    accounts: tuple[Account, ...] | None = None
    outgoing: tuple[Outgoing, ...] = ()
    engines: tuple[Engine, ...] | None = None
    simulated: tuple[str, ...] = ()
    problems: int = 0
    reading: tuple[int, int] = (0, 0)   # of a long row of pictures: how many are read, and of how many
    read_at: int = 0                 # when all this was so, ms UTC; 0: not known
    stale: bool = False              # it could not be read again since


def parts(state: State) -> list[Part]:
    """The line as words. What is old says how old it is."""
    listed = [_age(state), _network(state), _sending(state), _upstream(state), _engines(state), _reading(state),
              _problems(state)]
    if state.simulated:
        names = ", ".join(_(SIMULATED.get(name, name)) for name in state.simulated)
        text = _("simulated: {names}").format(names=names)
        listed.append(Part(text, "warn", _("These sources are part of the demo.")))
    return [part for part in listed if part.text]


def _age(state: State) -> Part:
    if not (state.stale and state.read_at):
        return Part("")
    text = _("as it was at {time}").format(time=timetext.clock(state.read_at))
    return Part(text, "unknown", _("The program does not answer just now; what stands here may have changed."))


def _reading(state: State) -> Part:
    """Only of many: a few are read before anybody would look."""
    done, total = state.reading
    if not total:
        return Part("")
    return Part(_("reading pictures: {done} of {total}").format(done=done, total=total), "pending",
                _("Their text will be found by a search. It is read after everything else."))


def _problems(state: State) -> Part:
    if not state.problems:
        return Part("")
    n = state.problems
    return Part(ngettext("{n} needs a look", "{n} need a look", n).format(n=n), "warn",
                _("Show what failed, and why."), press=True)


def _network(state: State) -> Part:
    if state.accounts is None:
        return Part(_("starting"), "pending")
    refused = next((account for account in state.accounts if account.state == "refused"), None)
    if refused is not None:
        return Part(_("mailbox refused"), "fail", f"{refused.settings.address}: {refused.sentence}")
    away = [account for account in state.accounts if account.state == "offline"]
    if away or (not state.accounts and state.sync and state.sync.connected and not state.sync.online):
        tip = "\n".join(f"{account.settings.address}: {account.sentence}" for account in away)
        return Part(_("offline"), "warn", tip or _("What you do is kept and sent later."))
    if any(account.state == "connecting" for account in state.accounts):
        return Part(_("connecting"), "pending")
    return Part(_("online"), "pass") if state.accounts else Part(_("no mailbox"), "")


def _sending(state: State) -> Part:
    failed = sum(one.state is Delivery.FAILED for one in state.outgoing)
    unknown = sum(one.state is Delivery.UNKNOWN for one in state.outgoing)
    upstream = state.sync.pending if state.sync and state.sync.connected else 0  # without a hub nothing waits for one
    waiting = len(state.outgoing) - failed - unknown + upstream
    if failed:
        return Part(ngettext("{n} not sent", "{n} not sent", failed).format(n=failed), "failed")
    if unknown:
        return Part(ngettext("{n} outcome unknown", "{n} outcomes unknown", unknown).format(n=unknown), "unknown")
    if any(one.state is Delivery.SENDING for one in state.outgoing):
        return Part(_("sending"), "pending")
    if waiting:
        return Part(ngettext("{n} pending", "{n} pending", waiting).format(n=waiting), "pending")
    return Part(_("nothing pending"))


def _upstream(state: State) -> Part:
    sync = state.sync
    if sync is None:
        return Part("")
    return _held_up(sync) or _copied(sync, state.read_at)


def _held_up(sync: SyncStatus) -> Part | None:
    """What keeps something from being copied; None when nothing does."""
    if not sync.connected:
        return Part(_("no hub"), "", _("Evidence and work stay on this computer until a hub is connected."))
    if sync.log_broken:
        return Part(_("evidence not secured upstream"), "fail", sync.log_broken)
    if sync.poisoned:
        text = ngettext("{n} refused upstream", "{n} refused upstream", sync.poisoned).format(n=sync.poisoned)
        return Part(text, "fail", sync.sentence)
    if sync.digest_equal is False:
        return Part(_("differs from the hub"), "warn", sync.sentence)
    if sync.pending_blobs:
        n = sync.pending_blobs
        text = ngettext("{n} file still to copy", "{n} files still to copy", n).format(n=n)
        return Part(text, "pending", sync.sentence)
    if sync.last_ok_at is None:
        return Part(_("not upstream yet"), "pending", sync.sentence)
    return None


def _copied(sync: SyncStatus, now: int) -> Part:
    if sync.last_ok_at is None:
        return Part("")
    time = _moment(sync.last_ok_at, now)
    tip = sync.sentence or timetext.moment(sync.last_ok_at)
    if sync.log_trust == "first_sight":
        tip = "\n".join((tip, _("The key of the hub's log was trusted at first sight: no invite named it.")))
    if not sync.online:
        return Part(_("hub away, last copied {time}").format(time=time), "warn", tip)
    if sync.pending:  # one of these may be evidence
        return Part(_("last copied upstream {time}").format(time=time), "pending", tip)
    return Part(_("all evidence upstream {time}").format(time=time), "pass", tip)


def _moment(at: int, now: int) -> str:
    """The time of day; of another day its date."""
    return timetext.when(at, now) if now else timetext.clock(at)


def _engines(state: State) -> Part:
    if state.engines is None:
        return Part("")
    ready = [engine for engine in state.engines if engine.ready]
    if not ready:
        return Part(_("no translation"), "warn")
    pairs = list(dict.fromkeys(f"{engine.source}→{engine.target}" for engine in ready))
    shown = " ".join(pairs[:2]) + (f" +{len(pairs) - 2}" if len(pairs) > 2 else "")
    return Part(_("{pairs} ready").format(pairs=shown), "", "\n".join(pairs))


class StatusPresenter(QObject):
    """Asks the core again whenever something it speaks of changed."""

    changed = Signal()

    def __init__(self, bridge: Bridge, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._clock = clock or SystemClock()
        self.state = State()
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self._on_time)
        for signal in (
            bridge.attached, bridge.sync_changed, bridge.connectivity_changed, bridge.account_status_changed,
            bridge.accounts_changed, bridge.engines_changed, bridge.delivery_changed, bridge.evidence_sealed,
        ):
            signal.connect(self.refresh)
        for signal in (bridge.attached, bridge.problems_changed):
            signal.connect(self._count)
        bridge.job_changed.connect(self._on_job)
        self._timer.start()

    def _count(self) -> None:
        self._bridge.call(_count, self._on_count, self, self._on_problem, replaces="problems")

    def _on_job(self, job: JobChanged) -> None:
        if job.job_id == READING_JOB:
            moving = job.state == "running" and job.total > 0
            self.state = replace(self.state, reading=(job.done, job.total) if moving else (0, 0))
            self.changed.emit()

    def _on_count(self, n: int) -> None:
        self.state = replace(self.state, problems=n)
        self.changed.emit()

    def _on_time(self) -> None:
        """A core that does not answer must not leave an old line standing as if it were new."""
        if self.state.read_at and self._clock.now() - self.state.read_at > STALE_MS:
            self._on_problem()
        self.refresh()

    def refresh(self) -> None:
        self._bridge.call(_read, self._on_state, self, self._on_problem, replaces="status")

    @property
    def offline(self) -> bool:
        """No mailbox can be reached."""
        accounts = self.state.accounts or ()
        return bool(accounts) and all(account.state == "offline" for account in accounts)

    def _on_state(self, state: State) -> None:
        self.state = replace(
            state, problems=self.state.problems, reading=self.state.reading, read_at=self._clock.now())
        self.changed.emit()

    def _on_problem(self, _problem: WorkstationError | None = None) -> None:
        """The line keeps what it said, and says of when that is."""
        if self.state.read_at:
            self.state = replace(self.state, stale=True)
            self.changed.emit()


async def _count(core: Core) -> int:
    return len(await core.problems.list())


async def _read(core: Core) -> State:
    return State(
        await core.sync.status(), await core.accounts.list(), await core.drafts.outgoing(),
        await core.translation.engines(), core.simulated,
    )


class StatusLine(QWidget):
    """The parts in a row, each with its mark. `pressed` when the person wants to see what failed."""

    pressed = Signal()

    def __init__(self, presenter: StatusPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setProperty("role", "sunken")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(_("Status"))
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.setContentsMargins(12, 5, 12, 5)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._row, 1)
        self._shown: list[Part] = []
        self._told = False
        presenter.changed.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        """The line as words."""
        return " · ".join(part.text for part in self._shown)

    def _show(self) -> None:
        wanted = parts(self._presenter.state)
        if wanted == self._shown and self._row.count():
            return
        self._tell(wanted)
        self._shown = wanted
        self.setAccessibleDescription(self.text)
        self._clear()
        for number, part in enumerate(wanted):
            if number:
                self._row.addWidget(label("·", "caption"))
                self._row.addSpacing(3)      # as much as words keep free behind them
            self._add(part)
        self._row.addStretch(1)

    def _tell(self, wanted: list[Part]) -> None:
        """What turned bad is read out; what a person is told at the start anyway is not."""
        known = {part.text for part in self._shown}
        news = [part.text for part in wanted if part.mark in ("warn", "fail") and part.text not in known]
        if self._told and news:
            from ui import a11y

            a11y.announce(self, ", ".join(news))
        self._told = self._told or bool(self._presenter.state.read_at)

    def _add(self, part: Part) -> None:
        if part.mark:
            mark = Mark(part.mark)
            mark.setToolTip(part.tip or mark.toolTip())
            self._row.addWidget(mark)
        self._row.addWidget(self._button(part) if part.press else _words(part))

    def _button(self, part: Part) -> QWidget:
        from ui.widgets.link import Link

        button = Link(part.text)
        button.setAccessibleDescription(part.tip)
        button.setToolTip(part.tip)
        button.clicked.connect(self._on_pressed)
        return button

    def _on_pressed(self) -> None:
        self.pressed.emit()

    def _clear(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()


def _words(part: Part) -> QWidget:
    """As wide as its words, and less where the window is narrow."""
    made = ElidedLabel(part.text, "caption")
    made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    made.set_tip(part.tip)
    return made
