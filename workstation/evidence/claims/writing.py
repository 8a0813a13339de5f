"""Writes a compiled form: a folder, or a zip, that is there whole or not at all.

    files/      what is uploaded, in the desk's formats and within its limits
    texts/      each text field, ready to paste; texts.txt has all of them
    not-sent/   pages that could not be printed here
    form.json   everything, for programs: files with their sources, facts with source and age, what was left out
    READ-ME.txt the same for people
"""

from __future__ import annotations

import contextlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from workstation.evidence.claims.model import CORRESPONDENCE, Binder, CompiledFile, Desk, Fact, LeftOut, TextValue
from workstation.evidence.claims.shown import megabytes
from workstation.evidence.claims.texts import numbered
from workstation.kernel.clock import iso
from workstation.kernel.errors import DiskFull, InputError, ReadOnly, WorkstationError
from workstation.kernel.failing import FULL
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.files import publish, sync_file, sync_folder, write_synced

SCHEMA = "workstation.claim-form/1"


def checked(out: Path) -> tuple[Path, Path]:
    """`out` and the place of the full pack beside it, when neither is there yet. Raises InputError."""
    beside = out.with_name(f"{out.name.removesuffix('.zip')}-evidence.zip")
    for path in (out, beside):
        if path.exists() or not path.parent.is_dir():
            raise InputError(
                _("The pack cannot be written to {path}: it exists already, or its folder does not.").format(path=path),
                _("Name a new folder, or a new .zip file."))
    return out, beside


def contents(
    desk: Desk, binder: Binder, files: Sequence[tuple[CompiledFile, bytes]], left_out: Sequence[LeftOut],
    warnings: Sequence[str], unprinted: Mapping[str, str], made_at: int,
) -> dict[str, bytes]:
    """Every file of the form by its name."""
    listed = [file for file, _content in files]
    found = {f"files/{file.name}": content for file, content in files}
    found |= {f"texts/{value.slot.id}.txt": value.text.encode() for value in binder.texts if value.text}
    found |= {f"not-sent/{name}": html.encode() for name, html in unprinted.items()}
    found["texts.txt"] = "\n".join(_texts(binder.texts)).encode()
    found["form.json"] = _form(desk, binder, listed, left_out, warnings, made_at)
    found["READ-ME.txt"] = ("\n".join(_page(desk, binder, listed, left_out, warnings)) + "\n").encode()
    return found


def write(out: Path, found: Mapping[str, bytes]) -> None:
    """To `out`, a zip when it ends in .zip, else a folder. Blocks. Raises DiskFull, ReadOnly; leaves nothing then."""
    temporary = out.with_name(f".{out.name}.{new_id()}")
    try:
        if out.suffix.lower() == ".zip":
            _zip(temporary, found)
            publish(temporary, out, replace=False)
        else:
            _folder(temporary, found)
            temporary.rename(out)
            sync_folder(out.parent)
    except OSError as problem:
        raise _write_error(problem) from problem
    finally:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink()


def _zip(path: Path, found: Mapping[str, bytes]) -> None:
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in found.items():
                archive.writestr(name, content)
        file.flush()
        sync_file(file.fileno())


def _folder(path: Path, found: Mapping[str, bytes]) -> None:
    path.mkdir()
    for name, content in found.items():
        target = path / name
        target.parent.mkdir(exist_ok=True)
        write_synced(target, content, 0o644)
    for folder in {target.parent for target in map(path.joinpath, found)}:
        sync_folder(folder)


def _write_error(problem: OSError) -> WorkstationError:
    if problem.errno in FULL:
        return DiskFull(_("The disk is full; the pack was not written."), _("Free some space and export again."))
    return ReadOnly(_("The pack could not be written there."), _("Choose another folder."))


