"""Every known failure says what happened and what to do; every action is a button; one place knows the system's own."""

from __future__ import annotations

import ast
import errno
import socket
import sqlite3
import ssl
from collections.abc import Iterator, Set
from functools import cache

import httpx
import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from tests.support.source import Source, last_name, sources
from workstation.connectors.email import smtp_session as _smtp  # noqa: F401 - defines failures of its own
from workstation.hub import problems as _problems
from workstation.kernel import actions, errors
from workstation.kernel.actions import Action
from workstation.kernel.errors import (
    BadAnswer,
    BadCertificate,
    Busy,
    Damaged,
    DiskFull,
    InputError,
    Offline,
    ReadOnly,
    StoreError,
    TimedOut,
    WorkstationError,
)
from workstation.kernel.failing import known
from workstation.sync import ports as _sync_ports  # noqa: F401
from workstation.translation import ports as _translation_ports  # noqa: F401

WIRE = {_problems.HubProblem.__name__}
"""Answers of the hub to a desktop, which says them in its own words with a remedy of its own."""


def kinds(root: type[WorkstationError] = WorkstationError) -> set[str]:
    """The names of every known failure there is."""
    return {root.__name__}.union(*(kinds(kind) for kind in root.__subclasses__()))


@cache
def defined() -> frozenset[str]:
    """The same, read from the source: nothing hides in a module that was not loaded here."""
    classes = [
        (node.name, {last_name(base) for base in node.bases}) for source in sources("workstation", "ui")
        for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef) and node.bases]
    names = {"WorkstationError"}
    while more := {name for name, bases in classes if bases & names} - names:
        names |= more
    return frozenset(names)


def raised(source: Source, names: Set[str]) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and last_name(node.func) in names:
            yield node.lineno, last_name(node.func), node


@cache
def all_raised() -> tuple[tuple[str, int, str, ast.Call], ...]:
    """Every failure the product raises; walked once, the trees are large."""
    names = defined()
    return tuple((source.name, line, name, call) for source in sources("workstation")
                 for line, name, call in raised(source, names))


def given(call: ast.Call, at: int, name: str) -> ast.expr | None:
    return call.args[at] if len(call.args) > at else next((k.value for k in call.keywords if k.arg == name), None)


def says_nothing(value: ast.expr | None) -> bool:
    return value is None or (isinstance(value, ast.Constant) and not value.value)


def untranslated(value: ast.expr | None) -> bool:
    """A text written there, or an f-string with words of its own; joining sentences with a blank is not one."""
    parts = value.values if isinstance(value, ast.JoinedStr) else [value]
    return any(isinstance(part, ast.Constant) and str(part.value).strip() for part in parts)


def test_every_failure_that_is_raised_has_a_sentence_and_a_remedy() -> None:
    shown = [(f"{place}:{line} {name}", call) for place, line, name, call in all_raised() if name not in WIRE]
    silent = [
        where for where, call in shown
        if says_nothing(given(call, 0, "sentence")) or says_nothing(given(call, 1, "remedy"))
    ]
    assert silent == []
    assert len(shown) > 250


def test_the_check_above_can_fail() -> None:
    text = "raise NotFound(_('Gone.'), '')\nraise Offline(_('Away.'))\nraise Busy(_('Busy.'), _('Wait.'))"
    found = [name for _line, name, call in raised(Source("made_up.py", text, ast.parse(text)), defined())
             if says_nothing(given(call, 1, "remedy"))]
    assert found == ["NotFound", "Offline"]


def test_the_sentence_of_a_failure_is_translated_where_it_is_written() -> None:
    """Never an f-string or a bare text, except what already is a sentence in a variable."""
    bare = [
        f"{place}:{line}" for place, line, name, call in all_raised()
        if name not in WIRE and untranslated(given(call, 0, "sentence"))]
    assert bare == []


def test_the_tree_of_failures_is_the_one_that_is_drawn() -> None:
    drawn = {word for word in (errors.__doc__ or "").replace("─", " ").split() if word[:1].isupper()}
    own = {name for name, kind in vars(errors).items()
           if isinstance(kind, type) and issubclass(kind, WorkstationError)}
    assert own <= drawn
    assert kinds() <= defined() | {"HubProblem"}


def test_every_action_has_words() -> None:
    assert set(actions.TITLES) == set(Action)
    assert all(actions.title(action) for action in Action)


def test_a_failure_has_its_kinds_action_or_its_own() -> None:
    assert Offline("Away.", "Wait.").action is Action.RETRY
    assert Offline("Away.", "Wait.", action=Action.CONNECT_HUB).action is Action.CONNECT_HUB
    assert InputError("Not so.", "Otherwise.").action is None
    assert errors.SendBlocked("Not yet.", "Wait.", ("why",), action=Action.SHOW_PROBLEMS).action is Action.SHOW_PROBLEMS


def caused(problem: BaseException) -> BaseException:
    try:
        try:
            raise problem
        except type(problem) as inner:
            raise RuntimeError("a library wrapped it") from inner
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize(("problem", "kind"), [
    (OSError(errno.ENOSPC, "x"), DiskFull), (OSError(errno.EDQUOT, "x"), DiskFull),
    (OSError(errno.EROFS, "x"), ReadOnly), (PermissionError(errno.EACCES, "x"), ReadOnly),
    (OSError(errno.ENAMETOOLONG, "x"), InputError), (OSError(errno.EMFILE, "x"), StoreError),
    (OSError(errno.EIO, "x"), StoreError), (OSError(errno.ENETUNREACH, "x"), Offline),
    (ConnectionRefusedError(errno.ECONNREFUSED, "x"), Offline), (TimeoutError(), TimedOut),
    (ssl.SSLCertVerificationError(1, "x"), BadCertificate), (ssl.SSLError(1, "x"), BadAnswer),
    (sqlcipher.OperationalError("database or disk is full"), DiskFull),
    (sqlite3.OperationalError("attempt to write a readonly database"), ReadOnly),
    (sqlcipher.OperationalError("database is locked"), Busy),
    (sqlcipher.DatabaseError("database disk image is malformed"), Damaged),
    (httpx.ConnectTimeout("x"), TimedOut), (httpx.ConnectError("x"), Offline),
    (httpx.RemoteProtocolError("x"), BadAnswer), (Busy("Held.", "Wait."), Busy),
])
def test_what_the_system_raises_is_known(problem: BaseException, kind: type[WorkstationError]) -> None:
    for each in (problem, caused(problem)):
        found = known(each)
        assert type(found) is kind
        assert found.sentence
        assert found.remedy


@pytest.mark.parametrize("bug", [
    KeyError("x"), FileNotFoundError(errno.ENOENT, "x"), OSError("no number"), ValueError("disk is full"),
    sqlcipher.OperationalError("no such table: draft"), sqlcipher.IntegrityError("UNIQUE constraint failed"),
    socket.gaierror(socket.EAI_NONAME, "x"), httpx.UnsupportedProtocol("x"), RuntimeError("database is locked"),
])
def test_a_bug_stays_a_bug(bug: BaseException) -> None:
    found = known(bug)
    assert found is None or isinstance(bug, httpx.UnsupportedProtocol)
