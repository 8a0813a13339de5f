"""What a mail says: text and HTML for reading, files apart, gathered from the tree of its parts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from workstation.connectors.email import html as html_rules
from workstation.connectors.email import special
from workstation.connectors.email.attachments import attachment, declared_name, written_name
from workstation.connectors.email.charset import decode
from workstation.connectors.email.limits import MAX_TEXT, MAX_TEXT_BYTES
from workstation.connectors.email.mime import Part, content
from workstation.inbox.model import LATER, IncomingAttachment
from workstation.kernel.i18n import _, ngettext

_META = re.compile(rb"<meta[^>]{1,200}charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_BYTES = bytes((*range(9), 11, 12, *range(14, 32), 127))
"""No charset that mail uses makes a control character of other bytes; to look for bytes takes a third of the time."""


@dataclass(slots=True)
class Block:
    """One reading of a stretch of the body. `plain` is None when the sender wrote HTML alone, `html` "" when none and
    LATER when there is a plain reading and the HTML is for whoever opens the mail."""

    plain: str | None
    html: str
    part: Part | None = None    # whose HTML was not looked at yet

    @property
    def text(self) -> str:
        return html_rules.to_text(self.html) if self.plain is None else self.plain


@dataclass(slots=True)
class Body:
    """Everything gathered from one mail. `problems` and `notes` are sentences for the person, each once. `later`: HTML
    beside a plain reading is not looked at."""

    blocks: list[Block] = field(default_factory=list)
    files: list[IncomingAttachment] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    pictures: html_rules.Remote = field(default_factory=html_rules.Remote)
    later: bool = False
    inside: int = 0     # alternatives around the part that is read

    def problem(self, sentence: str) -> None:
        self.problems[sentence] = None

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    def text(self) -> str:
        text = "\n".join(said for block in self.blocks if (said := block.text))
        if len(text) > MAX_TEXT:
            self.problem(_("The text is very long; only its beginning is shown."))
        return text[:MAX_TEXT]

    @property
    def put_off(self) -> bool:
        """Whether HTML was left for later."""
        return self.later and any(block.html == LATER for block in self.blocks)

    def html(self) -> str:
        """The cleaned HTML of the whole mail, or LATER; stretches that came as plain text are put between as they are.
        """
        if not any(block.html for block in self.blocks):
            return ""
        if self.put_off:
            return LATER
        return "\n".join(block.html or _as_html(block.text) for block in self.blocks)


def gather(root: Part, *, later: bool = False) -> Body:
    """Read the tree. Its depth is bounded by whoever built it."""
    body = Body(later=later)
    body.blocks = _read(root, body)
    if not body.put_off:
        _note_pictures(body)
    return body


def _read(part: Part, body: Body) -> list[Block]:
    if not part.mime.startswith("multipart/"):
        return _leaf(part, body)
    special.note_multipart(part.mime, body.problem, body.note)
    if part.mime == "multipart/alternative":
        return _alternative(part, body)
    return [block for child in part.children for block in _read(child, body)]


def _alternative(part: Part, body: Body) -> list[Block]:
    """The same content several times: the plain reading for text, the HTML reading for show."""
    body.inside += 1
    readings = [block for child in part.children for block in _read(child, body)]
    body.inside -= 1
    plain = [block.plain for block in readings if not block.html and block.plain and block.plain.strip()]
    if len(plain) == 1 and any(block.part for block in readings):
        return [Block(plain[0], LATER)]   # the text is this one, whatever the HTML turns out to be
    readings = [_html_block(block.part, body) if block.part else block for block in readings]
    rich = [block.html for block in readings if block.html]
    if not rich:
        return [Block("\n".join(plain), "")] if plain else []
    return [Block(plain[0] if plain else None, "\n".join(rich))]


def _leaf(part: Part, body: Body) -> list[Block]:
    if _is_body_text(part):
        return [_formatted(part, body) if part.mime == "text/html" else _text_block(part, body)]
    data = part.body if part.mime.startswith("message/") and not part.headers.raw("content-transfer-encoding") else None
    file, sound = attachment(part, len(body.files) + 1, data)
    if not sound:
        body.problem(_("The attachment “{name}” is damaged.").format(name=file.name))
    body.files.append(file)
    special.note_file(file, written_name(part), part.parameter("content-type", "charset"), body.problem, body.note)
    if part.mime in special.TNEF:
        body.files += special.unpacked(file, body.problem, body.note)
    return []


def _is_body_text(part: Part) -> bool:
    if part.mime not in ("text/plain", "text/html", "text/enriched"):
        return False
    if part.disposition == "attachment":
        return False
    headers = part.headers
    named = b"name" in headers.raw("content-type").lower() or b"name" in headers.raw("content-disposition").lower()
    return not (named and declared_name(part))


def _text_block(part: Part, body: Body) -> Block:
    text = _decoded(part, part.parameter("content-type", "charset"), body)
    if part.parameter("content-type", "format").lower() == "flowed":
        text = unflow(text, part.parameter("content-type", "delsp").lower() == "yes")
    return Block(text.strip("\n").rstrip(), "")


def _formatted(part: Part, body: Body) -> Block:
    """Put off only directly in an outermost alternative, which knows whether there is a plain reading."""
    return Block(None, "", part) if body.later and body.inside == 1 else _html_block(part, body)


def _html_block(part: Part, body: Body) -> Block:
    label = part.parameter("content-type", "charset")
    if not label:
        found = _META.search(content(part)[0][:2_048])
        label = found.group(1).decode("ascii", "replace") if found else ""
    original = _decoded(part, label, body)
    cleaned, cut = html_rules.clean(original)
    if cut:
        body.problem(_("The formatted text is very long; only its beginning is shown."))
    body.pictures = body.pictures.plus(html_rules.remote(original))
    return Block(None, cleaned) if cleaned else Block("", "")


def _decoded(part: Part, label: str, body: Body) -> str:
    data, sound = content(part)
    if len(data) > MAX_TEXT_BYTES:
        data = data[: data.rfind(b"\n", 0, MAX_TEXT_BYTES) + 1 or MAX_TEXT_BYTES]
    text, trusted = decode(data, label)
    if not sound:
        body.problem(_("The text's transfer encoding is damaged; parts of it may be missing."))
    if not trusted:
        name = "".join(letter for letter in label[:40] if letter.isprintable())   # it is the stranger's own word
        body.problem(_("The text's character set “{name}” is unknown or wrong; it was guessed.").format(name=name))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if len(data.translate(None, _CONTROL_BYTES)) == len(data) else _CONTROLS.sub("", text)


def unflow(text: str, delete_space: bool) -> str:
    """RFC 3676: join lines that were broken softly (a space at their end), except the signature's "-- "."""
    out: list[str] = []
    joining = True                      # nothing stands before the first line
    for line in text.split("\n"):
        quoted = line.startswith(">")
        stuffed = line if quoted else line.removeprefix(" ")
        if quoted or not joining:
            out.append("\n" if out else "")
        joining = not quoted and stuffed.endswith(" ") and stuffed != "-- "
        out.append(stuffed[:-1] if joining and delete_space else stuffed)
    return "".join(out)


def _note_pictures(body: Body) -> None:
    count, hidden = body.pictures.count, body.pictures.hidden
    if not count:
        return
    said = ngettext("{n} remote picture was not loaded.", "{n} remote pictures were not loaded.", count).format(n=count)
    if hidden:
        said += " " + ngettext("{n} invisible picture would have told the sender that you read the mail.",
                               "{n} invisible pictures would have told the sender that you read the mail.",
                               hidden).format(n=hidden)
    body.note(said)


def _as_html(text: str) -> str:
    return "<p>" + escape(text).replace("\n", "<br>") + "</p>" if text.strip() else ""
