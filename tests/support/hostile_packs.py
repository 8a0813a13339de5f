"""Zips built to harm: one intact small pack, taken apart and put together again with one thing wrong each."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

TOP = "evidence"
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")


@dataclass(frozen=True)
class File:
    """One entry with everything a header can say; None of the numbers has to be true."""

    name: bytes
    content: bytes
    method: int = 0
    flags: int = 0
    mode: int = 0o100644
    size: int | None = None
    local_name: bytes | None = None
    extra: bytes = b""
    after: bytes = b""           # bytes behind the content, such as a data descriptor
    hidden_sizes: bool = False   # the local header leaves sizes and sum to what follows

    @property
    def stored(self) -> bytes:
        return _deflated(self.content) if self.method == 8 else self.content


@cache
def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def built(files: list[File], before: bytes = b"", between: bytes = b"", comment: bytes = b"", after: bytes = b"",
          shared: bool = False, count: int | None = None) -> bytes:
    """A zip of these. `shared`: every later entry of the directory points at the last file's bytes."""
    out, directory, header = io.BytesIO(before), io.BytesIO(), 0
    out.seek(0, 2)
    for file in files:
        stored, crc = file.stored, zlib.crc32(file.content)
        size = len(file.content) if file.size is None else file.size
        if not (shared and file.name.endswith(b"again")):
            header = out.tell()
            name = file.name if file.local_name is None else file.local_name
            sizes = (0, 0, 0) if file.hidden_sizes else (crc, len(stored), size)
            out.write(_LOCAL.pack(b"PK\3\4", 20, file.flags, file.method, 0, 0x21, *sizes, len(name), 0))
            out.write(name + stored + file.after)
        directory.write(_CENTRAL.pack(
            b"PK\1\2", 20, 20, file.flags, file.method, 0, 0x21, crc, len(stored), size, len(file.name),
            len(file.extra), 0, 0, 0, file.mode << 16, header) + file.name + file.extra)
    out.write(between)
    start, number = out.tell(), len(files) if count is None else count
    out.write(directory.getvalue())
    size = len(directory.getvalue())
    out.write(_END.pack(b"PK\5\6", 0, 0, number, number, size, start, len(comment)) + comment + after)
    return out.getvalue()


