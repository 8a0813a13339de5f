"""translate: one segment a line from stdin to stdout, through masking and the survival check."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workstation.commands.options import Debug, Home, Json, Passphrase, options
from workstation.commands.output import DONE, NO, emit_line, say, tell
from workstation.commands.session import session
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MOST_LINE = 100_000


def add_to(app: typer.Typer) -> None:
    app.command()(translate)


def translate(
    source: Annotated[str, typer.Option("--from", help="Language of the text, such as pt.")],
    target: Annotated[str, typer.Option("--to", help="Language wanted, such as en.")],
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Translate stdin line by line. Exit 1 when something that must survive was lost."""
    lost = 0
    with session(options(home, passphrase_file, debug), writes=False) as here:
        for number, line in enumerate(sys.stdin.buffer, start=1):
            segment = _segment(number, line)
            done = here.thread.run(here.core.translation.translate(segment, source, target))
            lost += len(done.lost)
            if json:
                emit_line({
                    "source": done.source, "target": done.target, "engine": done.engine, "pivot": done.pivot,
                    "memory": done.memory, "terms": done.terms, "lost": done.lost,
                })
                continue
            say(done.target)
            if done.lost:
                tell(_("lost: {items}").format(items=", ".join(done.lost)))
    return NO if lost else DONE


def _segment(number: int, line: bytes) -> str:
    """One line of stdin. Raises InputError rather than translate something else than what was given."""
    try:
        segment = line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as problem:
        raise InputError(_("Line {n} is not UTF-8 text; the lines before it were translated.").format(n=number),
                         _("Save the text as UTF-8.")) from problem
    if len(segment) > MOST_LINE:
        raise InputError(_("Line {n} is longer than {most} characters; the lines before it were translated.").format(
            n=number, most=MOST_LINE), _("Give one segment a line."))
    return segment
