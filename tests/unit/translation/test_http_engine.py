"""A LibreTranslate-compatible server on loopback: its answers, its refusals, and its silence."""

from __future__ import annotations

import httpx
import pytest
import respx

from workstation.kernel.errors import AuthFailed, BadAnswer, Offline, Refused, TimedOut
from workstation.translation.http_engine import HttpEngine
from workstation.translation.model import Engine

BASE = "http://127.0.0.1:5000"


@respx.mock
async def test_pairs_and_translations() -> None:
    respx.get(f"{BASE}/languages").respond(json=[{"code": "en", "name": "English", "targets": ["en", "ja"]}])
    route = respx.post(f"{BASE}/translate").respond(json={"translatedText": ["一", "二"]})
    async with httpx.AsyncClient() as client:
        engine = HttpEngine(client, BASE + "/", "k")
        assert engine.pairs() == ()
        assert await engine.refresh() == (Engine("http", "en", "ja"),) == engine.pairs()
        assert await engine.translate(["one", "two"], "en", "ja") == ("一", "二")
    assert b'"api_key":"k"' in route.calls[0].request.content.replace(b" ", b"")


@pytest.mark.parametrize(("answer", "error"), [
    (httpx.Response(403), AuthFailed), (httpx.Response(400), Refused), (httpx.Response(200, text="<html>"), BadAnswer),
    (httpx.Response(200, json={"translatedText": ["one"]}), BadAnswer), (httpx.Response(200, json=[]), BadAnswer),
    (httpx.ConnectError("no"), Offline), (httpx.ReadTimeout("slow"), TimedOut),
])
@respx.mock
async def test_every_failure_has_its_name(answer: httpx.Response | Exception, error: type[Exception]) -> None:
    respx.post(f"{BASE}/translate").mock(side_effect=[answer])
    async with httpx.AsyncClient() as client:
        with pytest.raises(error):
            await HttpEngine(client, BASE).translate(["one", "two"], "en", "ja")


@respx.mock
async def test_a_server_that_changed_shape_has_no_pairs() -> None:
    respx.get(f"{BASE}/languages").respond(json={"languages": []})
    async with httpx.AsyncClient() as client:
        engine = HttpEngine(client, BASE)
        with pytest.raises(BadAnswer):
            await engine.refresh()
        assert engine.pairs() == ()
