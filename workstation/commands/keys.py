"""key: how the home's key is kept, and everything that may be done about it."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workstation import app as root
from workstation.commands.options import Debug, Home, Json, Passphrase, options
from workstation.commands.output import DONE, emit, say, tell
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_MOST_TYPED = 4_096
Out = Annotated[Path, typer.Option("--recovery-out", help="Where the new recovery key is written.")]


def add_to(app: typer.Typer) -> None:
    key = typer.Typer(help="How the home's key is kept.", no_args_is_help=True)
    key.command("show")(show)
    key.command("passphrase")(passphrase)
    key.command("move")(move)
    key.command("rekey")(rekey)
    key.command("place")(place)
    recovery = typer.Typer(help="Check or replace the recovery key.", no_args_is_help=True)
    recovery.command("check")(recovery_check)
    recovery.command("renew")(recovery_renew)
    key.add_typer(recovery, name="recovery")
    app.add_typer(key, name="key")


def show(home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False) -> int:
    """Say who keeps the key, and when the recovery key was made and last checked."""
    from workstation.app import keys

    found = keys.state_of(options(home, passphrase_file, debug).place)
    if json:
        emit(asdict(found))
        return DONE
    kept = _("the system keyring ({name})").format(name=found.keeper_name) if found.keeper_name else _("a passphrase")
    say(_("Kept by: {keeper}").format(keeper=kept))
    say(_("Recovery key made {made}, last checked {tested}").format(
        made=_day(found.recovery_made), tested=_day(found.recovery_tested)))
    say(_("Home {home}, device {device}, on {machine}").format(
        home=found.home_id, device=found.device_id, machine=found.machine))
    return DONE


def passphrase(
    new_file: Annotated[Path, typer.Option(help="File with the new passphrase.")],
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Change the passphrase of a home that a passphrase opens."""
    from workstation.app import keys

    keys.change_passphrase(options(home, passphrase_file, debug).place, passphrase_file, new_file)
    tell(_("The passphrase in {file} opens the home from now on, and the old one does not.").format(file=new_file))
    return DONE


def move(
    keyring: Annotated[bool, typer.Option("--keyring", help="Let the system's keyring keep the key.")] = False,
    to_file: Annotated[Path | None, typer.Option(help="Let the passphrase in this file keep the key.")] = None,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Move the key, with every password and token, between the keyring and a passphrase."""
    from workstation.app import keys

    if keyring == (to_file is not None):
        raise InputError(_("Say where the key goes."), _("Add --keyring or --to-file FILE."))
    moved = keys.move(options(home, passphrase_file, debug).place, passphrase_file, to_file)
    for warning in moved.warnings:
        tell(warning)
    tell(_("The key was moved, and every password and token with it. The recovery key stays as it is."))
    return DONE


def rekey(out: Out, home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False) -> int:
    """Copy the whole store under a new key, with a new recovery key. The old ones open nothing any more."""
    from workstation.app import keys

    tell(_("Copying the store under a new key…"))
    keys.new_data_key(options(home, passphrase_file, debug).place, passphrase_file, out)
    tell(_("The store has a new key, and {file} the new recovery key. Destroy the old recovery key.").format(file=out))
    return DONE


def place(
    moved: Annotated[bool, typer.Option("--moved", help="This home is the only one left.")] = False,
    copied: Annotated[bool, typer.Option("--copied", help="The original goes on being used.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Say what a home is that was found in another place: moved here, or a copy that becomes a device of its own."""
    if moved == copied:
        raise InputError(_("Say which it is; nothing was changed."), _("Add --moved or --copied."))
    opened = root.place_home(options(home, passphrase_file, debug).place, passphrase_file, copied=copied)
    for warning in opened.warnings:
        tell(warning)
    tell(_("This copy is a device of its own now. Connect it to the hub with an invite of its own.") if copied else
         _("The home opens here from now on."))
    return DONE


def recovery_check(
    file: Annotated[str, typer.Argument(help="The recovery key's file, or - to type it.")],
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Prove that a recovery key opens this home."""
    from workstation.app import keys

    keys.check_recovery(options(home, passphrase_file, debug).place, _typed(file))
    tell(_("This recovery key opens the home. Keep it away from this computer."))
    return DONE


def recovery_renew(out: Out, home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False) -> int:
    """Make a new recovery key. The old one opens nothing any more."""
    from workstation.app import keys

    keys.renew_recovery(options(home, passphrase_file, debug).place, passphrase_file, out)
    tell(_("The new recovery key in {file} was read back and opens the home; the old one does not.").format(file=out))
    return DONE


def _typed(file: str) -> str:
    if file == "-":
        return sys.stdin.read(_MOST_TYPED)
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as opened:
            return opened.read(_MOST_TYPED)
    except OSError as problem:
        raise InputError(_("{file} cannot be read.").format(file=file), _("Name a readable text file.")) from problem


def _day(at: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at / 1_000)) if at else _("never noted")
