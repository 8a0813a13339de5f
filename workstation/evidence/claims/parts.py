"""Exhibits made ready for a form: each becomes pictures, papers or a video, of which the form is then put together.

What cannot be made ready is a line of the list of what was left out, with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workstation.evidence.claims import pages
from workstation.evidence.claims.desks import DeskPart
from workstation.evidence.claims.model import (
    CORRESPONDENCE,
    Binder,
    Exhibit,
    LeftOut,
    Letter,
    Limits,
    Need,
    Reason,
    TextValue,
)
from workstation.evidence.claims.press import NotConverted, Press
from workstation.evidence.claims.texts import Numbered, numbered
from workstation.evidence.model import Kind
from workstation.evidence.ports import Printer
from workstation.evidence.record import Statement
from workstation.kernel.errors import NotFound, Unsupported
from workstation.kernel.i18n import _, ngettext

MOST_EXHIBITS = 200
MOST_INPUT = 400_000_000
"""Bytes of sealed files that one form is made of."""
MOST_SHEETS = 60
"""Pages of one paper that are drawn as pictures."""
PDF, JPEG, PNG, TIFF = "application/pdf", "image/jpeg", "image/png", "image/tiff"


class Records(Protocol):
    """The sealed records. `evidence.service` fulfils it."""

    async def sealed(self, record_id: str) -> tuple[str, str, bytes]:
        """A record's hash, its file's SHA-256 and the file, all checked. Raises NotFound, Tampered."""

    async def claimed(self, case_id: str, what: Statement) -> str:
        """Record that a claim's form was made of records; the new record's id."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be compiled."""

    desk: DeskPart
    reason: Reason
    binder: Binder
    letters: tuple[Letter, ...]
    texts: Callable[[Numbered, Mapping[str, str]], tuple[TextValue, ...]]
    """The text fields of a form with these exhibits, and where those are that share a file, by record id."""

    @property
    def limits(self) -> Limits:
        return self.desk.limits.limits()


@dataclass(eq=False, slots=True)
class Part:
    """A picture (`content` as it came, decoded later), a paper or a video (as they go in)."""

    kind: str                      # "picture", "paper", "video"
    content: bytes
    mime: str
    pages: int = 0
    exact: bool = False            # our own picture: it may go in byte for byte
    changed: tuple[str, ...] = ()
    source: str = ""               # MIME type of the sealed file it was made of, "" for what is none
    page: int = 0                  # of the sealed file, from 1; 0: all of it
    of: int = 0
    printed: bool = False          # a page of ours: what is empty below its words may go


@dataclass(eq=False, slots=True)
class Item:
    """An exhibit made ready. `rank` 0 is required, 1 helpful, 2 other."""

    exhibit: Exhibit
    number: int                    # among the included, from 1
    rank: int
    into: str                      # the desk's own file field, "" where it has none
    sha256: str = ""
    record_hash: str = ""
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Ready:
    """Everything made ready, and what was not. `unprinted`: HTML by a file name, where there is no printer."""

    items: list[Item] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    unprinted: dict[str, str] = field(default_factory=dict)


def takes(limits: Limits, sort: str) -> bool:
    """A desk takes pictures, papers or videos; where it says nothing, pictures and papers."""
    if limits.formats is not None:
        prefix = {"picture": "image/", "paper": PDF, "video": "video/"}[sort]
        return any(one.startswith(prefix) for one in limits.formats)
    return sort in (limits.takes or ("picture", "paper"))


