"""import mail and search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.caller import given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import COULD_NOT, DONE, NO, emit, progress, say, tell
from workstation.commands.session import WAIT, session
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from workstation.inbox.model import ImportReport
    from workstation.orders.model import OrderImportReport

SHOWN_BAD = 20
PATIENCE = 20.0
"""Seconds a search by command may take: nobody is typing on, and a first question finds a cold disk."""


def add_to(app: typer.Typer) -> None:
    importing = typer.Typer(help="Bring in mail or orders from files.")
    importing.command("mail")(import_mail)
    importing.command("orders")(import_orders)
    app.add_typer(importing, name="import")
    app.command(context_settings={"ignore_unknown_options": True})(search)   # -word: not this word


def import_mail(path: Path, home: Home = None, passphrase_file: Passphrase = None, json: Json = False,
                debug: Debug = False, wait: Wait = WAIT) -> int:
    """Import .eml, mbox or Maildir. Bad mails are listed, not fatal."""
    file = _there(path)
    with (session(options(home, passphrase_file, debug, wait), writes=True) as here,
          progress(_("Importing mail")) as report):
        done = here.run(lambda core: core.inbox.import_mail(file, report), job=f"import {file}")
    return _report(done, json)


def import_orders(path: Path, home: Home = None, passphrase_file: Passphrase = None, json: Json = False,
                  debug: Debug = False, wait: Wait = WAIT) -> int:
    """Import Amazon's order report, Shopify's order export or a generic CSV. Bad rows are listed, not fatal."""
    file = _there(path)
    with (session(options(home, passphrase_file, debug, wait), writes=True) as here,
          progress(_("Importing orders")) as report):
        done = here.run(lambda core: core.orders.import_file(file, report))
    return _report(done, json)


def search(query: str, limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
           relevance: Annotated[bool, typer.Option("--relevance", help="Best first instead of newest first.")] = False,
           home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False) -> int:
    """Find conversations, as the window's search does, in the same order."""
    if not query.strip():
        tell(_("There is nothing to search for."))
        return COULD_NOT
    from workstation.inbox.listing import ListQuery

    with session(options(home, passphrase_file, debug), writes=False) as here:
        asked = ListQuery(queue="all", search=query, limit=limit, relevance=relevance, patience=PATIENCE)
        page = here.run(lambda core: core.inbox.page(asked))
    if json:
        emit([row._asdict() for row in page.rows])
    else:
        for row in page.rows:
            say(f"{row.id}  {row.who}  {row.subject}")
    if page.note:
        tell(page.note)
    return DONE if page.rows else NO


def _there(path: Path) -> Path:
    file = given(path)
    if not file.exists():
        raise InputError(_("{path} does not exist.").format(path=path), _("Check the name."))
    return file


def _report(done: ImportReport | OrderImportReport, json: bool) -> int:
    from workstation.inbox.model import ImportReport

    more = done.more_bad if isinstance(done, ImportReport) else 0
    if json:
        counts = {"seen": done.seen, "new": done.new, "updated": done.updated, "bad": done.bad}
        emit({**counts, "more_bad": more} if more else counts)
        return DONE
    bad_ones = len(done.bad) + more
    say(_("{seen} seen, {new} new, {updated} updated, {bad} bad.").format(
        seen=done.seen, new=done.new, updated=done.updated, bad=bad_ones))
    for bad in done.bad[:SHOWN_BAD]:
        tell(f"{bad.where}: {bad.why}")
    if bad_ones > SHOWN_BAD:
        tell(_("… and {n} more; --json lists all.").format(n=bad_ones - SHOWN_BAD))
    return DONE
