"""Compiles a binder into a desk's form, and puts the full evidence pack beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from workstation.evidence.claims import naming, pages, parts, shown, writing
from workstation.evidence.claims.fitting import Fitter
from workstation.evidence.claims.model import (
    CORRESPONDENCE,
    Binder,
    CompiledFile,
    CompileReport,
    Exhibit,
    Fill,
    LeftOut,
    Need,
)
from workstation.evidence.claims.parts import Order, Preparer, Ready
from workstation.evidence.claims.press import Press
from workstation.evidence.claims.texts import numbered, places
from workstation.evidence.ports import Printer
from workstation.evidence.record import Statement, references
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _, ngettext

BINDER = "data/binder/"
"""Where a pack has what is the binder's: order, captions, translations, letters."""

__all__ = ["Compiler", "Order", "Press", "Records"]


class Records(parts.Records, Protocol):
    """The sealed records, and the packs of them."""

    async def export(
        self, out: Path, case_id: str = "", record_ids: Sequence[str] = (), pages: Sequence[tuple[str, bytes]] = (),
    ) -> Path:
        """The full pack of a case, with further pages in it."""


class Compiler:
    """Makes forms, one at a time: converting is heavy, and a desk with two cores has other work."""

    def __init__(
        self, records: Records, printer: Printer, clock: Clock, press: Callable[[], Press] | None = None
    ) -> None:
        self._records = records
        self._printer = printer
        self._clock = clock
        self._press = press or Press
        self._turn = asyncio.Lock()

    async def compile(
        self, order: Order, out: Path, progress: Callable[[int, int], None] | None = None
    ) -> CompileReport:
        """As `api.BinderApi.compile`."""
        writing.checked(out)
        async with self._turn:
            press = self._press()
            try:
                return await self._compile(order, out, press, progress or _unheard)
            finally:
                await press.shutdown()

    async def _compile(
        self, order: Order, out: Path, press: Press, progress: Callable[[int, int], None]
    ) -> CompileReport:
        out, beside = writing.checked(out)
        progress(0, 0)
        ready = await Preparer(self._records, self._printer, press).prepare(order)
        fitter = Fitter(press, order.limits)
        made = await fitter.fit(ready.items, lambda: progress(0, 0))
        files = naming.compiled(made, order.limits)
        listed, left_out = [file for file, _content in files], (*ready.left_out, *fitter.left_out)
        binder = _with_texts(order, listed)
        warnings = tuple(_warnings(order, binder, listed))
        record_id = await self._records.claimed(order.binder.case_id, _said(order, listed, ready, left_out))
        found = writing.contents(
            shown.desk(order.desk), binder, files, left_out, warnings, ready.unprinted, self._clock.now())
        await asyncio.to_thread(writing.write, out, found)
        sealed = any(one.record_id != CORRESPONDENCE for one in binder.exhibits)
        pack = await self._records.export(beside, binder.case_id, (), _bilingual(order)) if sealed else None
        return CompileReport(
            out, binder.desk, binder.reason, tuple(listed), binder.texts, left_out, warnings, record_id, pack)


def _bilingual(order: Order) -> list[tuple[str, bytes]]:
    """The binder's list and the letters, both with their translations, for the full pack."""
    binder = order.binder
    told = any(one.record_id == CORRESPONDENCE and one.included for one in binder.exhibits)
    found: list[tuple[str, bytes]] = []
    with contextlib.suppress(pages.TooLong):   # nobody reads pages of such length; the letters are left out with a word
        listed = pages.exhibits(binder.exhibits, binder.desk, binder.reason)
        found.append((f"{BINDER}exhibits.html", listed.encode()))
        letters = pages.correspondence(order.letters, binder.case_id) if told else ""
        found += [(f"{BINDER}correspondence.html", letters.encode())] if letters else []
    return found


def _said(
    order: Order, files: Sequence[CompiledFile], ready: Ready, left_out: Sequence[LeftOut]
) -> Statement:
    """What the custody record says: which files were made of which records. docs/evidence-format.md."""
    hashes = {item.exhibit.record_id: item.record_hash for item in ready.items if item.record_hash}
    return {
        "scope": "claim", "desk": order.binder.desk, "reason": order.binder.reason, "left_out": len(left_out),
        "files": [{
            "name": file.name, "sha256": file.sha256, "size": str(file.size),
            "records": references([(one, hashes[one]) for one in file.record_ids if one in hashes]),
        } for file in files],
    }


def _with_texts(order: Order, files: Sequence[CompiledFile]) -> Binder:
    """The binder with texts that name the exhibits which are in the form, and no others."""
    inside = {name for file in files for name in file.record_ids}
    exhibits = [(number, one) for number, one in numbered(order.binder.exhibits) if one.record_id in inside]
    return replace(order.binder, texts=order.texts(exhibits, places(files)))


def _warnings(order: Order, binder: Binder, files: Sequence[CompiledFile]) -> Iterator[str]:
    """What a person should look at before sending."""
    letters = order.letters if any(CORRESPONDENCE in file.record_ids for file in files) else ()
    if not binder.complete:
        missing = [mark.slot.title for mark in binder.marks
                   if mark.slot.need is Need.REQUIRED and mark.fill is not Fill.HAVE]
        yield _("Required, and weak or missing: {names}.").format(names=", ".join(missing))
    yield from _text_warnings(binder, order.limits.text_characters)
    machine = [one for one in _shown(binder, files) if one.translation is not None and one.translation.machine]
    if machine or any(letter.engine for letter in letters):
        yield _("Machine translations are in it, marked as such; nobody went over them.")
    if order.desk.english_only and any(_foreign(letter.language, letter.other_language) for letter in letters):
        yield _("Some messages have no English translation, and this desk reads English.")
    advised, size = order.limits.advised_bytes, sum(file.size for file in files)
    if advised is not None and size >= advised:
        yield _("All files together have {size}; the desk advises {most}.").format(
            size=shown.megabytes(size), most=shown.megabytes(advised))
    if not files:
        yield _("No file is in the form.")
    if all(one.record_id == CORRESPONDENCE for one in binder.exhibits):
        yield _("Nothing of this case is sealed, so there is no evidence pack.")


def _text_warnings(binder: Binder, together: int | None) -> Iterator[str]:
    for value in binder.texts:
        if value.over:
            yield ngettext("{field}: {n} character too many; it was not cut, shorten it.",
                           "{field}: {n} characters too many; it was not cut, shorten it.", value.over).format(
                               field=value.slot.title, n=value.over)
        if value.dropped:
            yield _("{field}: lines for which there was no room: {lines}").format(
                field=value.slot.title, lines=" / ".join(value.dropped))
        if value.slot.required and not value.text:
            yield _("{field}: required, and empty.").format(field=value.slot.title)
    size = sum(len(value.text) for value in binder.texts)
    if together is not None and size > together:
        yield ngettext("All texts together have {n} character too many.",
                       "All texts together have {n} characters too many.", size - together).format(n=size - together)


def _shown(binder: Binder, files: Sequence[CompiledFile]) -> Iterator[Exhibit]:
    inside = {name for file in files for name in file.record_ids}
    yield from (one for one in binder.exhibits if one.record_id in inside)


def _foreign(language: str, other: str) -> bool:
    return language.split("-", maxsplit=1)[0] not in ("", "en") and other.split("-", maxsplit=1)[0] != "en"


def _unheard(_done: int, _total: int) -> None:
    return


