"""Days that end by SIGKILL, and an oracle that knows only what was acknowledged, delivered and received.

The mailbox, the mail server and the hub live in this process and see every round; the home is one, and is opened again
after each kill. The oracle compares acknowledgements with the store, the mails the server took and the hub's rows.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, passphrase
from tests.support.day import Job
from tests.support.hub import HubHouse, running_hub
from tests.support.mail import raw_mail
from tests.support.proxy import Fault, Proxy
from workstation import app
from workstation.connectors.simulated.mail import MailServers
from workstation.kernel.paths import Home
from workstation.store.keybox import Argon

ACTIONS = ("mail", "draft", "capture", "send", "note", "sync")


@dataclass
class Acknowledged:
    """What the product said was done, over all rounds."""

    mails: set[str] = field(default_factory=set)
    conversations: set[str] = field(default_factory=set)
    records: list[str] = field(default_factory=list)
    drafts: list[tuple[str, str]] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    held: dict[str, str] = field(default_factory=dict)       # outgoing id → Message-ID
    deliveries: dict[str, str] = field(default_factory=dict)  # outgoing id → last state told

    def hear(self, said: dict[str, Any]) -> None:
        word = said["word"]
        if word == "mail":
            self.mails.add(said["id"])
        elif word == "conversations":
            self.conversations |= set(said["ids"])
        elif word == "record":
            self.records.append(said["id"])
        elif word == "draft":
            self.drafts.append((said["conversation"], said["body"]))
        elif word == "note":
            self.notes.add(said["text"])
        elif word == "held":
            self.held[said["id"]] = said["message_id"]
        elif word == "delivery":
            self.deliveries[said["id"]] = said["state"]


class Network:
    """Proxies before the mailbox, the mail server and the hub, on a loop and thread of their own."""

    def __init__(self, imap_port: int, smtp_port: int, hub_url: str) -> None:
        self.imap, self.smtp, self.hub = (Proxy(url) for url in (
            f"tcp://127.0.0.1:{imap_port}", f"tcp://127.0.0.1:{smtp_port}", hub_url))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bad-network", daemon=True)

    @classmethod
    @contextlib.contextmanager
    def between(cls, mail: MailServers, hub: HubHouse) -> Iterator[Network]:
        made = cls(mail.imap_port, mail.smtp_port, hub.url)
        made._thread.start()
        try:
            made._all("plug_in")
            yield made
        finally:
            made._all("unplug")
            made._loop.call_soon_threadsafe(made._loop.stop)
            made._thread.join(10)
            made._loop.close()

    def spoil(self, rng: random.Random) -> None:
        """Faults for the next connections. Nothing is sent twice to a mail server: TCP never does that to a session."""
        mail = (Fault(refuse=True), Fault(delay=0.02), Fault(cut_up=rng.randrange(1, 900)), Fault(),
                Fault(truncate=rng.randrange(1, 700)), Fault(truncate=rng.randrange(1, 700)))
        web = (*mail, Fault(lose_reply=True), Fault(duplicate=True))
        for proxy, faults in ((self.imap, mail), (self.smtp, mail), (self.hub, web)):
            proxy.next(*rng.choices(faults, k=rng.randrange(5)))

    def unplug(self) -> None:
        """What is connected is cut off, nobody can connect."""
        self._all("unplug")

    def plug_in(self) -> None:
        self._all("plug_in")

    def heal(self) -> None:
        for proxy in (self.imap, self.smtp, self.hub):
            proxy.forgive()

    def _all(self, verb: str) -> None:
        for proxy in (self.imap, self.smtp, self.hub):
            asyncio.run_coroutine_threadsafe(getattr(proxy, verb)(), self._loop).result(10)


class Desk:
    """The process that forks the children."""

    def __init__(self, wrapped: Sequence[str] = ()) -> None:
        """`wrapped`: a command that sets the scene and then becomes the one it is given."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._process = subprocess.Popen(
            [*wrapped, sys.executable, "-m", "tests.support.day"], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._errors, text=True,
        )

    def trouble(self) -> str:
        """The end of what went to standard error."""
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-3000:]

    def run(
        self, job: Job, kill_after: float = 0.0, asleep: Callable[[int], None] | None = None, sleep_after: float = 0.0
    ) -> tuple[list[dict[str, Any]], int]:
        """One child: what it said, and its wait status.

        `kill_after`: seconds from its start to a kill from outside. `asleep` is called with its process id instead.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(job.line())
        self._process.stdin.flush()
        heard: list[dict[str, Any]] = []
        killer = threading.Timer(kill_after, lambda: None)
        for said in self._lines():
            if said["word"] == "pid" and kill_after:
                killer = threading.Timer(kill_after, os.kill, (said["pid"], signal.SIGKILL))
                killer.start()
            elif said["word"] == "pid" and asleep is not None:
                killer = threading.Timer(sleep_after, asleep, (said["pid"],))
                killer.start()
            elif said["word"] == "ended":
                killer.cancel()
                return heard, int(said["status"])
            else:
                heard.append(said)
        raise AssertionError("the desk ended")

    def _lines(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield json.loads(line)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
        self._errors.close()


class Street:
    """A home with its mailbox, its mail server and its hub, and the rounds that were lived in it."""

    def __init__(
        self, folder: Path, mail: MailServers, hub: HubHouse, seed: int, network: Network | None = None,
        wrapped: Sequence[str] = (),
    ) -> None:
        self.mail, self.hub, self.network = mail, hub, network
        self.heard = Acknowledged()
        self.delivered: set[str] = set()
        self.kills = Counter[str]()
        self.points = 0
        self.seed = seed
        self._woken = threading.Event()
        self._random = random.Random(seed)
        file = passphrase(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))
            opened = app.create_home(Home(folder / "home"), file, folder / "recovery")
        opened.settings.set("undo_seconds", 0)
        self.home = folder / "home"
        imap, smtp = (network.imap.port, network.smtp.port) if network else (mail.imap_port, mail.smtp_port)
        self._job = Job(str(self.home), str(file), imap, smtp, 0)
        self.desk = Desk(wrapped)

    def __str__(self) -> str:
        unknown = sum(state == "unknown" for state in self.heard.deliveries.values())
        return (f"{dict(self.kills)}, {self.points} write points in a day, {len(self.mail.received)} mails sent, "
                f"{unknown} once unknown, {len(self.heard.records)} captures, {len(self.heard.drafts)} drafts")

    def begin(self) -> None:
        """The account, the hub, and one whole day, by which the write points of a day are counted."""
        self.run("account", "connect", invite=self.hub.invite(url=self.network.hub.url if self.network else ""))
        self.deliver()
        heard, status = self.run(*ACTIONS)
        assert status == 0, heard
        self.points = int(heard[-1]["points"])

    def deliver(self) -> None:
        self._job = replace(self._job, number=self._job.number + 1)
        name = f"mail-{self._job.number}"
        self.mail.deliver(raw_mail(name))
        self.delivered.add(f"<{name}@home.example>")

    def round(self) -> None:
        """A day that ends by a kill: at a write point, or at a random moment."""
        self.deliver()
        actions = self._random.sample(ACTIONS, len(ACTIONS))
        if self._random.random() < 0.7:
            _heard, status = self.run(*actions, kill_at=self._random.randrange(1, self.points + 1))
        else:
            _heard, status = self.run(*actions, kill_after=self._random.uniform(0.02, 1.5))
        self.kills["killed" if status == signal.SIGKILL else "ended before"] += 1
        assert status in (0, signal.SIGKILL)
        self.check(self.state())

    def bad_day(self) -> None:
        """A day on a bad network, its steps in any order; what the screen says at its end must be so."""
        assert self.network is not None
        self.deliver()
        self.network.spoil(self._random)
        heard, status = self.run(*self._random.sample(ACTIONS, len(ACTIONS)), "status", settle=4.0)
        assert status == 0, self.desk.trouble()
        self.network.heal()
        self._check_status(heard)
        self.check(self.state())

    @staticmethod
    def _check_status(heard: list[dict[str, Any]]) -> None:
        """The status line has a sentence when its last cycle failed, and so has every failure."""
        said = next(one for one in heard if one["word"] == "status")
        assert said["online"] or said["sentence"], said
        for one in heard:
            if one["word"] == "problem":
                assert one["sentence"], one
                assert one["kind"] in ("Offline", "TimedOut", "BadAnswer"), one

    def state(self) -> dict[str, Any]:
        heard, status = self.desk.run(replace(self._job, actions=("tell",)))
        told = [said for said in heard if said["word"] == "state"]
        assert told, (status, heard, self.desk.trouble())
        return told[0]

    def end(self) -> None:
        """A last day without a kill: everything that was on its way arrives, or is said to be unknown."""
        self.deliver()
        heard, status = self.run("mail", "quiet", "sync", "sync")
        assert status == 0
        assert [said for said in heard if said["word"] in ("late", "problem")] == []
        self.check(state := self.state())
        self.check_end(state)

    def close(self) -> None:
        self.desk.close()

    def run(self, *actions: str, kill_after: float = 0.0, sleep_after: float = 0.0, **more: Any) -> Any:
        job = replace(self._job, actions=actions, **more)
        heard, status = self.desk.run(job, kill_after, self._sleep if sleep_after else None, sleep_after)
        for said in heard:
            self.heard.hear(said)
        return heard, status

    def _sleep(self, pid: int) -> None:
        """The lid is closed for two seconds, and the network is another one afterwards."""
        os.kill(pid, signal.SIGSTOP)
        if self.network is not None:
            self.network.unplug()
            self.network.plug_in()
        self._woken.wait(2)
        os.kill(pid, signal.SIGCONT)

    def check(self, state: dict[str, Any]) -> None:
        """After any kill: nothing acknowledged is missing, nothing is there twice, nothing pretends."""
        heard = self.heard
        assert state["intact"], state["findings"]
        assert [r for r in heard.records if r not in state["records"]] == []
        assert len(set(state["records"])) == len(state["records"])
        assert heard.conversations <= set(state["conversations"])
        assert heard.mails <= set(state["messages"])
        assert [name for name, count in Counter(state["messages"]).items() if count > 1] == []
        assert heard.notes <= set(state["notes"])
        assert [name for name, count in Counter(state["notes"]).items() if count > 1] == []
        kept = {tuple(pair) for pair in state["history"]}
        assert [draft for draft in heard.drafts if draft not in kept] == []
        assert state["refused"] == []
        self._check_sends(state)
        self._check_hub(state)

    def _check_sends(self, state: dict[str, Any]) -> None:
        taken = Counter(message_id for message_id, _raw in self.mail.received)
        assert [name for name, count in taken.items() if count > 1] == []
        for outgoing_id, message_id in self.heard.held.items():
            assert outgoing_id in state["outgoing"], "an acknowledged reply is gone"
            delivery, kept_id = state["outgoing"][outgoing_id]
            assert kept_id == message_id
            assert delivery != "done" or taken[message_id] == 1
            assert not taken[message_id] or delivery in ("done", "unknown", "sending"), "a sent reply may go again"
        for outgoing_id, told in self.heard.deliveries.items():
            if told == "done":
                assert state["outgoing"][outgoing_id][0] == "done"
        for outgoing_id, (delivery, _message_id) in state["outgoing"].items():
            assert state["shown"].get(outgoing_id) == delivery, "the timeline shows another state"

    def _check_hub(self, state: dict[str, Any]) -> None:
        rows = self.hub.rows
        assert rows("SELECT event_id FROM change GROUP BY event_id HAVING count(*) > 1") == []
        records = [entity_id for (entity_id,) in rows("SELECT entity_id FROM change WHERE collection = 'evidence'")]
        assert len(records) == len(set(records))
        bodies = [json.loads(body) for (body,) in rows("SELECT body FROM entity WHERE collection = 'message'")]
        known = [body["message_id"] for body in bodies if body.get("message_id")]
        assert [name for name, count in Counter(known).items() if count > 1] == []
        stored = {address for (address,) in rows("SELECT address FROM stored_blob")}
        assert set(state["secured"]) <= stored
        for address in state["secured"]:
            assert hashlib.sha256(self.hub.object_path(address).read_bytes()).hexdigest() == address

    def check_end(self, state: dict[str, Any]) -> None:
        assert set(state["messages"]) >= self.delivered
        assert (state["pending"], state["pending_blobs"], state["outbox"], state["equal"]) == (0, 0, [], True)
        taken = {message_id for message_id, _raw in self.mail.received}
        for delivery, message_id in state["outgoing"].values():
            assert delivery in ("done", "unknown", "failed")
            assert message_id in taken or delivery != "done"
        on_hub = {entity_id for (entity_id,) in self.hub.rows(
            "SELECT entity_id FROM entity WHERE collection = 'evidence'")}
        assert set(state["records"]) <= on_hub


@contextlib.contextmanager
def street(folder: Path, seed: int, *, bad_network: bool = False, wrapped: Sequence[str] = ()) -> Iterator[Street]:
    """Everything running, one whole day lived."""
    mail = MailServers()
    mail.start()
    try:
        with running_hub(folder / "hub") as hub, contextlib.ExitStack() as more:
            network = more.enter_context(Network.between(mail, hub)) if bad_network else None
            made = Street(folder, mail, hub, seed, network, wrapped)
            try:
                made.begin()
                yield made
            finally:
                made.close()
    finally:
        mail.stop()
