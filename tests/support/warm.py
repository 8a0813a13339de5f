"""Commands without the wait for their imports: each is a process of its own, forked from one that has imported the
command line already. A suite that starts four hundred commands is two thirds faster with it.

What is about the start of a process itself, what is killed or traced, and what needs another interpreter's settings
starts a cold process (`Cli.command`).
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from io import FileIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COLD = ("PYTHON", "LANG", "LC_", "MALLOC", "LD_")    # what an interpreter reads before its first line


def can_take(environment: Mapping[str, str]) -> bool:
    """Whether a forked command would be what a started one is: both were born with the same settings."""
    def born(around: Mapping[str, str]) -> dict[str, str]:
        return {name: value for name, value in around.items() if name.startswith(COLD) and name != "LANGUAGE"}

    return hasattr(os, "pidfd_open") and born(environment) == born(_around())


def run(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], stdin: bytes, timeout: float
) -> tuple[int, bytes, bytes]:
    """A command's exit code (negative: the signal that ended it), its stdout and its stderr. `timeout`: seconds until
    it is killed and TimeoutExpired raised."""
    with ExitStack() as stack:
        given = stack.enter_context(tempfile.TemporaryFile())
        given.write(stdin)
        given.seek(0)
        (out, out_there), (err, err_there) = _pipe(), _pipe()
        ended, ended_there = socket.socketpair()
        theirs = (given, out_there, err_there, ended_there)
        for each in (out, err, ended, *theirs):
            stack.enter_context(each)
        request = {"arguments": list(arguments), "folder": str(folder), "environment": dict(environment)}
        socket.send_fds(_server(), [json.dumps(request).encode()], [each.fileno() for each in theirs])
        for each in theirs:
            each.close()
        pid = _number(ended)
        return _follow(pid, ended, {out.fileno(): bytearray(), err.fileno(): bytearray()}, timeout)


def _pipe() -> tuple[FileIO, FileIO]:
    read, write = os.pipe()
    return FileIO(read), FileIO(write, "w")


def _follow(pid: int, ended: socket.socket, said: dict[int, bytearray], timeout: float) -> tuple[int, bytes, bytes]:
    """Hear both streams to their ends, then how it ended."""
    deadline = time.monotonic() + timeout
    with selectors.DefaultSelector() as selector:
        for stream in said:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(pid, 9)
                raise subprocess.TimeoutExpired("a command", timeout)
            for key, _events in ready:
                piece = os.read(key.fd, 1 << 16)
                said[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
    ended.settimeout(max(0.1, deadline - time.monotonic()))
    code = _number(ended) - 1000
    out, err = said.values()
    return code, bytes(out), bytes(err)


def _number(ended: socket.socket) -> int:
    told = ended.recv(8)
    assert len(told) == 8, "the process that forks for commands is gone"
    return int.from_bytes(told, "big")


def _around() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


@cache
def _server() -> socket.socket:
    """The process to ask, started at the first command of this run. It ends when this socket is closed: with us."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with there:
        process = subprocess.Popen([sys.executable, "-m", "tests.support.warm_server", str(there.fileno())],
                                   pass_fds=[there.fileno()], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, env=_around())
    process.returncode = 0   # nobody waits for it
    atexit.register(here.close)
    return here
