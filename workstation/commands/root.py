"""The command tree. Options that every command takes may stand before or after the command's name."""

from __future__ import annotations

import asyncio
import io
import sys
import traceback
from typing import Any

import typer

from workstation import __version__
from workstation.commands import demo, evidence, homes, hub, languages, mail, orders, translate
from workstation.commands.output import COULD_NOT, DONE, fail, tell
from workstation.kernel import i18n
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

app = typer.Typer(
    name="workstation", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="One window for the people who answer buyers after a cross-border sale.",
)
for module in (homes, mail, orders, translate, languages, demo):
    module.add_to(app)
app.add_typer(evidence.commands, name="evidence", help="Capture, list, verify and export evidence.")
app.add_typer(hub.commands, name="hub", help="The upstream server.")


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)


_SHARED = ("--home", "--passphrase-file")   # may also stand before the command's name
_INTERRUPTED = 130                              # what typer makes of Ctrl-C


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    i18n.use_language("")
    _speak_utf8()
    debug = "--debug" in arguments
    try:
        result: Any = app(args=ordered(arguments), standalone_mode=False)
    except (typer.Abort, asyncio.CancelledError):
        return _stopped()
    except typer.Exit as ended:
        return int(ended.exit_code)
    except typer.TyperException as problem:
        tell(problem.format_message())
        return COULD_NOT
    except Exception as problem:  # noqa: BLE001 - the last place that can say it in one line
        if debug:
            traceback.print_exc()
        return fail(problem) if isinstance(problem, WorkstationError) else _bug(problem)
    if result == _INTERRUPTED:
        return _stopped()
    return int(result) if isinstance(result, int) else DONE


def ordered(arguments: list[str]) -> list[str]:
    """The arguments with what every command takes behind the command's name, and --debug taken out: it is ours."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    front, rest = [each for each in arguments[:end] if each != "--debug"], arguments[end:]
    moved: list[str] = []
    while front and front[0].partition("=")[0] in _SHARED:
        size = 1 if "=" in front[0] else 2
        moved, front = moved + front[:size], front[size:]
    return [*front, *moved, *rest]


def _speak_utf8() -> None:
    """JSON is UTF-8 wherever stdout goes; a pipe on Windows would be written in the system's old code page."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")


def _stopped() -> int:
    tell(_("Stopped. What was finished is kept."))
    return COULD_NOT


def _bug(problem: Exception) -> int:
    """Nobody foresaw this: never the answer "no", which is 1, and no trace unless it is asked for."""
    reason = f"{problem.strerror}: {problem.filename}" if isinstance(problem, OSError) and problem.filename else ""
    tell(_("Something unexpected stopped this command ({what}). What was finished is kept. Add --debug for the trace."
           ).format(what=reason or type(problem).__name__))
    return COULD_NOT
