"""A LibreTranslate-compatible server on loopback: its answers, its refusals, and its silence."""

from __future__ import annotations

import httpx
import pytest
import respx

from workstation.kernel.errors import AuthFailed, BadAnswer, InputError, Offline, Refused, TimedOut
from workstation.translation.http_engine import LOOK_SECONDS, HttpEngine, checked_address
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


@pytest.mark.parametrize("address", [
    "http://127.0.0.1:5000/", "http://localhost:5000", "http://[::1]:5000", "https://translate.example",
])
def test_addresses_that_keep_words_private(address: str) -> None:
    assert checked_address(f" {address} ") == address.rstrip("/")


@pytest.mark.parametrize("address", [
    "", "translate.example", "ftp://127.0.0.1", "http://translate.example", "http://192.0.2.1:5000",
    "https://user:key@translate.example", "https://translate.example/?api_key=k", "http://127.0.0.1:port", "http://[",
    "http://127.0.0.1.example",
])
def test_addresses_that_do_not(address: str) -> None:
    with pytest.raises(InputError):
        checked_address(address)


@respx.mock
async def test_a_server_is_asked_for_its_pairs_once_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    route = respx.get(f"{BASE}/languages").mock(side_effect=[
        httpx.ConnectError("no"), httpx.Response(200, json=[{"code": "en", "targets": ["ja"]}])])
    async with httpx.AsyncClient() as client:
        engine = HttpEngine(client, BASE)
        assert not await engine.look()
        assert not await engine.look()
        assert route.call_count == 1
        monkeypatch.setattr(engine, "_looked_at", engine._looked_at - LOOK_SECONDS)
        assert await engine.look()
        assert engine.pairs() == (Engine("http", "en", "ja"),)
