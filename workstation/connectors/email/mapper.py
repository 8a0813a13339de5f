"""Raw mail to `IncomingMail`. Pure, and never raises on any bytes: a mail that breaks the rules is kept, with what
was wrong in words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from workstation.connectors.email import alerts, reports
from workstation.connectors.email.addresses import parse_addresses
from workstation.connectors.email.body import Body, gather
from workstation.connectors.email.headers import (
    Headers,
    date_ms,
    decode_words,
    is_automatic,
    message_id,
    message_ids,
    parse_exactly,
)
from workstation.connectors.email.limits import MAX_SENTENCES, MAX_SUBJECT
from workstation.connectors.email.mime import Tree
from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingMail
from workstation.kernel.i18n import _, ngettext


def parse(
    raw: bytes, *, received_at: int, own: bool = False, problems: tuple[str, ...] = (), later: bool = False
) -> IncomingMail:
    """Read a mail of any size and any content.

    `received_at` (milliseconds UTC) stands in for a missing or absurd Date. `own`: it was found in a Sent folder.
    `problems` come first in the result's own: what whoever fetched it already knows. `later`: HTML beside a plain
    reading is left to `Opener`, with what there is to say about its pictures and links.
    """
    tree = Tree(raw)
    root = tree.read()
    headers = root.headers
    body = gather(root, later=later)
    for sentence in problems:
        body.problem(sentence)
    _note_tree(tree, body)
    at = date_ms(headers.text("date"), received_at)
    _note_headers(headers, at, body)
    author, reply_to = _author(headers), (parse_addresses(headers.text("reply-to")) or (None,))[0]
    report = reports.read(root)
    automatic = report is not None or is_automatic(headers)
    text, html = body.text(), body.html()
    _note_looks(author, None if automatic else reply_to, html, text, body)
    answered, references = _thread(headers, report, body)
    return IncomingMail(
        raw=raw,
        message_id=message_id(headers.text("message-id")) or made_id(raw, headers),
        in_reply_to=answered,
        references=references,
        author=author,
        to=parse_addresses(headers.all_text("to")),
        cc=parse_addresses(headers.all_text("cc")),
        reply_to=reply_to,
        subject=decode_words(headers.text("subject"))[:MAX_SUBJECT],
        at=received_at if at is None else at,
        text=text,
        html=html,
        attachments=tuple(body.files),
        automatic=automatic,
        problems=_bounded(body.problems),
        own=own,
        notes=_bounded(body.notes),
        bounces=reports.bounces(report, headers, author.email),
    )


def made_id(raw: bytes, headers: Headers) -> str:
    """An id for a mail without one: the same content gives the same id, however its lines end and whichever
    way it took here."""
    digest = hashlib.sha256()
    headers = parse_exactly(headers.block)   # an id for ever: folded as the mail came
    for name in ("date", "from", "to", "subject"):
        digest.update(headers.raw(name).replace(b"\r", b"") + b"\0")
    digest.update(raw.replace(b"\r", b"").partition(b"\n\n")[2].rstrip(b"\n") if headers.fields else raw)
    return f"<sha256-{digest.hexdigest()}@missing.invalid>"


def _author(headers: Headers) -> Address:
    found = parse_addresses(headers.text("from")) or parse_addresses(headers.text("sender"))
    if found:
        return found[0]
    return Address("", decode_words(headers.text("from"))[:200])


def _thread(headers: Headers, report: reports.Report | None, body: Body) -> tuple[str, tuple[str, ...]]:
    """The mail that this one answers and its ancestors. A report answers the mail that it is about."""
    references = message_ids(headers.text("references"))
    answered = (message_ids(headers.text("in-reply-to")) or ("",))[0]
    if report is None:
        return answered, references
    (body.problem if report.bad else body.note)(report.sentence())
    if not report.about:
        return answered, references
    return report.about, tuple(dict.fromkeys((*references, *filter(None, (answered,)), report.about)))


def _note_looks(author: Address, reply_to: Address | None, html: str, text: str, body: Body) -> None:
    links = [] if body.put_off else alerts.links(html, text)   # of a mail without HTML as well, or of both at once
    for sentence in (*alerts.sender(author, reply_to), *links):
        body.problem(sentence)
    if "-----BEGIN PGP MESSAGE-----" in text:
        body.problem(_("The mail is encrypted (OpenPGP); its text cannot be read here."))
    elif "-----BEGIN PGP SIGNED MESSAGE-----" in text:
        body.note(_("The mail is signed. The signature was not checked."))


def _bounded(sentences: Iterable[str]) -> tuple[str, ...]:
    """At most MAX_SENTENCES, and how many there were besides."""
    told = tuple(sentences)
    more = len(told) - MAX_SENTENCES
    if more <= 0:
        return told
    return (*told[:MAX_SENTENCES], ngettext("{n} more remark is left out.", "{n} more remarks are left out.", more)
            .format(n=more))


def _note_tree(tree: Tree, body: Body) -> None:
    if tree.too_many:
        body.problem(_("The mail has more parts than a mail can sensibly have; the rest is only in its source."))
    if tree.too_deep:
        body.problem(_("The mail is nested deeper than a mail can sensibly be; the inner part is attached unread."))
    if tree.unclosed:
        body.problem(_("The mail is incomplete or badly built; what could be read is shown."))
    if tree.cut_headers:
        body.problem(_("The mail's header is far too long; only its beginning was read."))


def _note_headers(headers: Headers, at: int | None, body: Body) -> None:
    if not headers.raw("message-id"):
        body.problem(_("The mail has no Message-ID."))
    if at is None:
        missing = not headers.raw("date")
        body.problem(_("The mail has no date; the time of receipt is shown.") if missing
                     else _("The mail's date cannot be right; the time of receipt is shown."))
    if not headers.raw("from"):
        body.problem(_("The mail does not say who sent it."))
