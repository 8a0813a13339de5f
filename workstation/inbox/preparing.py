"""One mail as it goes into the store. Pure: runs on any thread, or in a process of its own that knows no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from isal import isal_zlib

from workstation.domain.clues import Mention, find_mentions, mentions_among
from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingAttachment, IncomingMail
from workstation.inbox.prepared import INLINE_LIMIT, PreparedFile, PreparedMail
from workstation.inbox.threading import alias_keys, content_key, plain_subject, root_of, same_words, thread_references
from workstation.kernel.i18n import _
from workstation.store import search

if TYPE_CHECKING:
    from workstation.inbox.ports import Folder, LanguageDetector

as_json = json.JSONEncoder(ensure_ascii=False).encode
"""`json.dumps` makes an encoder for each call; this is the same text from one encoder."""
DETECT_ON = 2_000
"""Characters of a mail that the language is told from."""
MOST_CLUES = 20_000
"""Characters of a mail, its quoted history included, that are searched for order numbers: a marketplace's envelope
names the order and is folded away as quoted."""
UNDETERMINED = "und"
"""ISO 639-2 for a text whose language could not be told; "" is one that was not looked at yet."""


def prepare_mail(
    mail: IncomingMail, fold: Folder, detector: LanguageDetector | None, *, apart: bool = True
) -> PreparedMail:
    """Pure. Text that no database can hold (halves of surrogate pairs) raises UnicodeEncodeError. `apart`: small files
    are kept beside the raw mail, because a `MailOpener` would not find them in it. Without a `detector` neither its
    language nor its clues to orders are looked for."""
    text, quoted = fold(mail.text)
    customer = (mail.to or (Address(""),))[0] if mail.own else mail.author
    names = (*thread_references(mail), *alias_keys(mail))
    people = " ".join(f"{person.name} {person.email}" for person in (*mail.to, *mail.cc))
    small = len(mail.raw) <= INLINE_LIMIT
    pieces = mail.text.split()
    words = " ".join(pieces)   # as `same_words`
    ready = PreparedMail(
        content_key=content_key(mail, words), message_id=mail.message_id, root=root_of(mail), names=names, at=mail.at,
        own=mail.own, automatic=mail.automatic, author=(mail.author.email, mail.author.name),
        customer=(customer.email.lower(), customer.name), recipients=_pairs(mail.to), cc=_pairs(mail.cc),
        reply_to=mail.reply_to.email if mail.reply_to else "", subject=mail.subject,
        plain_subject=plain_subject(mail.subject), text=text, quoted=quoted, html=mail.html,
        language=detector.quick(text[:DETECT_ON] or mail.subject) if detector else "", problems=mail.problems,
        notes=mail.notes,
        words=hashlib.sha256(words.encode("utf-8", "replace")).hexdigest(),
        indexed=tuple(map(search.prepare, (
            mail.subject, text, f"{mail.author.name} {mail.author.email}", people,
            " ".join(file.name for file in mail.attachments)))),
        mentions=_mentions(mail, text, quoted, pieces) if detector else (),
        packed=isal_zlib.compress(mail.raw, 1) if small else None, raw=None if small else mail.raw,
        files=tuple(_file(file, apart) for file in mail.attachments),
        looked=detector is not None,
        bounces=tuple((each.about, each.kind, each.recipient, each.reason) for each in mail.bounces),
    )
    _holds(ready)
    return ready


def _file(file: IncomingAttachment, apart: bool) -> PreparedFile:
    size = len(file.content)
    content = file.content if apart or size > INLINE_LIMIT else None
    return PreparedFile(file.name, file.mime, size, file.inline, file.content_id, content)


def stand_in(raw: bytes, at: int, own: bool, reason: str) -> PreparedMail:
    """What is kept of a mail that cannot be read or stored: its source, and a sentence that says so."""
    key = hashlib.sha256(raw).hexdigest()
    name = f"<sha256-{key}@unreadable.invalid>"
    sentence = _("This mail could not be read ({reason}). Its source is kept as it came.").format(reason=reason)
    small = len(raw) <= INLINE_LIMIT
    return PreparedMail(
        content_key=key, message_id=name, root=name, names=(name,), at=at, own=own, automatic=False, author=("", ""),
        customer=("", ""), recipients="[]", cc="[]", reply_to="", subject="", plain_subject="", text="", quoted="",
        html="", language=UNDETERMINED, problems=(sentence,), notes=(), words=key, indexed=("", "", "", "", ""),
        mentions=(), packed=isal_zlib.compress(raw, 1) if small else None, raw=None if small else raw, files=(),
    )


def words_of(text: str) -> str:
    """Equal for two texts of the same words, however they are broken into lines."""
    return hashlib.sha256(same_words(text).encode("utf-8", "replace")).hexdigest()


def _pairs(people: Sequence[Address]) -> str:
    return as_json([[person.email, person.name] for person in people]) if people else "[]"


def _mentions(mail: IncomingMail, text: str, quoted: str, pieces: Sequence[str]) -> tuple[Mention, ...]:
    """`pieces`: the mail's words, which are those of its new part and then of its history wherever that comes last."""
    after = mail.text.lstrip("\n")
    if len(mail.subject) + len(mail.text) + 2 <= MOST_CLUES and after.startswith(text) and (
        after[len(text):].strip("\n") == quoted
    ):
        return mentions_among((*mail.subject.split(), *pieces))
    return find_mentions(f"{mail.subject}\n{text}\n{quoted}"[:MOST_CLUES])


def _holds(mail: PreparedMail) -> None:
    """Raise UnicodeEncodeError here, where one mail is concerned, and not in the batch's transaction."""
    for value in (mail.message_id, *mail.names, *mail.author, *mail.customer, mail.recipients, mail.cc, mail.reply_to,
                  mail.subject, mail.text, mail.quoted, mail.html, *mail.problems, *mail.notes):
        if not value.isascii():
            value.encode()
    for file in mail.files:
        f"{file.name}{file.mime}{file.content_id}".encode()
