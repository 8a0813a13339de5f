"""Copying upstream and back: one cycle on demand, and a loop that does it by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from functools import partial

from workstation.domain.events import ConnectivityChanged, SyncChanged
from workstation.evidence import checkpoint, log_trust, log_words
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import AuthFailed, ConnectError, InputError, WorkstationError
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.kernel.ids import new_id
from workstation.kernel.secrets import Secrets
from workstation.runtime.jobs import Jobs, Progress, backoff
from workstation.runtime.waiting import woken
from workstation.store import outbox
from workstation.store.blobs import BlobFiles
from workstation.store.database import Database
from workstation.store.outbox import EventQueued
from workstation.store.unit import Unit
from workstation.sync import blobs, facts, failures, repo
from workstation.sync.checkpoints import LogFollower
from workstation.sync.collections import Apply, ConflictCollection, MirrorCollection
from workstation.sync.cycle import Cycle
from workstation.sync.facts import TOKEN_SECRET
from workstation.sync.invite import read_invite
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus
from workstation.sync.ports import Collection, Forked, Hub, Hubs, Offers
from workstation.sync.wire import DeviceCard, Digests, Present, Seats

log = logging.getLogger(__name__)
PRIVATE = "private/"
"""Collections of a hub that only the devices of one member see; the member's id follows."""
Belongs = Callable[[Unit, str], None]


def nobody(_unit: Unit, _member: str) -> None:
    """Nobody asks whose device this is."""


_BURST = 0.2      # seconds to wait after something was queued, so that what belongs together goes together


