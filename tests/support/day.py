"""A day at the desk in a process of its own: the real product, told what to do, telling what it was acknowledged.

`python -m tests.support.day` imports the product once and then forks a child for each line of JSON on standard input,
so that a round costs no second start of Python. A child says one line for each acknowledgement, with one write call,
so a killed child's last line is whole or absent. A write point is a call that changes something outside: fsync,
rename, link, unlink, a commit, bytes to a socket; the child kills itself with SIGKILL right before or after the nth.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from tests.support.evidence import PaintedScreen, make_grab
from tests.support.mail import PASSWORD, account, raw_mail
from workstation import app
from workstation.app import wiring
from workstation.app.wiring import Parts, Running
from workstation.domain.events import AccountStatusChanged, ConversationsChanged, DeliveryChanged
from workstation.drafts.model import Mode
from workstation.evidence.model import CaptureRequest
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import SystemClock
from workstation.kernel.errors import WorkstationError
from workstation.kernel.paths import Home
from workstation.store.lock import HomeLock

TELLING = 600.0   # seconds for the action that checks everything that was ever kept


@dataclass(frozen=True)
class Job:
    """What a child does. `kill_at`: the write point at which it dies, 0 never."""

    home: str
    passphrase: str
    imap_port: int
    smtp_port: int
    number: int
    actions: tuple[str, ...] = ()
    invite: str = ""
    kill_at: int = 0
    clock_ahead: int = 0     # milliseconds
    settle: float = 20.0     # seconds at most for one action

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


class OffClock(SystemClock):
    """A computer whose clock is off, until somebody puts it right."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead

    def now(self) -> int:
        return super().now() + self.ahead


def say(word: str, **more: object) -> None:
    os.write(1, (json.dumps({"word": word, **more}) + "\n").encode())


