"""Saved views at a person's other devices. They travel in a collection of the hub that only those devices see.

A view is put as a whole, the last one to be kept counts; one that was removed stays known as gone. Two devices may have
given one name to different views: the one that was made later goes by its name and a number there, at every device.
"""

from __future__ import annotations

from collections.abc import Mapping

from workstation.domain.events import QueuesChanged
from workstation.inbox import savedviews
from workstation.inbox.model import SavedView
from workstation.store.unit import Unit

_MOST_NUMBER = 2**31


def tell_all(unit: Unit, collection: str, at: int) -> None:
    """This device became a member's: its views are theirs everywhere."""
    for view in savedviews.read(unit.conn):
        savedviews.tell(unit, collection, view, at)


def apply(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    """Another device of this person's kept or removed a view."""
    if body.get("kind") != savedviews.KIND:
        return
    if body.get("gone") is True:
        unit.conn.exec_driver_sql("DELETE FROM saved_view WHERE id = ?", (entity_id,))
    else:
        _take(unit, entity_id, body)
    unit.emit(QueuesChanged())


def _take(unit: Unit, entity_id: str, body: Mapping[str, object]) -> None:
    title, query = str(body.get("title", "")), str(body.get("query", ""))
    position = body.get("position")
    view = SavedView(entity_id, " ".join(title.split())[:savedviews.LONGEST_TITLE], query[:savedviews.LONGEST_QUERY],
                     position if isinstance(position, int) and 0 <= position < _MOST_NUMBER else 0)
    if not view.title or not view.title.isprintable() or not view.query or not entity_id:
        return
    others = [each for each in savedviews.read(unit.conn) if each.id != entity_id]
    if len(others) >= savedviews.MOST_VIEWS:
        return
    same = next((each for each in others if each.title.casefold() == view.title.casefold()), None)
    if same is None:
        savedviews.put(unit.conn, view, view.title)
        return
    first, later = sorted((view, same), key=lambda each: each.id)     # ids are made in the order of time
    taken = {each.title.casefold() for each in others} | {view.title.casefold()}
    savedviews.put(unit.conn, later, _numbered(later.title, taken))
    savedviews.put(unit.conn, first, first.title)


def _numbered(title: str, taken: set[str]) -> str:
    number = 2
    while f"{title} {number}".casefold() in taken:
        number += 1
    return f"{title} {number}"
