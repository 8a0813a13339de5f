"""Mails made ready for their write transaction: read, where nobody did so yet, named, and large files sealed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from workstation.inbox.model import IncomingMail
from workstation.inbox.ports import Folder, LanguageDetector
from workstation.inbox.prepared import PreparedMail
from workstation.inbox.preparing import prepare_mail, stand_in
from workstation.kernel.ids import derived_id
from workstation.store.blobs import BlobFiles, SealedFile


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
            self._blobs.seal(file_id(own_id, n), file.content) for n, file in enumerate(mail.files)
            if file.large and file.content is not None]
        return sealed if mail.raw is None else [*sealed, self._blobs.seal(own_id, mail.raw)]


def message_id(account_id: str, mail: PreparedMail) -> str:
    """Our id of a mail: from its mailbox, its content and its date, so that every desktop gives it the same."""
    return derived_id(mail.at, "message", account_id, mail.content_key)


def file_id(own_id: str, position: int) -> str:
    """Our id of a mail's file, by the mail's id and the file's place in it."""
    return derived_id(0, "attachment", own_id, str(position))
