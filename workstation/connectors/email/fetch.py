"""Mails out of a folder in bounded batches, each under the UID the server itself named in the same answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from workstation.connectors.email.answers import Fetched
from workstation.connectors.email.headers import server_date_ms
from workstation.connectors.email.session import ImapSession
from workstation.kernel.errors import BadAnswer
from workstation.kernel.i18n import _

MAX_UIDS = 1_000                  # a batch is a transaction: a thousand mails cost a third less than five hundred twice
FIRST_UIDS = 100                  # of the first batch, so that somebody who waits sees something at once
MAX_BYTES = 12 * 1024 * 1024      # of one batch; a single larger mail is a batch of its own
MAX_MAIL = 60 * 1024 * 1024       # larger mails come as their header only
TRIES = 3                         # answers without the content that are borne for one mail

_WHOLE = "(UID FLAGS INTERNALDATE BODY.PEEK[])"
_HEADER = "(UID FLAGS INTERNALDATE BODY.PEEK[HEADER])"


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as it came. `received_at` (ms UTC) is the server's own note, None when it gave none."""

    uid: int
    raw: bytes
    seen: bool
    received_at: int | None
    problems: tuple[str, ...] = ()
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails that belong together, and the UID up to which the folder has been read with them.

    `bad`: UIDs of mails that are there and cannot be had, with the reason.
    """

    mails: tuple[RawMail, ...]
    last_uid: int
    bad: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked for at once."""

    uids: int = MAX_UIDS
    bytes: int = MAX_BYTES
    mail: int = MAX_MAIL
    first: int = FIRST_UIDS


def batches(session: ImapSession, uids: Sequence[int], limits: Limits | None = None) -> Iterator[Batch]:
    """The mails of the open folder with these UIDs (ascending), sizes asked for first.

    A mail that is expunged meanwhile is left out. Raises ConnectError; batches yielded before are complete.
    """
    limits = limits or Limits()
    for chunk in _chunks(uids, limits):
        sizes = _sizes(session, chunk)
        for group in _groups(chunk, sizes, limits.bytes):
            mails, bad = _read_what_can_be(session, group, sizes, limits.mail)
            yield Batch(tuple(mails), group[-1], tuple(bad))


def _chunks(uids: Sequence[int], limits: Limits) -> Iterator[Sequence[int]]:
    first = min(limits.first, limits.uids)
    if uids:
        yield uids[:first]
    for start in range(first, len(uids), limits.uids):
        yield uids[start : start + limits.uids]


def _sizes(session: ImapSession, uids: Sequence[int]) -> dict[int, int]:
    """In bytes; 0 where the server does not say, and for all when it answers nonsense about one of them."""
    try:
        known = session.fetch(uids, "(UID RFC822.SIZE)")
    except BadAnswer:
        return dict.fromkeys(uids, 0)
    return {uid: known[uid].size() if uid in known else 0 for uid in uids}


def _read_what_can_be(
    session: ImapSession, uids: Sequence[int], sizes: dict[int, int], most: int
) -> tuple[list[RawMail], list[tuple[int, str]]]:
    """The mails, and those that the server answers nonsense for: found by asking for each alone."""
    try:
        return _read(session, uids, sizes, most), []
    except BadAnswer as problem:
        if len(uids) == 1:
            return [], [(uids[0], problem.sentence)]
    mails: list[RawMail] = []
    bad: list[tuple[int, str]] = []
    for uid in uids:
        one, unreadable = _read_what_can_be(session, [uid], sizes, most)
        mails += one
        bad += unreadable
    return mails, bad


def _groups(uids: Sequence[int], sizes: dict[int, int], most: int) -> Iterator[list[int]]:
    group: list[int] = []
    total = 0
    for uid in uids:
        if group and total + sizes[uid] > most:
            yield group
            group, total = [], 0
        group.append(uid)
        total += sizes[uid]
    if group:
        yield group


def _read(session: ImapSession, uids: Sequence[int], sizes: dict[int, int], most: int) -> list[RawMail]:
    small = [uid for uid in uids if sizes[uid] <= most]
    large = [uid for uid in uids if sizes[uid] > most]
    found = _whole(session, small)
    missing = [uid for uid in small if uid not in found]
    if missing:
        why = _("The server did not hand over the mail's text; only its header is here.")
        found |= _headers(session, _still_there(session, missing), why)
    for uid in large:
        why = _("The mail has {megabytes} MB, too many to fetch; only its header is here.")
        found |= _headers(session, [uid], why.format(megabytes=sizes[uid] >> 20))
    return [found[uid] for uid in uids if uid in found]


def _whole(session: ImapSession, uids: Sequence[int]) -> dict[int, RawMail]:
    """Ask for the content; an answer without it is asked for again and never taken as a mail."""
    return _asked_again(session, uids, _WHOLE, "BODY[]")


def _asked_again(session: ImapSession, uids: Sequence[int], items: str, content: str) -> dict[int, RawMail]:
    found: dict[int, RawMail] = {}
    wanted = list(uids)
    for _attempt in range(TRIES):
        if not wanted:
            break
        found |= _kept(session.fetch(wanted, items), content)
        wanted = [uid for uid in wanted if uid not in found]
    return found


def _headers(session: ImapSession, uids: Sequence[int], why: str) -> dict[int, RawMail]:
    found = _asked_again(session, uids, _HEADER, "BODY[HEADER]")
    if any(uid not in found for uid in uids):
        raise BadAnswer(_("The server does not hand over a mail it says is there."), _("It is tried again by itself."))
    return {uid: replace(mail, problems=(why,)) for uid, mail in found.items()}


def _still_there(session: ImapSession, uids: Sequence[int]) -> list[int]:
    listed = set(session.search(["UID", ",".join(map(str, uids))]))
    return [uid for uid in uids if uid in listed]


def _kept(answers: dict[int, Fetched], item: str) -> dict[int, RawMail]:
    found: dict[int, RawMail] = {}
    for uid, answer in answers.items():
        raw = answer.content(item)
        if raw is not None:
            found[uid] = RawMail(
                uid, raw, answer.seen(), _internal_ms(answer.items.get("INTERNALDATE")), answered=answer.answered())
    return found


def _internal_ms(value: object) -> int | None:
    return server_date_ms(value.decode("ascii", "replace")) if isinstance(value, bytes) else None
