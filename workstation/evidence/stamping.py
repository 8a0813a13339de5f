"""Time stamps for records: who is asked, what waits, and what is kept.

What waits is in no list of its own: a record without a token of a configured authority waits, so nothing can be
forgotten by a crash, and an authority that is away for days finds everything when it is back. Nothing is kept that was
not checked against the roots a person gave.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import Connection

from workstation.domain.events import EvidenceSealed
from workstation.evidence import dsse, stamp_rows, tokens
from workstation.evidence.model import AuthorityTest, AuthorityView
from workstation.evidence.ports import AskAuthority
from workstation.evidence.stamp_rows import Known, Token, Waiting
from workstation.evidence.tokens import Authority, Stamp
from workstation.kernel.clock import Clock, from_datetime
from workstation.kernel.errors import ConnectError, InputError, NotFound, WorkstationError
from workstation.kernel.i18n import _
from workstation.runtime.jobs import backoff
from workstation.runtime.waiting import woken
from workstation.store.database import Database
from workstation.store.unit import Unit

PAUSE = 60.0
"""Seconds between two looks when nothing happens: openings and exports of records announce nothing."""
_BATCH = 50
_MOST_NAME, _MOST_URL = 100, 500


class Stamping:
    """Fulfils `api.AuthoritiesApi`; `step` is for `Jobs.keep_trying`."""

    def __init__(self, database: Database, clock: Clock, ask: AskAuthority) -> None:
        self._database = database
        self._clock = clock
        self._ask = ask
        self._wake = asyncio.Event()
        self._tries: dict[str, int] = {}       # how often an authority failed in a row
        self._not_before: dict[str, int] = {}  # when it is asked again, by our clock

    async def list(self) -> tuple[AuthorityView, ...]:
        """The authorities that are asked."""
        return await self._database.read(
            lambda conn: tuple(_view(conn, known) for known in stamp_rows.authorities(conn)))

    async def add(self, name: str, url: str, roots: bytes, *, simulated: bool = False) -> AuthorityView:
        """Ask this authority from now on. Raises InputError."""
        one = await asyncio.to_thread(_authority, name, url, roots, simulated)
        now = self._clock.now()
        await self._database.write(lambda unit: stamp_rows.add(unit.conn, one, now))
        self._not_before.pop(one.id, None)
        self._wake.set()
        return next(view for view in await self.list() if view.id == one.id)

    async def remove(self, authority_id: str) -> None:
        """Ask it no more; what it stamped stays and is checked with its root. Raises NotFound."""
        now = self._clock.now()
        if not await self._database.write(lambda unit: stamp_rows.remove(unit.conn, authority_id, now)):
            raise NotFound(_("There is no such time-stamp authority."), _("Look at the list again."))

    async def test(self, name: str, url: str, roots: bytes) -> AuthorityTest:
        """Ask it for a token over nothing in particular. Raises InputError, and whatever is wrong by its name."""
        return await self._test(await asyncio.to_thread(_authority, name, url, roots, False))

    async def test_known(self, authority_id: str) -> AuthorityTest:
        """The same for one that is configured. Raises NotFound as well."""
        for known in await self._database.read(stamp_rows.authorities):
            if known.authority.id == authority_id:
                return await self._test(known.authority)
        raise NotFound(_("There is no such time-stamp authority."), _("Look at the list again."))

    async def _test(self, one: Authority) -> AuthorityTest:
        before = self._clock.now()
        _raw, stamp = await self._token(one, secrets.token_bytes(32))
        return AuthorityTest(stamp.at, stamp.accuracy, stamp.signer, stamp.at - (before + self._clock.now()) // 2)

    def on_sealed(self, _event: EvidenceSealed) -> None:
        """Subscribe this to EvidenceSealed: what was just sealed is stamped at once."""
        self._wake.set()

    async def step(self) -> float:
        """Stamp what waits, then wait for more. Returns 0: it may be called again at once."""
        self._wake.clear()
        for known in await self._database.read(stamp_rows.authorities):
            if self._not_before.get(known.authority.id, 0) <= self._clock.now():
                await self._serve(known)
        await woken(self._wake, PAUSE)
        return 0.0

    async def drain(self) -> None:
        """Stamp everything that waits, whatever failed before; for a command that ends."""
        for known in await self._database.read(stamp_rows.authorities):
            await self._serve(known)

    async def _serve(self, known: Known) -> None:
        """All that waits for one authority, until it fails. Another authority's turn does not depend on it."""
        one, last = known.authority, 0
        try:
            while rows := await self._database.read(partial(stamp_rows.waiting, known=known, after=last, limit=_BATCH)):
                for row in rows:
                    await self._stamp(one, row)
                last = rows[-1].sequence
        except ConnectError as problem:
            tries = self._tries.get(one.id, 0)
            self._tries[one.id] = tries + 1
            self._not_before[one.id] = self._clock.now() + round(backoff(tries, first=5.0, most=600.0) * 1_000)
            await self._note(one, known.failed_at or self._clock.now(), problem)
            return
        self._tries.pop(one.id, None)
        if known.failure:
            await self._note(one, None, None)

    async def _stamp(self, one: Authority, row: Waiting) -> None:
        payload = _payload(row)
        if payload is None:
            return
        raw, stamp = await self._token(one, payload)
        token = Token(row.record_hash, one.id, stamp.at, stamp.accuracy, raw, b"".join(stamp.chain).decode())

        def keep(unit: Unit) -> None:
            stamp_rows.put(unit.conn, token)
            unit.emit(EvidenceSealed(row.case_id, row.record_id))

        await self._database.write(keep)

    async def _token(self, one: Authority, payload: bytes) -> tuple[bytes, Stamp]:
        """Ask, and check. Raises BadToken and the other ConnectErrors."""
        asked = await asyncio.to_thread(tokens.question, payload)
        raw = await self._ask(one.name, one.url, asked.body)
        digest = hashlib.sha256(payload).digest()
        return raw, await asyncio.to_thread(
            partial(tokens.check, raw, digest, one.roots, nonce=asked.nonce))

    async def _note(self, one: Authority, at: int | None, problem: WorkstationError | None) -> None:
        said = str(problem) if problem else ""
        await self._database.write(lambda unit: stamp_rows.note(unit.conn, one.id, at, said))


