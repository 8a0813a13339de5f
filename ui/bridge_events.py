"""Which Signal announces which event, and how a burst of events becomes a few."""

from __future__ import annotations

from collections.abc import Iterable

from workstation.domain.events import (
    AccountsChanged,
    AccountStatusChanged,
    ChecksChanged,
    ConnectivityChanged,
    ConversationsChanged,
    DeliveryChanged,
    DraftSaved,
    EnginesChanged,
    EvidenceSealed,
    JobChanged,
    MessageArrived,
    OrdersChanged,
    ProblemsChanged,
    SyncChanged,
    TranslationStored,
)
from workstation.kernel.events import Event

SIGNALS: dict[type[Event], str] = {
    ConversationsChanged: "conversations_changed",
    MessageArrived: "message_arrived",
    DraftSaved: "draft_saved",
    DeliveryChanged: "delivery_changed",
    ChecksChanged: "checks_changed",
    OrdersChanged: "orders_changed",
    EvidenceSealed: "evidence_sealed",
    AccountsChanged: "accounts_changed",
    AccountStatusChanged: "account_status_changed",
    ConnectivityChanged: "connectivity_changed",
    SyncChanged: "sync_changed",
    TranslationStored: "translation_stored",
    EnginesChanged: "engines_changed",
    JobChanged: "job_changed",
    ProblemsChanged: "problems_changed",
}


def merge(events: Iterable[Event]) -> list[Event]:
    """The same news in fewer words, in order of first appearance: id sets are joined, repeated news is told once,
    and of a job, a mailbox, a reply or the network only the newest state counts."""
    merged: dict[object, Event] = {}
    for event in events:
        key = _key(event)
        earlier = merged.get(key)
        merged[key] = event if earlier is None else _join(earlier, event)
    return list(merged.values())


def _key(event: Event) -> object:
    match event:
        case ConversationsChanged() | OrdersChanged() | ConnectivityChanged():
            return type(event)
        case JobChanged(job_id=name) | AccountStatusChanged(account_id=name) | DeliveryChanged(outgoing_id=name):
            return type(event), name
        case DraftSaved(conversation_id=name):
            return type(event), name
        case _:
            return event


def _join(earlier: Event, later: Event) -> Event:
    match earlier, later:
        case ConversationsChanged(ids=before), ConversationsChanged(ids=after):
            return ConversationsChanged(tuple(dict.fromkeys((*before, *after))))
        case OrdersChanged(ids=before), OrdersChanged(ids=after):
            return OrdersChanged(tuple(dict.fromkeys((*before, *after))))
        case _:
            return later
