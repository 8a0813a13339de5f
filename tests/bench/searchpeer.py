"""notmuch beside our search: the same messages as a Maildir, indexed by `notmuch new` and asked over its C library.

The library and not the command: starting a process costs more than the question. Two-character Chinese is asked with
Xapian's own n-grams (XAPIAN_CJK_NGRAM), which is how people use it.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import json
import os
import shutil
import subprocess
import tempfile
import time
from email.header import Header
from email.utils import formataddr, formatdate
from pathlib import Path
from types import TracebackType

from tests.bench import bigstore, bigtext

_CONFIG = "[database]\npath={folder}\n[user]\nname=Our shop\nprimary_email=shop@shop.example\n[new]\ntags=new\n"
_NEWEST_FIRST = 1
_READ_ONLY = 0


def missing() -> str:
    """What notmuch lacks on this machine, "" when it is all there."""
    if shutil.which("notmuch") is None or ctypes.util.find_library("notmuch") is None:
        return "notmuch is not installed"
    return ""


class Notmuch:
    """A Maildir of the generated messages, and its index. `seconds`: how long `notmuch new` took. `keep`: a folder in
    which both stay, and are used again for the same messages."""

    def __init__(self, conversations: int, messages: int, seed: int, keep: Path | None = None) -> None:
        os.environ["XAPIAN_CJK_NGRAM"] = "1"
        self._temporary = tempfile.TemporaryDirectory(prefix="notmuch-")
        home = keep or Path(self._temporary.name)
        self._folder, done = home / "mail", home / "notmuch.json"
        measures = [conversations, messages, seed]
        known = json.loads(done.read_text()) if done.exists() else {}
        if known.get("measures") != measures:
            shutil.rmtree(self._folder, ignore_errors=True)
            known = {"measures": measures, "seconds": self._make(home / "config", conversations, messages, seed)}
            done.write_text(json.dumps(known))
        self.seconds = known["seconds"]
        self._library = _library()
        self._database = ctypes.c_void_p()
        problem = self._library.notmuch_database_open(
            str(self._folder).encode(), _READ_ONLY, ctypes.byref(self._database))
        if problem:
            raise OSError(f"notmuch could not open its index: status {problem}")

    def __enter__(self) -> Notmuch:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _problem: BaseException | None,
                 _trace: TracebackType | None) -> None:
        self._library.notmuch_database_destroy(self._database)
        self._temporary.cleanup()

    def newest(self, text: str, limit: int) -> list[tuple[bytes, bytes, bytes, int]]:
        """What a list shows of the newest hits: id, sender, subject and date. No snippets: notmuch would have to
        read each file again. What is typed without a space at its end is a prefix."""
        typed = not text.endswith((" ", '"')) and text.isascii()
        query = self._library.notmuch_query_create(self._database, (text + ("*" if typed else "")).encode())
        self._library.notmuch_query_set_sort(query, _NEWEST_FIRST)
        messages = ctypes.c_void_p()
        problem = self._library.notmuch_query_search_messages(query, ctypes.byref(messages))
        found: list[tuple[bytes, bytes, bytes, int]] = []
        while not problem and len(found) < limit and self._library.notmuch_messages_valid(messages):
            message = self._library.notmuch_messages_get(messages)
            found.append((self._library.notmuch_message_get_message_id(message), self._header(message, b"from"),
                          self._header(message, b"subject"), self._library.notmuch_message_get_date(message)))
            self._library.notmuch_message_destroy(message)
            self._library.notmuch_messages_move_to_next(messages)
        self._library.notmuch_query_destroy(query)
        return found

    def _make(self, config: Path, conversations: int, messages: int, seed: int) -> float:
        self._write(conversations, messages, seed)
        config.write_text(_CONFIG.format(folder=self._folder))
        began = time.perf_counter()
        subprocess.run(["notmuch", f"--config={config}", "new", "--quiet"], check=True, capture_output=True)
        return round(time.perf_counter() - began, 1)

    def _header(self, message: int, name: bytes) -> bytes:
        return self._library.notmuch_message_get_header(message, name) or b""

    def _write(self, conversations: int, messages: int, seed: int) -> None:
        for name in ("cur", "new", "tmp"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        for n, (at, number, place) in enumerate(bigstore.plan(conversations, messages, seed)):
            mail = bigtext.mail(seed, number, place, at)
            lines = (
                f"From: {formataddr((mail.author.name, mail.author.email), 'utf-8')}",
                f"To: {formataddr((mail.to[0].name, mail.to[0].email), 'utf-8')}",
                f"Subject: {Header(mail.subject, 'utf-8').encode()}", f"Date: {formatdate(at / 1_000)}",
                f"Message-ID: {mail.message_id}", *([f"In-Reply-To: {mail.in_reply_to}"] if mail.in_reply_to else []),
                "MIME-Version: 1.0", 'Content-Type: text/plain; charset="utf-8"', "Content-Transfer-Encoding: 8bit",
            )
            (self._folder / "cur" / f"{n}:2,S").write_bytes(("\n".join(lines) + "\n\n" + mail.text).encode())


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(ctypes.util.find_library("notmuch"))
    handle = ctypes.c_void_p
    for name, result, *arguments in (
        ("notmuch_database_open", ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(handle)),
        ("notmuch_database_destroy", ctypes.c_int, handle),
        ("notmuch_query_create", handle, handle, ctypes.c_char_p),
        ("notmuch_query_set_sort", None, handle, ctypes.c_int),
        ("notmuch_query_search_messages", ctypes.c_int, handle, ctypes.POINTER(handle)),
        ("notmuch_query_destroy", None, handle),
        ("notmuch_messages_valid", ctypes.c_int, handle),
        ("notmuch_messages_get", handle, handle),
        ("notmuch_messages_move_to_next", None, handle),
        ("notmuch_message_get_message_id", ctypes.c_char_p, handle),
        ("notmuch_message_get_header", ctypes.c_char_p, handle, ctypes.c_char_p),
        ("notmuch_message_get_date", ctypes.c_long, handle),
        ("notmuch_message_destroy", None, handle),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
