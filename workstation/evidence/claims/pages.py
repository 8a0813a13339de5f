"""What is no picture and no PDF, as pages of HTML to be printed: letters, mails, answers, translations. Pure.

Every value is escaped; nothing on a page is loaded from anywhere. Each page names the record and the SHA-256 of the
sealed file it was made of, and says what is a machine's translation. Desks read English, so the labels are English.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import json
import unicodedata
from collections.abc import Sequence
from html import escape

from workstation.evidence.claims import fields
from workstation.evidence.claims.model import Exhibit, Letter, Translation
from workstation.kernel.clock import iso

MOST_CHARACTERS = 300_000
"""Of one page of text, some hundred sheets. What is longer is named as left out."""
_MOST_MAIL = 8 << 20
_TABLES = {"text/tab-separated-values": "\t", "text/csv": ",", "application/csv": ","}
_STYLE = (
    "body{font-size:10pt;color:#111}h1{font-size:15pt}h2{font-size:11pt;margin-top:16px;margin-bottom:2px}"
    "p{margin-top:2px;margin-bottom:2px}.note{color:#444;font-size:8.5pt}.made{color:#444;font-size:8.5pt;margin-top:8px}"
    "blockquote{margin-left:24px;margin-right:0;margin-top:0}"
)


class TooLong(Exception):
    """There is more text than anybody prints."""


def correspondence(letters: Sequence[Letter], case_id: str) -> str:
    """The conversation, each message with its translation beneath. Raises TooLong."""
    body = "".join(_letter(letter) for letter in letters)
    return _page("Correspondence with the buyer", [f"Conversation {case_id}", _counted(letters)], body)


def _counted(letters: Sequence[Letter]) -> str:
    return "1 message" if len(letters) == 1 else f"{len(letters)} messages"


def _letter(letter: Letter) -> str:
    who = "Buyer" if letter.from_buyer else "Seller"
    head = escape(f"{iso(letter.at)[:16].replace('T', ' ')} UTC · {who} {letter.name}".strip())
    language = _note(f"Language: {named(letter.language)}") if letter.language else ""
    said = f"<h2>{head}</h2>{language}{_text(letter.text)}"
    return said + _told(_made(letter), letter.other) if letter.other else said


def _told(who: str, text: str) -> str:
    """A text in another language, set in, beneath who made it."""
    return f'<blockquote><p class="made">{escape(who)}</p>{_text(text)}</blockquote>'


def named(language: str) -> str:
    """ "Portuguese (pt)"; the code alone where it has no name."""
    from babel import Locale

    names = Locale("en").languages
    name = names.get(language.replace("-", "_")) or names.get(language.partition("-")[0])
    return f"{name} ({language})" if name else language


def _made(letter: Letter) -> str:
    if letter.own_words:
        language = named(letter.other_language) or "the original language"
        return f"As the seller wrote it, in {language}, before translation:"
    return made(Translation(letter.other_language, letter.other, letter.engine))


def made(translation: Translation) -> str:
    """Who translated, in one line."""
    into = f"Translation into {named(translation.language)}" if translation.language else "Translation"
    if translation.machine:
        return f"{into}, machine translation by {translation.engine}, not edited by a person:"
    if translation.engine:
        return f"{into}, machine translation by {translation.engine}, edited by {translation.editor}:"
    return f"{into}, by {translation.editor}:" if translation.editor else f"{into}, translator not named:"


def exhibits(listed: Sequence[Exhibit], desk: str, reason: str) -> str:
    """The binder's list: which record is which exhibit, what it is for, and what it says in another language."""
    body = "".join(_listed(number, one) for number, one in enumerate((e for e in listed if e.included), 1))
    notes = [f"{desk}, reason {reason}", "Order, captions and translations are the seller's, no part of the records."]
    return _page("Exhibits", notes, body)


def _listed(number: int, one: Exhibit) -> str:
    head = f"<h2>{number}. {escape(one.caption or one.title)}</h2>"
    about = [f"For: {one.slot}", f"Record {one.sequence}, {one.record_id}" if one.sequence else "Not a sealed record"]
    about += [f"Language: {named(one.language)}"] if one.language else []
    told = _told(made(one.translation), one.translation.text) if one.translation is not None else ""
    return head + "".join(map(_note, about)) + told


def translated(exhibit: Exhibit, translation: Translation, sha256: str) -> str:
    """The page that goes behind an exhibit in another language. Raises TooLong."""
    title = f"Translation of: {exhibit.caption or exhibit.title}"
    return _page(title, origin(exhibit, sha256), _told(made(translation), translation.text))


