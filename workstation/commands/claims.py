"""evidence desks | binder | claims, and evidence export in a desk's own form."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.options import Debug, Home, Json, Passphrase, options
from workstation.commands.output import DONE, NO, emit, say, tell
from workstation.commands.session import Options, session
from workstation.kernel.errors import InputError, Unsupported
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.api import BinderApi, Core
    from workstation.evidence.claims.model import Binder, CompileReport, Desk

_MARKS = {"have": "✓", "weak": "!", "missing": "–"}


def desks(
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """List the claims desks, their reasons, clocks and limits."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        found = here.run(lambda core: of(core).desks())
        problems = here.run(lambda core: of(core).desk_problems())
    for problem in problems:
        tell(problem)
    if json:
        emit([asdict(desk) for desk in found])
    else:
        for desk in found:
            _print_desk(desk)
    return DONE


def binder(
    case: Annotated[str, typer.Option(help="The conversation.")],
    desk: Annotated[str, typer.Option(help="A claims desk, as evidence desks lists them.")] = "",
    reason: Annotated[str, typer.Option(help="One of the desk's reasons.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Show a case's binder, and what a desk still lacks. Exit 1 when something required is weak or missing."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        found = here.run(lambda core: of(core).binder(case, desk, reason))
    if json:
        emit({**asdict(found), "complete": found.complete})
    else:
        _print_binder(found)
    return DONE if found.complete else NO


def claims(
    case: Annotated[str, typer.Option(help="Say something of this conversation's claim.")] = "",
    desk: Annotated[str, typer.Option(help="The claims desk it came in at.")] = "",
    opened: Annotated[str, typer.Option(help="The day it was opened: 2026-11-20.")] = "",
    reference: Annotated[str, typer.Option(help="The desk's own number of it.")] = "",
    due: Annotated[str, typer.Option(help="The day by which the desk itself wants an answer.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """List the claims by the day they are to be answered. With a case, note what is said of its claim first."""
    from workstation.evidence.claims.model import Claim

    said = Claim(opened, reference, due)
    if (said != Claim()) != bool(case and desk):
        raise InputError(_("Say which claim, and what of it."), _("Give --case, --desk and one of the others."))
    with session(options(home, passphrase_file, debug), writes=bool(case)) as here:
        if case:
            here.run(lambda core: of(core).claim(case, desk, said))
        found = here.run(lambda core: of(core).claims())
    if json:
        emit([asdict(one) for one in found])
    else:
        for one in found:
            day = one.deadline.on if one.deadline is not None else _("unknown")
            say(f"{day:12}  {one.title}  {one.claim.reference}  {one.case_id}")
    return DONE


def compile_form(case: str, desk: str, reason: str, out: Path, place: Options, *, json: bool) -> int:
    """Write the form and the full pack beside it, and say what is in it, what is not and what to look at."""
    with session(place, writes=True) as here:
        report = here.run(lambda core: of(core).compile(case, desk, reason, out))
    if json:
        emit({**asdict(report), "path": str(report.path), "pack": str(report.pack or ""), "size": report.size})
    else:
        _print_report(report)
    return DONE


def of(core: Core) -> BinderApi:
    """The core's binder. Raises Unsupported where there is none."""
    if core.binder is None:
        raise Unsupported(_("There is no binder here."), _("Use the whole program."))
    return core.binder


def _print_desk(desk: Desk) -> None:
    from workstation.evidence.claims.model import Need

    say(f"{desk.id}  {desk.title}  ({desk.clock})")
    for reason in desk.reasons:
        required = ", ".join(slot.title for slot in reason.slots if slot.need is Need.REQUIRED)
        say(f"    {reason.id}  {reason.title}: {required}")
    for line in (*desk.limit_lines, *desk.notes):
        say(f"    {line}")


def _print_binder(found: Binder) -> None:
    from workstation.evidence.claims.model import Need

    for mark in found.marks:
        need = _("required") if mark.slot.need is Need.REQUIRED else _("helpful")
        say(f"{_MARKS[mark.fill]} {mark.slot.title} ({need}): {mark.why} {mark.todo}".rstrip())
    for number, exhibit in enumerate(found.exhibits, 1):
        sign = " " if exhibit.included else "×"
        say(f"{number:>4}{sign} {exhibit.record_id}  {exhibit.slot:18}  {exhibit.caption or exhibit.title}")
    for fact in found.facts:
        say(f"     {fact.title}: {fact.value or _('unknown')}  {fact.source or fact.why}")


def _print_report(report: CompileReport) -> None:
    say(str(report.path))
    for file in report.files:
        say(f"  {file.name}  {file.size:,}  {file.field}".rstrip())
    for warning in report.warnings:
        say(f"! {warning}")
    for one in report.left_out:
        say(f"– {one.title}: {one.reason}")
    if report.pack is not None:
        say(str(report.pack))
