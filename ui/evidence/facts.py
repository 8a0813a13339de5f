"""All that a record says of itself: what its seal proves, what the device recorded and how it learnt it,
and what is only claimed. Values come from the signed statement and from what still lies beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ui.conversation import words
from ui.evidence.words import KINDS
from ui.widgets.timetext import size
from workstation.evidence.model import Details
from workstation.kernel.i18n import N_, _

PROVED, RECORDED, CLAIMED = "pass", "unknown", "warn"
TITLES = {
    PROVED: N_("Proved by the seal"), RECORDED: N_("Recorded by the device"), CLAIMED: N_("Only claimed"),
}
_LEARNT = {
    "api": N_("from the shop's own interface"), "ocr": N_("read off the picture by a program"),
    "typed": N_("typed by a person"), "unknown": N_("nobody said how"),
}
_VERBS = {
    "redact": N_("Redacted"), "crop": N_("Cropped"), "arrow": N_("Arrow"), "box": N_("Box"), "text": N_("Words"),
    "number": N_("Number"), "orient": N_("Turned upright, as the camera said"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line. `learnt`: how it came to be known, "" where its part says it."""

    part: str
    name: str
    value: str
    learnt: str = ""


def facts(details: Details) -> list[Fact]:
    """Every line that has a value, part by part."""
    said = json.loads(details.statement)
    rows = [*_proved(details, said), *_recorded(details, said), *_claimed(details, said)]
    return [row for row in rows if row.value]


def operation(line: str) -> str:
    """A line of a statement's operations for people: what, and where."""
    verb, _blank, rest = line.partition(" ")
    name = _(_VERBS[verb]) if verb in _VERBS else verb
    places = rest.partition(" #")[0].split(",")
    if verb == "orient":
        return name
    if verb in ("redact", "crop", "box") and len(places) == 4:
        area = _("{width} × {height} pixels at {x}, {y}").format(
            x=places[0], y=places[1], width=places[2], height=places[3])
        return f"{name}: {area}"
    return f"{name}: {', '.join(places)}"


def _proved(details: Details, said: Mapping[str, Any]) -> list[Fact]:
    record, pixels = details.record, _part(_part(said, "file"), "pixels")
    shape = f"{record.width} × {record.height}" if record.width else ""
    rows = [
        (_("Kind"), _(KINDS[record.kind])), (_("Number in chain"), str(record.sequence)), (_("Record"), record.id),
        (_("SHA-256 of the record"), details.record_hash), (_("SHA-256 of the file"), record.sha256),
        (_("SHA-256 of the pixels"), str(pixels.get("sha256", ""))), (_("Pixels"), shape),
        (_("Size"), size(record.size) if record.size else ""), (_("Type"), record.mime),
        (_("Signing key"), details.key_id), (_("Device"), str(_part(said, "who").get("device", ""))),
    ]
    return [Fact(PROVED, name, value) for name, value in rows]


def _recorded(details: Details, said: Mapping[str, Any]) -> list[Fact]:
    how, beside = _part(said, "how"), dict(details.private)
    when = _part(said, "when")
    rows = [
        (_("Sealed"), _moment(when.get("sealed_ns")), _("the device's clock")),
        (_("Window"), beside.get("window_title", ""), _("asked of the window system")),
        (_("Screen"), _screen(said), _("asked of the system")),
        (_("Part of the screen"), _area(said), _("chosen on the captured picture")),
        (_("Real screen"), _("no") if how.get("real_screen") is False else "", _("said by what captured it")),
        (_("Captured with"), _listed(how, "back_end", "session"), ""),
        (_("Read and drawn with"), _listed(how, "decoder", "painter"), ""),
        (_("Program"), ", ".join(part for part in (
            _listed(how, "application"), f"Python {how['python']}" if how.get("python") else "",
            f"Qt {how['qt']}" if how.get("qt") else "", _listed(how, "system")) if part), ""),
        (_("Warnings"), ", ".join(str(one) for one in _list(how.get("warnings"))), ""),
        (_("Operator"), beside.get("operator", ""), _("as set up in this program")),
        (_("System user"), beside.get("os_user", ""), _("asked of the system")),
        (_("Message-ID"), beside.get("message_id", ""), _("of the mail that was sent")),
        (_("Mail server's receipt"), beside.get("receipt", ""), _("said by the mail server")),
        (_("Made by"), _("a program") if _part(said, "who").get("by") == "automation" else _("a person"), ""),
        (_("Erased"), ", ".join(details.erased), _("the hash they were sealed with still holds")),
    ]
    return [Fact(RECORDED, name, value, learnt if value else "") for name, value, learnt in rows]


def _claimed(details: Details, said: Mapping[str, Any]) -> list[Fact]:
    when, beside = _part(said, "when"), dict(details.private)
    vouched = details.record.time_stamped
    learnt = str(_part(said, "what").get("url_learnt", "unknown"))
    clock = _("an authority vouches for a time after it") if vouched else _("device time only; no authority vouches")
    rows = [
        (_("When it happened"), _moment(when.get("wall_ns")), clock),
        (_("Zone"), str(when.get("zone", "")), _("as the device is set")),
        (_("Off the hub's clock"), _offset(when.get("hub_offset_ms")), _("measured when it was last reached")),
        (_("Address"), beside.get("url", ""), _(_LEARNT.get(learnt, _LEARNT["unknown"]))),
        (_("Purpose"), beside.get("purpose", ""), _("typed by a person")),
    ]
    drawn = [(_("Words on the picture"), value, _("typed by a person")) for name, value in details.private
             if name.startswith("annotation_")]
    return [Fact(CLAIMED, *row) for row in (*rows, *drawn)]


def _part(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _list(found: object) -> list[Any]:
    return found if isinstance(found, list) else []


def _listed(part: Mapping[str, Any], *names: str) -> str:
    return ", ".join(str(part[name]) for name in names if part.get(name))


def _moment(nanoseconds: object) -> str:
    """Local time, and UTC beside it: proof is read elsewhere."""
    if not isinstance(nanoseconds, str) or not nanoseconds.isdecimal() or len(nanoseconds) > 19:
        return ""
    at = int(nanoseconds) // 1_000_000
    return f"{words.full_time(at)}\n{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _offset(milliseconds: object) -> str:
    return _("{n} ms").format(n=milliseconds) if isinstance(milliseconds, int) else ""


def _screen(said: Mapping[str, Any]) -> str:
    shown = _part(said, "display")
    monitors, at = _list(shown.get("monitors")), shown.get("screen")
    if not isinstance(at, int) or not 0 <= at < len(monitors) or not isinstance(monitors[at], dict):
        return _("all screens in one picture") if shown.get("canvas") is True else ""
    one = monitors[at]
    return _("{name}, {n} of {all}, {width} × {height} pixels, scale {scale}").format(
        name=one.get("name", ""), n=at + 1, all=len(monitors), width=one.get("pixel_width"),
        height=one.get("pixel_height"), scale=one.get("scale"))


def _area(said: Mapping[str, Any]) -> str:
    crop = _part(_part(said, "display"), "crop")
    if not crop:
        return ""
    return _("{width} × {height} pixels at {x}, {y}").format(
        width=crop.get("width"), height=crop.get("height"), x=crop.get("x"), y=crop.get("y"))
