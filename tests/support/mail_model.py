"""A small IMAP server that keeps honest books and can be told to behave as badly as servers do: it expunges in
mid-fetch, interrupts itself with answers nobody asked for, forgets bodies and cuts the line. Whatever it does, its
books say what is true, so that a test can compare.
"""

from __future__ import annotations

import contextlib
import datetime
import random
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.support.mail import raw_mail
from tests.support.mail_scripted import _within

CAPABILITIES = {
    "plain": "IMAP4rev1 IDLE",
    "condstore": "IMAP4rev1 IDLE CONDSTORE",
    "qresync": "IMAP4rev1 IDLE ENABLE CONDSTORE QRESYNC",
}

RECEIVED = datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC)  # every mail


@dataclass
class Kept:
    raw: bytes
    flags: set[str] = field(default_factory=set)
    changed: int = 1


@dataclass
class Box:
    """A folder's books."""

    validity: int = 1
    uid_next: int = 1
    counter: int = 1
    mails: dict[int, Kept] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)  # UID → counter when it vanished


class ModelImap:
    """`kind` is a key of CAPABILITIES. `mischief`: the chance of something odd at each answer of a fetch."""

    def __init__(self, kind: str, rng: random.Random, mischief: float = 0.0) -> None:
        self.kind = kind
        self.rng = rng
        self.mischief = mischief
        self.boxes: dict[str, Box] = {"INBOX": Box()}
        self.names: dict[tuple[str, int, int], str] = {}  # folder, UIDVALIDITY, UID → Message-ID, for ever
        self.deadly: set[int] = set()  # UIDs whose content cuts the line
        self.garbled: set[int] = set()  # UIDs answered with nonsense
        self.flags: dict[str, str] = {}  # folder → what LIST says of it
        self.deaf = False  # takes what is said and never answers, as a connection does that the network forgot
        self.forgotten = 0  # connections that are not answered any more
        self.commands = 0
        self.cuts = 0
        self.oddities = 0
        self.lock = threading.RLock()
        self._made = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._live: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()
        for connection in self._live:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    # -- what a test, or the world, does to it ----------------------------------------------------------------------

    def arrive(self, folder: str = "INBOX") -> int:
        with self.lock:
            box = self.boxes[folder]
            uid, box.uid_next = box.uid_next, box.uid_next + self.rng.randint(1, 3)
            self._made += 1
            name = f"m{self._made}"
            box.counter += 1
            box.mails[uid] = Kept(raw_mail(name, body="word " * self.rng.randint(1, 60)), set(), box.counter)
            self.names[folder, box.validity, uid] = f"<{name}@home.example>"
            return uid

    def mark(self, uid: int, flag: str, on: bool, folder: str = "INBOX") -> None:
        with self.lock:
            box = self.boxes[folder]
            box.counter += 1
            kept = box.mails[uid]
            kept.changed = box.counter
            (kept.flags.add if on else kept.flags.discard)(flag)

    def expunge(self, uid: int, folder: str = "INBOX") -> None:
        with self.lock:
            box = self.boxes[folder]
            box.counter += 1
            del box.mails[uid]
            box.gone[uid] = box.counter

    def rebuild(self, folder: str = "INBOX") -> None:
        """Every mail gets another number; the old numbers mean other mails."""
        with self.lock:
            old = self.boxes[folder]
            new = Box(old.validity + 1, counter=old.counter + 1)
            kept = list(old.mails.items())
            self.rng.shuffle(kept)
            for was, mail in kept:
                uid, new.uid_next = new.uid_next, new.uid_next + self.rng.randint(1, 2)
                new.mails[uid] = Kept(mail.raw, mail.flags, new.counter)
                self.names[folder, new.validity, uid] = self.names[folder, old.validity, was]
            self.boxes[folder] = new

    def something_happens(self) -> None:
        with self.lock:
            uids = list(self.boxes["INBOX"].mails)
            what = self.rng.choice(("arrive", "arrive", "arrive", "seen", "unseen", "answered", "expunge"))
            if what == "arrive" or not uids:
                self.arrive()
            elif what == "expunge":
                self.expunge(self.rng.choice(uids))
            else:
                self.mark(self.rng.choice(uids), "\\Answered" if what == "answered" else "\\Seen", what != "unseen")

    # -- talking ----------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._live.append(connection)
            threading.Thread(target=_Talk(self, connection).run, daemon=True).start()