def parts(pack: bytes) -> list[File]:
    """The files of an intact pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return [File(f"{TOP}/{name.partition('/')[2]}".encode(), archive.read(name)) for name in archive.namelist()]


def named(name: str | bytes, content: bytes = b"x", **more: object) -> File:
    raw = name.encode() if isinstance(name, str) else name
    return replace(File(TOP.encode() + b"/" + raw, content), **more)  # type: ignore[arg-type]


Make = Callable[[list[File]], bytes]


def _with(*more: File) -> Make:
    return lambda files: built([*files, *more])


def _first(**changes: object) -> Make:
    return lambda files: built([replace(files[0], **changes), *files[1:]])  # type: ignore[arg-type]


def _described(file: File, wrong: bool = False) -> File:
    said = struct.pack("<4s3L", b"PK\7\x08", zlib.crc32(file.content) ^ wrong, len(file.content), len(file.content))
    return replace(file, flags=8, hidden_sizes=True, after=said)


def _large_end(files: list[File]) -> bytes:
    """The usual end says "look at the large one", and there is none."""
    raw = bytearray(built(files))
    struct.pack_into("<L", raw, len(raw) - 6, 0xFFFFFFFF)
    return bytes(raw)


_ZEROS = bytes(190_000)   # about 200 bytes when packed: below the ratio of one file


def crowd(files: list[File]) -> bytes:
    """One file more than a pack may hold."""
    return built([*files, *(named(f"data/{n}", b"") for n in range(50_001))])


BAD: dict[str, tuple[Make, str]] = {
    "truncated": (lambda files: built(files)[:-40], "not a complete zip"),
    "truncated inside": (lambda files: built(files)[: len(built(files)) // 2], "not a complete zip"),
    "empty": (lambda _files: b"", "not a complete zip"),
    "something else": (lambda _files: b"%PDF-1.7 " * 100, "not a complete zip"),
    "a program before it": (lambda files: built(files, before=b"\x7fELF" * 50), "belong to no file"),
    "bytes before the directory": (lambda files: built(files, between=b"hidden"), "belong to no file"),
    "bytes between files": (_first(after=b"hidden"), "belong to no file"),
    "bytes behind it": (lambda files: built(files, after=b"\0" * 10), "belong to no file"),
    "a comment": (lambda files: built(files, comment=b"see you"), "belong to no file"),
    "a second directory behind it": (lambda files: built(files) + built([named("x")]), "belong to no file"),
    "fewer entries than said": (lambda files: built(files, count=len(files) + 1), "not a complete zip"),
    "more entries than said": (lambda files: built(files, count=len(files) - 1), "belong to no file"),
    "a large end that is not there": (_large_end, "belong to no file"),
    "two names for one place": (lambda files: built([*files, named("again")], shared=True), "overlap"),
    "another name before the file": (_first(local_name=f"{TOP}/nothing".encode()), "different things"),
    "another size in the directory": (_first(size=7), "different things"),
    "a second name in an extra field": (_first(extra=struct.pack("<HH", 0x7075, 5) + b"\1abcd"), "different things"),
    "large sizes nobody needs": (_first(extra=struct.pack("<HHQ", 1, 8, 1 << 60)), "different things"),
    "an extra field that ends nowhere": (_first(extra=struct.pack("<HH", 9, 500)), "different things"),
    "sizes behind the file that are wrong": (
        lambda files: built([_described(files[0], wrong=True), *files[1:]]), "different things"),
    "encrypted": (_first(flags=1), "encrypted"),
    "encrypted throughout": (_first(flags=0x41), "encrypted"),
    "bzip2": (_first(method=12), "packed in a way"),
    "patched data": (_first(flags=0x20), "packed in a way"),
    "a link": (_with(named("data/link", b"/etc/passwd", mode=0o120777)), "a link"),
    "a pipe": (_with(named("data/pipe", b"", mode=0o010644)), "a link"),
    "a device": (_with(named("data/disk", b"", mode=0o060644)), "a link"),
    "absolute": (_with(File(b"/etc/cron.d/x", b"x")), "forbidden name"),
    "dots": (_with(named("data/../../../x")), "forbidden name"),
    "dots alone": (_with(File(b"../x", b"x")), "forbidden name"),
    "a drive": (_with(named("C:x")), "forbidden name"),
    "a backslash": (_with(named("data\\..\\x")), "forbidden name"),
    "a null": (_with(named("data/report.html\0.png")), "forbidden name"),
    "a line break": (_with(named("data/a\nb")), "forbidden name"),
    "a dot at the end": (_with(named("data/report.html.")), "forbidden name"),
    "a blank at the end": (_with(named("data/report.html ")), "forbidden name"),
    "no name between slashes": (_with(named("data//x")), "forbidden name"),
    "a long name": (_with(named("x" * 300)), "forbidden name"),
    "not UTF-8": (_with(named(b"data/\xff\xfe")), "forbidden name"),
    "composed and decomposed": (_with(named("data/é"), named("data/e\u0301")), "forbidden name"),
    "one name twice": (_with(named("data/report.html")), "two files with one name"),
    "one name in two cases": (_with(named("data/REPORT.html")), "two files with one name"),
    "a file that is a folder as well": (_with(named("data/report.html/x")), "two files with one name"),
    "two folders at the top": (_with(File(b"other/x", b"x")), "not an evidence pack"),
    "no bag": (lambda _files: built([named("x")]), "not an evidence pack"),
    "a bag of something else": (lambda files: built(files[-3:]), "not an evidence pack"),
    "swells two thousand times": (_with(named("data/files/a.png", bytes(8_000_000), method=8)), "too large when"),
    "many that swell": (
        _with(*(named(f"data/files/{n}.png", _ZEROS, method=8) for n in range(600))), "too large when"),
    "says it swells to the sky": (_first(size=(1 << 32) - 2, method=8), "too large when"),
    "says it holds too many": (lambda files: built(files, count=50_001), "too many"),
}
GOOD: dict[str, Make] = {
    "as it is": built,
    "packed again": lambda files: built([replace(file, method=8) for file in files]),
    "sizes behind the files": lambda files: built([_described(file) for file in files]),
    "with its folders": lambda files: built([named("data/", b"", mode=0o040755), *files]),
}
