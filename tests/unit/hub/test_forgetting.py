"""The hub keeps of an erased message its place and its time; whoever tells of it later gets that back; words are gone
from its file; what another device holds is not erased."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import rfc8785

from tests.support.hub import HubHouse
from workstation.kernel.ids import new_id
from workstation.store.outbox import request_hash

WORDS = "Kesselglas Wagnergasse"
STUB: dict[str, Any] = {
    "conversation_id": "c1", "direction": "in", "at": 5, "automatic": False, "message_id": "<1@x>", "subject": "",
    "text": "", "quoted": "", "original": "", "original_language": "", "author": ["", ""], "to": [], "cc": [],
    "erased": {"id": "e1", "at": 9, "rule": ""},
}
MESSAGE = {**STUB, "subject": WORDS, "text": WORDS, "author": ["lena@x.example", "Lena"]}
del MESSAGE["erased"]
CONVERSATION = {"account_id": "a", "subject": WORDS, "channel": "email", "store": "", "market": "",
                "customer_name": "Lena Kesselglas", "customer_address": "kesselglas@x.example", "state": "open"}
GONE = {**CONVERSATION, "subject": "", "customer_name": "", "customer_address": ""}


def event(collection: str, entity_id: str, kind: str, body: object) -> dict[str, str]:
    text = rfc8785.dumps(body).decode()  # type: ignore[arg-type]
    return {"event_id": new_id(), "collection": collection, "entity_id": entity_id, "kind": kind, "body": text,
            "request_hash": request_hash(collection, entity_id, kind, text)}


def push(device: httpx.Client, *events: dict[str, str]) -> list[dict[str, Any]]:
    answer = device.post("/events", json={"events": events})
    assert answer.status_code == 200
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


def erasure(**changes: object) -> dict[str, str]:
    body = {"case_id": "c1", "at": 9, "records": [], "rule": "", "messages": {"m1": STUB, "m2": STUB},
            "conversations": {"c1": GONE}, "deliveries": ["d1"], **changes}
    return event("erasure", new_id(), "append", body)


def test_what_is_erased_is_gone_and_comes_back_to_nobody(
    hub: HubHouse, enrol: Callable[[str], httpx.Client]
) -> None:
    one, away = enrol("one"), enrol("away")
    told = event("message", "m1", "append", MESSAGE)
    push(one, told, event("conversation", "c1", "new", CONVERSATION),
         event("delivery", "d1", "put", {"message_id": "<1@x>", "state": "failed", "sentence": WORDS}))
    lost = push(away, event("conversation", "c1", "new", {**CONVERSATION, "store": "other"}))[0]
    assert "Lena" in lost["body"]   # its receipt holds the entity as it was
    (done,) = push(one, erasure())
    assert done["status"] == "applied"
    content = b"".join(path.read_bytes() for path in hub.folder.rglob("*") if path.is_file())
    assert not [word for word in (*WORDS.split(), "kesselglas@x") if word.encode() in content]
    late, repeated = push(away, event("message", "m2", "append", MESSAGE), told)
    assert (late["status"], json.loads(late["body"])) == ("conflict", STUB)
    assert repeated["status"] == "applied"   # the very event that was taken before
    assert hub.entities("message") == {"m1": STUB, "m2": STUB}
    assert hub.entities("conversation")["c1"]["customer_name"] == ""
    assert hub.entities("delivery")["d1"] == {"message_id": "<1@x>", "state": "failed", "sentence": ""}
    assert WORDS.split(maxsplit=1)[0].encode() not in (hub.folder / "hub.db").read_bytes()


def test_an_erasure_with_words_in_it_is_refused(hub: HubHouse, device: httpx.Client) -> None:
    push(device, event("message", "m1", "append", MESSAGE))
    odd = [
        erasure(messages={"m1": {**STUB, "text": "new words"}}),
        erasure(messages={"m1": {**STUB, "to": [["a@b", ""]]}}),
        erasure(messages={"m1": MESSAGE}), erasure(messages=["m1"]), erasure(conversations={"c1": CONVERSATION}),
        erasure(deliveries="d1"), erasure(messages={f"m{n}": STUB for n in range(1_001)}),
    ]
    assert {receipt["status"] for receipt in push(device, *odd)} == {"refused"}
    assert hub.entities("message") == {"m1": MESSAGE}


def test_what_another_device_holds_is_not_erased(hub: HubHouse, enrol: Callable[[str], httpx.Client]) -> None:
    one, other = enrol("one"), enrol("other")
    push(one, event("message", "m1", "append", MESSAGE))
    push(other, event("hold", "c1/other", "put", {"laid": True, "at": 1}))
    assert push(one, erasure())[0]["status"] == "refused"
    assert push(other, erasure(messages={}))[0]["status"] == "applied"   # its own hold it knows itself
    push(other, event("hold", "c1/other", "put", {"laid": False, "at": 2}))
    assert push(one, erasure())[0]["status"] == "applied"
    assert hub.entities("message")["m1"] == STUB
