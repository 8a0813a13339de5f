"""What the list shows and what is asked of the core: queue, search, pages, change sets and actions with their undo."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.bridge import Bridge
from ui.inbox import words
from ui.inbox.list_model import ConversationModel
from workstation.inbox.listing import ConversationRow, ListQuery, Queue
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paging import PAGE_SIZE, Page

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.domain.events import ConversationsChanged
    from workstation.inbox.model import Undo

SEARCH_PAUSE_MS = 120
COUNTS_MS = 60_000
CHUNK = 500


class InboxPresenter(QObject):
    """State of the queues column and the list. Views read it and follow its signals."""

    queues_changed = Signal()
    state_changed = Signal()
    """Loading, error, queue or search changed."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.model = ConversationModel(self)
        self.queue = "open"
        self.search = ""
        self.queues: tuple[Queue, ...] = ()
        self.loading = True
        self.problem: WorkstationError | None = None
        self._wanted_search = ""
        self._changed_meanwhile: set[str] = set()
        self._under_way = False
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._search_now)
        self._counts = QTimer(self, interval=COUNTS_MS)
        self._counts.timeout.connect(self.load_queues)
        self._counts.start()
        self.model.wants_more.connect(self._load_more)
        bridge.conversations_changed.connect(self._on_changed)
        bridge.attached.connect(self.reload)

    # what is shown

    def show_first(self, rows: Sequence[ConversationRow]) -> None:
        """The first page, read before the core was built."""
        self.loading = False
        self.model.show(Page(tuple(rows), rows[-1].cursor if len(rows) >= 50 else None))
        self.state_changed.emit()

    def show_queue(self, key: str) -> None:
        """Another queue; a search stays and narrows within it."""
        if key != self.queue:
            self.queue = key
            self._begin()

    def type_search(self, text: str) -> None:
        """A person types in the search box; asked 120 ms after the last key."""
        self._wanted_search = text.strip()
        self._pause.start()

    def clear_search(self) -> None:
        self._wanted_search = ""
        self._search_now()

    def search_everywhere(self) -> None:
        self.show_queue("all")

    def reload(self) -> None:
        """Read the first page and the counts again; what is on the screen follows without a jump."""
        self.load_queues()
        first = not self.model.rowCount() or bool(self.search)
        self._ask(None, self._on_first if first else self._on_refreshed)

    def load_queues(self) -> None:
        self.bridge.call(_queues, self._on_queues, self, self._on_counts_failed, replaces="queues")

    def title(self) -> str:
        """The name of the queue that is shown."""
        return next((words.queue_title(queue) for queue in self.queues if queue.key == self.queue), "")

    # actions

    def fetch(self) -> None:
        """Look for new mail now."""
        self.bridge.call(_fetch, _nothing, self)

    def resolve(self, ids: Sequence[str]) -> None:
        """What a buyer wrote in while the person looked at the list stays open."""
        rows = (self.model.row(position) for position in range(self.model.rowCount()))
        seen = {row.id: row.last_at for row in rows if row.id in ids}
        self._act(ids, lambda core: core.inbox.resolve(ids, seen))

    def reopen(self, ids: Sequence[str]) -> None:
        self._act(ids, lambda core: core.inbox.reopen(ids))

    def snooze(self, ids: Sequence[str], until: int) -> None:
        """Hide until `until` (milliseconds, UTC) or until the buyer writes."""
        self._act(ids, lambda core: core.inbox.snooze(ids, until))

    def no_response(self, ids: Sequence[str]) -> None:
        self._act(ids, lambda core: core.inbox.no_response_needed(ids))

    def mark_read(self, ids: Sequence[str], read: bool) -> None:
        if ids:
            self.bridge.call(lambda core: core.inbox.mark_read(ids, read), _nothing, self)

    def _act(self, ids: Sequence[str], command: Callable[[Core], Coroutine[object, object, Undo]]) -> None:
        if ids:
            self.bridge.call(command, self._on_done, self)

    def _on_done(self, undo: Undo) -> None:
        self.bridge.notice(undo.sentence, partial(self._undo, undo.id))

    def _undo(self, undo_id: str) -> None:
        self.bridge.call(lambda core: core.inbox.undo(undo_id), _nothing, self)

    # pages

    def _search_now(self) -> None:
        self._pause.stop()
        if self._wanted_search != self.search:
            self.search = self._wanted_search
            self._begin()

    def _begin(self) -> None:
        self.loading, self.problem = True, None
        self.state_changed.emit()
        self._ask(None, self._on_first)

    def _load_more(self) -> None:
        self._ask(self.model.cursor, self._on_more)

    def _ask(self, cursor: str | None, slot: Callable[[Page[ConversationRow]], None]) -> None:
        query = ListQuery(self.queue, self.search, cursor, PAGE_SIZE)
        self._changed_meanwhile.clear()
        self._under_way = True
        self.bridge.call(lambda core: core.inbox.page(query), slot, self, self._on_failed, replaces="page")

    def _on_first(self, page: Page[ConversationRow]) -> None:
        self.model.show(page, in_order=not self.search)
        self._settled()

    def _on_refreshed(self, page: Page[ConversationRow]) -> None:
        self.model.refresh(page)
        self._settled()

    def _on_more(self, page: Page[ConversationRow]) -> None:
        self.model.append(page)
        self._settled()

    def _settled(self) -> None:
        self._under_way = False
        self.loading, self.problem = False, None
        self.state_changed.emit()
        if self._changed_meanwhile:
            self._read_rows(tuple(self._changed_meanwhile))
            self._changed_meanwhile.clear()

    def _on_failed(self, problem: WorkstationError) -> None:
        self.model.give_up()
        self._under_way = False
        self.loading, self.problem = False, problem
        self.state_changed.emit()

    # changes

    def _on_changed(self, event: ConversationsChanged) -> None:
        if self._under_way:
            self._changed_meanwhile.update(event.ids)
        self._read_rows(event.ids)
        self.load_queues()

    def _read_rows(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), CHUNK):
            part = tuple(ids[start:start + CHUNK])
            self.bridge.call(partial(_rows, part), partial(self._on_rows, part), self)

    def _on_rows(self, ids: Sequence[str], rows: tuple[ConversationRow, ...]) -> None:
        now = self.model.clock.now()
        queue, searching = self.queue, bool(self.search)
        self.model.apply(ids, rows, lambda row: searching or words.belongs(row, queue, now))
        self.state_changed.emit()

    def _on_queues(self, queues: tuple[Queue, ...]) -> None:
        self.queues = queues
        self.queues_changed.emit()

    def _on_counts_failed(self, _problem: WorkstationError) -> None:
        """The counts stay as they were; the list says what is wrong."""


async def _queues(core: Core) -> tuple[Queue, ...]:
    return await core.inbox.queues()


async def _rows(ids: Sequence[str], core: Core) -> tuple[ConversationRow, ...]:
    return await core.inbox.rows(ids)


async def _fetch(core: Core) -> None:
    await core.accounts.fetch_now()


def _nothing(_result: None) -> None:
    """The change set says the rest."""
