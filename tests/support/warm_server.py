"""The process that has imported the command line and forks itself for every command (see `tests.support.warm`).

A command gets what a process of its own gets: folder, environment, streams, a fork's own randomness, the interpreter's
own end with its exit code. Only the two seconds of imports before its first line are spared.
"""

from __future__ import annotations

import array
import gc
import importlib
import inspect
import json
import os
import re
import selectors
import signal
import socket
import sys
import time
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from typing import Any

from workstation.app import services
from workstation.commands.tree import NOUNS

MOST = 1 << 20       # bytes of one request
LOADED = ("workstation.cli", "workstation.commands.root", "workstation.app.wiring", "workstation.commands.session",
          "anyio", "argon2", "httpcore", "typer._adapters", "typer.rich_utils")


def loaded() -> tuple[str, ...]:
    """What is imported before the first fork: also what commands and services load when they are first asked for."""
    later = (f"workstation.commands.{noun.module}" for noun in NOUNS.values())
    parts = re.findall(r"^        from (workstation[\w.]*) import", inspect.getsource(services), re.MULTILINE)
    return (*LOADED, *later, *parts)


def main() -> None:
    for name in loaded():
        importlib.import_module(name)
    gc.collect()
    gc.freeze()      # what is shared by all commands is never walked again
    asked = socket.socket(fileno=int(sys.argv[1]))
    request = _serve(asked)
    if request is not None:
        _become(request)


def _serve(asked: socket.socket) -> dict[str, Any] | None:
    """Fork for every request and tell each one's end. Returns the request in the forked process, None at the end."""
    ends: dict[int, tuple[int, socket.socket]] = {}
    selector = selectors.DefaultSelector()
    selector.register(asked, selectors.EVENT_READ)
    while True:
        for key, _events in selector.select():
            if key.fileobj is not asked:
                selector.unregister(key.fd)
                _tell_end(key.fd, *ends.pop(key.fd))
                continue
            message, descriptors = _receive(asked)
            if not message:
                return None
            *streams, answer = descriptors
            heard = socket.socket(fileno=answer)
            pid = os.fork()
            if pid == 0:
                selector.close()
                asked.close()
                heard.close()
                for descriptor, (_pid, other) in ends.items():
                    os.close(descriptor)
                    other.close()
                return {**json.loads(message), "streams": streams}
            for stream in streams:
                os.close(stream)
            heard.sendall(pid.to_bytes(8, "big"))
            descriptor = os.pidfd_open(pid)
            ends[descriptor] = (pid, heard)
            selector.register(descriptor, selectors.EVENT_READ)


def _receive(asked: socket.socket) -> tuple[bytes, list[int]]:
    descriptors = array.array("i")
    message, rights, _flags, _address = asked.recvmsg(MOST, socket.CMSG_LEN(4 * descriptors.itemsize))
    for _level, _kind, data in rights:
        descriptors.frombytes(data)
    return message, list(descriptors)


def _tell_end(descriptor: int, pid: int, heard: socket.socket) -> None:
    _pid, status = os.waitpid(pid, 0)
    os.close(descriptor)
    try:
        heard.sendall((os.waitstatus_to_exitcode(status) + 1000).to_bytes(8, "big"))
    except BrokenPipeError:
        return       # whoever asked does not wait any more
    finally:
        heard.close()


def _become(request: dict[str, Any]) -> None:
    """This process is the command now, as if it had been started with it."""
    sys.stdin.close()
    for number, stream in enumerate(request["streams"]):
        os.dup2(stream, number)
        os.close(stream)
    for name, number, errors in (("stdin", 0, "strict"), ("stdout", 1, "strict"), ("stderr", 2, "backslashreplace")):
        stream = FileIO(number, "w" if number else "r", closefd=False)
        whole = BufferedWriter(stream) if number else BufferedReader(stream)
        made = TextIOWrapper(whole, "utf-8", errors, line_buffering=number == 2)
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from workstation import cli

    sys.argv = [cli.__file__, *request["arguments"]]
    cli.run()


if __name__ == "__main__":
    main()
