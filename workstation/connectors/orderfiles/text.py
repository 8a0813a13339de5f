"""Opening an order file as text: size, encoding, and lines no longer than a row may be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

LARGEST = 512 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
_SAMPLE = 256 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Amazon writes reports in the marketplace's old encoding where the account was opened long ago; the market says which.
_AMAZON_HEADER = re.compile(rb"^(?:amazon-)?order-id\t")
_JAPAN = re.compile(rb"Amazon\.co\.jp|\tJP\t")
_WESTERN = re.compile(
    rb"Amazon\.(?:com|ca|co\.uk|de|fr|it|es|nl|be|se|ie|com\.br|com\.mx|com\.au)\b"
    rb"|\t(?:DE|FR|IT|ES|BR|MX|GB|NL|PT|SE|US|CA)\t"
)


def encoding(path: Path) -> str:
    """The codec to read `path` with: by its byte order mark, UTF-8 when it is that from end to end, or Amazon's own.

    Reads the whole file. Raises InputError when it is none of these, or too large, or not text.
    """
    sample = _sample(path)
    for mark, codec in _MARKS:
        if sample.startswith(mark):
            return _checked(path, codec)
    if b"\x00" in sample:
        raise _not_text(path)
    if _decodes(path, "utf-8"):
        return "utf-8"
    return _checked(path, _amazons(path, sample))


def lines(path: Path, codec: str) -> Iterator[str]:
    """Lines with their ends, as `csv` wants them. Raises InputError for a line longer than a megabyte."""
    with path.open(encoding=codec, newline="") as file:
        while line := file.readline(LONGEST_LINE):
            if len(line) >= LONGEST_LINE:
                raise InputError(_("{file} has a line longer than a megabyte.").format(file=path.name),
                                 _("Download the export again."))
            yield line


def _sample(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            sample = file.read(_SAMPLE)
    except OSError as problem:
        raise InputError(_("{file} cannot be read; nothing was imported.").format(file=path.name),
                         _("Check the path and try again.")) from problem
    if size > LARGEST:
        raise InputError(_("{file} is larger than 512 MB; nothing was imported.").format(file=path.name),
                         _("Export a shorter period."))
    if not sample.strip():
        raise InputError(_("{file} is empty; nothing was imported.").format(file=path.name),
                         _("Download the export again."))
    return sample


def _amazons(path: Path, sample: bytes) -> str:
    if _AMAZON_HEADER.match(sample) and _JAPAN.search(sample):
        return "cp932"
    if _AMAZON_HEADER.match(sample) and _WESTERN.search(sample):
        return "cp1252"
    raise _not_text(path)


def _checked(path: Path, codec: str) -> str:
    if not _decodes(path, codec):
        raise _not_text(path)
    return codec


def _decodes(path: Path, codec: str) -> bool:
    try:
        with path.open(encoding=codec, newline="") as file:
            while file.read(1 << 20):
                pass
    except (UnicodeError, OSError):
        return False
    return True


def _not_text(path: Path) -> InputError:
    return InputError(
        _("{file} is not text in UTF-8; nothing was imported.").format(file=path.name),
        _("Export it again as CSV UTF-8, without opening it in a spreadsheet in between."),
    )
