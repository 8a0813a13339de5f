"""A small HTTP server on loopback that can be cut off, for the simulated shop and carrier of the demo and the tests."""

from __future__ import annotations

import json
import socket
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
_LARGEST = 1024 * 1024
_HANG = 30.0


@dataclass(frozen=True, slots=True)
class Question:
    """A POST as it came: path without query, headers in lower case, decoded JSON."""

    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Response:
    """What to answer. `hang`: say nothing until the server stops, so that the asker gives up."""

    status: int = 200
    body: Any = None
    hang: bool = False


class LoopbackServer:
    """Answers JSON questions with `answer`, on a thread of its own. The port stays over `cut` and `restore`."""

    def __init__(self, answer: Callable[[Question], Response]) -> None:
        self._answer = answer
        self._port = 0
        self._server: _Server | None = None
        self._released = threading.Event()
        self.requests: Counter[str] = Counter()

    @property
    def origin(self) -> str:
        """"http://127.0.0.1:port"; known after `start`."""
        return f"http://{HOST}:{self._port}"

    def start(self) -> None:
        self._released.clear()
        self._server = _Server((HOST, self._port), self._handle)
        self._port = self._server.server_address[1]

    def stop(self) -> None:
        """Close the port and every connection, and wait for the thread. Safe to call twice."""
        self._released.set()
        server, self._server = self._server, None
        if server is not None:
            server.end()

    cut = stop
    """Refuse connections from now on, as a pulled cable would."""

    restore = start

    def _handle(self, question: Question) -> Response:
        self.requests[question.path] += 1
        response = self._answer(question)
        if response.hang:
            self._released.wait(_HANG)
        return response


class Simulated(ABC):
    """A service of somebody else's that runs here: its address, its switch, its cable, and how often it was asked."""

    def __init__(self) -> None:
        self._server = LoopbackServer(self._answer)
        self.start, self.stop = self._server.start, self._server.stop
        self.cut, self.restore = self._server.cut, self._server.restore

    @property
    def origin(self) -> str:
        return self._server.origin

    @property
    def requests(self) -> int:
        return self._server.requests.total()

    @abstractmethod
    def _answer(self, question: Question) -> Response:
        """Runs on the server's thread."""


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that cutting it also ends those kept alive."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handle: Callable[[Question], Response]) -> None:
        self.handle_question = handle
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        super().__init__(address, _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="simulated", daemon=True)
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The asker went away: nothing to say."""

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        with self._guard:
            connections = tuple(self._open)
        for connection in connections:
            self.shutdown_request(connection)
        self._thread.join(5)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        if length > _LARGEST:
            self._reply(Response(413, {}))
            return
        try:
            body = json.loads(self.rfile.read(length))
        except ValueError:
            self._reply(Response(400, {}))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._reply(self.server.handle_question(Question(self.path.partition("?")[0], headers, body)))

    def _reply(self, response: Response) -> None:
        if response.hang:
            self.close_connection = True
            return
        content = json.dumps(response.body, ensure_ascii=False).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (named by the base class)
        """Nothing: buyers' order numbers do not belong on a terminal."""
