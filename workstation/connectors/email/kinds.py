"""What a file really is beside what its name and type say, told by its first bytes. Sentences for the person only:
every file is kept, none is opened."""

from __future__ import annotations

import re

from workstation.connectors.email import zips
from workstation.connectors.email.sizes import shown
from workstation.kernel.i18n import _, ngettext

# Files that run, or make something run, when they are opened.
_PROGRAMS = frozenset(
    "exe com scr bat cmd pif msi msp msix jar js jse vbs vbe wsf wsh ps1 psm1 hta lnk cpl reg scf url iso img vhd vhdx "
    "apk appimage deb rpm dmg pkg app command sh run desktop docm xlsm pptm xlam dll sys chm gadget inf".split())
_DOCUMENTS = frozenset(
    "pdf doc docx xls xlsx ppt pptx odt ods rtf txt csv jpg jpeg png gif webp bmp heic mp4 mov avi mp3 zip rar "
    "7z".split())
_PAGES = frozenset("html htm xhtml svg mht mhtml xml".split())
_FAMILY = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "heic"), "picture"),
    **dict.fromkeys(("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "epub", "jar", "apk", "kmz", "numbers",
                     "pages", "key", "docm", "xlsm", "pptm", "xlam", "msix"), "archive"),
    **dict.fromkeys(("rar", "7z", "gz", "tgz"), "archive"),
    **dict.fromkeys(("doc", "xls", "ppt", "msg"), "office"),
    **dict.fromkeys(("html", "htm", "xhtml", "svg", "xml"), "page"),
    **dict.fromkeys(("mp4", "mov", "m4v", "3gp", "avi", "webm", "mkv"), "film"),
    **dict.fromkeys(("txt", "csv", "log", "eml", "ics", "vcf"), "text"),
    "pdf": "pdf", "exe": "program", "dll": "program", "scr": "program",
}
_TYPES = {"image/jpeg": "picture", "image/png": "picture", "image/gif": "picture", "image/webp": "picture",
          "application/pdf": "pdf", "application/zip": "archive", "video/mp4": "film", "video/quicktime": "film"}
_STARTS = (
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"#!", "program"), (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"), (b"%PDF", "pdf"), (b"\x89PNG\r\n", "picture"), (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"), (b"BM", ""), (b"PK\x03\x04", "archive"), (b"Rar!", "archive"), (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"), (b"\xd0\xcf\x11\xe0", "office"), (b"{\\rtf", "rtf"),
)
_PAGE = re.compile(rb"\s{0,200}(?:\xef\xbb\xbf)?(?:<!doctype html|<html|<script|<svg|<\?xml[^>]{0,200}>\s{0,20}<svg)",
                   re.IGNORECASE)
_TURNED = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def family(data: bytes) -> str:
    """By the first bytes: program, pdf, picture, archive, office, rtf, page or film; "" when they tell nothing."""
    found = next((kind for start, kind in _STARTS if data.startswith(start)), None)
    if found is not None:
        return found
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "picture"
    if data[4:8] == b"ftyp":
        return "picture" if data[8:12] in (b"heic", b"mif1", b"heix", b"avif") else "film"
    return "page" if _PAGE.match(data[:1_024]) else ""


def problems(name: str, declared: str, mime: str, data: bytes) -> list[str]:
    """What a person should know before opening a file called `name`; `declared` is what the sender really wrote."""
    found = []
    parts = name.lower().rsplit(".", 2)
    ending, before = (parts[-1] if len(parts) > 1 else ""), (parts[-2] if len(parts) > 2 else "")
    if _TURNED.search(declared):
        found.append(_("The name of “{name}” holds hidden characters that disguise what kind of file it is.").format(
            name=name))
    if (ending in _PROGRAMS and before in _DOCUMENTS) or (ending in _PAGES and before in _DOCUMENTS):
        found.append(_("“{name}” has two endings: it is a .{real} file made to look like .{claimed}.").format(
            name=name, real=ending, claimed=before))
    elif ending in _PROGRAMS:
        found.append(_("“{name}” can run a program. Do not open it unless you asked for it.").format(name=name))
    found += _disguised(name, ending, mime, data) + _bursting(name, data)
    return found


def notes(name: str, data: bytes) -> list[str]:
    """What an archive holds as far as it says; nothing for other files."""
    listed = zips.contents(data) if name.lower().endswith(".zip") else None
    if listed is None or listed.bursts or not listed.complete:
        return []
    said = ngettext("“{name}” ({packed}) holds {n} file and unpacks to {size}.",
                    "“{name}” ({packed}) holds {n} files and unpacks to {size}.", listed.files)
    locked = " " + _("It is locked with a password.") if listed.encrypted else ""
    return [said.format(name=name, n=listed.files, packed=shown(listed.packed), size=shown(listed.unpacked)) + locked]


def _disguised(name: str, ending: str, mime: str, data: bytes) -> list[str]:
    real, named = family(data), _FAMILY.get(ending, "")
    if ending in _PROGRAMS and real == "program":
        return []
    if real == "program" or (real and named and real != named):
        return [_("“{name}” is not what its name says: it holds {kind}.").format(name=name, kind=_word(real))]
    typed = _TYPES.get(mime, "")
    if typed and named and typed not in (named, real):
        return [_("“{name}” came as {mime}, which does not fit its name.").format(name=name, mime=mime)]
    return []


def _word(kind: str) -> str:
    return {
        "program": _("a program"), "pdf": _("a PDF"), "picture": _("a picture"), "archive": _("an archive"),
        "office": _("an Office document"), "page": _("a web page"), "film": _("a film"), "rtf": _("a text document"),
    }[kind]


def _bursting(name: str, data: bytes) -> list[str]:
    listed = zips.contents(data)
    if listed is None:
        return []
    if listed.bursts:
        return [_("“{name}” ({packed}) unpacks to {size}: it is made to fill a disk. Do not unpack it.").format(
            name=name, packed=shown(listed.packed), size=shown(listed.unpacked))]
    if not listed.complete:
        return [_("The list of contents of “{name}” is damaged; what it holds is unknown.").format(name=name)]
    return []
