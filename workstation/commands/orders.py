"""check: the verification panel for one order."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workstation.commands.options import Debug, Home, Json, Passphrase, options
from workstation.commands.output import DONE, NO, emit, say
from workstation.commands.session import session
from workstation.kernel.clock import from_datetime, iso
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.verification.model import Panel

MARKS = {"pass": "✓", "warn": "!", "fail": "✕", "unknown": "?"}


def add_to(app: typer.Typer) -> None:
    app.command()(check)


def check(
    order_id: str, at: Annotated[str, typer.Option(help="As of this date (2026-11-21 or with a time).")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Check one order: six verdicts, each with its fact, source and age. Exit 1 when a check fails."""
    from workstation.verification.model import Verdict

    moment = _moment(at) if at else None
    with session(options(home, passphrase_file, debug), writes=False) as here:
        panel = here.run(lambda core: core.verification.check_order(order_id, moment))
    if json:
        emit(as_json(panel))
    else:
        say(panel.title)
        for line in panel.checks:
            say(f"{MARKS[line.verdict]} {line.id}: {line.fact}")
    return NO if panel.count(Verdict.FAIL) else DONE


def as_json(panel: Panel) -> dict[str, Any]:
    """The panel with each check's age in whole seconds."""
    checks = [{**asdict(line), "age_s": line.age_s(panel.at)} for line in panel.checks]
    order = asdict(panel.order) if panel.order else None
    return {"order": order, "title": panel.title, "at": iso(panel.at), "worst": panel.worst, "checks": checks}


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise InputError(_("{text} is not a date.").format(text=text), _("Write it like 2026-11-21.")) from problem
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
