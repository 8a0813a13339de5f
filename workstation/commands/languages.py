"""language add | list | remove | server: what this computer can translate with."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.caller import given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, emit, progress, say, tell
from workstation.commands.session import WAIT, preferences, session
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.translation.model import LanguagePackage


def add_to(app: typer.Typer) -> None:
    commands = typer.Typer(no_args_is_help=True, help="Add, list and remove language packages.")
    commands.command("add")(add)
    commands.command("list")(list_packages)
    commands.command("remove")(remove)
    commands.command("server")(server)
    app.add_typer(commands, name="language")


def add(
    file: Annotated[Path, typer.Argument(help="An .argosmodel file, or a zip or folder with a Firefox model.")],
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Install a language package from a file that is on this computer. Nothing is downloaded."""
    package = given(file)
    with session(options(home, passphrase_file, debug, wait), writes=True) as here, progress(_("Installing")) as report:
        added = here.run(lambda core: core.translation.install(package, report))
    emit(added) if json else say(_line(added))
    return DONE


def list_packages(
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False
) -> int:
    """List what can be translated with: packages that were added, and those that ship."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        listed = here.run(lambda core: core.translation.packages())
    if json:
        emit([asdict(package) for package in listed])
    else:
        for package in listed:
            say(_line(package))
    return DONE


def remove(
    pair: Annotated[str, typer.Argument(help="Languages as the list shows them, such as ja-en.")],
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Remove the packages that were added for a pair of languages."""
    source, dash, target = pair.partition("-")
    if not (source and dash and target):
        raise InputError(_("{text} is no pair of languages.").format(text=pair), _("Write it like ja-en."))
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        here.run(lambda core: core.translation.remove(source, target))
    return DONE


def server(
    address: Annotated[str, typer.Argument(help="Its address; off for none. Without one: say what is set.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Use a LibreTranslate server for pairs that no package has. Buyers' words are sent to it."""
    with preferences(options(home, passphrase_file, debug, wait), writes=bool(address)) as settings:
        if address:
            settings.set("translation_server", _checked(address))
            tell(_("An open window uses it from its next start."))
        say(settings.text("translation_server") or _("No translation server is set."))
    return DONE


def _checked(address: str) -> str:
    from workstation.translation.http_engine import checked_address  # loads the network

    return "" if address == "off" else checked_address(address)


def _line(package: LanguagePackage) -> str:
    origin = _("ships with the program") if package.shipped else _("added")
    return f"{package.source}-{package.target}  {package.engine}  {package.size / 1e6:.1f} MB  {origin}"
