"""Records that are text, for a person to read: a reply's head and words, an answer in lines. What was sealed is kept
byte for byte beside this; nothing here is evidence."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage

from workstation.kernel.i18n import _, ngettext

LONGEST = 1_000_000
"""Bytes that are read; more is said."""
_TEXTS = ("application/json", "application/xml", "application/x-ndjson")
_HEADS = ("From", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To")
_BROKEN = (ValueError, LookupError, AttributeError, TypeError, IndexError, RecursionError)
"""What the mail parser raises on a mail that is none."""


def is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in _TEXTS or mime == "message/rfc822"


def text(mime: str, content: bytes) -> str:
    """What `content` says, at most a megabyte of it; "" for what is no text. Never raises."""
    if not is_text(mime):
        return ""
    if mime == "message/rfc822":
        return _mail(content)
    if mime == "application/json":
        return _json(content)
    return _plain(content)


def _plain(content: bytes) -> str:
    shown = content[:LONGEST]
    try:
        read = shown.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        cut = problem.start >= len(shown) - 3 and len(content) > LONGEST
        read = shown[:problem.start].decode("utf-8-sig") if cut else shown.decode("latin-1")
    read = read.replace("\r\n", "\n").replace("\0", "␀")
    rest = len(content) - len(shown)
    more = ngettext("… {n} more byte is not shown.", "… {n} more bytes are not shown.", rest).format(n=rest)
    return f"{read}\n{more}" if rest > 0 else read


def _json(content: bytes) -> str:
    """Indented, every name in its place; as it came when it is too large or no JSON."""
    if len(content) > LONGEST:
        return _plain(content)
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return _plain(content)


def _mail(content: bytes) -> str:
    try:
        mail = message_from_bytes(content[:20 * LONGEST], policy=policy.default)
        return _said(mail) if isinstance(mail, EmailMessage) else _plain(content)
    except _BROKEN:
        return _plain(content)


def _said(mail: EmailMessage) -> str:
    head = [f"{name}: {' '.join(str(mail[name]).split())}" for name in _HEADS if mail[name]]
    body = mail.get_body(("plain",))
    words = body.get_content() if body is not None else _("(No plain text; the source shows what was sent.)")
    files = [_attached(part) for part in mail.iter_attachments()]
    return "\n".join([*head, "", str(words)[:LONGEST].rstrip(), *([""] if files else []), *files])


def _attached(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    size = len(payload) if isinstance(payload, bytes) else 0
    said = ngettext("Attached: {name} ({mime}, {n} byte)", "Attached: {name} ({mime}, {n} bytes)", size)
    return said.format(name=" ".join((part.get_filename() or "-").split()), mime=part.get_content_type(), n=size)
