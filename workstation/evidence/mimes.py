"""What sort of file some bytes are, told by how they begin, and how such a file's name ends.

A sender's word for it is often "application/octet-stream", and a claims desk refuses what is not named for what it is.
The signatures are the formats' own (ISO/IEC 10918-1, 14496-12, 15948, RFC 9649, PDF 32000-1, GIF89a, Matroska).
"""

from __future__ import annotations

import re

EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/heic": "heic",
    "image/heif": "heif", "image/avif": "avif", "image/tiff": "tif", "image/bmp": "bmp", "video/mp4": "mp4",
    "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv", "video/3gpp": "3gp",
    "video/x-msvideo": "avi", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg", "audio/wav": "wav",
    "application/pdf": "pdf", "application/zip": "zip", "application/json": "json", "application/xml": "xml",
    "text/plain": "txt", "text/csv": "csv", "text/tab-separated-values": "tsv", "text/html": "html",
    "message/rfc822": "eml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
UNKNOWN = "application/octet-stream"

_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"heim": "image/heic", b"heis": "image/heic",
    b"hevc": "image/heic", b"mif1": "image/heif", b"msf1": "image/heif", b"avif": "image/avif",
    b"qt  ": "video/quicktime", b"3gp4": "video/3gpp", b"3gp5": "video/3gpp", b"3gp6": "video/3gpp",
    b"M4A ": "audio/mp4",
}
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"%PDF-", "application/pdf"), (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"),
    (b"OggS", "audio/ogg"), (b"ID3", "audio/mpeg"),
)
_NAME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")   # RFC 6838 §4.2


def sniff(head: bytes) -> str:
    """The MIME type of a file that begins so (64 bytes are enough), "" when it cannot be told."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"AVI ": "video/x-msvideo", b"WAVE": "audio/wav"}.get(head[8:12], "")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head else "video/x-matroska"
    return next((mime for start, mime in _STARTS if head.startswith(start)), "")


def told(mime: str) -> str:
    """A sender's word as it may stand in a record: lower case, without parameters, "" when it is no MIME type."""
    name = mime.partition(";")[0].strip().lower()
    return name if _NAME.fullmatch(name) else ""


def decide(head: bytes, said: str, name: str = "") -> str:
    """What a file is: by its bytes, else what was said of it, else by its name, else `UNKNOWN`."""
    word = told(said)
    ending = name.rpartition(".")[2].lower()
    by_name = next((mime for mime, extension in EXTENSIONS.items() if extension == ending), "")
    return sniff(head) or (word if word != UNKNOWN else "") or by_name or UNKNOWN


def extension(mime: str) -> str:
    """How the name of such a file ends in a pack: ASCII, without the dot, "bin" for what is not listed."""
    return EXTENSIONS.get(mime, "bin")