def _payload(row: Waiting) -> bytes | None:
    """The statement; None when the row does not hold it any more, which a verification says and a stamp would hide."""
    try:
        payload = dsse.parse(row.envelope).payload
    except ValueError:
        return None
    return payload if hashlib.sha256(payload).hexdigest() == row.record_hash else None


def _authority(name: str, url: str, roots: bytes, simulated: bool) -> Authority:
    """Checked values of what somebody typed. Raises InputError."""
    name, url = " ".join(name.split()), url.strip()
    if not 0 < len(name) <= _MOST_NAME or not name.isprintable():
        raise InputError(_("The authority needs a name."), _("Give it one, such as that of the company."))
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
        _port = parts.port
    except ValueError:
        usable = False
    if not usable or len(url) > _MOST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InputError(_("This is not the address of a time-stamp authority."),
                         _("It begins with https:// or http://; who runs the authority publishes it."))
    trusted, given = tokens.read_roots(roots)
    pem = tokens.to_pem((*trusted, *given))
    return Authority(stamp_rows.authority_id(name, url, pem), name, url, pem, simulated)


def _view(connection: Connection, known: Known) -> AuthorityView:
    from cryptography.hazmat.primitives.hashes import SHA256

    one = known.authority
    root = tokens.read_roots(one.roots)[0][0]
    return AuthorityView(
        one.id, one.name, one.url, root.subject.rfc4514_string(), root.fingerprint(SHA256()).hex(),
        from_datetime(root.not_valid_after_utc), one.simulated, stamp_rows.count(connection, one.id),
        stamp_rows.count_waiting(connection, known), known.failed_at, known.failure,
    )
