"""evidence keep | erase | hold: exhibits that are no captures, and what is to go or must not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.caller import given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, say
from workstation.commands.session import WAIT, session
from workstation.kernel.clock import iso
from workstation.kernel.errors import InputError, Unsupported
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from workstation.api import Core, ErasureApi
    from workstation.evidence.erasure.model import ErasePreview, Hold
    from workstation.evidence.model import RecordView

Case = Annotated[str, typer.Option(help="The conversation.")]


def keep(
    case: Case,
    files: Annotated[list[Path] | None, typer.Argument(help="Files to keep, at most 200 MB each.")] = None,
    answers: Annotated[bool, typer.Option("--answers", help="What APIs answered behind the case's checks.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Keep files, or the answers behind the checks, as sealed records of a case. The same bytes are kept once."""
    paths = [given(path) for path in files or ()]
    if bool(paths) == answers:
        raise InputError(_("Say what to keep."), _("Name files, or give --answers."))

    async def work(core: Core) -> list[RecordView]:
        if answers:
            return list(await core.evidence.keep_answers(case))
        return [await core.evidence.keep_file(case, path) for path in paths]

    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        kept = here.run(work)
    if json:
        emit([asdict(record) for record in kept])
    else:
        for record in kept:
            say(f"{record.id}  {record.size:>11}  {record.sha256}  {record.title}")
    return DONE if kept else NO


def erase(
    case: Case,
    preview: Annotated[bool, typer.Option("--preview", help="Say what would go, and change nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it stays beside the record.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Erase a case's personal data at once: keys, files and values. Records and every hash stay, and still verify.

    Exit 0 erased, or something would go; 1 nothing to erase, or (with --preview) held; 2 held.
    """
    with session(options(home, passphrase_file, debug, wait), writes=not preview) as here:
        if preview:
            seen = here.run(lambda core: _erasure(core).preview(case))
            emit(seen) if json else _print(seen)
            return NO if seen.empty or seen.hold else DONE
        done = here.run(lambda core: _erasure(core).erase(case, reason))
    if json:
        emit(done)
    else:
        say(_("Erased: {files} files, {values} personal values of {records} records. Record {id} says so.").format(
            files=done.files, values=done.values, records=done.records, id=done.record_id))
    return DONE


def hold(
    case: Case,
    reason: Annotated[str, typer.Option(help="Why it must be kept, or why no longer.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Lay a legal hold on a case, so that nothing of it is erased, or lift it. Either is a record."""
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        said = here.run(lambda core: _erasure(core).lift(case, reason) if lift else _erasure(core).hold(case, reason))
    if json:
        emit(said)
    else:
        say(f"{said.id}  {said.title}")
    return DONE


def _erasure(core: Core) -> ErasureApi:
    if core.erasure is None:
        raise Unsupported(_("This cannot be erased here."), _("Open the home with this program."))
    return core.erasure


def _print(seen: ErasePreview) -> None:
    say(ngettext("{n} record of this case would lose something.", "{n} records of this case would lose something.",
                 seen.records).format(n=seen.records))
    say(_("− files: {n} ({size} B)").format(n=seen.files, size=seen.size))
    say(_("− personal values: {names}").format(names=", ".join(seen.values) or "–"))
    say(_("− texts read in pictures: {n}; copies among replies: {m}").format(n=seen.texts, m=seen.copies))
    say(ngettext("✓ {n} record stays with its hash and signature.", "✓ {n} records stay with every hash and signature.",
                 seen.stay).format(n=seen.stay))
    say(_("? packs exported before: {n}; they are outside and stay as they are.").format(n=seen.packs))
    if seen.hold is not None:
        say(_held(seen.hold))


def _held(hold: Hold) -> str:
    return _("✕ under a legal hold since {date}: “{reason}”.").format(date=iso(hold.at)[:10], reason=hold.reason or "–")
