"""store check | compact | backup | restore | salvage: the store as a whole."""

from __future__ import annotations

from dataclasses import asdict

import typer

from workstation import app as root
from workstation.commands.caller import caller
from workstation.commands.options import Debug, Home, Json, Passphrase, options
from workstation.commands.output import DONE, NO, emit, say
from workstation.kernel.i18n import _, ngettext
from workstation.store import check as checking
from workstation.store.check import CheckReport, DamagedTable

_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    store = typer.Typer(help="Check, compact, back up and restore the store.", no_args_is_help=True)
    store.command("check")(check)
    app.add_typer(store, name="store")


def check(
    quick: bool = typer.Option(False, "--quick", help="Only the pages and the tables' shape."),
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Check every page, table, index, count and sealed file. Exit 0 whole, 1 damaged (says what), 2 unreadable."""
    opened = root.open_home(options(home, passphrase_file, debug).place, passphrase_file)
    report = checking.check(opened.home, opened.vault.key, full=not quick, progress=caller().progress)
    if json:
        emit({**asdict(report), "whole": report.whole})
    else:
        for line in sentences(report):
            say(line)
    return DONE if report.whole else NO


def sentences(report: CheckReport) -> list[str]:
    """What was found, for a person: the worst first, and what can be done at the end."""
    lines = [ngettext("{n} page read.", "{n} pages read.", report.pages).format(n=report.pages)]
    if report.whole:
        return [*lines, _("The store is whole.")]
    damaged = len(report.damaged_pages) + bool(report.tail)
    if damaged:
        lines.append("✕ " + ngettext("{n} page is damaged.", "{n} pages are damaged.", damaged).format(n=damaged))
    lines += [f"✕ {_table(each)}" for each in report.tables]
    lines += [f"✕ {_('The index {name} is damaged; what it points to can be read.').format(name=name)}"
              for name in report.indexes[:_SHOWN]]
    if not report.search:
        lines.append("✕ " + _("The search index is damaged; it can be made anew from the messages."))
    lines += [f"✕ {line}" for line in (*report.structure[:_SHOWN], *report.links[:_SHOWN], *report.rules)]
    lines += _files(report)
    return [*lines, _remedy(report)]


def _table(found: DamagedTable) -> str:
    if found.lost is None:
        return _("Table {name}: rows that can be read: {n}; others cannot.").format(name=found.name, n=found.rows)
    return _("Table {name}: rows that can be read: {n}; lost: {lost}.").format(
        name=found.name, n=found.rows, lost=found.lost)


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
