"""One question over HTTP: bounded, not redirected, and failing in our own words, against a real socket."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
from pydantic import BaseModel

from workstation.connectors.http import make_client, post_json
from workstation.connectors.shapes import parse
from workstation.connectors.simulated.server import LoopbackServer, Response
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, Offline, Refused, TimedOut


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    client = make_client()
    yield client
    await client.aclose()


@contextmanager
def serving(response: Response) -> Iterator[LoopbackServer]:
    server = LoopbackServer(lambda question: response)
    server.start()
    yield server
    server.stop()


async def ask(client: httpx.AsyncClient, server: LoopbackServer, largest: int = 1_000) -> bytes:
    reply = await post_json(client, "shop", server.origin + "/q?secret=1", {"a": 1}, {"X-Key": "k"}, largest)
    return reply.body


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (Response(401, {}), AuthFailed),
        (Response(403, {}), AuthFailed),
        (Response(429, {}), Refused),
        (Response(404, {}), Refused),
        (Response(500, {}), BadAnswer),
        (Response(302, {}), BadAnswer),
        (Response(504, {}), TimedOut),
        (Response(200, "x" * 2_000), BadAnswer),
    ],
)
async def test_every_failure_has_its_name(
    client: httpx.AsyncClient,
    response: Response,
    kind: type[ConnectError],
) -> None:
    with serving(response) as server, pytest.raises(kind) as caught:
        await ask(client, server)
    assert type(caught.value) is kind
    assert caught.value.sentence.startswith("shop")
    assert caught.value.remedy


async def test_silence_is_a_time_out(client: httpx.AsyncClient) -> None:
    client.timeout = httpx.Timeout(0.2)
    with serving(Response(hang=True)) as server, pytest.raises(TimedOut):
        await ask(client, server)


async def test_a_cut_line_is_offline_and_comes_back(client: httpx.AsyncClient) -> None:
    with serving(Response(200, {"b": 2})) as server:
        assert await ask(client, server) == b'{"b": 2}'
        server.cut()
        with pytest.raises(ConnectError):
            await ask(client, server)
        with pytest.raises(Offline):
            await ask(client, server)
        server.restore()
        assert await ask(client, server) == b'{"b": 2}'
        assert server.requests.total() == 2


async def test_half_an_answer_is_no_answer(client: httpx.AsyncClient) -> None:
    with _one_shot(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{") as url, pytest.raises(BadAnswer):
        await post_json(client, "shop", url, {}, {})


async def test_the_trace_holds_no_secret(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "workstation"), serving(Response(200, {})) as server:
        await ask(client, server)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("workstation"))
    assert "POST 127.0.0.1/q 200" in ours
    assert "secret" not in ours


def test_a_changed_shape_names_its_place() -> None:
    class Wire(BaseModel):
        number: int

    with pytest.raises(BadAnswer, match=r"number"):
        parse(Wire, b'{"number": "x@y.example"}', "shop")
    with pytest.raises(BadAnswer) as caught:
        parse(Wire, b"<html>", "shop")
    assert "html" not in str(caught.value)


@contextmanager
def _one_shot(content: bytes) -> Iterator[str]:
    """A server that answers one question with these bytes and closes."""
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _peer = listener.accept()
        connection.recv(65536)
        connection.sendall(content)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    thread.join(5)
    listener.close()
