"""What was said of a conversation under another id, before this desktop knew that it is the same one.

Another desktop told the hub of it under an id of its own, with its tags, whose it is and so on, and only a message
shows that both are one. What nobody said under the id that is here is taken over and told, so that the hub holds the
same under both; what was said under both stays as it is under each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workstation.inbox import states
from workstation.inbox.offering import BEGINNING, corrected, join_tags, split_tags
from workstation.store import outbox
from workstation.store.unit import Unit

_PLAIN = ("assignee", "muted", "review")
_TOGETHER = ("state", "snoozed_until", "resolved_upto")


def said_of(unit: Unit, conversation_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The columns of an id, and what people corrected of it: value by kind."""
    columns = states.read_states(unit.conn, [conversation_id]).get(conversation_id, {})
    found = unit.conn.exec_driver_sql(_CORRECTED, (conversation_id,))
    return columns, {str(kind): str(value) for kind, value in found}


def adopt(unit: Unit, home: str, columns: Mapping[str, Any], corrections: Mapping[str, str], at: int) -> dict[str, str]:
    """Say of `home` what was said of its twin. Returns the corrections that are news here."""
    before, known = said_of(unit, home)
    if before:
        states.put(unit, {home: before}, {home: _missing(before, columns)}, at)
    news = {kind: value for kind, value in corrections.items() if kind not in known}
    for _home, known_as in states.told_names(unit.conn, [home]):
        for kind, value in news.items():
            outbox.append(unit, "conversation", known_as, "set", corrected(kind, None, value), at)
    return news


def _missing(here: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of which nothing was said here and something there; tags of both."""
    found = {name: there[name] for name in _PLAIN if there[name] and not here[name]}
    if here["state"] == BEGINNING["state"] != there["state"]:
        found |= {name: there[name] for name in _TOGETHER}
    found["dismissed_at"] = max(here["dismissed_at"], there["dismissed_at"])
    found["tags"] = join_tags((*split_tags(here["tags"]), *split_tags(there["tags"])))
    return found


_CORRECTED = "SELECT kind, value FROM triage_correction WHERE conversation_id = ?"
