"""Mails nobody should have to read: made from a grammar of mail, then damaged. Every case comes from a seed and a
number alone, so that one that fails can be made again.

`Watch` sees, below all libraries, which files are opened for writing, which sockets and which programs are.
"""

from __future__ import annotations

import base64
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import hostile_seeds as seeds

Mutator = Callable[[random.Random, bytes], bytes]

CHARSETS = ("utf-8", "us-ascii", "iso-8859-1", "windows-1252", "gb2312", "gbk", "gb18030", "big5", "iso-2022-jp",
            "shift_jis", "euc-kr", "windows-1251", "koi8-r", "utf-7", "utf-16", "x-unknown", "idna", "\"", "a" * 300,
            "")
ENCODINGS = ("7bit", "8bit", "base64", "quoted-printable", "x-uuencode", "binary", "rot13", "")
TYPES = ("text/plain", "text/html", "multipart/mixed", "multipart/alternative", "multipart/related", "multipart/digest",
         "multipart/report", "multipart/signed", "multipart/encrypted", "message/rfc822", "message/delivery-status",
         "message/disposition-notification", "text/calendar", "application/ms-tnef", "application/pkcs7-mime",
         "application/zip", "image/png", "image/svg+xml", "text/vcard", "text/x", "/", "")
FIELDS = ("Subject", "From", "To", "Cc", "Reply-To", "Date", "Message-ID", "References", "In-Reply-To", "Sender",
          "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Content-ID", "X-Failed-Recipients",
          "Auto-Submitted", "X-Long")
TOKENS = (
    "\r\n", "\r", "\n", "\x00", "\x1b$B", "\x1b(J", " ", "\t", "\u202egpj.exe", "\u2066", "=?utf-8?B?////?=",
    "=?utf-8?Q?=0D=0ABcc:_x@y.example?=", "=?iso-2022-jp?B?GyRC?=", "=?x?Q?=FF?=", "<", ">", "@", "<@,;:>", "()",
    "(" * 50, '"', "\\", ";", "name=\"../../x\"", "filename*0*=utf-8''%FF; filename*1=\"/etc/passwd\"", "filename=CON",
    "--", "=" * 30,
    "%s%n", "{0}", "&#x110000;", "<script>alert(1)</script>", "<img src=http://t.example/p.gif width=1>",
    "<table><tr><td>" * 30, "<a href=//evil.example>www.bank.example</a>", "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>", "<style>@import 'http://evil.example';</style>",
    "<iframe src=javascript:1>", "<form action=http://evil.example><input type=image src=http://evil.example/i>",
    "<svg><image href='file:///etc/passwd'/></svg>", "a\u0301" * 40, "=HYPERLINK(\"http://evil.example\")",
    "xn--80ak6aa92e.com", "раураl.com", "https://paypal.com@evil.example/", "Mon, 1 Jan 1601 00:00:00 -9999",
    "Fri, 31 Dec 9999 23:59:60 +0000", "-1", "BEGIN:VEVENT\nDTSTART;TZID=\"" + "x" * 60 + "\":20269999T999999Z\n",
)


def case(seed: int, number: int) -> bytes:
    """The mail with this number in the run of this seed."""
    rng = random.Random(f"{seed} {number}")
    raw = rng.choice(seeds.ALL) if rng.random() < 0.5 else mail(rng)
    for _step in range(rng.choice((0, 1, 1, 2, 3, 6))):
        raw = rng.choice(MUTATORS)(rng, raw)[:4_000_000]
    return raw


def mail(rng: random.Random) -> bytes:
    """A mail of the grammar: fields in any number, a body of parts inside parts."""
    fields = [field(rng, rng.choice(FIELDS)) for _count in range(rng.choice((0, 3, 8, 8, 20)))]
    return b"".join(fields) + part(rng, 0)


def field(rng: random.Random, name: str) -> bytes:
    value = " ".join(rng.choice(TOKENS + CHARSETS + TYPES) for _count in range(rng.randint(0, 4)))
    if name == "Content-Type":
        mark = rng.choice(("b", "", "c" * 90))
        value = f"{rng.choice(TYPES)}; charset={rng.choice(CHARSETS)}; boundary={mark}; {value}"
    return f"{name}: {value}\r\n".encode(rng.choice(("utf-8", "gb18030", "utf-16-le")), "replace")


def part(rng: random.Random, depth: int) -> bytes:
    if depth < 6 and rng.random() < 0.45:
        return container(rng, depth)
    head = (f"Content-Type: {rng.choice(TYPES)}; charset={rng.choice(CHARSETS)}; {rng.choice(TOKENS)}\r\n"
            f"Content-Transfer-Encoding: {rng.choice(ENCODINGS)}\r\n")
    if rng.random() < 0.4:
        head += f"Content-Disposition: attachment; filename={rng.choice(TOKENS)}\r\n"
        head += f"Content-ID: <{rng.choice(TOKENS)}>\r\n"
    return head.encode("utf-8", "replace") + b"\r\n" + text(rng)


def container(rng: random.Random, depth: int) -> bytes:
    mark = f"b{depth}{rng.choice(('', '', ' ', '-'))}"
    pieces = [f"--{mark}\r\n".encode() + part(rng, depth + 1) + b"\r\n" for _count in range(rng.randint(0, 4))]
    kind = rng.choice([each for each in TYPES if each.startswith("multipart/")])
    end = b"" if rng.random() < 0.2 else f"--{mark}--\r\n".encode()
    return f'Content-Type: {kind}; boundary="{mark}"\r\n\r\n'.encode() + b"".join(pieces) + end


