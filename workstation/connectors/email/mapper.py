"""Raw mail to `IncomingMail`. Pure, and never raises on any bytes: a mail that breaks the rules is kept, with what
was wrong in words."""

from __future__ import annotations

import hashlib

from workstation.connectors.email.addresses import parse_addresses
from workstation.connectors.email.body import Body, gather
from workstation.connectors.email.headers import (
    Headers,
    date_ms,
    decode_words,
    is_automatic,
    message_id,
    message_ids,
)
from workstation.connectors.email.limits import MAX_SUBJECT
from workstation.connectors.email.mime import Part, Tree
from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingMail
from workstation.kernel.i18n import _

def parse(raw: bytes, *, received_at: int, own: bool = False, problems: tuple[str, ...] = ()) -> IncomingMail:
    """Read a mail of any size and any content.

    `received_at` (milliseconds UTC) stands in for a missing or absurd Date. `own`: it was found in a Sent folder.
    `problems` come first in the result's own: what whoever fetched it already knows.
    """
    tree = Tree(raw)
    root = tree.read()
    headers = root.headers
    body = gather(root)
    for sentence in problems:
        body.problem(sentence)
    _note_tree(tree, body)
    references = message_ids(headers.text("references"))
    answered = message_ids(headers.text("in-reply-to"))
    at = date_ms(headers.text("date"), received_at)
    _note_headers(headers, at, body)
    reply_to = parse_addresses(headers.text("reply-to"))
    return IncomingMail(
        raw=raw,
        message_id=message_id(headers.text("message-id")) or made_id(raw, headers),
        in_reply_to=answered[0] if answered else "",
        references=references,
        author=_author(headers),
        to=parse_addresses(headers.all_text("to")),
        cc=parse_addresses(headers.all_text("cc")),
        reply_to=reply_to[0] if reply_to else None,
        subject=decode_words(headers.text("subject"))[:MAX_SUBJECT],
        at=received_at if at is None else at,
        text=body.text(),
        html=body.html(),
        attachments=tuple(body.files),
        automatic=_is_report(root) or is_automatic(headers),
        problems=tuple(body.problems),
        own=own,
    )


def made_id(raw: bytes, headers: Headers) -> str:
    """An id for a mail without one: the same content gives the same id, however its lines end and whichever
    way it took here."""
    digest = hashlib.sha256()
    for name in ("date", "from", "to", "subject"):
        digest.update(headers.raw(name).replace(b"\r", b"") + b"\0")
    digest.update(raw.replace(b"\r", b"").partition(b"\n\n")[2].rstrip(b"\n") if headers.fields else raw)
    return f"<sha256-{digest.hexdigest()}@missing.invalid>"


def _author(headers: Headers) -> Address:
    found = parse_addresses(headers.text("from")) or parse_addresses(headers.text("sender"))
    if found:
        return found[0]
    return Address("", decode_words(headers.text("from"))[:200])


def _is_report(root: Part) -> bool:
    """Bounces and receipts (RFC 6522)."""
    return root.mime == "multipart/report"


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
