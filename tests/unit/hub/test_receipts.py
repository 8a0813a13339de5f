"""Every event is applied once and receipted for ever; one that cannot be applied stops no other."""

from __future__ import annotations

import json
from typing import Any

import httpx
import rfc8785

from tests.support.hub import HubHouse
from workstation.kernel.ids import new_id
from workstation.store.outbox import request_hash


def event(collection: str, entity_id: str, kind: str, body: dict[str, Any], event_id: str = "") -> dict[str, str]:
    text = rfc8785.dumps(body).decode()
    return {"event_id": event_id or new_id(), "collection": collection, "entity_id": entity_id, "kind": kind,
            "body": text, "request_hash": request_hash(collection, entity_id, kind, text)}


def push(device: httpx.Client, *events: Any) -> list[dict[str, Any]]:
    answer = device.post("/events", content=json.dumps({"events": list(events)}))
    assert answer.status_code == 200, answer.text
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


def test_the_same_event_again_gets_the_same_receipt_and_has_one_effect(device: httpx.Client, hub: HubHouse) -> None:
    sent = event("evidence", "r1", "append", {"a": 1})
    first = push(device, sent)
    hub.restart()
    assert push(device, sent) == first
    assert push(device, sent, sent) == [*first, *first]
    assert hub.rows("SELECT count(*) FROM change") == [(1,)]
    assert hub.rows("SELECT event_id, request_hash FROM receipt") == [(sent["event_id"], sent["request_hash"])]


def test_the_same_id_with_other_content_is_refused_and_changes_nothing(device: httpx.Client, hub: HubHouse) -> None:
    sent = event("note", "n1", "put", {"text": "one"})
    (first,) = push(device, sent)
    forged = event("note", "n1", "put", {"text": "two"}, sent["event_id"])
    (refused,) = push(device, forged)
    assert (refused["status"], "conflicting" in refused["reason"]) == ("refused", True)
    hidden = {**sent, "body": forged["body"]}  # the known hash over other content
    (refused,) = push(device, hidden)
    assert refused["status"] == "refused"
    assert push(device, sent) == [first]
    assert hub.entities("note") == {"n1": {"text": "one"}}


POISON: tuple[dict[str, Any], ...] = (
    {"kind": "delete"}, {"body": "{}x"}, {"body": "[1]"}, {"body": '{"b":1,"a":1}'}, {"body": '{"a": 1}'},
    {"body": "[" * 100_000}, {"body": '{"a":1e400}'}, {"body": '{"a":9007199254740993}'}, {"body": "x" * 1_000_001},
    {"request_hash": "0" * 64}, {"entity_id": ""}, {"entity_id": "a\x00b"}, {"collection": "c" * 201}, {"body": 7},
    {"collection": "conflict"}, {"event_id": None}, {"request_hash": "\ud800"}, {"event_id": "\ud800"},
    {"body": '{"a":"\ud800"}', "request_hash": "0" * 64}, {"entity_id": "\ud800", "request_hash": "0" * 64},
)


def poisoned(change: dict[str, Any]) -> dict[str, Any]:
    poison = {**event("note", "bad", "put", {"a": 1}), **change}
    if "request_hash" not in change and all(isinstance(value, str) for value in poison.values()):
        poison["request_hash"] = request_hash(*(poison[p] for p in ("collection", "entity_id", "kind", "body")))
    return poison


def test_a_poison_event_is_refused_with_a_reason_and_the_rest_go_on(device: httpx.Client, hub: HubHouse) -> None:
    for number, change in enumerate(POISON):
        good = [event("note", f"{number}-{side}", "put", {}) for side in ("before", "after")]
        receipts = push(device, good[0], poisoned(change), "no event at all", good[1])
        assert [r["status"] for r in receipts] == ["applied", "refused", "refused", "applied"], change
        assert receipts[1]["reason"]
    assert set(hub.entities("note")) == {f"{n}-{side}" for n in range(len(POISON)) for side in ("before", "after")}


def test_a_refusal_is_receipted_for_ever_too(device: httpx.Client, hub: HubHouse) -> None:
    sent = poisoned({"kind": "delete"})
    first = push(device, sent)
    hub.restart()
    assert push(device, sent) == first
    assert hub.rows("SELECT count(*) FROM receipt") == [(1,)]


def test_what_is_append_only_stays_as_it_was(device: httpx.Client, hub: HubHouse) -> None:
    (first,) = push(device, event("message", "m1", "append", {"text": "hello"}))
    (same,) = push(device, event("message", "m1", "append", {"text": "hello"}))
    assert (same["status"], same["version"]) == ("applied", first["version"])
    for kind, body in (
        ("append", {"text": "other"}), ("put", {"text": "other"}),
        ("set", {"field": "text", "old": "hello", "new": ""}),
    ):
        assert push(device, event("message", "m1", kind, body))[0]["status"] == "refused"
    assert hub.entities("message") == {"m1": {"text": "hello"}}


def test_a_field_is_set_only_when_it_still_has_the_old_value(device: httpx.Client, hub: HubHouse) -> None:
    push(device, event("conversation", "c1", "put", {"state": "open", "n": 1}))
    (won,) = push(device, event("conversation", "c1", "set", {"field": "state", "old": "open", "new": "resolved"}))
    assert won["status"] == "applied"
    (lost,) = push(device, event("conversation", "c1", "set", {"field": "state", "old": "open", "new": "snoozed"}))
    assert (lost["status"], lost["kept"], lost["lost"]) == ("conflict", '"resolved"', '"snoozed"')
    assert json.loads(lost["body"]) == {"state": "resolved", "n": 1} == hub.entities("conversation")["c1"]
    (noted,) = hub.entities("conflict").values()
    named = [noted[part] for part in ("field", "kept", "lost", "device")]
    assert named == ["state", "resolved", "snoozed", "device-1"]
    (same,) = push(device, event("conversation", "c1", "set", {"field": "state", "old": "open", "new": "resolved"}))
    assert same["status"] == "applied"  # somebody else wanted the same: nothing is lost
    (typed,) = push(device, event("conversation", "c1", "set", {"field": "n", "old": True, "new": 2}))
    assert typed["status"] == "conflict"  # true is not 1


def test_a_batch_is_bounded(device: httpx.Client) -> None:
    assert device.post("/events", json={"events": [{}] * 501}).status_code == 413
    assert device.post("/events", content=b"x" * 4_000_001).status_code == 413
    assert device.post("/events", content=b"[" * 100_000).status_code == 400
    assert device.post("/events", json={"events": "none"}).status_code == 400
    assert push(device) == []
