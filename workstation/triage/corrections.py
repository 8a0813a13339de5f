"""What persons say of findings: kept, told to colleagues' desktops, heard from them, taken back, and learned from.

Over the hub a correction is a field of its conversation, compared and set: of two persons who correct one finding at
once the first counts, at every desk. The words it teaches about never travel: each desktop reads them from its own
messages, when they are there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from workstation.domain.events import ConversationsChanged
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, NotFound
from workstation.kernel.i18n import _
from workstation.store.unit import Unit
from workstation.triage import repo
from workstation.triage.judge import KINDS, Material, words_of
from workstation.triage.model import Issue, Risk, Urgency
from workstation.triage.ports import Columns, Conversations, Stand
from workstation.triage.repo import Correction

MESSAGES = 5
"""Newest messages of a buyer that are read."""
VALUES = {"issue": frozenset(Issue), "risk": frozenset(Risk), "urgency": frozenset(str(int(each)) for each in Urgency)}


@dataclass(frozen=True, slots=True)
class Before:
    """What a correction replaced, and what it said."""

    made: Correction | None
    columns: Columns
    kind: str
    value: str


class Corrections:
    """Every method runs in the caller's transaction."""

    def __init__(self, clock: Clock, conversations: Conversations) -> None:
        self._clock, self._inbox = clock, conversations

    def make(self, unit: Unit, conversation_id: str, kind: str, value: str) -> Before:
        """A person at this desk knows better. Raises NotFound."""
        stand = self._stand(unit.conn, conversation_id)
        if stand is None:
            raise NotFound(_("This conversation is not here."), _("Choose another one from the list."))
        before = Before(repo.correction(unit.conn, conversation_id, kind), shown(stand), kind, value)
        self._keep(unit.conn, stand, kind, value)
        self._tell(unit, conversation_id, kind, before.made, value)
        unit.emit(ConversationsChanged((conversation_id,)))
        return before

    def take_back(self, unit: Unit, before: Before) -> None:
        """As it was before; what somebody else said of it meanwhile stays."""
        conversation_id, kind = before.columns.id, before.kind
        said = repo.correction(unit.conn, conversation_id, kind)
        if said is None or said.value != before.value:
            return
        if before.made is None:
            repo.remove(unit.conn, conversation_id, kind)
        else:
            repo.put(unit.conn, before.made)
        self._tell(unit, conversation_id, kind, said, before.made.value if before.made else None)
        now = self._stand(unit.conn, conversation_id)
        if now is not None:
            self._inbox.restore(unit.conn, having(shown(now), kind, str(getattr(before.columns, kind))))
        repo.forget(unit.conn, conversation_id)
        unit.emit(ConversationsChanged((conversation_id,)))

    def hear(self, unit: Unit, conversation_id: str, said: Mapping[str, object], whole: bool) -> bool:
        """What the hub holds of a conversation: value by kind, None for a correction that was taken back. `whole`: of
        what is not named nothing is said any more. Returns whether that was news."""
        known = repo.of_persons(unit.conn, [conversation_id]).get(conversation_id, {})
        told = {kind: value for kind, value in said.items() if kind in KINDS and (value is None or fits(kind, value))}
        wanted = {**dict.fromkeys(known if whole else ()), **told}
        news = {kind: value for kind, value in wanted.items() if known.get(kind) != value}
        stand = self._stand(unit.conn, conversation_id) if news else None
        if stand is None:
            return False
        for kind, value in news.items():
            if value is None:
                repo.remove(unit.conn, conversation_id, kind)
            else:
                self._keep(unit.conn, stand, kind, str(value))
        repo.forget(unit.conn, conversation_id)
        unit.emit(ConversationsChanged((conversation_id,), elsewhere=True))
        return True

    def complete(self, connection: Connection, about: Sequence[Material]) -> bool:
        """Corrections that were heard before their messages came, and teach only now. Returns whether there were any.
        """
        corrected = {each.stand.id: each.said for each in about if each.persons}
        wordless = repo.wordless(connection, list(corrected)) if corrected else []
        found = [(one, words) for one in wordless if (words := words_of(corrected[one]))]
        for conversation_id, words in found:
            repo.put_words(connection, conversation_id, sorted(words))
        return bool(found)

    def _keep(self, connection: Connection, stand: Stand, kind: str, value: str) -> None:
        words = words_of(self._inbox.said(connection, stand.id, MESSAGES))
        repo.put(connection, Correction(stand.id, kind, value, self._clock.now(), tuple(sorted(words))))
        now = self._stand(connection, stand.id) or stand
        self._inbox.put(connection, [having(shown(now), kind, value)])

    def _tell(self, unit: Unit, conversation_id: str, kind: str, old: Correction | None, new: str | None) -> None:
        self._inbox.tell(unit, conversation_id, kind, old.value if old else None, new, self._clock.now())

    def _stand(self, connection: Connection, conversation_id: str) -> Stand | None:
        return next(iter(self._inbox.stands(connection, [conversation_id])), None)


def check(kind: str, value: str) -> None:
    """Raises InputError for what no conversation can be."""
    if not fits(kind, value):
        raise InputError(_("“{value}” is nothing a conversation can be.").format(value=value[:40]),
                         _("Choose one of the values that are offered."))


def fits(kind: str, value: object) -> bool:
    """Whether a finding of this kind can have this value."""
    if not isinstance(value, str):
        return False
    codes = {"language": value.isascii() and value.isalpha() and value.islower() and len(value) in (2, 3),
             "market": value.isascii() and value.isalpha() and value.isupper() and len(value) == 2}
    return value in VALUES[kind] if kind in VALUES else codes.get(kind, False)


def shown(stand: Stand) -> Columns:
    """A conversation's row as triage writes it."""
    return Columns(stand.id, stand.issue, stand.urgency, stand.risk, stand.market, stand.language)


def having(columns: Columns, kind: str, value: str) -> Columns:
    """The same with another value of one kind."""
    return replace(columns, urgency=int(value)) if kind == "urgency" else replace(columns, **{kind: value})  # type: ignore[arg-type]
