"""What becomes a record of a step: its public part, what people said, and the same as a page of text for a reader."""

from __future__ import annotations

from collections.abc import Mapping

from workstation.kernel.clock import iso
from workstation.playbooks.ports import Json, Note
from workstation.playbooks.repo import STEP, WAS, Fact

_STATES = {"done": "done", "skipped": "left out", "open": "taken back: open again"}


def note(fact: Fact, name: str) -> Note:
    """The record of what `fact` says; `name`: of who said it, "" when nobody knows. In English, as every pack."""
    field = fact.field.removeprefix(WAS).partition(":")[2] if fact.field.startswith(WAS) else fact.field
    playbook_id, _colon, step_id = field.removeprefix(STEP).partition(":")
    value = fact.value
    via = value.get("via")
    what: dict[str, Json] = {
        "scope": "step", "playbook": playbook_id, "edition": _whole(value, "edition"),
        "playbook_sha256": str(value.get("sha256", "")), "playbook_title": str(value.get("playbook", "")),
        "step": step_id, "title": str(value.get("title", "")), "place": _whole(value, "place"),
        "of": _whole(value, "of"), "state": str(value.get("state", "")),
        "satisfied_by": _public(via) if isinstance(via, dict) else None,
    }
    said = {"member": name, "reason": str(value.get("reason", ""))}
    private = {key: words for key, words in said.items() if words}
    return Note(fact.conversation_id, what, private, _text(what, private, fact.at), fact.at, fact.monotonic_ns)


def _public(via: Mapping[str, Json]) -> Json:
    return {key: via[key] for key in sorted(via) if key not in ("answer_id", "fetched_at")}


def _whole(value: Mapping[str, object], name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) else 0


def _text(what: Mapping[str, Json], private: Mapping[str, str], at: int) -> str:
    lines = [
        f"Playbook: {what['playbook_title']} ({what['playbook']}, edition {what['edition']})",
        f"SHA-256 of the playbook: {what['playbook_sha256']}",
        f"Step {what['place']} of {what['of']}: {what['title']} ({what['step']})",
        f"State: {_STATES.get(str(what['state']), str(what['state']))}",
        f"At: {iso(at)}",
        *([f"By: {private['member']}"] if "member" in private else []),
        *([f"Reason: {private['reason']}"] if "reason" in private else []),
        f"Satisfied by: {_satisfied(what['satisfied_by'])}",
    ]
    return "\n".join(lines) + "\n"


def _satisfied(via: Json) -> str:
    if not isinstance(via, dict):
        return "the word of who ticked it"
    if via.get("kind") == "check":
        return f"check {via.get('id')}, {via.get('verdict')}, source {via.get('source') or 'not named'}"
    return f"{via.get('proof')}, record {via.get('record_id')}"
