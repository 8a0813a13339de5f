"""demo: a throw-away home, real servers on loopback, and the whole loop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.options import Debug, Passphrase


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Walk the loop without a window.")] = False,
    home: Annotated[Path | None, typer.Option("--home", help="Keep the demo's home in this folder.")] = None,
    json: Annotated[Path | None, typer.Option("--json", help="Write the result here as JSON.")] = None,
    screenshots: Annotated[Path | None, typer.Option(help="Save pictures of the window's states here.")] = None,
    passphrase_file: Passphrase = None, debug: Debug = False,  # noqa: ARG001 - for --help; `main` reads it
) -> int:
    """Show the product at work on invented buyers: real mail, real translation, a real hub, all on this computer."""
    from workstation.demo.run import Request, run

    return run(Request(headless, home, json, screenshots, passphrase_file))
