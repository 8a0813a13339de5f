"""Puts a form together so that it stays within a desk's limits, and says what did not fit.

Pictures are made smaller in steps before anything is left out; what must go goes from the least important end: what a
desk did not ask for, then what helps, then what it requires, the last in the binder first.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from workstation.evidence.claims.model import LeftOut, Limits
from workstation.evidence.claims.parts import JPEG, PDF, PNG, Item, Part, takes
from workstation.evidence.claims.press import NotConverted, Press
from workstation.evidence.claims.shown import megabytes
from workstation.kernel.i18n import _, ngettext

LEVELS = ((0, 92), (2_400, 85), (1_800, 80), (1_400, 72), (1_100, 62), (850, 52))
"""Longer side in pixels (0: as it is) and JPEG quality. The last is the least that can still be read."""
_WEIGHTS = (3.3, 2.4, 1.04, 0.44, 0.17, 0.065)
"""How large a photo becomes on each level, against the others (measured on noise, 2600×1700): where to go on from."""
MOST_STACKED = 4
"""Pictures one below the other in one file; more cannot be read."""
_DPI = 150


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A part as it goes into a file. Known by itself, not by its bytes."""

    item: Item
    part: Part
    mime: str
    content: bytes
    pages: int = 0
    width: int = 0
    height: int = 0
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """One file of the form."""

    drawn: tuple[Drawn, ...]
    mime: str
    content: bytes
    pages: int = 0
    width: int = 0
    height: int = 0

    @property
    def items(self) -> tuple[Item, ...]:
        return tuple(dict.fromkeys(one.item for one in self.drawn))

@dataclass(slots=True)
class Fault:
    """Why a form does not fit, and of which items one has to go when nothing can be made smaller."""

    reason: str
    items: Sequence[Item]
    files: Sequence[Made] = ()     # that would have to be smaller, when smaller pictures may help
    limit: int = 0                 # bytes below which they have to stay together
    sheets_over: int = 0