def document(title: str, notes: Sequence[str], mime: str, content: bytes) -> str:
    """A mail, a text, an HTML page or JSON as a page. Raises TooLong, or ValueError when it is none of these."""
    if mime == "message/rfc822":
        return _page(title, notes, _mail(content))
    if mime in ("application/json", "text/json") or mime.endswith("+json"):
        return _page(title, notes, _answer(content))
    if mime in ("text/html", "application/xhtml+xml"):
        return _page(title, notes, _cleaned(_decoded(content)))
    if mime in _TABLES:
        return _page(title, notes, _sheet(_decoded(content), _TABLES[mime]))
    if mime.startswith("text/") or mime in ("application/xml", "application/csv"):
        return _page(title, notes, _text(_decoded(content)))
    raise ValueError(mime)


def origin(exhibit: Exhibit, sha256: str) -> list[str]:
    """Which record a page was made of."""
    return [f"{iso(exhibit.at)[:16].replace('T', ' ')} UTC · record {exhibit.sequence}, {exhibit.record_id}",
            f"SHA-256 of the sealed file: {sha256}"]


def _page(title: str, notes: Sequence[str], body: str) -> str:
    if len(body) > MOST_CHARACTERS:
        raise TooLong
    lines = "".join(_note(note) for note in notes)
    return (f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{lines}<hr>{body}</body></html>")


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _text(text: str) -> str:
    """Lines as they are, each in its own direction."""
    if len(text) > MOST_CHARACTERS:
        raise TooLong
    return "".join(map(_line, text.splitlines()))


def _line(line: str) -> str:
    return f'<p dir="{_direction(line)}">{_spaced(fields.held(line)) or "&nbsp;"}</p>'


def _spaced(line: str) -> str:
    """Escaped, with the spaces that HTML would draw together."""
    return escape(line.expandtabs(4)).replace("  ", "&nbsp; ")


def _direction(line: str) -> str:
    strong = next((kind for kind in map(unicodedata.bidirectional, line) if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def _mail(content: bytes) -> str:
    """The headers that matter, the text, and which files went along."""
    if len(content) > _MOST_MAIL:
        raise TooLong
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    heads = [f"{name}: {parsed.get(name)}" for name in ("From", "To", "Cc", "Date", "Subject", "Message-ID")
             if parsed.get(name)]
    files = [f"File: {part.get_filename() or part.get_content_type()}" for part in parsed.walk()
             if part.is_attachment()] if isinstance(parsed, email.message.EmailMessage) else []
    body = parsed.get_body(("plain", "html"))
    return "".join(map(_note, heads)) + _body(body) + "".join(map(_note, files))


def _body(part: email.message.MIMEPart | None) -> str:
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    text = _charset(raw, part.get_content_charset() or "utf-8") if isinstance(raw, bytes) else str(raw or "")
    return _cleaned(text) if part.get_content_type() == "text/html" else _text(text)


def _charset(raw: bytes, name: str) -> str:
    try:
        return raw.decode(name, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _cleaned(html: str) -> str:
    """Text and its structure; no picture, script, style or link."""
    import nh3

    if len(html) > 10 * MOST_CHARACTERS:
        raise TooLong
    return nh3.clean(html, tags=_TAGS, attributes={"*": {"dir"}, "td": {"colspan", "rowspan"}}, link_rel=None)


_TAGS = {
    "p", "br", "div", "span", "b", "strong", "i", "em", "u", "ul", "ol", "li", "table", "tr", "td", "th", "tbody",
    "thead", "h1", "h2", "h3", "h4", "blockquote", "pre", "hr", "bdi",
}


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")


def _answer(content: bytes) -> str:
    """JSON for people; what is no JSON, or too deep, stays as it came."""
    try:
        found = json.loads(content)
        made = fields.answer(found)
    except (ValueError, RecursionError, fields.Unreadable):
        return _text(_indented(content))
    return made if len(made) <= MOST_CHARACTERS else _text(_indented(content))


def _sheet(text: str, delimiter: str) -> str:
    try:
        made = fields.sheet(text, delimiter)
    except fields.Unreadable:
        return _text(text)
    return made if len(made) <= MOST_CHARACTERS else _text(text)


def _indented(content: bytes) -> str:
    """JSON for people; what is no JSON, or too deep, stays as it came."""
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return _decoded(content)
