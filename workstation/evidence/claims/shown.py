"""Desks in words: the values of a file as the screen and the command line show them, in the interface's language."""

from __future__ import annotations

from collections.abc import Iterator

from workstation.evidence.claims.desks import Clock, DeskPart, ReasonPart, TextPart
from workstation.evidence.claims.model import Conversion, Desk, Limits, Need, Reason, Slot, TextSlot
from workstation.evidence.claims.vocabulary import PROOFS
from workstation.kernel.i18n import N_, _, ngettext

_NAMES = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/tiff": "TIFF", "application/pdf": "PDF",
    "video/mp4": "MP4", "video/quicktime": "MOV", "text/csv": "CSV",
    "text/tab-separated-values": "TSV", "message/rfc822": N_("e-mail"), "text/plain": N_("text"),
}
_MB = 1_000_000


def desk(part: DeskPart) -> Desk:
    """A desk with everything it wants and takes."""
    limits = part.limits.limits()
    return Desk(
        id=part.id, title=str(part.title), clock=clock(part.clock), notes=tuple(_notes(part)), limits=limits,
        limit_lines=tuple(limit_lines(limits)), reasons=tuple(reason(part, each) for each in part.reason),
    )


def reason(part: DeskPart, wanted: ReasonPart) -> Reason:
    """A reason with its slots, the required ones first, and the text fields it has."""
    texts = tuple(_text(each) for each in part.text if not each.reasons or wanted.id in each.reasons)
    return Reason(wanted.id, str(wanted.title), tuple(_slots(part, wanted)), texts)


def _slots(part: DeskPart, wanted: ReasonPart) -> Iterator[Slot]:
    for name in wanted.required:
        yield _slot(part, wanted, name, Need.REQUIRED)
    for name in wanted.one_of:
        yield _slot(part, wanted, name, Need.REQUIRED, "one")
    for name in wanted.helpful:
        yield _slot(part, wanted, name, Need.HELPFUL)


def _slot(part: DeskPart, wanted: ReasonPart, name: str, need: Need, group: str = "") -> Slot:
    proof = PROOFS[name]
    note = _("one of these is enough") if group else ""
    if name in wanted.from_amount:
        note = _("from {amount}").format(amount=wanted.from_amount[name])
    return Slot(name, need, _(proof.title), _(proof.advice), part.fields.get(name, ""), note, group)


def _text(part: TextPart) -> TextSlot:
    return TextSlot(part.id, str(part.title), part.characters, part.required)


def clock(clocks: list[Clock]) -> str:
    """How long the desk waits, as one sentence."""
    return " · ".join(map(_clock, clocks)) or _("time to answer not published")


def _clock(one: Clock) -> str:
    if one.until is not None:
        length = str(one.until)
    elif one.hours is not None:
        length = ngettext("{n} hour", "{n} hours", one.hours).format(n=one.hours)
    elif one.days_most is not None:
        length = _("{n} to {most} days, sources differ").format(n=one.days, most=one.days_most)
    else:
        length = ngettext("{n} day", "{n} days", one.days or 0).format(n=one.days)
    said = _("appeal: {length}").format(length=length) if one.what == "appeal" else length
    return f"{said} ({one.where})" if one.where is not None else said


def _notes(part: DeskPart) -> Iterator[str]:
    if part.english_only:
        yield _("Give everything in English.")
    yield from map(str, part.notes)
    yield from part.sources


def limit_lines(limits: Limits) -> Iterator[str]:
    """Every limit as a line. What most desks publish and this one does not is said."""
    unknown = _("not published")
    yield _("Formats: {formats}").format(formats=_formats(limits) or unknown)
    yield _("A file: {size}").format(size=_below(limits.file_bytes) or unknown)
    yield _("All files: {size}").format(size=_together(limits) or unknown)
    yield _("Number of files: {n}").format(n=limits.files or unknown)
    yield _("Pages: {n}").format(n=limits.pages or unknown)
    yield from _further(limits)


def _formats(limits: Limits) -> str:
    if limits.formats:
        return ", ".join(_NAMES[one] for one in limits.formats)
    sorts = {"picture": _("pictures"), "paper": _("papers"), "video": _("videos")}
    return _("{sorts}; which formats is not published").format(
        sorts=", ".join(sorts[one] for one in limits.takes)) if limits.takes else ""


def _further(limits: Limits) -> Iterator[str]:
    if limits.name_characters:
        yield _("File name: at most {n} ASCII characters").format(n=limits.name_characters)
    if limits.dpi:
        yield _("Resolution: at most {n} DPI").format(n=limits.dpi)
    if limits.pixels:
        yield _("A picture: less than {n} megapixels").format(n=f"{limits.pixels / _MB:g}")
    if limits.video_bytes and limits.video_seconds:
        yield ngettext("A video: below {size}, at most {n} second", "A video: below {size}, at most {n} seconds",
                       limits.video_seconds).format(size=megabytes(limits.video_bytes), n=limits.video_seconds)
    if limits.text_characters:
        most = limits.text_characters
        yield ngettext("Text: at most {n} character in all", "Text: at most {n} characters in all", most).format(
            n=f"{most:,}")


def _below(size: int | None) -> str:
    return _("below {size}").format(size=megabytes(size)) if size else ""


def _together(limits: Limits) -> str:
    said = _below(limits.total_bytes)
    if not limits.advised_bytes:
        return said
    return _("{said}, {size} advised").format(said=said, size=megabytes(limits.advised_bytes))


def megabytes(size: int) -> str:
    """ "1.75 MB", in millions of bytes; below a tenth of one in thousands."""
    return f"{size / _MB:.3g} MB" if size >= _MB // 10 else f"{max(1, size // 1000)} kB"


def conversion(one: Conversion) -> str:
    """From what to what, which page, and how large it went in."""
    said = _("{before} → {after}").format(before=_format(one.before), after=_format(one.after))
    if one.page:
        said = _("page {page} of {of}: {conversion}").format(page=one.page, of=one.of, conversion=said)
    shape = [f"{one.width}×{one.height}"] if one.width else []
    return ", ".join([said, *shape, megabytes(one.size)])


def _format(mime: str) -> str:
    name = _NAMES.get(mime)
    return _(name) if name else mime.rpartition("/")[2].removeprefix("x-").upper()