def text(rng: random.Random) -> bytes:
    said = "".join(rng.choice(TOKENS + seeds.SENTENCES) for _count in range(rng.randint(0, 30)))
    said *= rng.choice((1, 1, 1, 1, 60))
    content = said.encode(rng.choice(("utf-8", "gb18030", "iso2022_jp", "shift_jis", "cp1251", "utf-16")), "replace")
    return base64.encodebytes(content) if rng.random() < 0.3 else content


def _flip(rng: random.Random, raw: bytes) -> bytes:
    out = bytearray(raw)
    for _count in range(rng.choice((1, 3, 30)) if out else 0):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _span(rng: random.Random, raw: bytes) -> tuple[int, int]:
    start = rng.randrange(len(raw) + 1)
    return start, min(len(raw), start + rng.choice((1, 10, 200, 5_000)))


def _cut(rng: random.Random, raw: bytes) -> bytes:
    start, end = _span(rng, raw)
    return raw[:start] + raw[end:]


def _repeat(rng: random.Random, raw: bytes) -> bytes:
    start, end = _span(rng, raw)
    return raw[:end] + raw[start:end] * rng.choice((1, 20, 400)) + raw[end:]


def _truncate(rng: random.Random, raw: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _insert(rng: random.Random, raw: bytes) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice(TOKENS).encode(rng.choice(("utf-8", "gb18030")), "replace") + raw[at:]


def _line_ends(rng: random.Random, raw: bytes) -> bytes:
    plain = raw.replace(b"\r\n", b"\n")
    return plain.replace(b"\n", rng.choice((b"\r", b"\n", b"\r\r\n", b"\n\r", b"\r\n\x00", b"\x0b")))


def _boundary(rng: random.Random, raw: bytes) -> bytes:
    damaged = rng.choice((b"--", b"--B", b"-- b", b"--b\x00", b"\xff--b", b"----b"))
    return raw.replace(b"--b", damaged, rng.randint(1, 3))


def _charset(rng: random.Random, raw: bytes) -> bytes:
    label = f"charset={rng.choice(CHARSETS)}".encode()
    return raw.replace(b"charset=utf-8", label).replace(b"charset=iso-2022-jp", label)


def _encoding(rng: random.Random, raw: bytes) -> bytes:
    for known in (b"base64", b"quoted-printable", b"8bit"):
        raw = raw.replace(known, rng.choice(ENCODINGS).encode(), rng.randint(0, 2))
    return raw


def _header(rng: random.Random, raw: bytes) -> bytes:
    return field(rng, rng.choice(FIELDS)) * rng.choice((1, 2, 1_500)) + raw


def _nest(rng: random.Random, raw: bytes) -> bytes:
    for level in range(rng.choice((1, 5, 70))):
        kind = rng.choice((b"mixed", b"alternative", b"related", b"digest"))
        raw = (b"Subject: in\r\nContent-Type: multipart/" + kind + b"; boundary=n%d\r\n\r\n--n%d\r\n" % (level, level)
               + raw + b"\r\n--n%d--\r\n" % level)
    return raw


def _long_line(rng: random.Random, raw: bytes) -> bytes:
    at = rng.randrange(len(raw) + 1)
    return raw[:at] + rng.choice((b"x", b"=", b" ", b">", b"<", b"(", b'"', b"\\", b"&", b"\xe5")) * 200_000 + raw[at:]


MUTATORS: tuple[Mutator, ...] = (
    _flip, _cut, _repeat, _truncate, _insert, _line_ends, _boundary, _charset, _encoding, _header, _nest, _long_line,
    _insert, _flip,
)


class Watch:
    """What the process did to the outside while it was watched, on whatever thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.outside: list[str] = []

    def see(self, event: str, args: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system",
                     "os.exec", "os.posix_spawn", "webbrowser.open", "ctypes.dlopen"):
            self.outside.append(f"{event} {args[:2]}")
        elif event == "open" and _writes(args) and not self._inside(args[0]):
            self.outside.append(f"open {args[0]}")
        elif event in ("os.rename", "os.remove", "os.mkdir", "os.link", "os.symlink") and not self._inside(args[0]):
            self.outside.append(f"{event} {args[0]}")

    def _inside(self, path: object) -> bool:
        if isinstance(path, int):
            return True
        place = Path(os.fsdecode(path) if isinstance(path, bytes) else str(path))
        return place.resolve().is_relative_to(self.folder) or str(place) in ("/dev/null", "/dev/tty")


def _writes(args: tuple[object, ...]) -> bool:
    mode, flags = args[1], args[2]
    by_mode = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    return by_mode or (isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)))


_watches: list[Watch] = []
_started: list[bool] = []
_looking = threading.local()


def _hook(event: str, args: tuple[object, ...]) -> None:
    if not _watches or getattr(_looking, "now", False):
        return
    _looking.now = True       # resolving a path is itself an event
    try:
        for watch in _watches:
            watch.see(event, args)
    finally:
        _looking.now = False


@contextmanager
def watched(folder: Path) -> Iterator[Watch]:
    """Everything written outside `folder`, every connection and every program is in the result's `outside`."""
    if not _started:
        _started.append(True)
        sys.addaudithook(_hook)
    watch = Watch(folder)
    _watches.append(watch)
    try:
        yield watch
    finally:
        _watches.remove(watch)
