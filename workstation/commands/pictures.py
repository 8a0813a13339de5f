"""evidence read: the text of a picture."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, say, tell
from workstation.commands.session import WAIT, session
from workstation.kernel.errors import Unsupported
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.api import Core
    from workstation.evidence.reading.model import PictureText


def read(
    source: Annotated[str, typer.Argument(help="A record, or a picture of a message.", metavar="ID")],
    again: Annotated[bool, typer.Option("--again", help="Read it anew.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Print the text in a picture, read by a machine: no evidence. Exit 1 when there is none or it cannot be read."""
    from workstation.evidence.reading.model import State

    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        told = here.run(lambda core: _read(core, source, again))
    emit(asdict(told)) if json else _print(told)
    return DONE if told.state is State.READ else NO


async def _read(core: Core, source: str, again: bool) -> PictureText:
    if core.reading is None:
        raise Unsupported(_("Nothing here reads pictures."), _("Open the picture and read it yourself."))
    return await core.reading.read(source, again=again)


def _print(told: PictureText) -> None:
    from workstation.evidence.reading.model import State, scripts, unread

    if told.text:
        say(told.text)
    elif told.why or told.state is State.NOTHING:
        tell(told.why or _("No text was found."))
    missed = unread(told.unread)
    if missed:
        tell(f"{missed} {scripts()}")
