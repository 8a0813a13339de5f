"""The readable page of a pack, in English and Chinese. It repeats the records for people; the records are the proof."""

from __future__ import annotations

import base64
import gettext
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from workstation.evidence import record
from workstation.evidence.proofs import Said
from workstation.evidence.record import Statement
from workstation.kernel.cells import plain_cell
from workstation.kernel.clock import iso
from workstation.kernel.i18n import DOMAIN, N_
from workstation.kernel.paths import resources

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "table{border-collapse:collapse;width:100%;margin:0 0 2rem}th,td{text-align:left;vertical-align:top;"
    "padding:4px 12px 4px 0;border-bottom:1px solid #ddd;overflow-wrap:anywhere}th{width:14rem;font-weight:600}"
    "img{max-width:100%;border:1px solid #ddd}code{font-size:.85em}"
)
_KINDS = {
    "capture": N_("Capture"), "reply": N_("Reply as sent"), "export": N_("Pack exported"), "view": N_("Record opened"),
    "file": N_("File"), "answer": N_("Answer of a service"), "derived": N_("Edited copy"), "approval": N_("Approval"),
    "erase": N_("Erased"), "hold": N_("Legal hold"), "step": N_("Playbook step"),
}
_SHOWN = (".png", ".jpg", ".gif", ".webp")
_PRIVATE = {
    "operator": N_("Operator"), "os_user": N_("System user"), "window_title": N_("Window"), "url": N_("Address"),
    "purpose": N_("Purpose"), "file_name": N_("File name"), "order": N_("Order"),
    "message_id": N_("Message-ID"), "receipt": N_("Mail server's receipt"),
    "position": N_("Place among the files"), "lost": N_("Lost in translation"), "reason": N_("Reason"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One record as the page shows it; `file` is relative to the page, "" when there is none."""

    statement: Statement
    record_hash: str
    private: Mapping[str, str]
    file: str
    said: Said | None = None       # what is proved of it by others


Pictures = Mapping[str, bytes]
"""Small PNGs by record id, for a page that can load nothing."""


def html(at: int, lines: Sequence[Line], key_id: str, pictures: Pictures | None = None) -> bytes:
    """The page, UTF-8. Every value is escaped: titles and addresses come from anywhere. With `pictures` those are in
    the page itself, and nothing else is shown."""
    say = _Both()
    title = say(N_("Evidence pack"))
    body = "".join(_record(say, line, pictures) for line in lines)
    facts = _row(say(N_("Written")), iso(at)) + _row(say(N_("Records")), str(len(lines)))
    facts += _row(say(N_("Signing key")), key_id)
    hint = say(N_("This page is for reading. HOWTO-VERIFY.md says how to check the records without our software."))
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>{hint}</p><table>{facts}</table>{body}</html>\n"
    ).encode()


class _Both:
    """A sentence in English and, where the catalogue has it, in Chinese, escaped."""

    def __init__(self) -> None:
        self._chinese = gettext.translation(DOMAIN, str(resources() / "locale"), ["zh_CN"], fallback=True)

    def __call__(self, text: str) -> str:
        other = self._chinese.gettext(text)
        return escape(text if other == text else f"{text} / {other}")


def _record(say: _Both, line: Line, pictures: Pictures | None) -> str:
    statement = line.statement
    kind = record.text(statement, "kind")
    number = record.whole(record.part(statement, "chain"), "sequence")
    return (
        f"<h2>{number}. {say(_KINDS.get(kind, kind))}</h2>{_picture(line, pictures)}"
        f"<table>{''.join(_rows(say, line))}</table>"
    )


def _picture(line: Line, pictures: Pictures | None) -> str:
    if pictures is not None:
        small = pictures.get(record.text(line.statement, "id"), b"")
        return f'<p><img src="data:image/png;base64,{base64.b64encode(small).decode()}"></p>' if small else ""
    if not line.file.endswith(_SHOWN):
        return ""
    return f'<p><img src="{escape(line.file)}" alt="{escape(line.file)}"></p>'


def _rows(say: _Both, line: Line) -> list[str]:
    statement = line.statement
    when, how, file = (record.part(statement, name) for name in ("when", "how", "file"))
    rows = [
        _row(say(N_("Record")), record.text(statement, "id")),
        *_times(say, when, line.said),
        _row(say(N_("Made with")), ", ".join(_made(how))),
    ]
    if how.get("real_screen") is False:
        rows.append(_row(say(N_("Note")), "", say(N_("Not a real screen"))))
    rows += [_row(say(_PRIVATE.get(name, name)), value) for name, value in sorted(line.private.items())]
    if line.file:
        rows.append(_row(say(N_("File")), line.file))
        rows.append(_row(say(N_("SHA-256 of the file")), record.text(file, "sha256")))
    elif file:
        rows.append(_row(say(N_("File")), "", say(N_("erased; the record still proves what it was"))))
    rows += [_row(say(N_("Made from record")), one) for one in _sources(statement)]
    rows.append(_row(say(N_("SHA-256 of the record")), line.record_hash))
    return rows


def _sources(statement: Statement) -> list[str]:
    named = record.part(statement, "lineage").get("derived_from")
    return [one for one in named if isinstance(one, str)] if isinstance(named, list) else []


def _times(say: _Both, when: Statement, said: Said | None) -> list[str]:
    """The device's own time, and what others say of it."""
    if said is None or not said.authority:
        rows = [_row(say(N_("Time (device time only)")), _time(when))]
    else:
        rows = [_row(say(N_("Time (device)")), _time(when)),
                _row(say(N_("Time-stamped, no later than")), f"{iso(said.at)} UTC · {said.authority}")]
        rows += [_row(say(N_("Note")), "", say(N_("The time stamp is a simulated one and proves nothing")))
                 ] if said.simulated else []
    if said is not None and said.leaf is not None:
        rows.append(_row(say(N_("Place in the hub's log")), str(said.leaf)))
    return rows


def _time(when: Statement) -> str:
    wall = record.whole(when, "wall_ns")
    zone = record.text(when, "zone")
    return f"{iso(wall // 1_000_000)} UTC ({zone})" if zone else f"{iso(wall // 1_000_000)} UTC"


def _made(how: Statement) -> list[str]:
    names = ("application", "back_end", "session", "system")
    return [said for said in (record.text(how, name) for name in names) if said]


def _row(label: str, value: str, markup: str = "") -> str:
    """`label` and `markup` are escaped already, `value` is not. Spreadsheets open pages too: no value is a formula."""
    return f"<tr><th>{label}</th><td>{markup or f'<code>{escape(plain_cell(value))}</code>'}</td></tr>"
