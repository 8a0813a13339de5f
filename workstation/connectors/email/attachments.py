"""Files that came with a mail: what they are called here, whatever the sender called them."""

from __future__ import annotations

import mimetypes
import re
import unicodedata

from workstation.connectors.email.headers import as_written, decode_words, parse_headers, visible
from workstation.connectors.email.limits import MAX_FILE_NAME_BYTES
from workstation.connectors.email.mime import Part, content, split_head
from workstation.inbox.model import IncomingAttachment

_BAD = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]')
# Names that Windows keeps for devices, with any extension (Naming Files, Paths, and Namespaces).
_DEVICE = re.compile(r"^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.IGNORECASE)
_EXTENSION = {"image/jpeg": ".jpg", "text/plain": ".txt", "text/html": ".html", "text/rfc822-headers": ".txt"}
_FIXED = {"application/ms-tnef": "winmail.dat", "application/vnd.ms-tnef": "winmail.dat",
          "text/calendar": "invite.ics", "text/vcard": "contact.vcf", "text/x-vcard": "contact.vcf",
          "message/delivery-status": "delivery-status.txt", "application/pgp-signature": "signature.asc",
          "application/pkcs7-signature": "smime.p7s", "application/x-pkcs7-signature": "smime.p7s"}


def safe_name(name: str, fallback: str = "file") -> str:
    """A file name that stays in its folder on every system: the last path component without control characters,
    device names, leading dots or trailing dots, at most MAX_FILE_NAME_BYTES in UTF-8."""
    name = unicodedata.normalize("NFC", name[:2_000]).replace("\\", "/").rstrip("/ ")
    name = _BAD.sub("", name.rsplit("/", 1)[-1]).strip(". \t")
    if not name:
        return fallback
    if _DEVICE.match(name):
        name = f"_{name}"
    return _shorten(name)


def _shorten(name: str) -> str:
    if len(name.encode("utf-8", "replace")) <= MAX_FILE_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension) > 16:
        stem, extension = name, ""
    tail = dot + extension if extension else ""
    room = MAX_FILE_NAME_BYTES - len(tail.encode("utf-8", "replace"))
    return stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore").rstrip() + tail


def declared_name(part: Part) -> str:
    """The name the sender gave: RFC 2231 `filename`, then `name`; encoded words do not belong there but are common."""
    return visible(written_name(part))


def written_name(part: Part) -> str:
    """The same with the characters that are not seen, for telling a disguise."""
    name = part.parameter("content-disposition", "filename") or part.parameter("content-type", "name")
    return as_written(name) if name else ""


def attachment(part: Part, number: int, data: bytes | None = None) -> tuple[IncomingAttachment, bool]:
    """The part as a file, and whether its transfer encoding was sound. `number` names a file without a name."""
    sound = True
    if data is None:
        data, sound = content(part)
    mime = part.mime if not part.mime.startswith("multipart/") else "application/octet-stream"
    content_id = part.headers.text("content-id").strip("<> ")[:500]
    inline = bool(content_id) and part.disposition != "attachment" and mime.startswith("image/")
    name = safe_name(declared_name(part), "") or _made_up(mime, data, number)
    return IncomingAttachment(name, mime, data, inline=inline, content_id=content_id), sound


def _made_up(mime: str, data: bytes, number: int) -> str:
    if mime == "message/rfc822":
        subject = decode_words(parse_headers(split_head(data)[0]).text("subject"))
        return safe_name(subject.replace("/", " ").replace("\\", " "), f"mail-{number}") + ".eml"
    extension = _EXTENSION.get(mime) or mimetypes.guess_extension(mime, strict=False) or ".bin"
    return _FIXED.get(mime) or f"part-{number}{extension}"
