"""Hands batches to the intake while the next one is fetched: one under way at most, in the order they came.

A mail that the store chokes on is found by handing its batch over one by one; it is passed over, the rest is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from types import TracebackType

from workstation.inbox.model import FetchedMail, FolderCursor
from workstation.inbox.ports import Intake
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)


class Courier:
    """Used as a context: leaving it waits for what is under way, and raises what went wrong with it."""

    def __init__(self, intake: Intake, account_id: str, folder: str, before: FolderCursor) -> None:
        self._intake = intake
        self._account = account_id
        self._folder = folder
        self._stored = before           # the cursor as it is on disk
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Courier:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.settle()
        except Exception:
            if value is None:
                raise
            log.info("a batch was not stored, and fetching failed too")
        finally:
            if self._pool is not None:
                self._pool.shutdown()

    def hand(self, mails: Sequence[FetchedMail], bad: Sequence[tuple[int, str]], cursor: FolderCursor) -> None:
        """Store a batch in the background, after waiting for the one before. Raises what that one raised."""
        self.settle()
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="imap-intake")
        self._under_way = self._pool.submit(self._store, mails, bad, cursor)

    def settle(self) -> None:
        """Wait until nothing is under way. Raises what the intake raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def _store(self, mails: Sequence[FetchedMail], bad: Sequence[tuple[int, str]], cursor: FolderCursor) -> None:
        for uid, why in bad:   # first: once the cursor is past them, only this knows of them
            self._intake.pass_over(self._account, self._folder, uid, why)
        try:
            self._intake.deliver(self._account, self._folder, mails, cursor)
        except (WorkstationError, InterruptedError):
            raise
        except Exception:
            if not mails:
                raise
            log.exception("a batch of mail was not stored; its mails are tried one by one")
            self._one_by_one(mails, cursor)
        self._stored = cursor

    def _one_by_one(self, mails: Sequence[FetchedMail], cursor: FolderCursor) -> None:
        # First nothing: when even that is not taken, no mail is to blame.
        self._intake.deliver(self._account, self._folder, (), self._stored)
        for mail in mails:
            try:
                self._intake.deliver(self._account, self._folder, [mail], replace(self._stored, last_uid=mail.uid))
            except (WorkstationError, InterruptedError):
                raise
            except Exception:
                log.exception("a mail was not stored")
                self._intake.pass_over(self._account, self._folder, mail.uid, _("It could not be stored."))
        self._intake.deliver(self._account, self._folder, (), cursor)
