"""evidence capture | list | redact | verify | export | desks | binder | claims | keep | erase | hold | read."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation import app
from workstation.commands import claims, exhibits, pictures
from workstation.commands.caller import caller, given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, say, tell
from workstation.commands.session import WAIT, Options, session
from workstation.kernel.clock import iso
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.evidence.model import Rect, VerifyReport

commands = typer.Typer(no_args_is_help=True)
commands.command()(claims.desks)
commands.command()(claims.binder)
commands.command()(claims.claims)
commands.command()(exhibits.keep)
commands.command()(exhibits.erase)
commands.command()(exhibits.hold)
commands.command()(pictures.read)
_MARKS = {"proved": "✓", "claimed": "?", "wrong": "✕", "not present": "–"}


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="evidence", help="Capture, list, verify and export evidence.")


@commands.command()
def capture(
    case: Annotated[str, typer.Option(help="The conversation it belongs to.")],
    screen: Annotated[int, typer.Option(help="Number of the screen, from 0.", min=0)] = 0,
    rect: Annotated[str, typer.Option(help="X,Y,W,H in physical pixels of that screen.")] = "",
    window: Annotated[str, typer.Option(help="A window instead: its id, as 'evidence windows' lists it.")] = "",
    even_blank: Annotated[bool, typer.Option("--even-blank", help="Keep a screen of a single colour, too.")] = False,
    purpose: Annotated[str, typer.Option(help="What it is to prove.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Capture a screen, a region of it or a window, exactly or not at all, and seal it."""
    from workstation.evidence.model import CaptureRequest

    if window and (rect or screen):
        raise InputError(_("A window is on a screen, and has a place of its own."),
                         _("Give --window alone, or --screen and --rect."))
    part = _rect(rect) if rect else None
    request = CaptureRequest(case, screen, part, purpose, window=window, blank=even_blank)
    _same_screen()
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        record = here.run(lambda core: core.evidence.capture(request))
    if json:
        emit(record)
    else:
        say(f"{record.id}  {record.width}×{record.height}  {record.sha256}")
    return DONE


@commands.command()
def windows(
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """List the windows that are open on the desktop, the uppermost first, for 'evidence capture --window'."""
    _same_screen()
    with session(options(home, passphrase_file, debug), writes=False) as here:
        found = here.run(lambda core: core.evidence.windows())
    if json:
        emit([asdict(one) for one in found])
    else:
        for one in found:
            covered = _("covered") if one.covered else ""
            say(f"{one.id:>10}  {one.width}×{one.height}  {one.title}  {one.program}  {covered}".rstrip())
    return DONE


@commands.command("list")
def list_records(
    case: Annotated[str, typer.Option(help="Only this conversation's.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """List the records of this device's chain."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        records = here.run(lambda core: core.evidence.list(case))
    if json:
        emit([asdict(record) for record in records])
    else:
        for record in records:
            say(f"{record.sequence:>6}  {iso(record.at)}  {record.kind:8}  {record.id}  {record.title}")
    return DONE


@commands.command()
def redact(
    record: Annotated[str, typer.Argument(help="The id of the record; it stays as it is.")],
    rect: Annotated[list[str], typer.Option(help="X,Y,W,H in pixels of its picture; as often as needed.")],
    purpose: Annotated[str, typer.Option(help="What the copy is for.")] = "",
    keep_title: Annotated[bool, typer.Option("--keep-title", help="Copy the title of the window, too.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Seal a copy of a picture in which these rectangles are black. Nothing of what was there is in the copy."""
    from workstation.evidence.model import DeriveRequest, Redact

    request = DeriveRequest(record, tuple(Redact(_rect(one)) for one in rect), purpose, keep_title)
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        copy = here.run(lambda core: core.evidence.derive(request))
    if json:
        emit(copy)
    else:
        say(f"{copy.id}  {copy.width}×{copy.height}  {copy.sha256}")
    return DONE


@commands.command()
def verify(
    pack: Annotated[Path | None, typer.Argument(help="A pack; without one, the whole store.")] = None,
    all_records: Annotated[bool, typer.Option("--all", help="The whole store.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Verify a pack or the store. Exit 0 intact, 1 tampered (says which and how), 2 unreadable."""
    if pack is None and not all_records:
        raise InputError(_("Say what to verify."), _("Name a pack, or give --all."))
    place = options(home, passphrase_file, debug)
    if pack is not None:
        report = _verify_pack(given(pack), place)
    else:
        with session(place, writes=False) as here:
            report = here.run(lambda core: core.evidence.verify())
    emit({**asdict(report), "intact": report.intact}) if json else _print(report)
    return DONE if report.intact else NO


@commands.command()
def export(
    out: Annotated[Path, typer.Option(help="The pack to write (.zip), or with --desk a folder; it must not exist.")],
    case: Annotated[str, typer.Option(help="The conversation.")] = "",
    all_records: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    desk: Annotated[str, typer.Option(help="In the form of this claims desk, the full pack beside it.")] = "",
    reason: Annotated[str, typer.Option(help="One of the desk's reasons; without it, its first.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Write a BagIt pack that anyone can check without this program, or a case in a claims desk's form."""
    if bool(case) == all_records or (desk and not case):
        raise InputError(_("Say what to export."), _("Give --case ID or --all."))
    target = given(out)
    if target.exists():
        raise InputError(_("{path} exists already; it was not touched.").format(path=out), _("Name a new file."))
    if desk:
        return claims.compile_form(
            case, desk, reason, target, options(home, passphrase_file, debug, wait), json=json)
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        written = here.run(lambda core: core.evidence.export(target, case))
    emit({"pack": str(written)}) if json else say(str(written))
    return DONE


def _verify_pack(pack: Path, place: Options) -> VerifyReport:
    """With the home's own keys and records where there is a home that opens; a pack needs none, and none is made."""
    if caller().host is None and not place.place.description.exists():
        return app.check_pack(pack)
    with ExitStack() as stack:
        try:
            here = stack.enter_context(session(place, writes=False))
        except WorkstationError as problem:
            tell(_("The home could not be opened, so nothing is said of whose key it is: {why}").format(
                why=problem.sentence))
            return app.check_pack(pack)
        return here.run(lambda core: core.evidence.verify(pack))


def _same_screen() -> None:
    """A capture by the window shows the window's screen: never another one than the caller sees."""
    theirs = caller().display()
    if theirs and theirs != os.environ.get("DISPLAY", ""):
        sentence = _("The window that holds this home is on another screen ({name}); nothing was captured.")
        raise InputError(sentence.format(name=os.environ.get("DISPLAY") or "-"),
                         _("Capture in the window, or close it first."))


def _rect(text: str) -> Rect:
    from workstation.evidence.model import Rect

    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError as problem:
        sentence = _("{text} is not X,Y,W,H.").format(text=text)
        raise InputError(sentence, _("Use physical pixels: 0,0,800,600.")) from problem
    if min(x, y) < 0 or min(width, height) < 1:
        raise InputError(_("The region is empty or outside the screen."), _("Use physical pixels: 0,0,800,600."))
    return Rect(x, y, width, height)


def _print(report: VerifyReport) -> None:
    from workstation.evidence.model import State

    say(_("{records} records, {files} files.").format(records=report.records, files=report.files))
    for part in report.parts:
        say(f"{_MARKS[part.state]} {part.title}" + (f": {_('not present')}" if part.state is State.ABSENT else ""))
        for sentence in part.proved:
            say(f"  ✓ {sentence}")
        for sentence in part.claimed:
            say(f"  ? {sentence}")
        for finding in part.findings:
            say(f"  ✕ {finding.where}: {finding.what}")
