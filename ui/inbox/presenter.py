"""What the list shows and what is asked of the core: queue, search, pages around what is seen, change sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.bridge import Bridge
from ui.inbox import words
from ui.inbox.acting import Acting
from ui.inbox.list_model import ConversationModel
from workstation.inbox.listing import ConversationRow, ListQuery, Queue
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paging import Page

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.domain.events import ConversationsChanged
    from workstation.domain.member import Member

SEARCH_PAUSE_MS = 120
COUNTS_MS = 60_000
COUNTS_PAUSE_MS = 150
PLACES_PAUSE_MS = 120
CHUNK = 500
PAGE = 60
"""Rows asked for at once: three screens of them."""
Sized = tuple[Page[ConversationRow], int]


class InboxPresenter(QObject):
    """State of the queues column and the list. Views read it and follow its signals."""

    queues_changed = Signal()
    members_changed = Signal()
    state_changed = Signal()
    """Loading, error, queue or search changed."""

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge
        self.model = ConversationModel(self)
        self.queue = "open"
        self.search = ""
        self.relevance = False
        self.note = ""
        self.queues: tuple[Queue, ...] = ()
        self.members: tuple[Member, ...] = ()
        self.loading = True
        self.problem: WorkstationError | None = None
        self.act = Acting(self)
        self._wanted_search = ""
        self._changed_meanwhile: set[str] = set()
        self._under_way = False
        self._seen = (0, -1)
        self._pause = self._timer(SEARCH_PAUSE_MS, self._search_now)
        self._counts_soon = self._timer(COUNTS_PAUSE_MS, self.load_queues)
        self._places_soon = self._timer(PLACES_PAUSE_MS, self._ask_places)
        self._counts = QTimer(self, interval=COUNTS_MS)
        self._counts.timeout.connect(self._on_minute)
        self._counts.start()
        self.model.wants_more.connect(self._load_more)
        for signal, slot in (
            (bridge.conversations_changed, self._on_changed), (bridge.attached, self._on_attached),
            (bridge.queues_changed, self._on_queues_changed), (bridge.members_changed, self._load_members),
        ):
            signal.connect(slot)

    def _timer(self, milliseconds: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=milliseconds)
        timer.timeout.connect(slot)
        return timer

    # what is shown

    @property
    def me(self) -> str:
        """The member at this desk."""
        mine = next((member.id for member in self.members if member.me), "")
        return mine or (self.bridge.core.device_id if self.bridge.core is not None else "")

    @property
    def query(self) -> ListQuery:
        return ListQuery(self.queue, self.search, None, PAGE, self.relevance)

    @property
    def under_way(self) -> bool:
        """A page is on its way."""
        return self._under_way

    def show_first(self, rows: Sequence[ConversationRow]) -> None:
        """The first page, read before the core was built. An empty one says nothing yet: a store of an older program is
        read by the core only."""
        self.loading = not rows and self.bridge.core is None
        self.model.show(Page(tuple(rows), rows[-1].cursor if len(rows) >= 50 else None))
        self.state_changed.emit()

    def give_up(self, problem: WorkstationError | None) -> None:
        """There will be no core: what is not here does not come."""
        self.loading, self.problem = False, problem
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

    def sort_hits(self, relevance: bool) -> None:
        """Hits of a search best first, or newest first."""
        if relevance != self.relevance:
            self.relevance = relevance
            if self.search:
                self._begin()

    def search_everywhere(self) -> None:
        self.show_queue("all")

    def reload(self) -> None:
        """Read the first page, the counts and the team again; what is on the screen follows without a jump."""
        self._load_members()
        self.load_queues()
        self._read_first_again()

    def load_queues(self) -> None:
        self._counts_soon.stop()
        self.bridge.call(_queues, self._on_queues, self, self._on_counts_failed, replaces="queues")

    def title(self) -> str:
        """The name of the queue that is shown."""
        return next((words.queue_title(queue) for queue in self.queues if queue.key == self.queue), "")

    def initials(self, member_id: str) -> str:
        """Two letters for whoever answers a conversation, "" for nobody and until the team is known."""
        return words.initials(self.member_name(member_id)) if member_id and self.members else ""

    def member_name(self, member_id: str) -> str:
        """A colleague's name; their id while the team is not known."""
        return next((member.name for member in self.members if member.id == member_id), member_id)

    def look(self, first: int, last: int) -> None:
        """These rows are on the screen: what of them is missing is fetched, what is far from them let go."""
        self._seen = (first, last)
        self._fetch_seen()

    # actions

    def fetch(self) -> None:
        """Look for new mail now."""
        self.bridge.call(_fetch, _nothing, self)

    def resolve(self, ids: Sequence[str]) -> None:
        self.act.resolve(ids)

    def reopen(self, ids: Sequence[str]) -> None:
        self.act.reopen(ids)

    def snooze(self, ids: Sequence[str], until: int) -> None:
        """Hide until `until` (milliseconds, UTC) or until the buyer writes."""
        self.act.snooze(ids, until)

    def no_response(self, ids: Sequence[str]) -> None:
        self.act.no_response(ids)

    def mark_read(self, ids: Sequence[str], read: bool) -> None:
        self.act.mark_read(ids, read)

    # pages

    def _search_now(self) -> None:
        self._pause.stop()
        if self._wanted_search != self.search:
            self.search = self._wanted_search
            self._begin()

    def _begin(self) -> None:
        self.loading, self.problem = True, None
        self.state_changed.emit()
        self._ask_first(self._on_first)

    def _read_first_again(self) -> None:
        self._ask_first(self._on_first if not self.model.rowCount() or self.search else self._on_refreshed)

    def _load_more(self) -> None:
        cursor = self.model.cursor
        if cursor is not None:
            self._ask(ListQuery(self.queue, self.search, cursor, PAGE, self.relevance), self._on_more)

    def _fetch_seen(self) -> None:
        first, last = self._seen
        if self._under_way or self.loading or self.bridge.core is None or last < first:
            return
        self.model.keep_around(first, last)
        wanted = self.model.wanted(first, last, PAGE)
        if wanted is None:
            return
        cursor, position, limit = wanted
        if cursor is not None:
            self._ask(ListQuery(self.queue, self.search, cursor, limit, self.relevance), self._on_more)
        else:
            query = ListQuery(self.queue, self.search, None, limit, self.relevance, position)
            self._ask(query, partial(self._on_laid, position))

    def _ask(self, query: ListQuery, slot: Callable[[Page[ConversationRow]], None]) -> None:
        self._begin_asking()
        self.bridge.call(lambda core: core.inbox.page(query), slot, self, self._on_failed, replaces="page")

    def _ask_first(self, slot: Callable[[Sized], None]) -> None:
        self._begin_asking()
        self.bridge.call(partial(_first, self.query), slot, self, self._on_failed, replaces="page")

    def _begin_asking(self) -> None:
        self._changed_meanwhile.clear()
        self._under_way = True

    def _on_first(self, found: Sized) -> None:
        page, size = found
        self.model.show(page, in_order=not self.search, size=size)
        self.note = page.note
        self._settled()

    def _on_refreshed(self, found: Sized) -> None:
        page, size = found
        self.model.refresh(page)
        if self.model.before:
            self._places_soon.start()
        else:
            self.model.settle(size)
        self._settled()

    def _on_more(self, page: Page[ConversationRow]) -> None:
        self.model.append(page)
        self.note = page.note
        self._settled()

    def _on_laid(self, position: int, page: Page[ConversationRow]) -> None:
        self.model.lay(page, position)
        self._settled()

    def _settled(self) -> None:
        self._under_way = False
        self.loading, self.problem = False, None
        self.state_changed.emit()
        if self._changed_meanwhile:
            self._read_rows(tuple(self._changed_meanwhile))
            self._changed_meanwhile.clear()
        self._fetch_seen()

    def _on_failed(self, problem: WorkstationError) -> None:
        self.model.give_up()
        self._under_way = False
        self.loading, self.problem = False, problem
        self.state_changed.emit()

    # changes

    def _on_attached(self) -> None:
        self.reload()

    def _on_minute(self) -> None:
        """Clocks ran on: counts, and a queue that is cut by the clock."""
        self.load_queues()
        if self.queue == "breaching" and not self.search:
            self._places_soon.start()

    def _on_changed(self, event: ConversationsChanged) -> None:
        if self._under_way:
            self._changed_meanwhile.update(event.ids)
        self._read_rows(event.ids)
        if not self._counts_soon.isActive():
            self._counts_soon.start()

    def _on_queues_changed(self, _event: object) -> None:
        self.load_queues()

    def _read_rows(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), CHUNK):
            part = tuple(ids[start:start + CHUNK])
            self.bridge.call(partial(_rows, part), partial(self._on_rows, part), self)

    def _on_rows(self, ids: Sequence[str], rows: tuple[ConversationRow, ...]) -> None:
        model, before = self.model, self.model.rowCount()
        now, queue, me = model.clock.now(), self.queue, self.me
        kept = bool(self.search) or queue.startswith("view:")  # what matches there only the core can say
        model.apply(ids, rows, lambda row: (
            model.known(row.id) is not None if kept else words.belongs(row, queue, now, me)))
        if not self.search and not self._places_soon.isActive():
            self._places_soon.start()
        if bool(before) != bool(model.rowCount()):
            self.state_changed.emit()

    def _ask_places(self) -> None:
        """After changes: how long the queue is, and where what is loaded stands in it."""
        if self.bridge.core is None or self.search or self.loading:
            return
        first = self.model.loaded[0].id if self.model.loaded else ""
        self.bridge.call(
            partial(_places, self.query, first), partial(self._on_places, self.queue, first), self,
            self._on_counts_failed, replaces="places")

    def _on_places(self, queue: str, first: str, found: tuple[int, int | None]) -> None:
        model, (size, rank) = self.model, found
        if queue != self.queue or self.search:
            return
        moved = bool(first) and (not model.loaded or model.loaded[0].id != first)
        lost = bool(first) and rank is None and not moved
        short = not model.before and not model.after and size != len(model.loaded)
        if (lost or short) and not model.before:
            self._read_first_again()
        elif not lost:
            model.settle(size, first, rank)
            self._fetch_seen()
        if moved:
            self._places_soon.start()

    def _load_members(self, _event: object = None) -> None:
        core = self.bridge.core
        if core is not None and core.team is not None:
            self.bridge.call(_members, self._on_members, self, self._on_counts_failed, replaces="members")

    def _on_members(self, members: tuple[Member, ...]) -> None:
        self.members = members
        self.members_changed.emit()
        self.queues_changed.emit()

    def _on_queues(self, queues: tuple[Queue, ...]) -> None:
        if queues != self.queues:
            self.queues = queues
            self.queues_changed.emit()

    def _on_counts_failed(self, _problem: WorkstationError) -> None:
        """The counts stay as they were; the list says what is wrong."""


async def _first(query: ListQuery, core: Core) -> Sized:
    """The first page, and how many there are in all: -1 for a search."""
    page = await core.inbox.page(query)
    if query.search:
        return page, -1
    return page, len(page.rows) if page.cursor is None else await core.inbox.size(query)


async def _places(query: ListQuery, first: str, core: Core) -> tuple[int, int | None]:
    size = await core.inbox.size(query)
    return size, await core.inbox.rank(query, first) if first else None


async def _queues(core: Core) -> tuple[Queue, ...]:
    return await core.inbox.queues()


async def _members(core: Core) -> tuple[Member, ...]:
    return await core.team.members() if core.team is not None else ()


async def _rows(ids: Sequence[str], core: Core) -> tuple[ConversationRow, ...]:
    return await core.inbox.rows(ids)


async def _fetch(core: Core) -> None:
    await core.accounts.fetch_now()


def _nothing(_result: None) -> None:
    """The change set says the rest."""
