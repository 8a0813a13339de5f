"""Records as a person looks at them: the picture decoded, the text readable, all that is said, originals and copies.

Looking is a custody event like any opening; asking what a record says of itself is none, nothing of its file is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from workstation.evidence import dsse, lineage, operations, record, repo, showing, views
from workstation.evidence.decoding import decode
from workstation.evidence.deriving import make
from workstation.evidence.differing import difference
from workstation.evidence.model import Details, Difference, Kind, Lineage, Look, Picture, RecordView
from workstation.evidence.photos import Photos
from workstation.kernel.errors import InputError, NotFound

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from workstation.evidence.deriving import Checked
    from workstation.evidence.repo import Stored
    from workstation.store.database import Database

DEEPEST = 50
"""Copies of copies that are followed upwards."""


class Looking:
    """Answers the viewer. `opened` puts on record that a record's file was opened."""

    def __init__(
        self, database: Database, checked: Checked, opened: Callable[[Stored], Awaitable[object]],
        photos: Photos | None = None,
    ) -> None:
        self._photos = photos or Photos()
        self._database = database
        self._checked = checked
        self._opened = opened

    async def look(self, record_id: str) -> Look:
        """A record's file to look at. Raises NotFound, Tampered."""
        found, content = await self._checked(record_id)
        await self._opened(found)
        fields = await self._database.read(lambda conn: repo.private(conn, [record_id]))
        view = views.view(found, fields.get(record_id, ()))
        try:
            shown = (await self._photos.plain(content)).content
        except InputError as problem:
            return Look(view, b"", None, "", str(problem))
        return await asyncio.to_thread(_look, view, shown)

    async def details(self, record_id: str) -> Details:
        """All that a record says of itself. Raises NotFound, Tampered (its row holds no record)."""
        return await self._database.read(lambda conn: _details(conn, record_id))

    async def compare(self, one_id: str, other_id: str) -> Difference:
        """Two records' pictures. Raises NotFound, Tampered, InputError (one is no picture that can be shown)."""
        one, other = [await self._readable(record_id) for record_id in (one_id, other_id)]
        return await asyncio.to_thread(_compared, one, other)

    async def _readable(self, record_id: str) -> tuple[Stored, bytes]:
        found, content = await self._checked(record_id)
        return found, (await self._photos.plain(content)).content


def _compared(one: tuple[Stored, bytes], other: tuple[Stored, bytes]) -> Difference:
    first, second = decode(one[1]).picture, decode(other[1]).picture
    exact = _exact(one, other[0], second)
    return replace(difference(first, second), exact=_exact(other, one[0], first) if exact is None else exact)


def _exact(original: tuple[Stored, bytes], copy: Stored, shown: Picture) -> bool | None:
    """Whether the copy's operations, done to the original once more, give the copy; None where that cannot be said."""
    said = views.statement(copy)
    done = operations.without_marks(lineage.lines(said))
    if done is None or [source for source, _hash in lineage.sources(said)] != [original[0].id]:
        return None
    try:
        again = make(original[1], done).picture
    except InputError:      # operations that cannot be done to it
        return False
    return (again.width, again.height) == (shown.width, shown.height) and again.rgba == shown.rgba


def _look(view: RecordView, content: bytes) -> Look:
    picture: Picture | None = None
    trouble = ""
    if view.mime.startswith("image/"):
        try:
            picture = decode(content).picture
        except InputError as problem:
            trouble = str(problem)
    text = showing.text(view.mime, content)
    return Look(view, content if text else b"", picture, text, trouble)


def _details(conn: Connection, record_id: str) -> Details:
    found = repo.get(conn, record_id)
    fields = repo.private(conn, [record_id]).get(record_id, ())
    statement = views.statement(found)
    envelope = dsse.parse(found.envelope)
    kept = {one.name for one in fields}
    originals, missing = _originals(conn, found)
    return Details(
        views.view(found, fields), found.record_hash, envelope.key_id, envelope.payload,
        tuple((one.name, one.value) for one in fields),
        tuple(sorted(record.part(statement, "private").keys() - kept)),
        Lineage(originals, _copies(conn, found), missing),
    )


def _originals(conn: Connection, found: Stored) -> tuple[tuple[RecordView, ...], str]:
    """The originals, nearest first, and the id of the first that is not here."""
    chain: list[RecordView] = []
    while len(chain) < DEEPEST:
        named = lineage.sources(views.statement(found))
        if not named:
            break
        try:
            found = repo.get(conn, named[0][0])
        except NotFound:
            return tuple(chain), named[0][0]
        chain.append(_view(conn, found))
    return tuple(chain), ""


def _copies(conn: Connection, original: Stored) -> tuple[RecordView, ...]:
    """Copies lie in the case of their original."""
    rows = (row for row in repo.of_case(conn, original.case_id) if row.kind == Kind.DERIVED)
    shown = (_view(conn, row) for row in rows)
    return tuple(view for view in shown if view.derived_from == original.id)


def _view(conn: Connection, stored: Stored) -> RecordView:
    return views.view(stored, repo.private(conn, [stored.id]).get(stored.id, ()))
