"""hub init | invite | serve | devices | revoke | verify | renew-epoch."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.output import DONE, NO, say, tell
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
    certificate: Annotated[Path | None, typer.Option(help="TLS certificate (PEM); needed beyond 127.0.0.1.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
) -> int:
    """Serve until stopped. Other computers can be served with --host, --certificate and --key only."""
    from workstation.hub import commands as hub

    hub.serve(folder, host, port, certificate, key, lambda url: tell(_("The hub listens at {url}.").format(url=url)))
    return DONE


@commands.command()
def devices(folder: Folder) -> int:
    """List the devices that were let in: id, role, name, and the ids of all their keys."""
    from workstation.hub import commands as hub

    for known in hub.devices(folder):
        ids = " ".join(hashlib.sha256(key).hexdigest()[:16] for key in known.keys)
        state = _("revoked") if known.revoked_at is not None else known.device.role
        say(f"{known.device.id}  {state:10}  {known.device.name}  {ids}")
    return DONE


@commands.command()
def revoke(folder: Folder, device: Annotated[str, typer.Argument(help="Its id, as hub devices lists it.")]) -> int:
    """Shut a device out at once. What it handed in stays; a new invite lets it in again."""
    from workstation.hub import commands as hub

    hub.revoke(folder, device)
    tell(_("The device is shut out."))
    return DONE


@commands.command()
def verify(folder: Folder) -> int:
    """Hash every stored file again. Exit 1 when one does not match, with its address."""
    from workstation.hub import commands as hub

    count, wrong = hub.verify(folder)
    for address in wrong:
        say(f"✕ {address}")
    say(_("Files: {count}; not as they were stored: {wrong}.").format(count=count, wrong=len(wrong)))
    return NO if wrong else DONE


@commands.command("renew-epoch")
def renew_epoch(folder: Folder) -> int:
    """After a restore from a backup: let every desktop compare all it holds and hand in what the backup lacks."""
    from workstation.hub import commands as hub

    hub.renew_epoch(folder)
    tell(_("Every desktop compares everything at its next exchange."))
    return DONE