class Fitter:
    """One form. `fit` is called once."""

    def __init__(self, press: Press, limits: Limits) -> None:
        self._press = press
        self._limits = limits
        self._level = 0
        self._drawn: dict[tuple[Part, int], Drawn] = {}
        self._merged: dict[tuple[Drawn, ...], Made] = {}
        self.left_out: list[LeftOut] = []
        self._items: list[Item] = []

    async def fit(self, items: Sequence[Item], progress: Callable[[], None]) -> list[Made]:
        """The files, in the binder's order, all within the limits; `left_out` has what is not in them."""
        self._items = list(items)
        self._drop_hopeless()
        while True:
            progress()
            fault = self._count_fault() or self._page_fault()
            made = await self._make() if fault is None else []
            fault = fault or self._size_fault(made)
            if fault is None:
                return made
            if fault.files and self._level + 1 < len(LEVELS):
                self._level = self._next(fault)
            else:
                await self._give_up(fault)

    def _next(self, fault: Fault) -> int:
        """The next level that may do. One that is too large only costs another turn, so the guess is a bold one."""
        pictures = sum(len(one.content) for file in fault.files for one in file.drawn if one.mime in (JPEG, PNG))
        others = sum(len(file.content) for file in fault.files) - pictures
        wanted = 1.3 * (fault.limit - others) / max(1, pictures) * _WEIGHTS[self._level]
        known = (level for level in range(self._level + 1, len(LEVELS)) if _WEIGHTS[level] <= wanted)
        return next(known, len(LEVELS) - 1)

    @property
    def above_advised(self) -> bool:
        """Nothing more could be done to stay below what the desk advises."""
        return self._level + 1 >= len(LEVELS)

    # -- making ---------------------------------------------------------------------------------------------------

    async def _make(self) -> list[Made]:
        drawn: list[Drawn] = []
        for item in list(self._items):
            try:
                drawn += [await self._draw(item, part) for part in item.parts]
            except NotConverted as problem:
                drawn = [one for one in drawn if one.item is not item]
                self._leave(item, str(problem))
        return [await self._file(group) for group in self._groups(drawn)]

    async def _draw(self, item: Item, part: Part) -> Drawn:
        key = (part, self._level if part.kind == "picture" else 0)
        if key not in self._drawn:
            self._drawn[key] = await self._picture(item, part) if part.kind == "picture" else Drawn(
                item, part, part.mime, part.content, part.pages, changed=part.changed)
        return self._drawn[key]

    async def _picture(self, item: Item, part: Part) -> Drawn:
        side, quality = LEVELS[self._level]
        if part.exact and self._level == 0 and self._as_it_is(part):
            width, height = (int.from_bytes(part.content[at:at + 4], "big") for at in (16, 20))   # PNG: IHDR
            if not self._limits.pixels or width * height < self._limits.pixels:
                return Drawn(item, part, PNG, part.content, 0, width, height)
        header, files = await self._press.ask("picture", {
            "side": side, "quality": quality, "dpi": self._dpi, "pixels": self._limits.pixels or 0,
            "trim": part.printed}, [part.content])
        width, height = _whole(header.get("width")), _whole(header.get("height"))
        codes = header.get("changed")
        changed = tuple(_changes(codes if isinstance(codes, list) else [], width, height))
        return Drawn(item, part, JPEG, files[0], 0, width, height, changed)

    def _as_it_is(self, part: Part) -> bool:
        accepted = self._limits.formats is None or PNG in self._limits.formats
        return accepted and (self._limits.file_bytes is None or len(part.content) < self._limits.file_bytes)

    @property
    def _dpi(self) -> int:
        return min(_DPI, self._limits.dpi or _DPI)

    async def _file(self, group: Sequence[Drawn]) -> Made:
        """Several parts as one file: papers and pictures as a PDF, pictures alone, where no paper is taken, stacked."""
        if len(group) == 1:
            only = group[0]
            return Made((only,), only.mime, only.content, only.pages, only.width, only.height)
        key = tuple(group)
        if key not in self._merged:
            self._merged[key] = await (self._merge(group) if takes(self._limits, "paper") else self._stack(group))
        return self._merged[key]

    async def _merge(self, group: Sequence[Drawn]) -> Made:
        contents = [one.content if one.mime != PNG else await self._jpeg(one) for one in group]
        kinds = [PDF if one.mime == PDF else JPEG for one in group]
        header, files = await self._press.ask("merge", {"types": kinds, "titles": _titles(group)}, contents)
        return Made(tuple(group), PDF, files[0], _whole(header.get("pages")))

    async def _stack(self, group: Sequence[Drawn]) -> Made:
        _side, quality = LEVELS[self._level]
        header, files = await self._press.ask("stack", {
            "quality": quality, "dpi": self._dpi, "pixels": self._limits.pixels or 0,
            "labels": [_label(one) for one in group]}, [one.content for one in group])
        return Made(tuple(group), JPEG, files[0], 0, _whole(header.get("width")), _whole(header.get("height")))

    async def _jpeg(self, one: Drawn) -> bytes:
        _header, files = await self._press.ask("picture", {"quality": LEVELS[0][1], "dpi": self._dpi}, [one.content])
        return files[0]

    # -- grouping -------------------------------------------------------------------------------------------------

    def _groups(self, drawn: Sequence[Drawn]) -> list[list[Drawn]]:
        """Which parts become one file."""
        videos = [[one] for one in drawn if one.mime.startswith("video/")]
        rest = [one for one in drawn if not one.mime.startswith("video/")]
        if not takes(self._limits, "paper"):
            return [*self._stacks(rest), *videos]
        by_item = _by(rest, lambda one: one.item.into or id(one.item))
        room = self._limits.files - len(videos) if self._limits.files else len(by_item)
        if len(by_item) > room:
            by_item = _by(rest, lambda one: one.item.into or one.item.exhibit.slot)
        if len(by_item) > max(1, room):
            last = max(1, room) - 1
            by_item = [*by_item[:last], [one for group in by_item[last:] for one in group]]
        return [*by_item, *videos]

    def _stacks(self, pictures: Sequence[Drawn]) -> list[list[Drawn]]:
        """As many files as the desk takes, in order, as even as can be."""
        most = self._limits.files or len(pictures)
        if len(pictures) <= most:
            return [[one] for one in pictures]
        step, more = divmod(len(pictures), most)
        sizes = [step + (1 if place < more else 0) for place in range(most)]
        source = iter(pictures)
        return [list(itertools.islice(source, size)) for size in sizes]

    # -- judging --------------------------------------------------------------------------------------------------

    def _count_fault(self) -> Fault | None:
        """Too many to be read, however they are stacked, or more videos than files. Papers can always be merged."""
        most = self._limits.files
        if most is None:
            return None
        videos = [item for item in self._items for part in item.parts if part.kind == "video"]
        if len(videos) > most:
            return Fault(ngettext("the desk takes {n} file", "the desk takes {n} files", most).format(n=most), videos)
        room = (most - len(videos)) * MOST_STACKED
        over = sum(len(item.parts) for item in self._items) - len(videos) - room
        if takes(self._limits, "paper") or over <= 0:
            return None
        said = _("the desk takes {n} files, and more pictures in one could not be read")
        return Fault(said.format(n=most), self._items, sheets_over=over)

    def _page_fault(self) -> Fault | None:
        """A picture counts as a page."""
        most = self._limits.pages
        over = sum(part.pages or 1 for item in self._items for part in item.parts) - most if most is not None else 0
        if most is None or over <= 0:
            return None
        said = ngettext("the desk takes {n} page", "the desk takes {n} pages", most)
        return Fault(said.format(n=most), self._items, sheets_over=over)

    def _size_fault(self, made: Sequence[Made]) -> Fault | None:
        for one in made:
            limit = self._limits.video_bytes if one.mime.startswith("video/") else None
            limit = limit or self._limits.file_bytes
            if limit is not None and len(one.content) >= limit:
                said = _("the file would not stay below {size}")
                return Fault(said.format(size=megabytes(limit)), one.items, [one], limit)
        total, limit = sum(len(one.content) for one in made), self._limits.total_bytes
        if limit is not None and total >= limit:
            said = _("all files together would not stay below {size}").format(size=megabytes(limit))
            return Fault(said, self._items, made, limit)
        advised = self._limits.advised_bytes
        if advised is not None and total >= advised and not self.above_advised:
            return Fault("", self._items, made, advised)
        return None

    # -- giving up ------------------------------------------------------------------------------------------------

    def _drop_hopeless(self) -> None:
        """What cannot be made smaller and is too large alone goes first, or pictures would suffer for nothing."""
        for item in list(self._items):
            for part in item.parts:
                limit = self._limits.video_bytes if part.kind == "video" else self._smallest()
                if part.kind != "picture" and limit is not None and len(part.content) >= limit:
                    said = _("it has {size}, and the desk takes less than {most}; it cannot be made smaller here")
                    self._leave(item, said.format(size=megabytes(len(part.content)), most=megabytes(limit)))
                    break

    def _smallest(self) -> int | None:
        known = [one for one in (self._limits.file_bytes, self._limits.total_bytes) if one is not None]
        return min(known, default=None)

    async def _give_up(self, fault: Fault) -> None:
        """Leave out the least important of those at fault, or only its last pages where that is enough."""
        place = {id(item): at for at, item in enumerate(self._items)}
        victim = max(fault.items, key=lambda item: (item.rank, place[id(item)]))
        sheets = sum(part.pages or 1 for part in victim.parts)
        if fault.sheets_over and sheets > fault.sheets_over:
            await self._shorten(victim, sheets, fault)
        else:
            self._leave(victim, fault.reason)

    async def _shorten(self, item: Item, total: int, fault: Fault) -> None:
        """Keep the first pages only, as many as there is room for."""
        kept = room = total - fault.sheets_over
        parts: list[Part] = []
        for part in item.parts:
            if room and part.pages > room:
                _header, files = await self._press.ask("paper", {"pages": room}, [part.content])
                part = replace(part, content=files[0], pages=room)   # noqa: PLW2901
            parts += [part] if room else []
            room -= min(room, part.pages or 1)
        item.parts = parts
        exhibit = item.exhibit
        said = _("only its pages 1 to {kept} of {total} went in: {reason}").format(
            kept=kept, total=total, reason=fault.reason)
        self.left_out.append(LeftOut(exhibit.record_id, exhibit.caption or exhibit.title, said))

    def _leave(self, item: Item, reason: str) -> None:
        self._items.remove(item)
        self.left_out.append(LeftOut(item.exhibit.record_id, item.exhibit.caption or item.exhibit.title, reason))