def _form(
    desk: Desk, binder: Binder, files: Sequence[CompiledFile], left_out: Sequence[LeftOut], warnings: Sequence[str],
    made_at: int,
) -> bytes:
    limits = {name: value for name, value in asdict(desk.limits).items() if value is not None}
    said = {
        "schema": SCHEMA, "desk": desk.id, "reason": binder.reason, "case": binder.case_id, "made_at": iso(made_at),
        "limits": limits, "complete": binder.complete,
        "claim": _claim(binder),
        "files": [_file(file) for file in files],
        "texts": {value.slot.id: {
            "title": value.slot.title, "text": value.text, "written_by_a_person": value.written,
            "characters_allowed": value.slot.characters, "characters_too_many": value.over,
            "lines_left_out": list(value.dropped)} for value in binder.texts},
        "facts": {fact.id: _fact(fact) for fact in binder.facts},
        "proofs": [{"id": mark.slot.id, "need": mark.slot.need, "state": mark.fill, "why": mark.why,
                    "records": list(mark.record_ids)} for mark in binder.marks],
        "left_out": [asdict(one) for one in left_out], "warnings": list(warnings),
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


def _claim(binder: Binder) -> dict[str, object]:
    """What a person said of the claim, and by when it is to be answered."""
    first = next(iter(binder.deadlines), None)
    return {
        "reference": binder.claim.reference or None, "opened_on": binder.claim.opened_on or None,
        "answer_by": first.on if first is not None else None,
        "answer_by_from": None if first is None else "desk" if first.told else first.length,
    }


def _file(file: CompiledFile) -> dict[str, object]:
    return {
        "name": f"files/{file.name}", "mime": file.mime, "size": file.size, "sha256": file.sha256, "proof": file.slot,
        "field": file.field, "pages": file.pages, "width": file.width, "height": file.height,
        "records": list(file.record_ids), "made_of_sha256": list(file.sources), "changed": list(file.changed),
        "starts_at": list(file.starts),
        "conversions": [{
            "record": one.record_id, "from": one.before, "to": one.after, "page": one.page, "of_pages": one.of,
            "width": one.width, "height": one.height, "size": one.size} for one in file.conversions],
    }


def _fact(fact: Fact) -> dict[str, object]:
    asked = iso(fact.fetched_at) if fact.fetched_at else None
    return {
        "value": fact.value or None, "source": fact.source, "asked_at": asked,
        "old": fact.stale, "unknown_because": fact.why,
    }


def _texts(values: Sequence[TextValue]) -> Iterator[str]:
    for value in values:
        allowed = f" ({len(value.text):,} / {value.slot.characters:,})" if value.slot.characters else ""
        yield f"== {value.slot.title} [{value.slot.id}]{allowed} =="
        yield value.text or _("(nothing to paste)")
        yield ""


def _page(
    desk: Desk, binder: Binder, files: Sequence[CompiledFile], left_out: Sequence[LeftOut], warnings: Sequence[str]
) -> Iterator[str]:
    yield f"{desk.title} · {binder.reason}"
    yield _("Time to answer: {clock}").format(clock=desk.clock)
    if binder.claim.reference:
        yield _("Claim reference: {reference}").format(reference=binder.claim.reference)
    for first in binder.deadlines[:1]:
        yield _("Answer by {day}").format(day=first.on)
    yield from ("", _("Limits of this desk"), *(f"  {line}" for line in desk.limit_lines), *(
        f"  {note}" for note in desk.notes))
    yield from ("", _("Files to upload ({size} in all)").format(size=megabytes(sum(file.size for file in files))))
    for file in files:
        into = f" → {file.field}" if file.field else ""
        yield f"  files/{file.name}  {megabytes(file.size)}{into}"
        yield from _inside(file, binder)
        yield from (f"      {change}" for change in file.changed)
        yield f"      SHA-256 {file.sha256}"
        yield from (_("      made of {sha256}").format(sha256=source) for source in file.sources)
    yield from _section(_("Look at this before you send"), list(warnings))
    yield from _section(_("What did not go in"), [f"{one.title}: {one.reason}" for one in left_out])
    yield from ("", _("The texts to paste are in texts.txt."))
    if any(one.record_id != CORRESPONDENCE for one in binder.exhibits):
        yield _("The sealed originals are in the evidence pack beside this.")


def _inside(file: CompiledFile, binder: Binder) -> Iterator[str]:
    """The exhibits of a file by the numbers that the texts name, and where in it each begins."""
    shown = {one.record_id: (number, one) for number, one in numbered(binder.exhibits)}
    for name, start in zip(file.record_ids, file.starts, strict=True):
        number, one = shown[name]
        said = _("      exhibit {n}: {title}").format(n=number, title=one.caption or one.title)
        sheet = _("page {n}") if file.pages else _("picture {n}")
        yield f"{said} ({sheet.format(n=start)})" if len(file.record_ids) > 1 else said


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    yield from ("", title, *(f"  {line}" for line in lines or ["–"]))