class Preparer:
    """Reads, converts and prints the exhibits of one form."""

    def __init__(self, records: Records, printer: Printer, press: Press) -> None:
        self._records = records
        self._printer = printer
        self._press = press
        self._read = 0

    async def prepare(self, order: Order) -> Ready:
        """Raises Tampered when a record is not what was sealed."""
        ready = Ready()
        waiting: list[tuple[Item, int, str]] = []      # where a printed page goes
        for exhibit in order.binder.exhibits:
            if not exhibit.included:
                ready.left_out.append(_left(exhibit, _("it is not included in the binder")))
        for number, exhibit in numbered(order.binder.exhibits):
            if number > MOST_EXHIBITS:
                ready.left_out.append(_left(exhibit, _("a form has at most {n} exhibits").format(n=MOST_EXHIBITS)))
            else:
                await self._one(order, _item(order, number, exhibit), ready, waiting)
        await self._print(order, ready, waiting)
        ready.items = [item for item in ready.items if item.parts]
        return ready

    async def _one(self, order: Order, item: Item, ready: Ready, waiting: list[tuple[Item, int, str]]) -> None:
        exhibit = item.exhibit
        try:
            await self._fill(order, item, ready, waiting)
        except NotConverted as problem:
            ready.left_out.append(_left(exhibit, str(problem)))
            return
        except pages.TooLong:
            ready.left_out.append(_left(exhibit, _("its text is too long to be printed")))
            return
        ready.items.append(item)
        translation = exhibit.translation
        if translation is not None:
            waiting.append((item, 1, pages.translated(exhibit, translation, item.sha256)))

    async def _fill(self, order: Order, item: Item, ready: Ready, waiting: list[tuple[Item, int, str]]) -> None:
        exhibit = item.exhibit
        if exhibit.record_id == CORRESPONDENCE:
            waiting.append((item, 0, pages.correspondence(order.letters, order.binder.case_id)))
            return
        self._read += exhibit.size
        if self._read > MOST_INPUT:
            raise NotConverted(_("all exhibits together are too large for one form"))
        try:
            item.record_hash, item.sha256, content = await self._records.sealed(exhibit.record_id)
        except NotFound as problem:   # erased, by a rule that its own record names
            raise NotConverted(problem.sentence) from problem
        if exhibit.mime.startswith("image/"):
            item.parts += await self._pictures(item, content, ready)
        elif exhibit.mime == PDF and not takes(order.limits, "paper"):
            item.parts += await self._sheets(item, content, ready)
        elif exhibit.mime == PDF:
            item.parts.append(await self._paper(order.limits, content))
        elif exhibit.mime.startswith("video/"):
            item.parts.append(await self._video(order.limits, exhibit, content))
        else:
            _header, files = await self._press.ask("page", {
                "title": exhibit.caption or exhibit.title, "notes": pages.origin(exhibit, item.sha256),
                "mime": exhibit.mime}, [content])
            waiting.append((item, 0, files[0].decode()))

    async def _pictures(self, item: Item, content: bytes, ready: Ready) -> list[Part]:
        """A picture; of a scan of several pages each."""
        exhibit = item.exhibit
        drawn = await self._sheets(item, content, ready) if exhibit.mime == TIFF else []
        exact = exhibit.mime == PNG and exhibit.kind in (Kind.CAPTURE, Kind.DERIVED)
        return drawn or [Part("picture", content, exhibit.mime, exact=exact, source=exhibit.mime)]

    async def _sheets(self, item: Item, content: bytes, ready: Ready) -> list[Part]:
        """The pages of a paper as pictures, and a word about those that were not drawn."""
        header, files = await self._press.ask("sheets", {"most": MOST_SHEETS}, [content])
        types, of = header.get("types"), _whole(header, "of")
        mimes = [str(one) for one in types] if isinstance(types, list) else []
        if files and of > len(files):
            said = _("only its pages 1 to {kept} of {total} went in: more are not drawn as pictures")
            ready.left_out.append(_left(item.exhibit, said.format(kept=len(files), total=of)))
        return [Part("picture", file, mime, source=item.exhibit.mime, page=page, of=of)
                for page, (mime, file) in enumerate(zip(mimes, files, strict=True), 1)]

    async def _paper(self, limits: Limits, content: bytes) -> Part:
        header, files = await self._press.ask("paper", {}, [content])
        if limits.pixels and _whole(header, "largest") >= limits.pixels:
            raise NotConverted(_("it holds a picture with more pixels than the desk takes"))
        dropped = header.get("dropped")
        changed = tuple(_dropped(str(one)) for one in dropped) if isinstance(dropped, list) else ()
        return Part("paper", files[0], PDF, _whole(header, "pages"), changed=changed, source=PDF)

    async def _video(self, limits: Limits, exhibit: Exhibit, content: bytes) -> Part:
        if not takes(limits, "video"):
            raise NotConverted(_("this desk takes no video"))
        if limits.formats is not None and exhibit.mime not in limits.formats:
            raise NotConverted(_("this desk does not take videos of this format"))
        if limits.video_bytes and len(content) >= limits.video_bytes:
            raise NotConverted(_("the video is larger than the desk takes"))
        header, _files = await self._press.ask("video", {}, [content])
        seconds = header.get("seconds")
        if limits.video_seconds and (not isinstance(seconds, int) or seconds < 0):
            raise NotConverted(_("how long the video is cannot be read"))
        if limits.video_seconds and isinstance(seconds, int) and seconds > limits.video_seconds:
            said = ngettext("the video is longer than {n} second", "the video is longer than {n} seconds",
                            limits.video_seconds)
            raise NotConverted(said.format(n=limits.video_seconds))
        return Part("video", content, exhibit.mime)

    async def _print(self, order: Order, ready: Ready, waiting: Sequence[tuple[Item, int, str]]) -> None:
        """Everything that is text at once, in one process."""
        try:
            printed = await self._printed(order.limits, waiting)
        except Unsupported as problem:
            for item, place, html in waiting:
                name = f"{item.number:02d}-{'translation' if place else 'page'}.html"
                ready.unprinted[name] = html
                ready.left_out.append(_left(item.exhibit, _("it is beside the form as {name}: {why}").format(
                    name=f"not-sent/{name}", why=problem.sentence)))
            return
        for (item, _place, _html), parts in zip(waiting, printed, strict=True):
            item.parts.extend(parts)

    async def _printed(self, limits: Limits, waiting: Sequence[tuple[Item, int, str]]) -> list[list[Part]]:
        html = [html for _item, _place, html in waiting]
        sources = ["" if place or item.exhibit.record_id == CORRESPONDENCE else item.exhibit.mime
                   for item, place, _html in waiting]
        if not takes(limits, "paper"):
            return [[Part("picture", sheet, PNG, source=source, page=page, of=len(sheets), printed=True)
                     for page, sheet in enumerate(sheets, 1)]
                    for source, sheets in zip(sources, await self._printer.pictures(html), strict=True)]
        made: list[list[Part]] = []
        for source, content in zip(sources, await self._printer.pdf(html), strict=True):
            header, files = await self._press.ask("paper", {}, [content])
            made.append([Part("paper", files[0], PDF, _whole(header, "pages"), source=source)])
        return made


def _item(order: Order, number: int, exhibit: Exhibit) -> Item:
    slot = next((slot for slot in order.reason.slots if slot.id == exhibit.slot), None)
    rank = 2 if slot is None else 0 if slot.need is Need.REQUIRED else 1
    fields = order.desk.fields
    return Item(exhibit, number, rank, fields.get(exhibit.slot) or fields.get("other", ""))


def _left(exhibit: Exhibit, reason: str) -> LeftOut:
    return LeftOut(exhibit.record_id, exhibit.caption or exhibit.title, reason)


def _dropped(code: str) -> str:
    said = {
        "scripts": _("scripts left out"), "files": _("embedded files left out"), "forms": _("active forms left out"),
        "media": _("sound and video left out"), "links": _("links left out"),
    }
    return said.get(code, code)


def _whole(header: Mapping[str, object], name: str) -> int:
    found = header.get(name)
    return found if isinstance(found, int) else 0