class SyncService:
    """Fulfils `api.SyncApi`. `interval`: seconds between cycles when nothing happens, and the longest pause offline."""

    def __init__(
        self, database: Database, files: BlobFiles, hubs: Hubs, secrets: Secrets, clock: Clock, jobs: Jobs,
        publish: Callable[[Event], None], device: Callable[[], DeviceCard], collections: Sequence[Collection] = (),
        interval: float = 30.0, offers: Offers | None = None, belongs: Belongs = nobody, private: Apply | None = None,
    ) -> None:
        """`belongs` is told whose device this is, `private` what that person's other devices changed."""
        self._belongs = belongs
        self._private = private
        self._member: str | None = None       # what the hub said last, in this run of the program
        self._database = database
        self._offers = offers
        self._files = files
        self._hubs = hubs
        self._secrets = secrets
        self._clock = clock
        self._jobs = jobs
        self._publish = publish
        self._device = device
        self._interval = interval
        self._collections: dict[str, Collection] = {c.name: c for c in (ConflictCollection(), *collections)}
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None
        self._hub: Hub | None = None
        self._online = False
        self._sentence = ""
        self._parked_tried = False
        self._agreed: Digests | None = None
        self._mark = ""                       # what this run of the program left at the hub
        self._log = LogFollower(database, clock)
        self._stuck: dict[str, str] = {}      # address of a sealed file → why it does not go up

    async def status(self) -> SyncStatus:
        (pending, _refused), poisoned, files, known, untold = await self._database.read(lambda conn: (
            outbox.counts(conn), failures.count_refused(conn), blobs.count_waiting(conn), facts.remembered(conn),
            self._offers.waiting(conn) if self._offers else 0,
        ))
        pending += untold if known.url else 0
        broken = await self._log.broken() if known.url else None
        trust = await self._log.trust(known.hub_id)
        return SyncStatus(bool(known.url), self._online, pending, files, poisoned, known.last_ok_at,
                          known.digest_equal, self._sentence, log_words.sentence(broken.code) if broken else "",
                          broken.id if broken else "", log_words.restored(broken.code) if broken else False,
                          trust.key, trust.why)

    async def connect(self, invite: str) -> SyncStatus:
        """Enrol at a hub. Raises InputError, AuthFailed (the invite was used, or is not from the hub that answers) and
        the other ConnectErrors."""
        asked = read_invite(invite)
        card = await asyncio.to_thread(self._device)
        async with self._turn:
            enrolment = await self._hubs.enrol(asked.url, asked.token, card)
            hub = self._hubs.hub(asked.url, enrolment.token, enrolment.hub)
            await self._log.meet(hub, enrolment.hub, asked.log_key)
            await asyncio.to_thread(self._secrets.set, TOKEN_SECRET, enrolment.token.encode())

            def remember(unit: Unit) -> None:
                facts.put_hub(unit.conn, asked.url, enrolment.hub)
                self._told(unit, enrolment.member)
                if asked.log_key:
                    log_trust.pin(unit.conn, checkpoint.ORIGIN + enrolment.hub, asked.log_key, log_trust.INVITE)

            await self._database.write(remember)
            self._hub = hub
        self._reached("")
        self.wake()
        return await self.status()

    async def run(self, progress: Progress | None = None) -> SyncReport:
        """One full cycle. Raises InputError without a hub; Offline and its relatives keep what is queued."""

        async def work(announce: Progress) -> SyncReport:
            def both(done: int, total: int) -> None:
                announce(done, total)
                if progress is not None:
                    progress(done, total)

            self._agreed = None  # a person asked: compute both sides anew
            return await self._cycle(both)

        return await self._jobs.run("sync", _("Copying to the hub"), work)

    async def present(self, conversation_ids: Sequence[str], doing: str) -> tuple[Present, ...]:
        """Who else is in a conversation, after saying what is done here. Nobody without a hub or while it is away:
        presence is a courtesy and never waits for a network that is known to be gone. Raises ConnectError."""
        if self._hub is None or not self._online:
            return ()
        return await self._hub.present(conversation_ids, doing)

    async def seats(self) -> Seats:
        """The devices of the team that this one may see. Raises InputError without a hub, ConnectError."""
        return await (await self._open()).seats()

    async def invite(self, who: str, role: str = "") -> str:
        """An invite for another "device" of this person, or for a "colleague" of this role. As `seats`."""
        return await (await self._open()).invite(who, role)

    def _told(self, unit: Unit, member: str) -> None:
        """Whose device this is. What was private to somebody else's is let go, and all of it at a hub that knows no
        members: it would show it to everybody."""
        repo.drop_private(unit.conn, PRIVATE, PRIVATE + member if member else "")
        self._belongs(unit, member)
        unit.after_commit(partial(setattr, self, "_member", member))

    async def _greeted(self, member: str) -> None:
        if member != self._member:
            await self._database.write(lambda unit: self._told(unit, member))

    async def failures(self) -> tuple[SyncFailure, ...]:
        """What could not be copied and waits for a person, each to be tried again or dismissed alone."""
        return await self._database.read(lambda conn: failures.listed(conn, self._stuck))

    async def retry(self, failure_id: str) -> None:
        """Try one failure again, at once. Raises NotFound when it does not wait any more."""
        await self._database.write(lambda unit: failures.retry(unit, failure_id))
        self._parked_tried = False
        self._changed()

    async def dismiss(self, failure_id: str) -> None:
        """Let one failure be: it stays here and is not copied. Raises NotFound when it does not wait any more."""
        await self._database.write(lambda unit: failures.dismiss(unit, failure_id, self._clock.now()))
        self._changed()

    async def accept_log(self, break_id: str) -> None:
        """Go on with the hub's log as it is now. That it broke stays on record. Raises NotFound."""
        await self._log.accept(break_id)
        self._changed()

    def start(self) -> None:
        """Begin copying by itself, on the running loop."""
        if self._loop is None:
            self._loop = asyncio.ensure_future(self._keep_copying())

    def wake(self) -> None:
        """Do not wait for the next turn."""
        self._wake.set()

    def on_queued(self, _event: EventQueued) -> None:
        """Subscribe this to EventQueued: what was just queued goes up at once, and is counted on the screen."""
        self._changed()

    def _changed(self) -> None:
        self._publish(SyncChanged())
        self.wake()

    def on_connectivity(self, event: ConnectivityChanged) -> None:
        """Subscribe this to ConnectivityChanged: the network is back."""
        if event.online and not self._online:
            self.wake()

    async def shutdown(self) -> None:
        """End the loop. What was committed stays; the rest is resubmitted after the next start."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
            self._loop = None

    async def _keep_copying(self) -> None:
        tries = 0
        while True:
            self._wake.clear()
            pause, tries = await self._step(tries)
            if await woken(self._wake, pause):
                await asyncio.sleep(_BURST)

    async def _step(self, tries: int) -> tuple[float, int]:
        """One cycle of the loop: seconds until the next, and how often it failed in a row."""
        try:
            if await self._connected():
                await self._cycle(lambda _done, _total: None)
        except (AuthFailed, Forked):
            return self._interval, 0  # asking more often does not help; a person must act
        except ConnectError:
            return backoff(tries, most=self._interval), tries + 1
        except WorkstationError as problem:
            log.warning("sync: %s", type(problem).__name__)
        except Exception:
            log.exception("sync failed")
        return self._interval, 0

    async def _connected(self) -> bool:
        return bool((await self._database.read(facts.remembered)).url)

    async def _cycle(self, progress: Progress) -> SyncReport:
        async with self._turn:
            hub = await self._open()
            try:
                marks = await self._marks()
                cycle = Cycle(self._database, self._files, hub, self._find, self._clock, self._agreed, self._stuck,
                              self._offers, self._greeted)
                report = await cycle.run(progress, marks, retry_parked=not self._parked_tried)
                known = await self._database.read(facts.remembered)
                broken = await self._log.follow(hub, known.hub_id)
            except WorkstationError as problem:   # the hub cannot be used, or our own disk cannot
                self._say(self._online and not isinstance(problem, ConnectError), str(problem))
                raise
        self._parked_tried, self._agreed, self._mark = True, cycle.agreed, marks[1]
        unequal = _("The hub and this computer differ; both copies are kept.") if report.digest_equal is False else ""
        self._reached(broken or unequal)
        return report

    async def _marks(self) -> tuple[str, str]:
        """What was left at the hub before, and what to leave now: a new mark with each start of the program."""
        if self._mark:
            return self._mark, self._mark
        return await self._database.write(lambda unit: facts.next_mark(unit.conn, new_id()))

    async def _open(self) -> Hub:
        if self._hub is None:
            known = await self._database.read(facts.remembered)
            token = await asyncio.to_thread(self._secrets.get, TOKEN_SECRET) if known.url else None
            if token is None:
                raise InputError(_("No hub is connected."), _("Connect one with an invite."),
                                 action=Action.CONNECT_HUB)
            self._hub = self._hubs.hub(known.url, token.decode(), known.hub_id)
        return self._hub

    def _find(self, name: str) -> Collection:
        if name.startswith(PRIVATE):
            return MirrorCollection(name, self._private)
        return self._collections.get(name) or MirrorCollection(name)

    def _reached(self, sentence: str) -> None:
        self._say(True, sentence)

    def _say(self, online: bool, sentence: str) -> None:
        flipped, self._online, self._sentence = online != self._online, online, sentence
        if flipped:
            self._publish(ConnectivityChanged(online))
        self._publish(SyncChanged())
