"""Mail from files: .eml, mbox, Maildir, or a folder of them. Read only, one mail at a time; what is bad is named."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from workstation.connectors.email.limits import MAX_MAIL
from workstation.connectors.email.mapper import parse
from workstation.connectors.email.mbox import is_mbox, read_mbox
from workstation.connectors.email.mime import split_head, with_line_ends
from workstation.inbox.model import BadItem, IncomingMail
from workstation.inbox.ports import FiledMail
from workstation.kernel.clock import Clock, SystemClock
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_SENT = re.compile(r"^\.?(?:inbox[./])?(?:sent|sent items|sent messages|sent mail|enviados|itens enviados|gesendet|"
                   r"envoyés|"
                   r"inviata|posta inviata|送信済み|已发送|已发送邮件|寄件備份)(?:\.mbox|\.sbd)?$", re.IGNORECASE)
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_KNOWN_FIELD = re.compile(
    rb"^(?:from|to|date|subject|message-id|received|return-path|sender|delivered-to|mime-version)[ \t]*:",
    re.IGNORECASE | re.MULTILINE)


class Archive:
    """Implements `inbox.ports.MailArchive`."""

    def __init__(self, clock: Clock | None = None, most: int = MAX_MAIL) -> None:
        self._clock = clock or SystemClock()
        self._most = most

    def read(self, path: Path) -> Iterator[IncomingMail | BadItem]:
        """Every mail below `path`, in a stable order. Raises InputError when there is nothing to read."""
        return (
            item if isinstance(item, BadItem) else parse(item[0], received_at=item[1], own=item[2])
            for item in self.raws(path))

    def raws(self, path: Path) -> Iterator[FiledMail | BadItem]:
        """The same mails unread, for whoever reads them elsewhere. Raises InputError."""
        if not path.exists():
            raise InputError(
                _("There is no file or folder “{path}”.").format(path=path), _("Check the path and try again."))
        if path.is_dir():
            return self._folder(path)
        if _is_endless(path):
            raise InputError(_("“{path}” is neither a file nor a folder.").format(path=path), _("Choose another."))
        return self._file(path)

    def _folder(self, top: Path) -> Iterator[FiledMail | BadItem]:
        for folder, names, files in os.walk(top, onerror=None):
            names.sort()
            here = Path(folder)
            in_maildir = here.name in ("cur", "new") and _is_maildir(here.parent)
            own = _is_sent(here.parent.name if in_maildir else here.name)
            for name in sorted(files):
                path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each of a million costs as much as parsing
                if in_maildir and not name.startswith("."):
                    yield from self._single(path, own)
                elif _is_endless(path):
                    continue
                elif name.lower().endswith((".eml", ".mbox", ".mbx")) or _is_bare_mbox(here / name):
                    yield from self._file(here / name)

    def _file(self, path: Path) -> Iterator[FiledMail | BadItem]:
        own = _is_sent(path.name) or _is_sent(path.parent.name)
        try:
            with path.open("rb") as stream:
                boxed = is_mbox(stream.readline(4_096))
        except OSError as problem:
            yield BadItem(str(path), _why(problem))
            return
        yield from self._mbox(path, own) if boxed else self._single(str(path), own)

    def _mbox(self, path: Path, own: bool) -> Iterator[FiledMail | BadItem]:
        empty = True
        with path.open("rb") as stream:
            for item in read_mbox(stream, self._most):
                empty = False
                where = f"{path}:{item.line}"
                if item.raw is None:
                    yield BadItem(where, self._too_large())
                else:
                    yield self._mail(where, item.raw, item.received_at or _modified(path, self._clock), own)
        if empty:
            yield BadItem(str(path), _("The file holds no mail."))

    def _single(self, path: str, own: bool) -> Iterator[FiledMail | BadItem]:
        """A file with one mail; pipes and devices are passed over."""
        try:
            found = self._content(path)
        except OSError as problem:
            yield BadItem(path, _why(problem))
            return
        if found is not None:
            raw, modified = found
            yield BadItem(path, self._too_large()) if raw is None else self._mail(path, raw, modified, own)

    def _content(self, path: str) -> tuple[bytes | None, int] | None:
        """What is in a regular file, None when it is too large, and when it was last written; None for a pipe or a
        device. Without Python's file object, which takes as long again. Raises OSError."""
        number = os.open(path, _FLAGS)   # opening a pipe must not wait for somebody who writes to it
        try:
            about = os.fstat(number)
            if stat.S_ISDIR(about.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(about.st_mode):
                return None
            modified = about.st_mtime_ns // 1_000_000
            return (None if about.st_size > self._most else _read_out(number, about.st_size)), modified
        finally:
            os.close(number)

    def _mail(self, where: str, raw: bytes, received_at: int, own: bool) -> FiledMail | BadItem:
        if not raw or raw.isspace():
            return BadItem(where, _("The file is empty."))
        if not _KNOWN_FIELD.match(raw) and not _KNOWN_FIELD.search(split_head(with_line_ends(raw))[0][:65_536]):
            return BadItem(where, _("This is not a mail: it has no header."))
        return raw, received_at, own, (), False

    def _too_large(self) -> str:
        return _("The mail is larger than {megabytes} MB.").format(megabytes=self._most >> 20)


def _read_out(number: int, size: int) -> bytes:
    """To the end of the file: a network's may come in pieces, and one that grows meanwhile has more than its size."""
    pieces = [os.read(number, size + 1)]
    if len(pieces[0]) == size:
        return pieces[0]
    while pieces[-1]:
        pieces.append(os.read(number, 1 << 20))
    return b"".join(pieces)


def _is_endless(path: Path | str) -> bool:
    """Pipes, sockets and devices: reading one may never end."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - as above
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _is_sent(name: str) -> bool:
    return bool(_SENT.match(name))


def _is_bare_mbox(path: Path) -> bool:
    """Thunderbird and mail servers write mbox files without an extension."""
    if path.suffix:
        return False
    try:
        with path.open("rb") as stream:
            return is_mbox(stream.readline(4_096))
    except OSError:
        return False


def _modified(path: Path, clock: Clock) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except OSError:
        return clock.now()


def _why(problem: OSError) -> str:
    return _("The file cannot be read: {reason}.").format(reason=problem.strerror or type(problem).__name__)
