"""evidence keep | erase | hold: exhibits that are no captures, and what is to go or must not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workstation.commands.caller import given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, say
from workstation.commands.session import WAIT, session
from workstation.domain import erased_words
from workstation.kernel.clock import iso
from workstation.kernel.errors import InputError, NotFound, Unsupported
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workstation.api import Core, ErasureApi
    from workstation.evidence.erasure.model import ErasePreview, Hold
    from workstation.evidence.model import RecordView

Case = Annotated[str, typer.Option(help="The conversation.")]


def keep(
    case: Case,
    files: Annotated[list[Path] | None, typer.Argument(help="Files to keep, at most 200 MB each.")] = None,
    answers: Annotated[bool, typer.Option("--answers", help="What APIs answered behind the case's checks.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Keep files, or the answers behind the checks, as sealed records of a case. The same bytes are kept once."""
    paths = [given(path) for path in files or ()]
    if bool(paths) == answers:
        raise InputError(_("Say what to keep."), _("Name files, or give --answers."))

    async def work(core: Core) -> list[RecordView]:
        if answers:
            return list(await core.evidence.keep_answers(case))
        return [await core.evidence.keep_file(case, path) for path in paths]

    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        kept = here.run(work)
    if json:
        emit([asdict(record) for record in kept])
    else:
        for record in kept:
            say(f"{record.id}  {record.size:>11}  {record.sha256}  {record.title}")
    return DONE if kept else NO


def erase(
    case: Annotated[str, typer.Option(help="The conversation.")] = "",
    customer: Annotated[str, typer.Option(help="All cases of the customer with this mail address.")] = "",
    order: Annotated[str, typer.Option(help="The order with this number, and every case about it.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Say what would go, and change nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it stays beside the record.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Erase everything that is kept of a buyer in a case, at once: messages, orders, names, keys, files and values.
    Records and every hash stay, and still verify.

    Exit 0 erased, or something would go; 1 nothing to erase, or (with --preview) held; 2 held.
    """
    if sum(map(bool, (case, customer, order))) != 1:
        raise InputError(_("Say what to erase."), _("Give --case ID, --customer ADDRESS or --order NUMBER."))
    with session(options(home, passphrase_file, debug, wait), writes=bool(not preview)) as here:
        subject = case or here.run(lambda core: _subject(core, customer, order))
        if preview:
            seen = here.run(lambda core: _erasure(core).preview(subject))
            emit(seen) if json else _print(seen)
            return NO if seen.empty or seen.hold else DONE
        done = here.run(lambda core: _erasure(core).erase(subject, reason))
    if json:
        emit(done)
    else:
        say(_("Erased: {files} files, {values} personal values of {records} records. Record {id} says so.").format(
            files=done.files, values=done.values, records=done.records, id=done.record_id))
        _print_counts(done.counts, 0, done.held)
    return DONE


async def _subject(core: Core, customer: str, order: str) -> str:
    """A customer or an order as erasing takes it. Raises NotFound, InputError for a number of several orders."""
    from workstation.evidence.erasure.model import customer_subject, order_subject

    if customer:
        found_here = await core.customers.find(customer) if core.customers is not None else ()
        wanted = customer.strip().lower()
        known = [found.id for found in found_here if wanted in {each.value.lower() for each in found.identities}]
        if not known:
            raise NotFound(_("Nobody of this address is in the store."), _("Give the whole address."))
        return customer_subject(known[0])
    orders = await core.orders.find(order)
    if not orders:
        raise NotFound(_("No order {order} is stored.").format(order=order),
                       _("Give its number as the shop writes it."))
    if len(orders) > 1:
        raise InputError(_("Several shops have an order {order}.").format(order=order), _("Give it as STORE/NUMBER."))
    return order_subject(orders[0].id)


def hold(
    case: Case,
    reason: Annotated[str, typer.Option(help="Why it must be kept, or why no longer.")] = "",
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Lay a legal hold on a case, so that nothing of it is erased, or lift it. Either is a record."""
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        said = here.run(lambda core: _erasure(core).lift(case, reason) if lift else _erasure(core).hold(case, reason))
    if json:
        emit(said)
    else:
        say(f"{said.id}  {said.title}")
    return DONE


def _erasure(core: Core) -> ErasureApi:
    if core.erasure is None:
        raise Unsupported(_("This cannot be erased here."), _("Open the home with this program."))
    return core.erasure


def _print(seen: ErasePreview) -> None:
    say(ngettext("{n} record of this case would lose something.", "{n} records of this case would lose something.",
                 seen.records).format(n=seen.records))
    say(_("− files: {n} ({size} B)").format(n=seen.files, size=seen.size))
    say(_("− personal values: {names}").format(names=", ".join(seen.values) or "–"))
    say(_("− texts read in pictures: {n}; copies among replies: {m}").format(n=seen.texts, m=seen.copies))
    say(ngettext("✓ {n} record stays with its hash and signature.", "✓ {n} records stay with every hash and signature.",
                 seen.stay).format(n=seen.stay))
    _print_counts(seen.counts, seen.shared, seen.held)
    if seen.leaving:
        say(_("? a reply is still on its way; nothing is erased before it has left."))
    say(_("? packs exported before: {n}; they are outside and stay as they are.").format(n=seen.packs))
    if seen.hold is not None:
        say(_held(seen.hold))


def _print_counts(counts: Mapping[str, int], shared: int, held: int) -> None:
    """What is no evidence, a line each, and what stays."""
    for line in erased_words.counted(counts):
        say(f"− {line}")
    for number, words in ((shared, erased_words.shared), (held, erased_words.held)):
        if number:
            say(f"? {words(number)}")


def _held(hold: Hold) -> str:
    return _("✕ under a legal hold since {date}: “{reason}”.").format(date=iso(hold.at)[:10], reason=hold.reason or "–")
