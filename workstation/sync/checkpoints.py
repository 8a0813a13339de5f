"""Follows a hub's log: each cycle it must show that its log goes on from what this desktop has seen of it.

A hub that took records back, put others in their place, shows different logs, or signs with another key cannot do that.
It is caught here, once, and stays caught: what it showed is kept as proof, nothing of its log is accepted any more, and
no evidence counts as secured there, until a person looked into it and said to go on. A hub that was honestly restored
from an older copy breaks its log as well; `log_verdict` tells the two apart where that can be told.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection

from workstation.evidence import checkpoint, log_rows, log_trust, log_words, merkle
from workstation.evidence.checkpoint import Checkpoint
from workstation.evidence.log_rows import Break, Included, Kept, Log
from workstation.evidence.log_trust import Trust
from workstation.kernel.clock import Clock
from workstation.kernel.errors import ConnectError, NotFound
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.sync import facts, log_verdict
from workstation.sync.log_wire import MOST_ASKED, LogHead, Proof
from workstation.sync.ports import AnotherHub, Hub

_MOST_ROUNDS = 500                # times MOST_ASKED records, in one cycle


class _Broken(Exception):
    """The hub's log did not go on from what was seen of it. `code` is one of log_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class LogFollower:
    """Keeps checkpoints and proofs of the log of the hub with this id."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def follow(self, hub: Hub, hub_id: str) -> str:
        """Ask for the newest checkpoint and check it. Returns "" or what is wrong, in a sentence. Raises ConnectError.

        What is wrong is kept; it does not hold up the rest of a cycle.
        """
        origin = checkpoint.ORIGIN + hub_id
        broken = await self._database.read(lambda conn: log_rows.open_break(conn, origin))
        if broken is not None:
            return log_words.sentence(broken.code)
        known, last, named = await self._database.read(lambda conn: (
            log_rows.log(conn, origin), log_rows.newest(conn, origin), log_trust.pinned(conn, origin)))
        shown = await hub.log(last.size if last else 0)
        if shown is None and known is None and not named:
            return ""
        try:
            newest = await self._accept(origin, known, last, shown, named)
            await self._prove(hub, origin, newest)
        except _Broken as problem:
            code = await self._judged(hub, origin, shown, problem.code)
            await self._keep_break(origin, code, last, shown)
            return log_words.sentence(code)
        return ""

    async def accept(self, break_id: str) -> None:
        """Go on with the log as the hub shows it now. The break stays on record. Raises NotFound."""
        now = self._clock.now()
        if not await self._database.write(lambda unit: _accept(unit, break_id, now)):
            raise NotFound(_("This does not wait any more."), _("Look at the list again."))

    async def broken(self) -> Break | None:
        """The break that nobody accepted."""
        return await self._database.read(log_rows.open_break)

    async def trust(self, hub_id: str) -> Trust:
        """The key of this hub's log, and why it counts."""
        return await self._database.read(lambda conn: log_trust.trust(conn, checkpoint.ORIGIN + hub_id))

    async def meet(self, hub: Hub, hub_id: str, named: str) -> None:
        """Before a new hub is believed: it shows a log signed by the key its invite named, or nothing of it is taken.

        A hub that is away meanwhile is judged by the first cycle. Raises AnotherHub.
        """
        if not named:
            return
        try:
            shown = await hub.log(0)
        except ConnectError:
            return
        try:
            found = checkpoint.read(shown.note, shown.key) if shown else None
        except ValueError:
            found = None
        if shown is None or found is None or found.origin != checkpoint.ORIGIN + hub_id or (
                checkpoint.fingerprint(shown.key) != named):
            raise AnotherHub(
                _("Who answers there is not the hub that this invite is from; nothing of this home was handed over."),
                _("Ask who runs the hub for a new invite, and compare its address."))

    async def _judged(self, hub: Hub, origin: str, shown: LogHead | None, code: str) -> str:
        if shown is None or code not in log_verdict.ASKED:
            return code
        return await log_verdict.judged(
            self._database, hub, origin, shown.key, checkpoint.read(shown.note, shown.key), code)

    async def _accept(
        self, origin: str, known: Log | None, last: Kept | None, shown: LogHead | None, named: str
    ) -> Checkpoint:
        if shown is None:
            raise _Broken("gone")
        found = _read(origin, known, shown, named)
        before = checkpoint.read(last.note, known.key) if last and known else None
        _compare(before, found, shown)
        now, note = self._clock.now(), shown.note
        after = before.size if before else 0

        def keep(unit: Unit) -> None:
            facts.put_set_back(unit.conn, False)
            if known is None:
                log_rows.put_log(unit.conn, Log(origin, shown.key), now)
            if before is None or found.size > before.size:
                log_rows.put_checkpoint(unit.conn, Kept(
                    origin, found.size, now, note, after, shown.consistency, shown.token, shown.roots))
            elif shown.token and last is not None and not last.token:
                log_rows.put_stamp(unit.conn, origin, found.size, shown.token, shown.roots)

        await self._database.write(keep)
        return found

    async def _prove(self, hub: Hub, origin: str, newest: Checkpoint) -> None:
        """A proof for each own record the hub has taken. One that is missing from the log is a broken promise."""
        last = 0
        for _round in range(_MOST_ROUNDS):
            rows = await self._database.read(
                partial(log_rows.unproven, origin=origin, after=last, limit=MOST_ASKED))
            if not rows:
                return
            last = rows[-1][0]
            hashes = tuple(hashed for _sequence, hashed in rows)
            proofs = await hub.log_proofs(newest.size, hashes)
            await self._database.write(partial(_keep_proofs, origin=origin, newest=newest, proofs=proofs))
            if await self._database.read(partial(_still_due, origin=origin, hashes=hashes)):
                raise _Broken("missing")

    async def _keep_break(self, origin: str, code: str, last: Kept | None, shown: LogHead | None) -> None:
        found = Break(new_id(), origin, self._clock.now(), code, last.size if last else 0,
                      shown.note[:checkpoint.MOST_BYTES] if shown else b"", shown.key[:400] if shown else "")
        await self._database.write(lambda unit: log_rows.put_break(unit.conn, found))


