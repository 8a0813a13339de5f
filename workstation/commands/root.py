"""Runs one command. Options that every command takes may stand before or after the command's name."""

from __future__ import annotations

import asyncio
import concurrent.futures
import traceback
from typing import Any

import typer

from workstation.commands import handing
from workstation.commands.caller import caller, speak_utf8
from workstation.commands.helping import speak_words
from workstation.commands.output import COULD_NOT, DONE, fail, tell
from workstation.commands.session import WindowListens
from workstation.commands.tree import tree
from workstation.kernel import i18n
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

_SHARED = ("--home", "--passphrase-file")   # may also stand before the command's name
_TRIES = 5   # windows that open and close again, or cannot be told what to do: no folder, no name that is understood
_INTERRUPTED = 130                              # what typer makes of Ctrl-C


def main(arguments: list[str]) -> int:
    """Run one command in this process, or hand it over where a window holds the home. Returns its exit code."""
    i18n.use_language("")
    speak_words()
    speak_utf8()
    for _try in range(_TRIES):
        try:
            return run(arguments)
        except WindowListens as listens:
            busy = listens.busy
        code = handing.try_window(arguments)
        if code is not None:
            return code   # else it closed again: from the start
    return fail(busy)


def run(arguments: list[str]) -> int:
    """Run one command for whoever calls it (`commands.caller`). Raises WindowListens and nothing else."""
    debug = "--debug" in arguments
    try:
        own = ordered(arguments)
        result: Any = tree(own[0] if own else "")(args=own, prog_name="workstation", standalone_mode=False)
    except (typer.Abort, asyncio.CancelledError, concurrent.futures.CancelledError):
        return _stopped()
    except typer.Exit as ended:
        return int(ended.exit_code)
    except typer.TyperException as problem:
        tell(problem.format_message())
        return COULD_NOT
    except WindowListens:
        raise
    except Exception as problem:  # noqa: BLE001 - the last place that can say it in one line
        if debug:
            caller().err(traceback.format_exc())
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


def _stopped() -> int:
    tell(caller().why_stopped() or _("Stopped. What was finished is kept."))
    return COULD_NOT


def _bug(problem: Exception) -> int:
    """Nobody foresaw this: never the answer "no", which is 1, and no trace unless it is asked for."""
    reason = f"{problem.strerror}: {problem.filename}" if isinstance(problem, OSError) and problem.filename else ""
    tell(_("Something unexpected stopped this command ({what}). What was finished is kept. Add --debug for the trace."
           ).format(what=reason or type(problem).__name__))
    return COULD_NOT
