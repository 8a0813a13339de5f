"""What desktops tell each other over a hub: every collection, and the feature that makes base rows of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from workstation.customers import repo as customer_links
from workstation.customers.service import CustomersService
from workstation.inbox import deliveries
from workstation.inbox.assigning import ASSIGNED, READERS, Assigning
from workstation.inbox.assignment_rules import COLLECTION as RULES
from workstation.inbox.offering import PLACEMENT
from workstation.inbox.shared import SharedInbox, held_message
from workstation.store import outbox
from workstation.sync import repo
from workstation.sync.collections import MirrorCollection, overlay
from workstation.team import repo as members


def team_collections(customers: CustomersService) -> tuple[MirrorCollection, ...]:
    """Who works here, and what people said of customers."""
    return (MirrorCollection(members.COLLECTION, members.apply),
            MirrorCollection(customer_links.COLLECTION, customers.apply))


def inbox_collections(shared: SharedInbox) -> tuple[MirrorCollection, ...]:
    """Conversations, their messages, where each message was put, and what became of replies."""
    return (
        MirrorCollection("conversation", shared.apply_conversation),
        MirrorCollection("message", shared.apply_message, held_message),
        MirrorCollection(PLACEMENT, shared.apply_placement),
        MirrorCollection(deliveries.COLLECTION, shared.apply_delivery),
    )


def assigning_collections(assigning: Assigning) -> tuple[MirrorCollection, ...]:
    """The rules, what they decided, and who reads which mailbox."""
    return (MirrorCollection(RULES, assigning.apply_rule), MirrorCollection(ASSIGNED, assigning.apply),
            MirrorCollection(READERS, assigning.apply_reader))


def told(connection: Connection, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Fulfils `inbox.agreeing.Told`: the conversations the hub holds, what waits in the outbox laid over them."""
    found = {}
    for each in ids:
        body = repo.kept_body(connection, "conversation", each)
        if body is not None:
            waiting = outbox.pending_of(connection, "conversation", each)
            found[each] = json.loads(overlay(body, waiting))
    return found


def heard(connection: Connection, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Fulfils `inbox.deliveries.Heard` with the bodies that sync keeps."""
    return [json.loads(body) for body in repo.kept_bodies(connection, deliveries.COLLECTION, ids)]
