"""The command tree. Options that every command takes may stand before or after the command's name."""

from __future__ import annotations

import asyncio
from typing import Any

import click
import typer

from workstation import __version__
from workstation.commands import demo, evidence, homes, hub, mail, orders, translate
from workstation.commands.output import COULD_NOT, DONE, fail, tell
from workstation.kernel import i18n
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

app = typer.Typer(
    name="workstation", add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
    help="One window for the people who answer buyers after a cross-border sale.",
)
for module in (homes, mail, orders, translate, demo):
    module.add_to(app)
app.add_typer(evidence.commands, name="evidence", help="Capture, list, verify and export evidence.")
app.add_typer(hub.commands, name="hub", help="The upstream server.")


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    i18n.use_language("")
    debug = "--debug" in arguments
    try:
        result: Any = app(args=arguments, standalone_mode=False)
    except WorkstationError as problem:
        if debug:
            raise
        return fail(problem)
    except (click.exceptions.Abort, KeyboardInterrupt, asyncio.CancelledError):
        tell(_("Stopped. What was finished is kept."))
        return COULD_NOT
    except typer.Exit as ended:
        return int(ended.exit_code)
    except click.ClickException as problem:
        tell(problem.format_message())
        return COULD_NOT
    return int(result) if isinstance(result, int) else DONE