def _titles(group: Sequence[Drawn]) -> list[str]:
    """What a reader of the PDF can jump to: each exhibit at its first page."""
    seen, titles = set[int](), []
    for one in group:
        first = id(one.item) not in seen
        seen.add(id(one.item))
        exhibit = one.item.exhibit
        titles.append(f"Exhibit {one.item.number}: {exhibit.caption or exhibit.title}" if first else "")
    return titles


def _label(one: Drawn) -> str:
    """What stands above a picture that shares its file with others."""
    sheet = f", page {one.part.page} of {one.part.of}" if one.part.of > 1 else ""
    return f"Exhibit {one.item.number}{sheet}"


def _by(drawn: Sequence[Drawn], key: Callable[[Drawn], object]) -> list[list[Drawn]]:
    """Parts with the same key together, in the order of their first."""
    found: dict[object, list[Drawn]] = {}
    for one in drawn:
        found.setdefault(key(one), []).append(one)
    return list(found.values())


def _changes(codes: Sequence[object], width: int, height: int) -> Iterator[str]:
    said = {
        "written_anew": _("written anew without its metadata"),
        "first_frame": _("its first frame only"), "turned": _("turned upright"),
        "flattened": _("clear parts made white"),
        "scaled": _("scaled to {width}×{height}").format(width=width, height=height),
    }
    yield from (said[str(code)] for code in codes if code in said)   # "converted": the conversion itself is named


def _whole(found: object) -> int:
    return found if isinstance(found, int) else 0
