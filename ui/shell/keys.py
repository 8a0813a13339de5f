"""Keys as a person set them: kept as JSON in the setting "keys", checked for clashes before they are used."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from ui.shell.action_table import BY_ID, TABLE, WINDOW

_FORBIDDEN = (r"(?:^|[ ,])(?:Shift\+)?(?:Alt\+(?:Shift\+)?[A-Z](?![A-Za-z0-9])|Ctrl\+Alt\+|Ctrl\+Alt)")


@dataclass(frozen=True, slots=True)
class Clash:
    """Two actions that would fire on the same keys, or one whose keys begin the other's."""

    first: str
    second: str
    keys: str


def load(text: str) -> dict[str, tuple[str, ...]]:
    """The changed keys by action. What cannot be read, or names an unknown action, is left out."""
    try:
        stored = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    return {name: tuple(map(str, keys)) for name, keys in stored.items() if name in BY_ID and isinstance(keys, list)}


def dump(changed: Mapping[str, tuple[str, ...]]) -> str:
    """The text for the setting; keys that are the default are not written."""
    kept = {name: list(keys) for name, keys in sorted(changed.items()) if keys != BY_ID[name].keys}
    return json.dumps(kept) if kept else ""


def effective(changed: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The keys of every action."""
    return {spec.id: changed.get(spec.id, spec.keys) for spec in TABLE}


def eats_letters(keys: str) -> bool:
    """Alt+letter and Ctrl+Alt type letters on some keyboards, so they are refused."""
    return re.search(_FORBIDDEN, keys) is not None


def clashes(table: Mapping[str, tuple[str, ...]]) -> list[Clash]:
    """Every pair of actions that cannot both have their keys."""
    found: list[Clash] = []
    seen: list[tuple[str, str, tuple[str, ...]]] = []
    for name, all_keys in table.items():
        for keys in all_keys:
            parts = tuple(QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText).split(", "))
            found += [Clash(other, name, keys) for other, _keys, theirs in seen
                      if other != name and _meet(BY_ID[other].context, BY_ID[name].context) and _begins(parts, theirs)]
            seen.append((name, keys, parts))
    return found


def _meet(one: str, other: str) -> bool:
    return one == other or WINDOW in (one, other)


def _begins(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
