"""A bad network in one process: an asyncio TCP proxy that cuts, delays, duplicates, truncates, loses replies, refuses.

Faults are chosen by the test and apply to the next connections; the proxy never looks into what passes through.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from dataclasses import dataclass

_PIECE = 16_384


@dataclass(frozen=True)
class Fault:
    """What happens to one connection.

    `refuse`: reset at once. `cut_up`: reset after so many bytes of the request. `lose_reply`: the request passes, the
    answer is thrown away and the connection reset. `truncate`: only so many bytes of the answer, then an orderly end.
    `delay`: seconds before each piece. `duplicate`: the whole request is sent to the server a second time on another
    connection, whose answer nobody reads.
    """

    refuse: bool = False
    cut_up: int | None = None
    lose_reply: bool = False
    truncate: int | None = None
    delay: float = 0.0
    duplicate: bool = False


CLEAN = Fault()


class Proxy:
    """Listens on a free loopback port in front of `target`. One fault is used up by each new connection."""

    def __init__(self, target: str) -> None:
        host, port = target.rsplit("/", 1)[1].split(":")
        self._target = (host, int(port))
        self._faults: deque[Fault] = deque()
        self.always: Fault = CLEAN
        self.connections = 0
        self.bytes_up = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def next(self, *faults: Fault) -> None:
        self._faults.extend(faults)

    def forgive(self) -> None:
        """No more faults."""
        self._faults.clear()

    async def __aenter__(self) -> Proxy:
        if self._server is not None:
            return self
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_problem: object) -> None:
        await self.unplug()

    async def unplug(self) -> None:
        """Pull the cable: the port refuses, what was open is reset."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def plug_in(self) -> None:
        await self.__aenter__()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        fault = self._faults.popleft() if self._faults else self.always
        task = asyncio.ensure_future(self._serve(fault, reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, fault: Fault, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if fault.refuse:
                return _reset(writer)
            up_reader, up_writer = await asyncio.open_connection(*self._target)
            try:
                await self._relay(fault, (reader, writer), (up_reader, up_writer))
            finally:
                up_writer.close()
        except OSError:
            _reset(writer)
        finally:
            writer.close()
        return None

    async def _relay(
        self, fault: Fault, down: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        up: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        seen = bytearray()
        ways = [
            asyncio.ensure_future(_pump(down[0], up[1], fault.cut_up, fault.delay, seen)),
            asyncio.ensure_future(_answers(up[0], down[1], fault)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if fault.duplicate:
                await self._again(bytes(seen))
        finally:
            self.bytes_up += len(seen)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        if fault.cut_up is not None or fault.lose_reply:
            _reset(down[1])

    async def _again(self, request: bytes) -> None:
        reader, writer = await asyncio.open_connection(*self._target)
        writer.write(request)
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(reader.read(_PIECE), 2)
        writer.close()


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: int | None, delay: float, seen: bytearray
) -> None:
    while piece := await reader.read(_PIECE):
        if delay:
            await asyncio.sleep(delay)
        room = len(piece) if most is None else most - len(seen)
        seen += piece
        writer.write(piece[:max(0, room)])
        await writer.drain()
        if most is not None and len(seen) >= most:
            await asyncio.sleep(0.05)  # let what passed arrive before the reset
            return


async def _answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault) -> None:
    passed = 0
    while piece := await reader.read(_PIECE):
        if fault.lose_reply:
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        room = len(piece) if fault.truncate is None else fault.truncate - passed
        passed += len(piece)
        writer.write(piece[:max(0, room)])
        await writer.drain()
        if fault.truncate is not None and passed >= fault.truncate:
            return


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST, as a dying network does, not with an orderly end."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
