"""How much a stranger's pack may ask of the one who checks it, and which names its files may have."""

from __future__ import annotations

from collections.abc import Iterable

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

MOST_FILES = 50_000
MOST_FILE = 2 << 30
MOST_TOTAL = 64 << 30
MOST_RATIO = 200                 # of one file: our packs are stored, not compressed; text shrinks twentyfold at most
MOST_TOTAL_RATIO = 20            # of all together: thousands of small files that swell are a bomb as well
LEAST_TOTAL = 64 << 20           # … from here on
MOST_SMALL = 4 << 20             # a record, a key: read whole
MOST_LISTING = 16 << 20          # a list of files
MOST_RECORDS = 512 << 20         # all records and personal values together
_NAME = 240


class OutOfBounds(Exception):
    """The pack is not read at all. Its text is the reason, to stand in a sentence."""


def unreadable(reason: str) -> InputError:
    """The reason as the person is told it."""
    return InputError(_("The pack cannot be read: {reason}.").format(reason=reason),
                      _("Ask for the pack again, or give another file."))


def check_name(name: str) -> None:
    """Raises OutOfBounds unless every system takes the name for the same file inside the folder."""
    parts = name.rstrip("/").split("/")
    odd = not name.isascii() or not name.isprintable() or len(name) > _NAME or "\\" in name or ":" in name
    if odd or any(part in ("", ".", "..") or part != part.strip() or part.endswith(".") for part in parts):
        raise OutOfBounds(_("it holds a file with a forbidden name ({name})").format(name=ascii(name[:80])))


def check_names(names: Iterable[str]) -> None:
    """Names of folders end with "/". Raises OutOfBounds when two are one on a system that does not tell case apart, or
    when one is a file and a folder."""
    seen: set[str] = set()
    files: set[str] = set()
    for name in names:
        check_name(name)
        plain = name.rstrip("/").casefold()
        if plain in seen:
            raise OutOfBounds(_("it holds two files with one name ({name})").format(name=name[:80]))
        seen.add(plain)
        files |= set() if name.endswith("/") else {plain}
    for name in seen:
        above = name.rpartition("/")[0]
        while above:
            if above in files:
                raise OutOfBounds(_("it holds two files with one name ({name})").format(name=above[:80]))
            above = above.rpartition("/")[0]


def check_sizes(sizes: Iterable[tuple[str, int, int]], whole: int) -> None:
    """Name, stored size and size of each file, and the size of the zip. Raises OutOfBounds."""
    total = 0
    for name, stored, size in sizes:
        total += size
        if size > MOST_FILE or size > MOST_RATIO * max(stored, 1024):
            raise OutOfBounds(_("it is too large when unpacked ({name})").format(name=name[:80]))
    if total > MOST_TOTAL or total > max(LEAST_TOTAL, MOST_TOTAL_RATIO * whole):
        raise OutOfBounds(_("it is too large when unpacked"))