class _Talk:
    """One connection, with its own idea of which mail has which sequence number."""

    def __init__(self, server: ModelImap, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.folder = ""
        self.validity = 0
        self.deaf = False
        self.seen_here: list[int] = []  # UIDs by sequence number as this client knows them

    def run(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._talk()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _talk(self) -> None:
        self.say(b"* OK model\r\n")
        while line := self.stream.readline():
            self.server.commands += 1
            tag, _space, command = line.strip().decode("latin-1").partition(" ")
            verb = command.upper().split(" ")[0]
            words = command.split(" ", 3)
            handler: Callable[[str], Iterator[bytes] | None] = {
                "UID": self._uid, "EXAMINE": self._open, "SELECT": self._open, "STATUS": self._status,
            }.get(verb, self._simple)
            if verb == "IDLE":
                self._idle(tag)
                continue
            answers = handler(command)
            if answers is None:
                return
            for answer in answers:
                self.say(answer)
            self.say(f"{tag} OK {words[0]} done\r\n".encode())
            if verb == "LOGOUT":
                return

    def say(self, what: bytes) -> None:
        if not self.deaf:
            self.connection.sendall(what)

    def _simple(self, command: str) -> Iterator[bytes]:
        verb = command.upper().split(" ")[0]
        if verb == "CAPABILITY":
            yield f"* CAPABILITY {CAPABILITIES[self.server.kind]}\r\n".encode()
        elif verb == "LIST":
            for name in self.server.boxes:
                yield f'* LIST ({self.server.flags.get(name, "")}) "/" "{name}"\r\n'.encode()
        elif verb == "ENABLE":
            yield b"* ENABLED QRESYNC\r\n"
        elif verb == "LOGOUT":
            yield b"* BYE\r\n"

    def _status(self, command: str) -> Iterator[bytes]:
        name = command.split('"')[1]
        with self.server.lock:
            box = self.server.boxes[name]
            counted = "" if self.server.kind == "plain" else f" HIGHESTMODSEQ {box.counter}"
            yield f'* STATUS "{name}" (UIDVALIDITY {box.validity} UIDNEXT {box.uid_next}{counted})\r\n'.encode()

    def _open(self, command: str) -> Iterator[bytes]:
        with self.server.lock:
            self.folder = command.split('"')[1]
            box = self.server.boxes[self.folder]
            self.validity = box.validity
            self.seen_here = sorted(box.mails)
            lines = [
                b"* %d EXISTS\r\n* 0 RECENT\r\n" % len(box.mails),
                b"* OK [UIDVALIDITY %d] ok\r\n* OK [UIDNEXT %d] ok\r\n" % (box.validity, box.uid_next),
            ]
            if self.server.kind != "plain":
                lines.append(b"* OK [HIGHESTMODSEQ %d] ok\r\n" % box.counter)
            if "QRESYNC" in command:
                validity, since = (int(n) for n in command.partition("QRESYNC (")[2].rstrip(")").split(" "))
                lines += self._since(box, since) if validity == box.validity else []
        yield from lines

    def _since(self, box: Box, since: int) -> list[bytes]:
        gone = sorted(uid for uid, when in box.gone.items() if when > since)
        lines = [b"* VANISHED (EARLIER) %s\r\n" % ",".join(map(str, gone)).encode()] if gone else []
        return lines + [self._line(uid, "FLAGS") for uid, kept in sorted(box.mails.items()) if kept.changed > since]

    def _uid(self, command: str) -> Iterator[bytes] | None:
        what = command.upper().split(" ")[1]
        if what == "SEARCH":
            return iter([self._search(command)])
        if what == "STORE":
            return self._store(command)
        return self._fetch(command)

    def _search(self, command: str) -> bytes:
        numbers = command.split("UID ")[2].split(" ", 1)[0] if command.count("UID ") > 1 else "1:*"
        with self.server.lock:
            mails = self._mails()
            found = [uid for uid in sorted(mails) if _within(uid, numbers, max(mails))]
            since = re.search(r"SINCE (\S+)", command)
            if since and datetime.datetime.strptime(since[1], "%d-%b-%Y").replace(tzinfo=datetime.UTC) > RECEIVED:
                found = []
        return b"* SEARCH %s\r\n" % " ".join(map(str, found)).encode()

    def _mails(self) -> dict[int, Kept]:
        """As long as the folder was not rebuilt under the client; then nothing is where it was."""
        box = self.server.boxes[self.folder]
        return box.mails if box.validity == self.validity else {}

    def _store(self, command: str) -> Iterator[bytes]:
        numbers = command.split(" ")[2]
        with self.server.lock:
            for uid in [uid for uid in self._mails() if _within(uid, numbers)]:
                self.server.mark(uid, "\\Seen", True, self.folder)
        return iter(())

    def _fetch(self, command: str) -> Iterator[bytes] | None:
        _uid, _verb, numbers, items = command.split(" ", 3)
        since = int(items.partition("CHANGEDSINCE ")[2].rstrip(")") or 0)
        with self.server.lock:
            wanted = [u for u, k in sorted(self._mails().items()) if _within(u, numbers) and k.changed > since]
        if "BODY" in items and self.server.deadly & set(wanted):
            self.server.cuts += 1
            return None
        return self._answers(wanted, items)

    def _answers(self, wanted: list[int], items: str) -> Iterator[bytes]:
        for uid in wanted:
            with self.server.lock:
                if self.server.rng.random() < self.server.mischief:
                    self.server.oddities += 1
                    yield from self._oddity()
                if uid not in self._mails() or uid not in self.seen_here:
                    continue
                line = self._line(uid, items)
            if self.server.rng.random() < self.server.mischief / 12:
                self.server.cuts += 1
                self.say(line[: len(line) // 2])
                raise OSError("cut")
            yield line

    def _oddity(self) -> Iterator[bytes]:
        """What servers say, or do, between two answers."""
        rng, mails = self.server.rng, self._mails()
        what = rng.choice(("by number", "by uid", "exists", "expunge", "notice", "numbers only"))
        if what == "by number" and self.seen_here:
            yield b"* %d FETCH (FLAGS (\\Flagged))\r\n" % rng.randint(1, len(self.seen_here))
        elif what == "numbers only" and self.seen_here:
            number = rng.randint(1, len(self.seen_here))
            yield b"* %d FETCH (RFC822.SIZE 3 BODY[] {3}\r\nbad)\r\n" % number
        elif what == "by uid" and self.seen_here and mails:
            uid = rng.choice(sorted(mails))
            if uid in self.seen_here:
                yield self._line(uid, "FLAGS")
        elif what == "exists":
            self.server.arrive(self.folder)
            if self.server.boxes[self.folder].validity == self.validity:
                self.seen_here = [*self.seen_here, max(self._mails())]
            yield b"* %d EXISTS\r\n" % len(self.seen_here)
        elif what == "expunge" and mails:
            uid = rng.choice(sorted(mails))
            self.server.expunge(uid, self.folder)
            if uid in self.seen_here:
                number = self.seen_here.index(uid) + 1
                self.seen_here = [one for one in self.seen_here if one != uid]
                yield b"* VANISHED %d\r\n" % uid if self.server.kind == "qresync" else b"* %d EXPUNGE\r\n" % number
        else:
            yield b"* OK still here\r\n"

    def _line(self, uid: int, items: str) -> bytes:
        kept = self._mails()[uid]
        number = self.seen_here.index(uid) + 1 if uid in self.seen_here else len(self.seen_here) + 1
        if uid in self.server.garbled and "BODY" in items:
            return b'* %d FETCH (UID %d FLAGS (\\Seen "open\r\n' % (number, uid)
        counted = b"" if self.server.kind == "plain" else b" MODSEQ (%d)" % kept.changed
        said = b"* %d FETCH (UID %d FLAGS (%s)%s" % (number, uid, " ".join(sorted(kept.flags)).encode(), counted)
        if "INTERNALDATE" in items:
            said += b' INTERNALDATE "20-Nov-2026 10:00:00 +0000"'
        if "SIZE" in items:
            said += b" RFC822.SIZE %d" % len(kept.raw)
        if "BODY" in items and self.server.rng.random() >= self.server.mischief / 4:
            raw = kept.raw if "HEADER" not in items else kept.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            name = b"BODY[HEADER]" if "HEADER" in items else b"BODY[]"
            said += b" %s {%d}\r\n%s" % (name, len(raw), raw)
        return said + b")\r\n"

    def _idle(self, tag: str) -> None:
        self.say(b"+ idling\r\n")
        self.stream.readline()
        self.deaf = self.deaf or self.server.deaf
        self.server.forgotten += self.deaf
        self.say(f"{tag} OK\r\n".encode())
