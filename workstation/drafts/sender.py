"""Moves replies out: one at a time, each handed over at most once unless it certainly did not leave.

    HELD ──undo time──▶ SENDING ──250──▶ DONE ──▶ copy in Sent, record on the case
    QUEUED ◀──did not leave──┤
    FAILED ◀──refused────────┤
    UNKNOWN ◀──no receipt────┘ ──found in Sent──▶ DONE

SENDING is committed before anything is handed over, so a crash in between leaves UNKNOWN, never a second send.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable

from sqlalchemy import RowMapping

from workstation.domain.conversation import Delivery
from workstation.domain.events import ConversationsChanged, DeliveryChanged, OwnCopySeen
from workstation.drafts import repo
from workstation.drafts.model import Envelope, Outgoing, Receipt
from workstation.drafts.patience import Patience, asked_pause
from workstation.drafts.ports import Conversations, NotHandedOver, SentRecords, Transport
from workstation.kernel.actions import Action
from workstation.kernel.clock import SECOND, Clock
from workstation.kernel.errors import (
    AskedToWait,
    AuthFailed,
    NotFound,
    OutcomeUnknown,
    Refused,
    SendBlocked,
    WorkstationError,
)
from workstation.kernel.i18n import _
from workstation.runtime.jobs import backoff
from workstation.runtime.waiting import woken
from workstation.store.database import Database
from workstation.store.unit import Unit

log = logging.getLogger(__name__)
LONGEST_SLEEP = 30.0
PUT_BACK = 60 * SECOND
"""A clock that lost more than this between two looks was put back; less costs no more than that."""
_MAY_HAVE_LEFT = (Delivery.UNKNOWN, Delivery.QUEUED)
WRONG_PASSWORD = 900 * SECOND
"""Between two tries with a password the server refused: providers lock accounts that hammer."""


class Sender:
    """The only thing that hands mail to a server."""

    def __init__(
        self, database: Database, clock: Clock, *, transport: Transport, conversations: Conversations,
        records: SentRecords, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`monotonic`: seconds that no one can put back."""
        self._database = database
        self._clock = clock
        self._transport = transport
        self._conversations = conversations
        self._records = records
        self._wake = asyncio.Event()
        self._patience = Patience()
        self._monotonic = monotonic
        self._before = (clock.now(), monotonic())
        self._settling: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._wake.set()

    async def start(self) -> None:
        """After a crash: what was being sent is of unknown outcome, and is said so."""
        interrupted = await self._database.read(lambda c: repo.in_state(c, Delivery.SENDING))
        sentence = _("The program ended while this was being sent. It may have arrived.")
        for row in interrupted:
            await self._move(row, Delivery.UNKNOWN, sentence)

    async def step(self) -> float:
        """Send everything that is due and tie up loose ends. Returns the seconds to wait (0: it waited itself)."""
        self._wake.clear()
        await self._keep_pace()
        await self._send_due()
        await self._tie_up()
        await self._look_for_unknown()
        await self._sleep()
        return 0.0

    async def _keep_pace(self) -> None:
        """A clock that was put back must not hold a reply until it has caught up."""
        (wall, steady), self._before = self._before, (self._clock.now(), self._monotonic())
        back = int((self._before[1] - steady) * SECOND) - (self._before[0] - wall)
        if back > PUT_BACK:
            log.info("the clock was put back; what waits to be sent does not wait for it")
            await self._database.write(lambda unit: repo.move_back(unit.conn, back))

    async def retry(self, outgoing_id: str) -> None:
        """Try now. Raises SendBlocked for an unknown outcome: it may have arrived, a second one would be a double."""

        def work(unit: Unit) -> None:
            row = repo.outgoing(unit.conn, outgoing_id)
            if row is None:
                raise NotFound(_("This reply is not waiting any more."), _("Look at its conversation."))
            if row["state"] not in (Delivery.QUEUED, Delivery.FAILED):
                raise SendBlocked(_("It may have arrived already."), _("Look for it in the Sent folder first."),
                                  action=Action.SHOW_PROBLEMS)
            repo.change(unit.conn, outgoing_id, state=Delivery.QUEUED, next_try_at=0, not_before=0, sentence="")
            self._tell(unit, row, Delivery.QUEUED, "")

        await self._database.write(work)
        self.wake()

    async def look_for(self, outgoing_id: str) -> Outgoing:
        """Look whether a reply of unknown outcome arrived; found is sent, absent is still unknown.

        Raises ConnectError when it could not look.
        """
        row = await self._row(outgoing_id)
        if row["state"] == Delivery.UNKNOWN:
            await self._look(row)
        return repo.to_outgoing(await self._row(outgoing_id))

    async def network_back(self) -> None:
        """What waits for the network need not wait out its pause."""
        await self._database.write(lambda unit: repo.hurry(unit.conn))
        self._patience.forget()
        self.wake()

    def own_copy_seen(self, event: OwnCopySeen) -> None:
        """The mailbox thread met our reply where only a sent mail can be."""
        task = asyncio.ensure_future(self._settle(event.outgoing_id))
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, outgoing_id: str) -> None:
        row = await self._database.read(lambda c: repo.outgoing(c, outgoing_id))
        if row is not None and row["state"] in _MAY_HAVE_LEFT:
            await self._found(row)

    async def _send_due(self) -> None:
        while (row := await self._next()) is not None:
            await self._send(row)

    async def _next(self) -> RowMapping | None:
        """Claim a reply. Cancelled meanwhile, it is put back: nothing was handed over."""
        claiming = asyncio.ensure_future(self._database.write(self._claim))
        try:
            return await asyncio.shield(claiming)
        except asyncio.CancelledError:
            row = await claiming
            if row is not None:
                await self._move(row, Delivery(row["state"]), row["sentence"])
            raise

    def _claim(self, unit: Unit) -> RowMapping | None:
        row = repo.claim(unit.conn, self._clock.now())
        if row is not None:
            self._tell(unit, row, Delivery.SENDING, "")
        return row

    async def _send(self, row: RowMapping) -> None:
        try:
            receipt = await self._transport.send(_envelope(row))
        except OutcomeUnknown as problem:
            await self._move(row, Delivery.UNKNOWN, str(problem))
        except Refused as problem:
            await self._move(row, Delivery.FAILED, str(problem))
        except WorkstationError as problem:
            await self._later(row, problem)
        except NotHandedOver:
            await self._move(row, Delivery.QUEUED, "")
            raise
        except BaseException:
            await self._move(row, Delivery.UNKNOWN, _("Sending was interrupted. It may have arrived."))
            raise
        else:
            await self._sent(row, receipt)

    async def _sent(self, row: RowMapping, receipt: Receipt) -> None:
        await self._move(row, Delivery.DONE, _not_delivered(receipt), receipt=receipt.response, bounced="")

    async def _later(self, row: RowMapping, problem: WorkstationError) -> None:
        now = self._clock.now()
        if isinstance(problem, AskedToWait):
            again = now + asked_pause(problem.seconds, row["tries"])
            sentence = _("{why} The server asks to wait; the next try is at {time}.").format(
                why=problem.sentence, time=time.strftime("%H:%M", time.localtime(again / SECOND)))
            await self._move(row, Delivery.QUEUED, sentence, next_try_at=again, not_before=again)
            return
        refused = isinstance(problem, AuthFailed)
        pause = WRONG_PASSWORD if refused else int(backoff(row["tries"], first=2.0) * SECOND)
        await self._move(row, Delivery.QUEUED, problem.sentence, next_try_at=now + pause)

    async def _move(self, row: RowMapping, state: Delivery, sentence: str, **values: object) -> None:
        now = self._clock.now()
        sent = {"sent_at": now} if state is Delivery.DONE else {}

        def work(unit: Unit) -> None:
            repo.change(unit.conn, row["id"], state=state, sentence=sentence, **sent, **values)
            self._tell(unit, row, state, sentence)

        await self._database.write(work)

    async def _found(self, row: RowMapping) -> None:
        """Proof that a reply left. It also stops one that a person asked to send again while this was looked for.
        Whoever meets it first settles it; it left when it was tried,
        not when it was found: what the buyer wrote in between is not answered by it."""

        def work(unit: Unit) -> None:
            present = repo.outgoing(unit.conn, row["id"])
            if present is None or present["state"] not in _MAY_HAVE_LEFT or present["bounced"]:
                return   # of one that came back and is sent again, what is found there is the first one
            at = present["sent_at"] or present["release_at"]
            found = _("Found in the Sent folder.")
            repo.change(
                unit.conn, row["id"], state=Delivery.DONE, sentence="", receipt=found, copied=True, sent_at=at)
            self._tell(unit, row, Delivery.DONE, "", at)

        await self._database.write(work)

    def _tell(self, unit: Unit, row: RowMapping, state: Delivery, sentence: str, at: int | None = None) -> None:
        moment = self._clock.now() if at is None else at
        if repo.told_before(row):
            self._conversations.delivery_told(unit, row["id"], state, sentence)
        else:
            self._conversations.delivery_changed(unit, row["id"], state, sentence, moment)
        unit.emit(DeliveryChanged(row["conversation_id"], row["id"], state))
        unit.emit(ConversationsChanged((row["conversation_id"],)))

    async def _tie_up(self) -> None:
        """After 250 only: the record of the reply as sent, then our copy in the Sent folder.

        A server or disk that fails has its pause; what is due meanwhile goes out between two loose ends.
        """
        for row in await self._database.read(repo.loose_ends):
            await self._with_patience(self._tie, row)
            await self._send_due()

    async def _tie(self, row: RowMapping) -> None:
        if not row["recorded"]:
            raw = (await self._row(row["id"]))["raw"]
            await self._records.keep_reply(row["conversation_id"], row["message_id"], raw, row["receipt"])
            await self._mark(row, recorded=True)
        if not row["copied"]:
            await self._transport.keep_copy(row["account_id"], (await self._row(row["id"]))["raw"])
            await self._mark(row, copied=True)

    async def _mark(self, row: RowMapping, **values: bool) -> None:
        await self._database.write(lambda unit: repo.change(unit.conn, row["id"], **values))

    async def _look_for_unknown(self) -> None:
        for row in await self._database.read(lambda c: repo.in_state(c, Delivery.UNKNOWN)):
            if self._patience.ends(row["id"], self._clock.now()):
                await self._with_patience(self._look, row)
                await self._send_due()

    async def _with_patience(self, chore: Callable[[RowMapping], Awaitable[None]], row: RowMapping) -> None:
        """Do it unless the reply's mailbox failed a moment ago. Whatever fails here never holds up what is to be sent.
        """
        if not self._patience.ends(row["account_id"], self._clock.now()):
            return
        try:
            await chore(row)
        except WorkstationError as problem:
            log.info("looking after sent mail: %s", type(problem).__name__)
            self._patience.wait(row["account_id"], self._clock.now())
        except Exception:
            log.exception("looking after sent mail failed")
            self._patience.wait(row["account_id"], self._clock.now())

    async def _look(self, row: RowMapping) -> None:
        if not row["bounced"] and await self._transport.was_sent(row["account_id"], row["message_id"]):
            await self._found(row)
        else:
            self._patience.wait(row["id"], self._clock.now())

    async def _row(self, outgoing_id: str) -> RowMapping:
        row = await self._database.read(lambda c: repo.outgoing(c, outgoing_id))
        if row is None:
            raise NotFound(_("This reply is not waiting any more."), _("Look at its conversation."))
        return row

    async def _sleep(self) -> None:
        due = await self._database.read(repo.next_due)
        pause = LONGEST_SLEEP if due is None else max(0.0, (due - self._clock.now()) / SECOND)
        await woken(self._wake, min(pause, LONGEST_SLEEP))


def _not_delivered(receipt: Receipt) -> str:
    """Who did not get what the others got, each with the server's words."""
    reasons = (*receipt.reasons, *[""] * len(receipt.refused))
    told = [
        _("Not delivered to {person} (“{words}”).").format(person=person, words=words) if words
        else _("Not delivered to {person}.").format(person=person)
        for person, words in zip(receipt.refused, reasons, strict=False)
    ]
    return " ".join(told)


def _envelope(row: RowMapping) -> Envelope:
    recipients = tuple(json.loads(row["bounced"] or row["recipients"]))
    return Envelope(row["account_id"], row["sender"], recipients, row["message_id"], row["raw"])
