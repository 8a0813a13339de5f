"""store check | compact | backup | restore | salvage: the store as a whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation import app as root
from workstation.commands.caller import caller, given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, progress, say, tell
from workstation.commands.session import WAIT, hold, session
from workstation.kernel import paths
from workstation.kernel.errors import InputError, Unsupported
from workstation.kernel.i18n import _, ngettext
from workstation.store.lock import HomeLock

if TYPE_CHECKING:
    from workstation.api import Core, StoreApi
    from workstation.store.check import CheckReport

_SHOWN = 20
_MOST_TYPED = 4_096


def add_to(app: typer.Typer) -> None:
    store = typer.Typer(help="Check, compact, back up and restore the store.", no_args_is_help=True)
    store.command("check")(check)
    store.command("compact")(compact)
    store.command("backup")(backup)
    store.command("restore")(restore)
    store.command("salvage")(salvage)
    app.add_typer(store, name="store")


def check(
    quick: bool = typer.Option(False, "--quick", help="Only the pages and the tables' shape."),
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Check every page, table, index, count and sealed file. Exit 0 whole, 1 damaged (says what), 2 unreadable."""
    from workstation.store import check as checking

    opened = root.open_home(options(home, passphrase_file, debug).place, passphrase_file)
    report = checking.check(opened.home, opened.vault.key, full=not quick, progress=caller().progress)
    if json:
        emit({**asdict(report), "whole": report.whole})
    else:
        for line in sentences(report):
            say(line)
    return DONE if report.whole else NO


