"""Everything about a mail that can be worked out before the write transaction, on a worker thread."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from workstation.inbox.model import IncomingMail
from workstation.inbox.ports import Folder, LanguageDetector
from workstation.inbox.repo import INLINE_LIMIT, PreparedMail
from workstation.inbox.threading import content_key
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.blobs import BlobFiles, SealedFile

DETECT_ON = 2_000
"""Characters of a mail that the language is told from."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Prepared mails and the sealed files that belong to them."""

    mails: tuple[PreparedMail, ...]
    files: tuple[SealedFile, ...]


class Preparer:
    """Folds quotes, tells the language, and seals what is too large for a row. Blocks; not for the loop."""

    def __init__(self, blobs: BlobFiles, fold: Folder, detector: LanguageDetector) -> None:
        self._blobs = blobs
        self._fold = fold
        self._detector = detector

    def prepare(self, mails: Collection[IncomingMail], own_addresses: Collection[str] = ()) -> Batch:
        """Raises DiskFull or ReadOnly when a large file cannot be sealed; nothing is stored then."""
        prepared = [self._mail(_mark_impostor(mail, own_addresses)) for mail in mails]
        return Batch(tuple(prepared), tuple(file for item in prepared for file in self._seal(item)))

    def _mail(self, mail: IncomingMail) -> PreparedMail:
        text, quoted = self._fold(mail.text)
        return PreparedMail(
            id=new_id(), mail=mail, text=text, quoted=quoted,
            language=self._detector.detect(text[:DETECT_ON] or mail.subject), raw_inside=len(mail.raw) <= INLINE_LIMIT,
            attachment_ids=tuple(new_id() for _file in mail.attachments), content_key=content_key(mail),
        )

    def _seal(self, item: PreparedMail) -> list[SealedFile]:
        files = zip(item.attachment_ids, item.mail.attachments, strict=True)
        sealed = [self._blobs.seal(i, file.content) for i, file in files if len(file.content) > INLINE_LIMIT]
        return sealed if item.raw_inside else [*sealed, self._blobs.seal(item.id, item.mail.raw)]


def _mark_impostor(mail: IncomingMail, own_addresses: Collection[str]) -> IncomingMail:
    """Anybody can write our address into From; only the Sent folder shows what we wrote."""
    if mail.own or mail.author.email.lower() not in own_addresses:
        return mail
    warning = _("This mail names your own address as its sender but is not in your Sent folder.")
    return replace(mail, problems=(*mail.problems, warning))
