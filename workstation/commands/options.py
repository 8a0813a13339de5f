"""Options that several commands take, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.session import WAIT, Options

Home = Annotated[Path | None, typer.Option("--home", help="Folder of this user's data.", show_default=False)]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", envvar="WORKSTATION_PASSPHRASE_FILE", help="File with the home's passphrase."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]

Wait = Annotated[float, typer.Option("--wait", min=0, max=86_400, help="Seconds to wait for another command that "
                                                                       "writes to this home.")]


def options(home: Path | None, passphrase: Path | None, debug: bool, wait: float = WAIT) -> Options:
    return Options(home, passphrase, debug, wait)
