"""Days that end by SIGKILL, and an oracle that knows only what was acknowledged, delivered and received.

The mailbox, the mail server and the hub live in this process and see every round; the home is one, and is opened again
after each kill. The oracle compares acknowledgements with the store, the mails the server took and the hub's rows.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import ROOT, passphrase
from tests.support.day import Job
from tests.support.hub import HubHouse, running_hub
from tests.support.mail import raw_mail
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


class Desk:
    """The process that forks the children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.day"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if os.environ.get("PYTEST_CURRENT_TEST") else None, text=True,
        )

    def run(self, job: Job, kill_after: float = 0.0) -> tuple[list[dict[str, Any]], int]:
        """One child: what it said, and its wait status. `kill_after`: seconds from its start to a kill from outside.
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
        if self._process.stderr is not None:
            self._process.stderr.close()


class Street:
    """A home with its mailbox, its mail server and its hub, and the rounds that were lived in it."""

    def __init__(self, folder: Path, mail: MailServers, hub: HubHouse, seed: int) -> None:
        self.mail, self.hub = mail, hub
        self.heard = Acknowledged()
        self.delivered: set[str] = set()
        self.kills = Counter[str]()
        self.points = 0
        self._random = random.Random(seed)
        file = passphrase(folder)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))
            opened = app.create_home(Home(folder / "home"), file, folder / "recovery")
        opened.settings.set("undo_seconds", 0)
        self._job = Job(str(folder / "home"), str(file), mail.imap_port, mail.smtp_port, 0)
        self.desk = Desk()

    def begin(self) -> None:
        """The account, the hub, and one whole day, by which the write points of a day are counted."""
        self._run("account", "connect", invite=self.hub.invite())
        self.deliver()
        heard, status = self._run(*ACTIONS)
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
            _heard, status = self._run(*actions, kill_at=self._random.randrange(1, self.points + 1))
        else:
            _heard, status = self._run(*actions, kill_after=self._random.uniform(0.02, 1.5))
        self.kills["killed" if status == signal.SIGKILL else "ended before"] += 1
        assert status in (0, signal.SIGKILL)
        self.check(self.state())

    def state(self) -> dict[str, Any]:
        heard, status = self.desk.run(replace(self._job, actions=("tell",)))
        assert status == 0
        return next(said for said in heard if said["word"] == "state")

    def end(self) -> None:
        """A last day without a kill: everything that was on its way arrives, or is said to be unknown."""
        self.deliver()
        heard, status = self._run("mail", "quiet", "sync", "sync")
        assert status == 0
        assert [said for said in heard if said["word"] in ("late", "problem")] == []
        self.check(state := self.state())
        self.check_end(state)

    def close(self) -> None:
        self.desk.close()

    def _run(self, *actions: str, kill_at: int = 0, kill_after: float = 0.0, invite: str = "") -> Any:
        job = replace(self._job, actions=actions, kill_at=kill_at, invite=invite)
        heard, status = self.desk.run(job, kill_after)
        for said in heard:
            self.heard.hear(said)
        return heard, status

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
def street(folder: Path, seed: int) -> Iterator[Street]:
    """Everything running, one whole day lived."""
    mail = MailServers()
    mail.start()
    try:
        with running_hub(folder / "hub") as hub:
            made = Street(folder, mail, hub, seed)
            try:
                made.begin()
                yield made
            finally:
                made.close()
    finally:
        mail.stop()
