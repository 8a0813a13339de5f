"""One action over any number of conversations: gathered by query, done in portions, with one way back for all."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workstation.inbox.listing import ListQuery

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.inbox.model import Undo

PORTION = 500
PORTIONS = 40
"""The core remembers fifty ways back: a larger work has larger portions, not more of them."""
GATHERED = 2_000
Ranges = tuple[tuple[int, int], ...]
"""Places of a queue from first to last; a last of -1 is its end."""


@dataclass
class Work:
    """An action under way. `stop` lets it end after the portion it is in; what was done stays and can be taken back."""

    query: ListQuery
    ids: tuple[str, ...]
    ranges: Ranges
    stopped: bool = False
    done: int = 0
    total: int = 0
    undos: list[Undo] = field(default_factory=list)

    def stop(self) -> None:
        self.stopped = True


async def run(
    work: Work, core: Core, command: Callable[[Core, Sequence[str]], Coroutine[object, object, Undo]],
    report: Callable[[int, int], None],
) -> Work:
    """Do `command` to all of it. `report(done, total)` after each portion."""
    ids = list(work.ids) if not work.ranges else await gather(core, work.query, work.ranges)
    work.total = len(ids)
    size = max(PORTION, -(-len(ids) // PORTIONS))
    for begin in range(0, len(ids), size):
        if work.stopped:
            break
        part = tuple(ids[begin:begin + size])
        work.undos.append(await command(core, part))
        work.done += len(part)
        report(work.done, work.total)
    return work


async def gather(core: Core, query: ListQuery, ranges: Ranges) -> list[str]:
    """The conversations at these places, page by page."""
    found: dict[str, None] = {}
    for first, last in ranges:
        left = last - first + 1 if last >= 0 else 1 << 40
        asked = replace(query, cursor=None, position=None if query.search or not first else first)
        while left > 0:
            page = await core.inbox.page(replace(asked, limit=min(left, GATHERED)))
            found.update((row.id, None) for row in page.rows)
            left -= len(page.rows)
            if page.cursor is None:
                break
            asked = replace(asked, cursor=page.cursor, position=None)
    return list(found)


async def take_back(core: Core, undos: Sequence[Undo]) -> None:
    """The newest first, as with any way back."""
    for undo in reversed(undos):
        await core.inbox.undo(undo.id)
