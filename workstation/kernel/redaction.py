"""What may be said about a failure to people who must not know the buyer: by structure first, by pattern second.

By structure: of an exception its kind, where it happened in the code, and a few numbers; its words only when they are
the interpreter's or ours. Of a log line the sentence in the code, numbers, ids, kinds and words on a list. Everything
else, however harmless it looks, is left out: a name is a name without looking like one.
"""

from __future__ import annotations

import builtins
import enum
import linecache
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from workstation.kernel.errors import WorkstationError

_RULES = (
    (re.compile(r"(?i)\b(?:https?|wss?|imaps?|smtps?|ftp|mailto|data|file):[^\s\"'<>]*"), "<link>"),
    (re.compile(r"[^\s@<>\"'(),;:=]{1,64}@[\w.-]{1,255}"), "<address>"),
    (re.compile(r"(?i)\b((?:bearer|basic|token|password|passphrase|passwd|secret|authorization|cookie|key)s?)\b"
                r"(\s*[:=]\s*|\s+)(?:(?:bearer|basic)\s+)?\S+"), r"\1=<secret>"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){4,}\b", re.IGNORECASE), "<key>"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w.-]+"), "<key>"),
    (re.compile(r"\b[0-9a-fA-F]{40,}\b"), "<key>"),
    (re.compile(r"(?<![\w+/-])(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{32,}={0,2}"), "<key>"),
    (re.compile(r"\+?\d[\d ()./-]{6,}\d"), "<number>"),
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}")
_TOKEN = re.compile(r"\w+")
_QT = re.compile(r"Q[A-Z][a-z][A-Za-z0-9]{1,40}(?:::~?[A-Za-z_]\w{0,60}){0,4}")
"""A class of Qt's, and a function of it."""
_SPEAKS_OF_CODE = (AttributeError, NameError, ImportError, TypeError, RecursionError, ZeroDivisionError, MemoryError)
_INTERPRETER = frozenset("""
    a an and any are argument arguments at attribute be been but by call callable can cannot circular concatenate
    defined depth did division does due enough exactly exceeded expected float for from function generated given got
    has have if import in index indexed indices initialized instance instances int is item items iterable iterator
    keyword least likely local loop maximum may mean method missing module more most multiple must name named no
    non-default not null number object of one only operand or out package partially positional previously recursion
    required sequence setter slices str string subscriptable support supported supports takes tuple two type types
    unbound unexpected unhashable unpack unsupported value values variable was were when which while with without you
    zero
""".split())
"""Words of the interpreter's own messages about code."""
_CODE = ("workstation", "ui", "tests")
_MOST_CAUSES, _MOST_FRAMES, _MOST_CHARS, _MOST_GROUP = 8, 40, 20_000, 5
_LEFT_OUT = "<text>"
WORDS = frozenset((
    *"conversation message order orders parcel refund evidence record draft sync hub mailbox mail checks".split(),
    *"problems sender snoozed sources translation worker screen capture import export append put set".split(),
    *"GET POST PUT PATCH DELETE HEAD get post patch delete".split(), "translation server",
))
"""Words of ours that may stand in a log line: collections, kinds of change, names of jobs, methods of HTTP."""


class Plain(str):
    """A text whose author vouches that it says nothing about a person: it may stand in a log line."""

    __slots__ = ()


def redact(text: str) -> str:
    """`text` without links, addresses, long numbers and anything that looks like a secret."""
    kept: list[str] = []
    last = 0
    for found in _UUID.finditer(text):
        kept += [_by_pattern(text[last:found.start()]), found.group()]
        last = found.end()
    return "".join((*kept, _by_pattern(text[last:])))


def redacted(bug: BaseException) -> str:
    """The whole trace of an exception and of what caused it, without what it says about a person. Bounded."""
    parts: list[str] = []
    for number, each in enumerate(_chain(bug)):
        if number:
            parts.append("\nwhich led to:\n")
        parts += [*_frames(each), headline(each), "\n"]
    text = "".join(parts)
    return text if len(text) <= _MOST_CHARS else f"{text[:_MOST_CHARS // 2]}\n…\n{text[-_MOST_CHARS // 2:]}"


def headline(bug: BaseException) -> str:
    """One line: the kind, its numbers, and its words when they speak of code."""
    said = [name_of(type(bug)), *_facts(bug)]
    words = _words(bug)
    if isinstance(bug, BaseExceptionGroup):
        said.append(f"[{'; '.join(headline(each) for each in bug.exceptions[:_MOST_GROUP])}]")
    return " ".join(said) + (f": {words}" if words else "")


def name_of(kind: type[BaseException]) -> str:
    """`ValueError`, `sqlalchemy.exc.IntegrityError`."""
    near = kind.__module__ in ("builtins", "__main__")
    return kind.__qualname__ if near else f"{kind.__module__}.{kind.__qualname__}"


