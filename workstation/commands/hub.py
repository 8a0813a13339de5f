"""hub init | invite | serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.output import DONE, say, tell
from workstation.kernel.i18n import _

commands = typer.Typer(no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--folder", "--home", help="The hub's folder.")]


@commands.command()
def init(folder: Folder, name: str = "Hub", url: Annotated[str, typer.Option(help="Address devices use.")] = "") -> int:
    """Make a hub on SQLite and a folder; prints the invite for its first device."""
    from workstation.hub import commands as hub

    say(hub.init(folder, name, url) if url else hub.init(folder, name))
    return DONE


@commands.command()
def invite(folder: Folder, role: str = "agent", url: str = "") -> int:
    """Print a one-time invite for another device."""
    from workstation.hub import commands as hub

    say(hub.invite(folder, role, url))
    return DONE


@commands.command()
def serve(
    folder: Folder, host: str = "127.0.0.1", port: int = 8787,
    certificate: Annotated[Path | None, typer.Option(help="TLS certificate (PEM).")] = None,
    key: Annotated[Path | None, typer.Option(help="Its key (PEM).")] = None,
) -> int:
    """Serve until stopped."""
    from workstation.hub import commands as hub

    hub.serve(folder, host, port, certificate, key, lambda url: tell(_("The hub listens at {url}.").format(url=url)))
    return DONE
