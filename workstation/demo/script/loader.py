"""Reads the demo's conversations from `resources/demo/*.toml`. A field the script does not know is an error."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from workstation.demo.script.model import (
    MAILBOXES,
    Letter,
    Line,
    Mailbox,
    Refunded,
    Script,
    ScriptOrder,
    ScriptParcel,
    Step,
)
from workstation.kernel.paths import resources

Table = Mapping[str, Any]


@cache
def scripts() -> tuple[Script, ...]:
    """Every conversation that ships, by file and place. Raises ValueError or TypeError for a script that is wrong."""
    return tuple(script for file in sorted((resources() / "demo").glob("*.toml")) for script in read(file))


def read(file: Path) -> tuple[Script, ...]:
    """The conversations of one file."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(_script(one, str(table["language"])) for one in table["conversation"])


def _script(table: Table, language: str) -> Script:
    mailbox = _mailbox(str(table["mailbox"]))
    rest = _without(table, "message", "order", "reply", "mailbox", "address", "cc")
    return Script(
        language=language, mailbox=mailbox, address=str(table.get("address") or alias(str(table["id"]))),
        letters=tuple(_letter(one) for one in table["message"]), cc=tuple(table.get("cc", ())),
        order=_order(table["order"]) if "order" in table else None,
        reply=str(table.get("reply", {}).get("text", "")).strip(), **rest)


def alias(seed: str) -> str:
    """An address as a marketplace makes one to hide the buyer's own; the same each time."""
    digest = base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode().lower()
    return f"{digest[:14]}@marketplace.example"


def _mailbox(key: str) -> Mailbox:
    found = next((mailbox for mailbox in MAILBOXES if mailbox.key == key), None)
    if found is None:
        raise ValueError(f"no mailbox is called {key}")
    return found


def _letter(table: Table) -> Letter:
    rest = _without(table, "from", "text")
    return Letter(text=str(table["text"]).strip(), author=str(table.get("from", "buyer")), **rest)


def _order(table: Table) -> ScriptOrder:
    rest = _without(table, "lines", "refunds", "parcel")
    return ScriptOrder(
        lines=tuple(Line(**line) for line in table["lines"]),
        refunds=tuple(Refunded(**refund) for refund in table.get("refunds", ())),
        parcel=_parcel(table["parcel"]) if "parcel" in table else None, **rest)


def _parcel(table: Table) -> ScriptParcel:
    return ScriptParcel(events=tuple(Step(**step) for step in table["events"]), **_without(table, "events"))


def _without(table: Table, *names: str) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}


def with_order(found: Sequence[Script]) -> tuple[tuple[Script, ScriptOrder], ...]:
    """The conversations that bring an order, with it."""
    return tuple((script, script.order) for script in found if script.order is not None)
