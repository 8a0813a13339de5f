"""Options that several commands take, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.session import Options

Home = Annotated[Path | None, typer.Option("--home", help="Folder of this user's data.", show_default=False)]
Passphrase = Annotated[
    Path | None,
    typer.Option("--passphrase-file", envvar="WORKSTATION_PASSPHRASE_FILE", help="File with the home's passphrase."),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the trace of an error.")]


def options(home: Path | None, passphrase: Path | None, debug: bool) -> Options:
    return Options(home, passphrase, debug)
