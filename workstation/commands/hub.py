"""hub init | invite | serve | devices | revoke | verify | renew-epoch."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workstation.commands.options import Json
from workstation.commands.output import DONE, NO, emit, say, tell
from workstation.kernel.i18n import _

commands = typer.Typer(no_args_is_help=True)
Folder = Annotated[Path, typer.Option("--folder", "--home", help="The hub's folder.")]


def add_to(app: typer.Typer) -> None:
    app.add_typer(commands, name="hub", help="The upstream server.")


@commands.command()
def init(folder: Folder, name: str = "Hub", url: Annotated[str, typer.Option(help="Address devices use.")] = "") -> int:
    """Make a hub on SQLite and a folder; prints the invite for its first device."""
    from workstation.hub import commands as hub

    say(hub.init(folder, name, url) if url else hub.init(folder, name))
    return DONE


@commands.command()
def invite(
    folder: Folder, role: str = "agent", url: str = "",
    member: Annotated[str, typer.Option(help="For another device of this person, not a colleague's: the id of one of "
                                             "their devices, as hub devices lists it.")] = "",
) -> int:
    """Print a one-time invite for a colleague's device, or with --member for another device of somebody's."""
    from workstation.hub import commands as hub

    say(hub.invite(folder, role, url, member))
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
    """List the devices that were let in: id, role, name, whose it is when not its own, and the ids of all its keys."""
    from workstation.hub import commands as hub

    for known in hub.devices(folder):
        ids = " ".join(hashlib.sha256(key).hexdigest()[:16] for key in known.keys)
        state = _("revoked") if known.revoked_at is not None else known.device.role
        member = known.device.member
        whose = _("device of {member}").format(member=member) + "  " if member not in ("", known.device.id) else ""
        say(f"{known.device.id}  {state:10}  {known.device.name}  {whose}{ids}")
    return DONE


@commands.command()
def revoke(folder: Folder, device: Annotated[str, typer.Argument(help="Its id, as hub devices lists it.")]) -> int:
    """Shut a device out at once. What it handed in stays; a new invite lets it in again."""
    from workstation.hub import commands as hub

    hub.revoke(folder, device)
    tell(_("The device is shut out."))
    return DONE


@commands.command()
def verify(folder: Folder, json: Json = False) -> int:
    """Check every stored file and the log: records, tree, checkpoints, stamps. Exit 0 intact, 1 wrong (says where), 2
    unreadable."""
    from workstation.hub import commands as hub

    report = hub.verify(folder)
    if json:
        emit({**asdict(report), "intact": report.intact})
        return DONE if report.intact else NO
    for found in report.findings:
        say(f"✕ {found.where}: {found.what}")
    wrong = len(report.findings) + report.more
    say(_("Files: {files}. Records in the log: {records}. Checkpoints: {checkpoints}, of them stamped: {stamped}. "
          "Not as they should be: {wrong}.").format(
        files=report.files, records=report.records, checkpoints=report.checkpoints, stamped=report.stamped,
        wrong=wrong))
    if report.key:
        say(_("Key of the log (SHA-256): {key}").format(key=report.key))
    return DONE if report.intact else NO


@commands.command("renew-epoch")
def renew_epoch(folder: Folder) -> int:
    """After a restore from a backup: let every desktop compare all it holds and hand in what the backup lacks."""
    from workstation.hub import commands as hub

    hub.renew_epoch(folder)
    tell(_("Every desktop compares everything at its next exchange."))
    return DONE
