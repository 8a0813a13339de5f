"""Which Signal announces which event, and how a burst of events becomes a few."""

from __future__ import annotations

from collections.abc import Iterable

from workstation.domain.events import (
    AccountsChanged,
    AccountStatusChanged,
    BinderChanged,
    ChecksChanged,
    ClockNearing,
    ConnectivityChanged,
    ConversationsChanged,
    CustomersChanged,
    DeliveryChanged,
    DraftSaved,
    EnginesChanged,
    EvidenceSealed,
    IndexChanged,
    JobChanged,
    MembersChanged,
    MessageArrived,
    OrdersChanged,
    PictureRead,
    PlaybookChanged,
    PresenceChanged,
    ProblemsChanged,
    QueuesChanged,
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
    QueuesChanged: "queues_changed",
    MembersChanged: "members_changed",
    PresenceChanged: "presence_changed",
    CustomersChanged: "customers_changed",
    ClockNearing: "clock_nearing",
    IndexChanged: "index_changed",
    PictureRead: "picture_read",
    BinderChanged: "binder_changed",
    PlaybookChanged: "playbook_changed",
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
        case ConversationsChanged() | OrdersChanged() | CustomersChanged() | ConnectivityChanged() | IndexChanged():
            return type(event)
        case JobChanged(job_id=name) | AccountStatusChanged(account_id=name) | DeliveryChanged(outgoing_id=name):
            return type(event), name
        case DraftSaved(conversation_id=name) | PresenceChanged(conversation_id=name):
            return type(event), name
        case ClockNearing(last=last):
            return type(event), last
        case _:
            return event


def _join(earlier: Event, later: Event) -> Event:
    match earlier, later:
        case ConversationsChanged(ids=before), ConversationsChanged(ids=after):
            told = earlier.elsewhere or later.elsewhere
            return ConversationsChanged(tuple(dict.fromkeys((*before, *after))), told)
        case ClockNearing(ids=before), ClockNearing(ids=after, last=last):
            return ClockNearing(tuple(dict.fromkeys((*before, *after))), last)
        case CustomersChanged(ids=before), CustomersChanged(ids=after):
            return CustomersChanged(tuple(dict.fromkeys((*before, *after))))
        case OrdersChanged(ids=before), OrdersChanged(ids=after):
            return OrdersChanged(tuple(dict.fromkeys((*before, *after))))
        case _:
            return later
