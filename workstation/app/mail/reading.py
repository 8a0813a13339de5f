"""The reading process as a mailbox's thread sees it: started for a long batch, killed when it hangs, gone when idle.

A handful of mails is read here and now: starting a process takes as long as reading five hundred. A longer batch is a
backlog, and what nobody waits for is told of it later (`worker.read`).
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

from workstation.app.mail import frames
from workstation.app.mail.worker import read
from workstation.inbox.ports import FiledMail, RawMail
from workstation.inbox.prepared import PreparedMail, from_plain
from workstation.inbox.preparing import stand_in
from workstation.kernel.i18n import language
from workstation.translation.detector import Detector

log = logging.getLogger(__name__)
COUNT = min(2, os.cpu_count() or 1)
"""Processes: reading costs twice what storing costs."""
FEW = 30
"""Up to so many mails are read in this process."""
BATCH_SECONDS, MAIL_SECONDS = 60.0, 10.0
"""How long a batch, and then each of its mails alone, may take before the process is killed."""
START_SECONDS = 30.0
"""How long a process may take to begin, on a machine that has much else to do."""
IDLE_SECONDS = 30.0
_PACKAGE_ROOT = str(Path(__file__).resolve().parents[3])


def worker_command() -> list[str]:
    """How to start the process, from a checkout and from the frozen program alike."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", "mail"]
    return [sys.executable, "-m", "workstation.app.mail.worker"]


class Unstarted(Exception):
    """No process could be had: what it should have read is read in this one."""


class Reading:
    """Fulfils `inbox.ports.MailReader`. May be used from any thread; at most `count` batches are read at a time, each
    in a process of its own, or one after the other in this one when `count` is 0."""

    def __init__(
        self, command: Sequence[str] | None = None, few: int = FEW, seconds: float = BATCH_SECONDS,
        mail_seconds: float = MAIL_SECONDS, count: int | None = None,
    ) -> None:
        count = COUNT if count is None else count
        self._few = few
        self._seconds = seconds
        self._mail_seconds = mail_seconds
        self._processes = [_Process(list(command or worker_command())) for _number in range(count)]
        self._free: queue.SimpleQueue[_Process] = queue.SimpleQueue()
        for process in self._processes:
            self._free.put(process)
        self._threads = ThreadPoolExecutor(max(1, count), thread_name_prefix="mail-reading")
        self._detector = Detector()

    @property
    def pids(self) -> tuple[int, ...]:
        """Of the processes that run now."""
        return tuple(process.pid for process in self._processes if process.pid)

    def submit(self, mails: Sequence[RawMail | FiledMail]) -> Future[list[PreparedMail]]:
        try:
            return self._threads.submit(self._read, list(mails))
        except RuntimeError as closing:
            raise InterruptedError("the core is closing") from closing

    def shutdown(self) -> None:
        """End the processes; batches that wait are dropped. Blocks for a moment."""
        for process in self._processes:
            process.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.end()

    def _read(self, mails: list[RawMail | FiledMail]) -> list[PreparedMail]:
        if len(mails) <= self._few:
            return [read(mail, self._detector) for mail in mails]
        if not self._processes:
            return [read(mail, None) for mail in mails]
        process = self._free.get()
        try:
            return process.ask(mails, self._seconds)
        except Unstarted:
            log.warning("no process to read mail in could be started; it is read in this one")
            return [read(mail, None) for mail in mails]
        except frames.Ended:
            log.warning("a batch of mail could not be read in one go; its mails are read one by one")
            return [self._alone(process, mail) for mail in mails]
        finally:
            process.rest_later()
            self._free.put(process)

    def _alone(self, process: _Process, mail: RawMail | FiledMail) -> PreparedMail:
        """A mail that ends the process, or takes too long, is kept by its source."""
        try:
            return process.ask([mail], self._mail_seconds)[0]
        except Unstarted:
            return read(mail, None)
        except frames.Ended:
            return stand_in(mail[0], mail[1], mail[2], "timeout")


class _Process:
    """One reading process that comes and goes; one request at a time."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: threading.Timer | None = None
        self._turn = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int:
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def ask(self, mails: Sequence[RawMail | FiledMail], seconds: float) -> list[PreparedMail]:
        """Raises frames.Ended when the process died over it or took longer, Unstarted when there is none,
        InterruptedError after `close`."""
        with self._turn:
            if self._closed:
                raise InterruptedError("the core is closing")
            process = self._running()
            late = threading.Timer(seconds, process.kill)
            late.daemon = True
            late.start()
            try:
                frames.send(cast(BinaryIO, process.stdin), (language(), list(mails)))
                found = list(map(from_plain, frames.receive(cast(BinaryIO, process.stdout))))
                if len(found) != len(mails):
                    raise frames.Ended
                return found
            except (frames.Ended, TypeError, ValueError, IndexError) as problem:
                self._stop()
                raise frames.Ended from problem
            finally:
                late.cancel()

    def close(self) -> None:
        """Break off what runs; nothing begins any more."""
        self._closed = True
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        with self._turn:
            self._stop()

    def rest_later(self) -> None:
        """Give the memory back after a quiet while."""
        if self._idle is not None:
            self._idle.cancel()
        if not self._closed:
            self._idle = threading.Timer(IDLE_SECONDS, self._rest)
            self._idle.daemon = True
            self._idle.start()

    def _rest(self) -> None:
        if self._turn.acquire(blocking=False):
            try:
                self._stop()
            finally:
                self._turn.release()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            paths = [_PACKAGE_ROOT, os.environ.get("PYTHONPATH", "")]
            around = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=around, creationflags=_quiet())
            except OSError as problem:
                raise Unstarted from problem
            self._await_beginning(self._process)
        return self._process

    def _await_beginning(self, process: subprocess.Popen[bytes]) -> None:
        """Until it says that it is there. Raises Unstarted, InterruptedError after `close`."""
        late = threading.Timer(START_SECONDS, process.kill)
        late.daemon = True
        late.start()
        try:
            frames.receive(cast(BinaryIO, process.stdout))
        except frames.Ended as problem:
            self._stop()
            if self._closed:
                raise InterruptedError("the core is closing") from problem
            raise Unstarted from problem
        finally:
            late.cancel()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        process.kill()
        process.wait()


def _quiet() -> int:
    """Windows opens a console for a process that does not say it needs none."""
    if sys.platform != "win32":
        return 0
    return subprocess.CREATE_NO_WINDOW