def compact(
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Write the store anew without the room that deleted rows left. Changes wait meanwhile."""
    from workstation.api import COMPACT_JOB

    with (session(options(home, passphrase_file, debug, wait), writes=True) as here,
          progress(_("Compacting the store")) as report):
        done = here.run(lambda core: _store(core).compact(report), job=COMPACT_JOB)
    if json:
        emit(done)
    else:
        say(_("{before} MB before, {after} MB now.").format(before=_mb(done.before), after=_mb(done.after)))
    return DONE


def backup(
    out: Annotated[Path, typer.Argument(help="The folder of the backup: a new one, or one of this home's.")],
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Back the home up, encrypted as it is; into the same folder again only what is new is copied. Exit 1 when the
    home itself lacks files."""
    from workstation.api import BACKUP_JOB

    folder = given(out)
    with (session(options(home, passphrase_file, debug, wait), writes=True) as here,
          progress(_("Backing up")) as report):
        done = here.run(lambda core: _store(core).back_up(folder, report), job=BACKUP_JOB)
    if json:
        emit(done)
    else:
        sentence = _("Backed up into {folder}: {n} MB, {files} sealed files, {copied} of them new. Whoever has the "
                     "recovery key can restore it.")
        say(sentence.format(folder=done.folder, n=_mb(done.bytes), files=done.files, copied=done.copied))
    if done.missing:
        n = len(done.missing)
        tell(ngettext("{n} sealed file of the home is missing or damaged and is not in the backup: workstation store "
                      "check says more.", "{n} sealed files of the home are missing or damaged and are not in the "
                      "backup: workstation store check says more.", n).format(n=n))
    return NO if done.missing else DONE


def restore(
    backup: Annotated[Path, typer.Argument(help="The folder of the backup.")],
    recovery: Annotated[Path | None, typer.Option(help="File with the recovery key of the home it is of.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Only check the backup; restore nothing.")] = False,
    keyring: Annotated[bool, typer.Option("--keyring", help="Keep the restored home's key in the keyring.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Make a new home from a backup: with its recovery key, its passphrase file, or this computer's keyring. The new
    home is a device of its own. Exit 1 when the backup was tampered with."""
    place = options(home, passphrase_file, debug).place
    with progress(_("Restoring")) as report:
        if verify:
            root.verify_backup(backup, _recovery(recovery), passphrase_file)
        else:
            opened = root.restore_home(backup, place, _recovery(recovery), passphrase_file, keyring=keyring,
                                       report=report)
    if verify:
        say(_("The backup is whole and opens."))
        return DONE
    for warning in opened.warnings:
        tell(warning)
    say(_("Restored into {folder}. It is a device of its own: connect it to the hub with an invite of its own. Replies "
          "that waited to be sent are looked for, and not sent again by themselves.").format(folder=place.root))
    return DONE


def salvage(
    out: Annotated[Path, typer.Argument(help="A new folder for the home that is made.")],
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Copy everything that can still be read of a damaged home into a new one, and list what was lost. Exit 1 when
    something was."""
    from workstation.app.failing.damage import salvage_lines

    asked = options(home, passphrase_file, debug, wait)
    opened = root.open_home(asked.place, passphrase_file)
    lock = HomeLock(opened.home.root)
    hold(lock, opened.home, wait)
    try:
        done = root.salvage_home(opened, paths.Home(out), passphrase_file, caller().progress)
    finally:
        lock.release()
    if json:
        emit({**asdict(done), "whole": done.whole})
        return DONE if done.whole else NO
    say(_("Rows copied: {n}, into {folder}, a home that is a device of its own.").format(n=done.rows, folder=out))
    for line in salvage_lines(done):
        say(line)
    return DONE if done.whole else NO


def _store(core: Core) -> StoreApi:
    if core.store is None:
        raise Unsupported(_("This cannot be done here."), _("Close the window and try again."))
    return core.store


def _recovery(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        with file.open(encoding="utf-8", errors="replace") as opened:
            return opened.read(_MOST_TYPED)
    except OSError as problem:
        raise InputError(_("{file} cannot be read.").format(file=file), _("Name a readable text file.")) from problem


def _mb(size: int) -> str:
    return f"{size / 1_000_000:.1f}"


def sentences(report: CheckReport) -> list[str]:
    """What was found, for a person: the worst first, and what can be done at the end."""
    from workstation.app.failing.damage import table_line

    lines = [ngettext("{n} page read.", "{n} pages read.", report.pages).format(n=report.pages)]
    if report.whole:
        return [*lines, _("The store is whole.")]
    damaged = len(report.damaged_pages) + bool(report.tail)
    if damaged:
        lines.append("✕ " + ngettext("{n} page is damaged.", "{n} pages are damaged.", damaged).format(n=damaged))
    lines += [f"✕ {table_line(each)}" for each in report.tables]
    lines += [f"✕ {_('The index {name} is damaged; what it points to can be read.').format(name=name)}"
              for name in report.indexes[:_SHOWN]]
    if not report.search:
        lines.append("✕ " + _("The search index is damaged; it can be made anew from the messages."))
    lines += [f"✕ {line}" for line in (*report.structure[:_SHOWN], *report.links[:_SHOWN], *report.rules)]
    lines += _files(report)
    return [*lines, _remedy(report)]


def _files(report: CheckReport) -> list[str]:
    lines = []
    if report.missing_files:
        n = len(report.missing_files)
        lines.append("✕ " + ngettext("{n} sealed file is missing.", "{n} sealed files are missing.", n).format(n=n))
    if report.changed_files:
        n = len(report.changed_files)
        lines.append("✕ " + ngettext("{n} sealed file was changed on the disk.",
                                     "{n} sealed files were changed on the disk.", n).format(n=n))
    return lines


def _remedy(report: CheckReport) -> str:
    if report.harmless:
        return _("The damaged pages are free ones: nothing is lost. workstation store compact writes the store without "
                 "them; look after the disk.")
    if report.damaged_pages or report.tail or report.structure:
        return _("Nothing was changed. Restore a backup (workstation store restore), or copy what can be read into a "
                 "new home (workstation store salvage OUT).")
    if report.missing_files or report.changed_files:
        return _("Nothing was changed. Copy the files from a backup, or connect to the hub that holds them.")
    return _("Nothing was changed. Start the window: it puts the index and the counts right by itself.")
