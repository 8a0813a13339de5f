"""A reply as RFC 5322 bytes. Pure: the same input gives the same bytes, save for the boundary between parts.

Nothing a person or a buyer wrote can start a header line of its own: every value that goes into the header loses its
control characters first, addresses must look like addresses, and blind recipients are never written at all.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email import encoders, policy
from email.charset import BASE64, QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime, quote
from io import BytesIO

from workstation.connectors.email.attachments import safe_name
from workstation.domain.conversation import Address
from workstation.drafts.model import ReplyContext
from workstation.kernel.clock import to_datetime
from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MAX_REFERENCES = 20
MAX_SUBJECT = 400   # characters; longer ones are cut, servers refuse very long fields

# Control characters, those that turn the reading direction, and halves of a character: none belongs into a header of
# ours.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f]{1,64}@[^\s<>()\\,;:\"@\x00-\x1f\x7f]{1,255}")
_ID = re.compile(r"<[^<>\s\"]{1,900}>")
_MIME = re.compile(r"(?!multipart/|message/)[a-z0-9][\w.+-]{0,60}/[\w.+-]{1,100}", re.IGNORECASE)
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
# How a subject says that it answers, in the languages of our buyers' mail programs.
_REPLY = re.compile(
    r"^\s*(?:re|aw|antw|sv|vs|res|r|rif|odp|ynt|回复|回覆|答复|答覆|返信|رد)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE)
_POLICY = policy.compat32.clone(linesep="\r\n", max_line_length=78)


def compose(
    context: ReplyContext, text: str, files: Sequence[tuple[str, str, bytes]], message_id: str, at: int
) -> bytes:
    """The reply to `context` with `text` and `files` (name, MIME type, content), dated `at` (ms UTC).

    Raises InputError when an address is none, or nobody is left to write to.
    """
    if not context.to:
        raise InputError(_("The reply has no recipient."), _("Choose who gets it."))
    body = _text_part(text)
    root: Message = _mixed(body, files, message_id) if files else body
    _put_first(root, _head(context, message_id, at))
    out = BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=_POLICY).flatten(root)
    return out.getvalue()


def reply_subject(subject: str) -> str:
    """The subject of an answer: "Re: " once, no control characters."""
    tidy = " ".join(_CONTROLS.sub(" ", subject).split())[:MAX_SUBJECT]
    return tidy if _REPLY.match(tidy) else f"Re: {tidy}".rstrip()


def _head(context: ReplyContext, message_id: str, at: int) -> list[tuple[str, str]]:
    if not _ID.fullmatch(message_id):
        raise InputError(_("The reply has no valid Message-ID."), _("Take it back as a draft and send it again."))
    return [
        ("From", _addresses((context.sender,))),
        ("To", _addresses(context.to)),
        ("Cc", _addresses(context.cc)),
        ("Subject", _encoded(reply_subject(context.subject), "Subject")),
        ("Date", format_datetime(to_datetime(at))),
        ("Message-ID", message_id),
        ("In-Reply-To", context.in_reply_to if _ID.fullmatch(context.in_reply_to) else ""),
        ("References", _references(context)),
    ]


def _put_first(root: Message, head: list[tuple[str, str]]) -> None:
    """Readers of a source look for From and Subject before the content's own fields."""
    own = [item for item in root.items() if item[0] != "MIME-Version"]
    for name in set(root.keys()):
        del root[name]
    for name, value in [*head, ("MIME-Version", "1.0"), *own]:
        if value:
            root[name] = value


def _references(context: ReplyContext) -> str:
    """RFC 5322, 3.6.4: the parent's references and the parent. Of many, the first and the newest are kept."""
    known = [one for one in (*context.references, context.in_reply_to) if _ID.fullmatch(one)]
    # Each once, where it stands last: the parent must end the list.
    ordered = list(reversed(dict.fromkeys(reversed(known))))
    if len(ordered) > MAX_REFERENCES:
        ordered = [ordered[0], *ordered[-(MAX_REFERENCES - 1) :]]
    return "\r\n ".join(ordered)


def _addresses(addresses: Sequence[Address]) -> str:
    return ",\r\n ".join(_address(address) for address in addresses)


def _address(address: Address) -> str:
    if not _ADDRESS.fullmatch(address.email):
        raise InputError(
            _("“{address}” is not a mail address.").format(address=_CONTROLS.sub(" ", address.email)[:100]),
            _("Correct the address and send again."))
    email = address.email if address.email.isascii() else _ascii_domain(address.email)
    name = " ".join(_CONTROLS.sub(" ", address.name).split())[:200]
    if not name:
        return email
    if not name.isascii() or "=?" in name:  # many readers decode what looks encoded even between quotes
        return f"{_encoded(name, 'Cc')} <{email}>"
    shown = name if _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    return f"{shown} <{email}>"


def _ascii_domain(email: str) -> str:
    """A domain in another script in its ASCII form (IDNA); the local part stays and needs SMTPUTF8."""
    local, _at, domain = email.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        return email


def _encoded(text: str, name: str) -> str:
    """RFC 2047 where it is needed: not ASCII, or something a reader would take for encoded."""
    if text.isascii() and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=name, maxlinelen=75).encode(linesep="\r\n")


def _text_part(text: str) -> Message:
    tidy = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    tidy = tidy if tidy.endswith("\n") else tidy + "\n"
    charset = Charset("utf-8")
    beyond = sum(1 for char in tidy if char > "\x7f")
    charset.body_encoding = QP if beyond * 6 < len(tidy) else BASE64
    part = MIMENonMultipart("text", "plain", charset="utf-8")
    part.set_payload(tidy.encode("utf-8", "replace").decode("utf-8"), charset=charset)
    return part


def _mixed(body: Message, files: Sequence[tuple[str, str, bytes]], message_id: str) -> Message:
    boundary = "=_" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:40]
    root = MIMEMultipart("mixed", boundary=boundary)
    root.attach(body)
    for name, mime, content in files:
        root.attach(_file_part(name, mime, content))
    return root


def _file_part(name: str, mime: str, content: bytes) -> Message:
    main, _slash, sub = (mime if _MIME.fullmatch(mime) else "application/octet-stream").partition("/")
    part = MIMEBase(main, sub)
    part.set_payload(content)
    encoders.encode_base64(part)
    safe = safe_name(name)
    filename: str | tuple[str, str, str] = safe if safe.isascii() else ("utf-8", "", safe)
    part.add_header("Content-Disposition", "attachment", filename=filename)
    return part