class WritePoints:
    """Counts write points and dies at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self._kill_at = kill_at

    def install(self) -> None:
        for owner, name in ((os, "fsync"), (os, "replace"), (os, "rename"), (os, "link"), (os, "unlink"),
                            (DefaultDialect, "do_commit"), (socket.socket, "send"), (socket.socket, "sendall")):
            setattr(owner, name, self._around(getattr(owner, name)))

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self._pass()
            result = real(*arguments, **named)
            self._pass()
            return result

        return call

    def _pass(self) -> None:
        self.count += 1
        if self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Day:
    """One child's work over the running product."""

    def __init__(self, job: Job, running: Running, screen: PaintedScreen, clock: OffClock) -> None:
        self.job, self.clock = job, clock
        self.core = running.core
        self.running = running
        self.screen = screen
        self.done: set[str] = set()
        self.changed = asyncio.Event()
        running.core.bus.subscribe(ConversationsChanged, self._conversations)
        running.core.bus.subscribe(DeliveryChanged, self._delivery)
        running.core.bus.subscribe(AccountStatusChanged, lambda event: say("account is", state=event.state))

    def _conversations(self, event: ConversationsChanged) -> None:
        say("conversations", ids=event.ids)
        self.changed.set()

    def _delivery(self, event: DeliveryChanged) -> None:
        say("delivery", id=event.outgoing_id, state=event.state)
        if event.state in ("done", "unknown", "failed"):
            self.done.add(event.outgoing_id)
            self.changed.set()

    async def act(self, action: str) -> None:
        try:
            await asyncio.wait_for(getattr(self, f"do_{action}")(), TELLING if action == "tell" else self.job.settle)
        except TimeoutError:
            say("late", action=action)
        except WorkstationError as problem:
            say("problem", action=action, kind=type(problem).__name__, sentence=str(problem))

    async def until(self, so: Callable[[], Awaitable[bool]]) -> None:
        while not await so():
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), 0.1)
            except TimeoutError:
                continue

    async def conversation(self) -> str:
        page = await self.core.inbox.page(ListQuery())
        return page.rows[self.job.number % len(page.rows)].id if page.rows else ""

    async def do_account(self) -> None:
        if not await self.core.accounts.list():
            await self.core.accounts.add(account(self.job.imap_port, self.job.smtp_port, sent="Sent"), PASSWORD)
            say("account")

    async def do_connect(self) -> None:
        await self.core.sync.connect(self.job.invite)
        say("connected")

    async def do_mail(self) -> None:
        """Wait for what was delivered meanwhile: `About mail-N`."""
        wanted = f"<mail-{self.job.number}@home.example>"

        async def here() -> bool:
            return bool(await self.sql("SELECT 1 FROM message WHERE message_id = ?", wanted))

        await self.core.accounts.fetch_now()
        await self.until(here)
        say("mail", id=wanted)

    async def do_draft(self) -> None:
        if conversation_id := await self.conversation():
            draft = await self.core.drafts.load(conversation_id, Mode.REPLY)
            kept = await self.core.drafts.save(replace(draft, body=f"Draft {self.job.number}"))
            say("draft", conversation=conversation_id, body=kept.body, revision=kept.revision)

    async def do_capture(self) -> None:
        self.screen.picture = make_grab(40 + self.job.number % 9, 30, seed=self.job.number)
        kept = await self.core.evidence.capture(CaptureRequest(case_id=await self.conversation() or "case"))
        say("record", id=kept.id, sequence=kept.sequence)

    async def do_send(self) -> None:
        if not (conversation_id := await self.conversation()):
            return
        draft = await self.core.drafts.load(conversation_id, Mode.REPLY)
        held = await self.core.drafts.send(replace(draft, body=f"Reply {self.job.number}", target_language=""))
        say("held", id=held.id, message_id=held.message_id)

        async def gone() -> bool:
            return held.id in self.done

        await self.until(gone)

    async def do_note(self) -> None:
        if conversation_id := await self.conversation():
            draft = await self.core.drafts.load(conversation_id, Mode.NOTE)
            await self.core.drafts.send(replace(draft, body=f"Note {self.job.number}"))
            say("note", text=f"Note {self.job.number}")

    async def do_sync(self) -> None:
        report = await self.core.sync.run()
        say("synced", equal=report.digest_equal)

    async def do_jump(self) -> None:
        """The clock is put right."""
        self.clock.ahead = 0

    async def do_intake(self) -> None:
        """Wait until the mailbox says that what is there cannot be taken in."""
        async def told() -> bool:
            return any(account.state == "offline" and account.sentence for account in await self.core.accounts.list())

        await self.core.accounts.fetch_now()
        await self.until(told)

    async def do_import(self) -> None:
        """An archive of eight mails beside the home, as somebody would drop it on the window."""
        name = f"import-{self.job.number}"
        archive = Path(self.job.home).parent / f"{name}.mbox"
        archive.write_bytes(b"".join(
            b"From x Mon Nov  2 10:00:00 2026\n" + raw_mail(f"{name}-{n}", body="Where is it? " * 400) + b"\n"
            for n in range(8)))
        report = await self.core.inbox.import_mail(archive)
        say("imported", seen=report.seen, bad=len(report.bad))

    async def do_install(self) -> None:
        installed = await self.core.translation.install(Path(self.job.home).parent / "package")
        say("installed", source=installed.source)

    async def do_fill(self) -> None:
        """Take every byte that is left where the home is."""
        with (Path(self.job.home) / "filler").open("ab", buffering=0) as filler:
            for size in (1 << 20, 4096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(b"x" * size):
                        continue

    async def do_free(self) -> None:
        (Path(self.job.home) / "filler").unlink()

    async def do_status(self) -> None:
        status = await self.core.sync.status()
        say("status", online=status.online, sentence=status.sentence, pending=status.pending,
            accounts=[[account.state, account.sentence] for account in await self.core.accounts.list()])

    async def do_quiet(self) -> None:
        """Wait until nothing is on its way any more."""
        async def quiet() -> bool:
            return all(out.state in ("unknown", "failed") for out in await self.core.drafts.outgoing())

        await self.until(quiet)

    async def do_tell(self) -> None:
        """Everything the oracle wants to know, as the product and its store have it."""
        verified = await self.core.evidence.verify()
        status = await self.core.sync.status()
        say(
            "state", intact=verified.intact, findings=[f"{f.where}: {f.what}" for f in verified.findings],
            records=[view.id for view in await self.core.evidence.list()],
            messages=[row[0] for row in await self.sql("SELECT message_id FROM message WHERE direction = 'in'")],
            conversations=[row[0] for row in await self.sql("SELECT id FROM conversation")],
            notes=[row[0] for row in await self.sql("SELECT text FROM message WHERE direction = 'note'")],
            history=[[row[0], json.loads(row[1])["body"]] for row in await self.sql(
                "SELECT conversation_id, content FROM draft_history WHERE mode = 'reply'")],
            outgoing={row[0]: [row[1], row[2]] for row in await self.sql("SELECT id, state, message_id FROM outgoing")},
            shown={row[0]: row[1] for row in await self.sql(
                "SELECT outgoing_id, delivery FROM message WHERE outgoing_id <> ''")},
            outbox=[row[0] for row in await self.sql("SELECT event_id FROM outbox")],
            refused=[failure.reason for failure in await self.core.sync.failures()],
            addresses=[row[0] for row in await self.sql("SELECT address FROM blob")],
            secured=[row[0] for row in await self.sql("SELECT address FROM blob WHERE secured_at IS NOT NULL")],
            hub_offset=int((await self.sql("SELECT value FROM meta WHERE name = 'hub_offset_ms'") or [(0,)])[0][0]),
            pending=status.pending, pending_blobs=status.pending_blobs, equal=status.digest_equal,
        )

    async def sql(self, statement: str, *values: object) -> list[Any]:
        return await self.running.database.read(lambda conn: list(conn.exec_driver_sql(statement, values).all()))


async def live(job: Job) -> None:
    opened = app.open_home(Home(Path(job.home)), Path(job.passphrase))
    screen, clock = PaintedScreen(), OffClock(job.clock_ahead)
    running = await wiring.build(opened, Parts(capture=screen, clock=clock))
    try:
        await running.tidy()
        day = Day(job, running, screen, clock)
        if job.actions != ("tell",):
            await running.start()
        say("open")
        for action in job.actions:
            await day.act(action)
    finally:
        await running.shutdown()
        running.close()


def child(job: Job) -> None:
    points = WritePoints(job.kill_at)
    points.install()
    with HomeLock(Path(job.home)):
        asyncio.run(live(job))
    say("end", points=points.count)


def _ended(job: Job) -> int:
    try:
        child(job)
    except BaseException:  # noqa: BLE001 - whatever it was is shown; the forked process must not go on
        traceback.print_exc()
        return 1
    return 0


def main() -> None:
    for line in sys.stdin:
        values = json.loads(line)
        job = Job(**{**values, "actions": tuple(values["actions"])})
        if (pid := os.fork()) == 0:
            os._exit(_ended(job))
        say("pid", pid=pid)
        _pid, status = os.waitpid(pid, 0)
        say("ended", status=status)


if __name__ == "__main__":
    main()