def argument(value: object) -> object:
    """What of a log line's argument may be written."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return headline(value)
    if isinstance(value, type):
        return value.__qualname__
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, UUID):
        return str(value)
    return _text(value) if isinstance(value, str) else f"<{type(value).__name__}>"


def of_qt(text: str) -> Plain:
    """A message of Qt's with what names its own code and the words of the interpreter; files, fonts, links and
    everything else are left out."""
    def judged(found: re.Match[str]) -> str:
        word = found.group()
        said = word.lower() in _INTERPRETER or _QT.fullmatch(word) or (word.isdecimal() and len(word) < 4)
        return word if said else "…"

    return Plain(re.sub(r"[\w:]*\w", judged, text)[:300]) if text.isascii() else Plain(_left_out(text))


def arguments(values: object) -> object:
    """The same for all arguments of a log line."""
    if isinstance(values, Mapping):
        return {name: argument(value) for name, value in values.items()}
    return tuple(argument(value) for value in values) if isinstance(values, tuple) else argument(values)


def _text(value: str) -> str:
    vouched = isinstance(value, Plain) or value in WORDS or _UUID.fullmatch(value)
    known = vouched or (value.isidentifier() and value in _kinds(len(sys.modules)))
    return str(value) if known else _LEFT_OUT


@lru_cache(maxsize=1)
def _kinds(_modules: int) -> frozenset[str]:
    """Names of every kind of failure and event the program has loaded; asked again when there are more modules."""
    from workstation.kernel.events import Event

    found: set[type] = set()
    open_: list[type] = [BaseException, Event]
    while open_:
        kind = open_.pop()
        if kind not in found:
            found.add(kind)
            open_ += type.__subclasses__(kind)
    return frozenset(kind.__name__ for kind in found)


def _by_pattern(text: str) -> str:
    for pattern, mark in _RULES:
        text = pattern.sub(mark, text)
    return text


def _chain(bug: BaseException) -> list[BaseException]:
    """The first cause first."""
    found: list[BaseException] = []
    each: BaseException | None = bug
    while each is not None and each not in found and len(found) < _MOST_CAUSES:
        found.append(each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return found[::-1]


def _frames(bug: BaseException) -> Iterator[str]:
    frames = list(traceback.walk_tb(bug.__traceback__))
    if frames:
        yield "Traceback, the innermost call last:\n"
    if len(frames) > _MOST_FRAMES:
        yield f"  … {len(frames) - _MOST_FRAMES} calls\n"
    for frame, line in frames[-_MOST_FRAMES:]:
        file = frame.f_code.co_filename
        yield f"  {_place(file)}:{line} in {frame.f_code.co_qualname}\n"
        source = linecache.getline(file, line).strip() if _is_code(file) else ""
        if source:
            yield f"    {source[:200]}\n"


def _place(file: str) -> str:
    """The file as the program names it: nothing of where this person's computer keeps it."""
    parts = Path(file).parts
    for name in (*_CODE, "site-packages"):
        if name in parts:
            last = len(parts) - 1 - parts[::-1].index(name)
            return "/".join(parts[last + (name == "site-packages"):])
    return parts[-1] if parts else "?"


def _is_code(file: str) -> bool:
    return file.endswith(".py") and not file.startswith("<")


def _facts(bug: BaseException) -> Iterator[str]:
    """Numbers and names that kinds of failure carry, none of which says who."""
    if isinstance(bug, OSError):
        if isinstance(bug.errno, int):
            yield f"errno={bug.errno}"
        return
    for name in ("sqlite_errorname", "code", "smtp_code", "status_code", "returncode"):
        value = getattr(bug, name, None)
        if isinstance(value, int) or (isinstance(value, str) and _IDENTIFIER.fullmatch(value) and len(value) < 40):
            yield f"{name}={value}"
    original = getattr(bug, "orig", None)   # SQLAlchemy: what the driver raised
    if isinstance(original, BaseException):
        yield f"({name_of(type(original))})"


def _words(bug: BaseException) -> str:
    """What it says, if that is about code. A known failure's sentence may name a file or a person: its kind is enough,
    and the sentence was on the screen."""
    text = str(bug.args[0]) if bug.args and isinstance(bug.args[0], str) else ""
    if not text:
        return ""
    if not isinstance(bug, _SPEAKS_OF_CODE) or isinstance(bug, WorkstationError):
        return _left_out(text)
    known = _names_in_code(bug)

    def judged(found: re.Match[str]) -> str:
        word = found.group()
        said = word in _INTERPRETER or word in known or (word.isdecimal() and len(word) < 4)
        return word if said else "…"

    return _TOKEN.sub(judged, text)[:300] if text.isascii() else _left_out(text)


def _names_in_code(bug: BaseException) -> frozenset[str]:
    """What the functions of the trace are and call, and the interpreter's own types."""
    found = set(vars(builtins)) | {"NoneType", "method", "dict_keys", "dict_values", "coroutine", "generator"}
    for frame, _line in traceback.walk_tb(bug.__traceback__):
        code = frame.f_code
        found.update(code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, (code.co_name,))
    return frozenset(found)


def _left_out(text: str) -> str:
    return f"<{len(text)} characters left out>"
