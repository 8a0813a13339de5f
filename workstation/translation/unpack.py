"""A language package's files, from an archive or a folder, into an empty folder. The file may come from anyone: size,
count, depth and growth are bounded, names never lead outside, and links are refused."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _
from workstation.store.files import sync_file

Progress = Callable[[int, int], None]
MOST_BYTES = 2 * 1024**3
"""Bytes of one package unpacked; the largest Argos and Firefox packages have about 300 MB."""
MOST_FILES = 2_000
MOST_DEPTH = 8
MOST_NAME = 200
MOST_GROWTH = 100
"""How many times larger than its archive a package may be: models hardly compress, bombs do."""
SMALL = 8 * 1024**2            # growth is not judged below this
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a package: where it goes below the folder, its bytes as declared, and how to read it."""

    name: PurePosixPath
    size: int
    open: Callable[[], IO[bytes]]


def unpack(source: Path, target: Path, progress: Progress) -> None:
    """Copy the package at `source` below `target`. Blocks; `progress` counts bytes. Raises InputError and OSError."""
    if source.is_dir():
        _write(_bounded(list(_from_folder(source)), MOST_BYTES), target, progress)
        return
    try:
        with zipfile.ZipFile(source) as archive:
            growth = max(SMALL, MOST_GROWTH * source.stat().st_size)
            _write(_bounded(list(_from_archive(archive)), min(MOST_BYTES, growth)), target, progress)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as problem:
        raise InputError(_("{name} is no archive that can be read.").format(name=source.name), again()) from problem
    except FileNotFoundError as problem:
        raise InputError(_("{path} does not exist.").format(path=source), _("Check the name.")) from problem


def again() -> str:
    """What to do about a package that is damaged or none."""
    return _("Nothing was installed. Get the package again from where it came.")


def _from_archive(archive: zipfile.ZipFile) -> Iterator[Part]:
    listed = archive.infolist()
    if len(listed) > 2 * MOST_FILES:
        raise _too_much()
    for info in listed:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise _unsafe(info.filename)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotImplementedError("compressed in another way")
        if not info.is_dir():
            yield Part(_safe(info.filename), info.file_size, partial(archive.open, info))


def _from_folder(folder: Path) -> Iterator[Part]:
    for place, folders, files in os.walk(folder, onerror=_refuse):
        for name in (*folders, *files):
            path = Path(place) / name
            found = path.lstat()
            if not stat.S_ISDIR(found.st_mode) and not stat.S_ISREG(found.st_mode):
                raise _unsafe(name)
            if stat.S_ISREG(found.st_mode):
                yield Part(_safe(path.relative_to(folder).as_posix()), found.st_size, partial(_open, path))
        if len(Path(place).relative_to(folder).parts) > MOST_DEPTH:
            raise _too_much()


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _refuse(problem: OSError) -> None:
    raise problem


def _safe(name: str) -> PurePosixPath:
    """The name as a path below the package. Raises InputError for one that leads elsewhere."""
    path = PurePosixPath(name)
    usual = name.isprintable() and not path.is_absolute() and not set(name) & set('\\:*?"<>|')
    if not usual or not path.parts or ".." in path.parts or any(part[-1] in ". " for part in path.parts):
        raise _unsafe(name)
    if len(path.parts) > MOST_DEPTH or len(name) > MOST_NAME:
        raise _too_much()
    return path


def _bounded(parts: list[Part], most: int) -> list[Part]:
    if len(parts) > MOST_FILES or sum(part.size for part in parts) > most:
        raise _too_much()
    if len({str(part.name).casefold() for part in parts}) != len(parts):
        raise InputError(_("The package has two files of one name."), again())
    return parts


def _write(parts: list[Part], target: Path, progress: Progress) -> None:
    total, done = sum(part.size for part in parts), 0
    progress(done, total)
    for part in parts:
        place = target.joinpath(*part.name.parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open() as source, place.open("xb") as file:
            left = part.size
            while chunk := source.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise _too_much()
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
            file.flush()
            sync_file(file.fileno())


def _unsafe(name: str) -> InputError:
    shown = "".join(c if c.isprintable() else "?" for c in name)[:MOST_NAME]
    return InputError(_("The package holds “{name}”, which is a link or leads outside it.").format(name=shown), again())


def _too_much() -> InputError:
    return InputError(_("This is larger than any language package, or has too many files."), again())
