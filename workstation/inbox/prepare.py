"""Everything about a mail that can be worked out before the write transaction, on a worker thread or in a process."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from isal import isal_zlib

from workstation.domain.clues import Mention, find_mentions
from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingMail
from workstation.inbox.ports import Folder, LanguageDetector
from workstation.inbox.prepared import INLINE_LIMIT, PreparedFile, PreparedMail
from workstation.inbox.threading import alias_keys, content_key, plain_subject, root_of, same_words, thread_references
from workstation.kernel.i18n import _
from workstation.kernel.ids import derived_id
from workstation.store import search
from workstation.store.blobs import BlobFiles, SealedFile

DETECT_ON = 2_000
"""Characters of a mail that the language is told from."""
MOST_CLUES = 20_000
"""Characters of a mail, its quoted history included, that are searched for order numbers: a marketplace's envelope
names the order and is folded away as quoted."""
UNDETERMINED = "und"
"""ISO 639-2 for a text whose language could not be told; "" is one that was not looked at yet."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Prepared mails with their ids, and the sealed files that belong to them."""

    mails: tuple[PreparedMail, ...]
    files: tuple[SealedFile, ...]
    ids: tuple[str, ...]


class Preparer:
    """Folds quotes, tells the language where that is quick, and seals what is too large for a row. Blocks."""

    def __init__(self, blobs: BlobFiles, fold: Folder, detector: LanguageDetector) -> None:
        self._blobs = blobs
        self._fold = fold
        self._detector = detector

    def prepare(self, account_id: str, mails: Collection[IncomingMail | PreparedMail]) -> Batch:
        """Raises DiskFull or ReadOnly when a large file cannot be sealed; nothing is stored then."""
        ready = [mail if isinstance(mail, PreparedMail) else self._ready(mail) for mail in mails]
        ids = [message_id(account_id, mail) for mail in ready]
        files = [file for mail, own in zip(ready, ids, strict=True) for file in self._seal(own, mail)]
        return Batch(tuple(ready), tuple(files), tuple(ids))

    def _ready(self, mail: IncomingMail) -> PreparedMail:
        """A mail that breaks one of our rules is kept by its source alone, and says so; it holds up no other."""
        try:
            return prepare_mail(mail, self._fold, self._detector)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the mail is kept and says so
            return stand_in(mail.raw, mail.at, mail.own, type(problem).__name__)

    def _seal(self, own_id: str, mail: PreparedMail) -> list[SealedFile]:
        sealed = [
            self._blobs.seal(file_id(own_id, n), file.content) for n, file in enumerate(mail.files) if file.large]
        return sealed if mail.raw is None else [*sealed, self._blobs.seal(own_id, mail.raw)]


def message_id(account_id: str, mail: PreparedMail) -> str:
    """Our id of a mail: from its mailbox, its content and its date, so that every desktop gives it the same."""
    return derived_id(mail.at, "message", account_id, mail.content_key)


def file_id(own_id: str, position: int) -> str:
    """Our id of a mail's file, by the mail's id and the file's place in it."""
    return derived_id(0, "attachment", own_id, str(position))


def prepare_mail(mail: IncomingMail, fold: Folder, detector: LanguageDetector) -> PreparedMail:
    """Pure. Text that no database can hold (halves of surrogate pairs) raises UnicodeEncodeError."""
    text, quoted = fold(mail.text)
    customer = (mail.to or (Address(""),))[0] if mail.own else mail.author
    names = (*thread_references(mail), *alias_keys(mail))
    everyone = (mail.author, *mail.to, *mail.cc)
    people = " ".join(f"{person.name} {person.email}" for person in everyone)
    small = len(mail.raw) <= INLINE_LIMIT
    ready = PreparedMail(
        content_key=content_key(mail), message_id=mail.message_id, root=root_of(mail), names=names, at=mail.at,
        own=mail.own, automatic=mail.automatic, author=(mail.author.email, mail.author.name),
        customer=(customer.email.lower(), customer.name), recipients=_pairs(mail.to), cc=_pairs(mail.cc),
        reply_to=mail.reply_to.email if mail.reply_to else "", subject=mail.subject,
        plain_subject=plain_subject(mail.subject), text=text, quoted=quoted, html=mail.html,
        language=detector.quick(text[:DETECT_ON] or mail.subject), problems=mail.problems, notes=mail.notes,
        words=words_of(mail.text),
        index=(search.prepare(mail.subject), search.prepare(text), search.prepare(people),
               search.prepare(" ".join(file.name for file in mail.attachments))),
        mentions=_mentions(mail.subject, text, quoted),
        packed=isal_zlib.compress(mail.raw, 1) if small else None, raw=None if small else mail.raw,
        files=tuple(PreparedFile(f.name, f.mime, len(f.content), f.inline, f.content_id, f.content)
                    for f in mail.attachments),
        people=tuple(person.email.lower() for person in everyone),
    )
    _holds(ready)
    return ready


def stand_in(raw: bytes, at: int, own: bool, reason: str) -> PreparedMail:
    """What is kept of a mail that cannot be read or stored: its source, and a sentence that says so."""
    key = hashlib.sha256(raw).hexdigest()
    name = f"<sha256-{key}@unreadable.invalid>"
    sentence = _("This mail could not be read ({reason}). Its source is kept as it came.").format(reason=reason)
    small = len(raw) <= INLINE_LIMIT
    return PreparedMail(
        content_key=key, message_id=name, root=name, names=(name,), at=at, own=own, automatic=False, author=("", ""),
        customer=("", ""), recipients="[]", cc="[]", reply_to="", subject="", plain_subject="", text="", quoted="",
        html="", language=UNDETERMINED, problems=(sentence,), notes=(), words=key, index=("", "", "", ""),
        mentions=(), packed=isal_zlib.compress(raw, 1) if small else None, raw=None if small else raw, files=(),
    )


def without_files(mail: PreparedMail) -> PreparedMail:
    """The same mail once its large files are sealed: their bytes are on the disk."""
    return replace(mail, raw=None)


def words_of(text: str) -> str:
    """Equal for two texts of the same words, however they are broken into lines."""
    return hashlib.sha256(same_words(text).encode("utf-8", "replace")).hexdigest()


def _pairs(people: Sequence[Address]) -> str:
    return json.dumps([[person.email, person.name] for person in people], ensure_ascii=False)


def _mentions(subject: str, text: str, quoted: str) -> tuple[Mention, ...]:
    return find_mentions(f"{subject}\n{text}\n{quoted}"[:MOST_CLUES])


def _holds(mail: PreparedMail) -> None:
    """Raise UnicodeEncodeError here, where one mail is concerned, and not in the batch's transaction."""
    for value in (mail.message_id, *mail.names, *mail.author, *mail.customer, mail.recipients, mail.cc, mail.reply_to,
                  mail.subject, mail.text, mail.quoted, mail.html, *mail.problems, *mail.notes):
        if not value.isascii():
            value.encode()
    for file in mail.files:
        f"{file.name}{file.mime}{file.content_id}".encode()