def _accept(unit: Unit, break_id: str, now: int) -> bool:
    """With the log the key it is signed with now is accepted, too, and no other after it."""
    found = next((one for one in log_rows.breaks(unit.conn) if one.id == break_id), None)
    if found is None or not log_rows.accept(unit.conn, break_id, now):
        return False
    named = log_trust.pinned(unit.conn, found.origin)
    if not found.key:             # it shows no log any more; whatever it shows one day is a first sight again
        log_trust.unpin(unit.conn, found.origin)
    elif named and checkpoint.fingerprint(found.key) != named:
        log_trust.pin(unit.conn, found.origin, checkpoint.fingerprint(found.key), log_trust.PERSON)
    return True


def _read(origin: str, known: Log | None, shown: LogHead, named: str) -> Checkpoint:
    """The checkpoint, signed by the key we know: the one that was `named`, otherwise the first. Raises _Broken."""
    is_named = named == checkpoint.fingerprint(shown.key)
    if known is not None and shown.key != known.key:
        raise _Broken("key named" if is_named else "key")
    if named and not is_named:
        raise _Broken("stranger")
    try:
        found = checkpoint.read(shown.note, shown.key)
    except ValueError as problem:
        raise _Broken("unsigned") from problem
    if found.origin != origin:
        raise _Broken("key")
    return found


def _compare(before: Checkpoint | None, found: Checkpoint, shown: LogHead) -> None:
    """Raises _Broken unless the log begins with what was seen of it."""
    if before is None:
        return
    if found.size < before.size:
        raise _Broken("shrunk")
    if found.size == before.size:
        if found.root != before.root:
            raise _Broken("forked")
        return
    if not merkle.consistent(before.size, found.size, before.root, found.root, shown.consistency):
        raise _Broken("rewritten")


def _keep_proofs(unit: Unit, origin: str, newest: Checkpoint, proofs: dict[str, Proof]) -> None:
    """Raises _Broken for a proof that does not hold; then none of them is kept."""
    for hashed, proof in proofs.items():
        leaf = merkle.leaf_hash(bytes.fromhex(hashed))
        if not merkle.included(leaf, proof.leaf, newest.size, proof.path, newest.root):
            raise _Broken("missing")
        log_rows.put_inclusion(unit.conn, Included(hashed, origin, newest.size, proof.leaf, proof.path))


def _still_due(connection: Connection, origin: str, hashes: tuple[str, ...]) -> bool:
    """Whether one of these, which the hub has receipted, is without a proof."""
    return any(hashed in hashes for _sequence, hashed in log_rows.unproven(connection, origin, 0, MOST_ASKED))
