"""What a person does to conversations of the list, one or a whole queue of them, and the way back from it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.inbox import bulk
from ui.inbox.bulk import Ranges, Work
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from ui.inbox.presenter import InboxPresenter
    from workstation.api import Core
    from workstation.domain.undo import Undo
    from workstation.inbox.model import SavedView, TagCount
    from workstation.kernel.errors import WorkstationError

Command = Callable[["Core", Sequence[str]], Coroutine[object, object, "Undo"]]


def _none() -> Ranges:
    return ()


class Acting(QObject):
    """Actions over ids. When the selection reaches beyond what is loaded, `picked` says which places of the queue are
    meant, and the ids are gathered by query."""

    progressed = Signal(int, int)
    """Of an action over many: how many are done, of how many. (0, 0): it ended."""
    done = Signal()

    def __init__(self, presenter: InboxPresenter) -> None:
        super().__init__(presenter)
        self._presenter = presenter
        self._bridge = presenter.bridge
        self._work: Work | None = None
        self.picked: Callable[[], Ranges] = _none

    def resolve(self, ids: Sequence[str]) -> None:
        """What a buyer wrote in while the person looked at the list stays open."""
        known = (self._presenter.model.known(name) for name in ids)
        seen = {row.id: row.last_at for row in known if row is not None}
        self._run(ids, lambda core, part: core.inbox.resolve(part, seen))

    def reopen(self, ids: Sequence[str]) -> None:
        self._run(ids, lambda core, part: core.inbox.reopen(part))

    def snooze(self, ids: Sequence[str], until: int) -> None:
        self._run(ids, lambda core, part: core.inbox.snooze(part, until))

    def no_response(self, ids: Sequence[str]) -> None:
        self._run(ids, lambda core, part: core.inbox.no_response_needed(part))

    def assign(self, ids: Sequence[str], member_id: str) -> None:
        self._run(ids, lambda core, part: core.inbox.assign(part, member_id))

    def tag(self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> None:
        self._run(ids, lambda core, part: core.inbox.tag(part, add, remove))

    def mute(self, ids: Sequence[str]) -> None:
        """Mute, or let them be heard again when all that are known are muted."""
        muted = not self._all(ids, "muted")
        self._run(ids, lambda core, part: core.inbox.mute(part, muted))

    def ask_review(self, ids: Sequence[str]) -> None:
        asked = not self._all(ids, "review")
        self._run(ids, lambda core, part: core.inbox.ask_review(part, asked))

    def merge(self, ids: Sequence[str]) -> None:
        """Into the one that is first in the list; said when there are not two."""
        if self.picked():
            self._bridge.notice(_("Select the conversations to merge one by one."), tone="warn")
        elif len(ids) < 2:
            self._bridge.notice(_("Select two or more conversations with X, then merge them."), tone="warn")
        else:
            self._run(ids[1:], lambda core, part: core.inbox.merge(part, ids[0]))

    def mark_read(self, ids: Sequence[str], read: bool) -> None:
        if ids:
            self._bridge.call(lambda core: core.inbox.mark_read(ids, read), _nothing, self)

    def save_view(self, view: SavedView, done: Callable[[SavedView], None]) -> None:
        self._bridge.call(lambda core: core.inbox.save_view(view), done, self)

    def remove_view(self, view_id: str) -> None:
        self._bridge.call(lambda core: core.inbox.remove_view(view_id), _nothing, self)

    def tags(self, then: Callable[[tuple[TagCount, ...]], None], owner: QObject) -> None:
        self._bridge.call(_tags, then, owner)

    def stop(self) -> None:
        """Let an action over many end where it is."""
        if self._work is not None:
            self._work.stop()

    @property
    def busy(self) -> bool:
        return self._work is not None

    def _all(self, ids: Sequence[str], field: str) -> bool:
        rows = [row for name in ids if (row := self._presenter.model.known(name)) is not None]
        return bool(rows) and all(getattr(row, field) for row in rows)

    def _run(self, ids: Sequence[str], command: Command) -> None:
        ranges = self.picked()
        if not ids and not ranges:
            return
        if self._work is not None and (ranges or len(ids) > bulk.PORTION):
            self._bridge.notice(_("An action is still under way."), tone="warn")
            return
        work = Work(self._presenter.query, tuple(ids), ranges)
        large = bool(ranges) or len(ids) > bulk.PORTION
        self._work = work if large else self._work
        report = self._bridge.progress(self._on_progress) if large else _quiet
        failed = partial(self._on_failed, work) if large else None  # a small one is tried again from the toast
        self._bridge.call(lambda core: bulk.run(work, core, command, report), self._on_done, self, failed)

    def _on_progress(self, done: int, total: int) -> None:
        self.progressed.emit(done, total)

    def _on_done(self, work: Work) -> None:
        self._end(work)
        undos, work.undos = tuple(work.undos), []
        if undos:
            words = undos[0].sentence if len(undos) == 1 else ngettext(
                "{n} conversation changed", "{n} conversations changed", work.done).format(n=work.done)
            self._bridge.notice(words, partial(self._undo, undos))
        self.done.emit()

    def _on_failed(self, work: Work, problem: WorkstationError) -> None:
        """What was done before it failed can still be taken back; the failure itself is for the toast."""
        self._end(work)
        if work.undos:
            self._bridge.notice(_("Done for {done} of {total}: {reason}").format(
                done=work.done, total=work.total, reason=problem), partial(self._undo, tuple(work.undos)), tone="fail")
        else:
            self._bridge.problem.emit(problem)

    def _end(self, work: Work) -> None:
        if self._work is work:
            self._work = None
            self.progressed.emit(0, 0)

    def _undo(self, undos: tuple[Undo, ...]) -> None:
        self._bridge.call(lambda core: bulk.take_back(core, undos), _nothing, self)


async def _tags(core: Core) -> tuple[TagCount, ...]:
    return await core.inbox.tags()


def _nothing(_result: None) -> None:
    """The change set says the rest."""


def _quiet(_done: int, _total: int) -> None:
    """Too short to be told of."""
