"""Whose this desk is: what follows when a hub says that this device is one of a person's."""

from __future__ import annotations

from workstation.inbox import sharedviews
from workstation.inbox.handing_on import hand_on
from workstation.kernel.clock import Clock
from workstation.store.database import Database
from workstation.store.unit import Unit
from workstation.team.membership import PRIVATE, Membership


def membership(database: Database, device_id: str, clock: Clock) -> Membership:
    """What was the device's is the person's: conversations, rules, saved views."""
    member = Membership(database, device_id, clock)

    def conversations(unit: Unit, was: str, now: str) -> None:
        if was == device_id and now != device_id:
            hand_on(unit, was, now, clock.now())

    def views(unit: Unit, _was: str, now: str) -> None:
        sharedviews.tell_all(unit, PRIVATE + now, clock.now())

    member.when_joined(conversations, views)
    return member
