"""Where two features meet: one's answer in the shape the other asks for. Nothing here decides anything."""

from __future__ import annotations

import getpass
import json
import socket
import sys
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from workstation.evidence.model import Kind
from workstation.inbox import placing
from workstation.inbox.lookups import Lookups
from workstation.inbox.model import SystemLine, TranslationView
from workstation.inbox.offering import TAG, TRIAGE
from workstation.inbox.ports import EVER, MOST_LINES
from workstation.inbox.repo import twins
from workstation.kernel.i18n import _
from workstation.orders.model import ClueMaterial
from workstation.orders.repo import links
from workstation.playbooks.repo import STEP
from workstation.translation import masking
from workstation.translation import repo as translations
from workstation.verification.model import Verdict
from workstation.verification.service import VerificationService


class StoredTranslations:
    """Translation's kept texts as the inbox shows them."""

    def stored(
        self, connection: Connection, message_ids: Sequence[str], language: str
    ) -> Mapping[str, TranslationView]:
        found = translations.stored(connection, message_ids, language)
        return {i: TranslationView(kept.language, kept.text, kept.engine, kept.lost) for i, kept in found.items()}


class ConversationClues:
    """The inbox's texts as orders looks for numbers in them."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    def clue_material(self, connection: Connection, conversation_ids: Sequence[str]) -> Sequence[ClueMaterial]:
        found = self._lookups.clues(connection, conversation_ids)
        return [ClueMaterial(clues.conversation_id, clues.addresses, clues.text) for clues in found]


class SealedLines:
    """Records of a case as quiet lines between its messages."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        found = connection.exec_driver_sql(_SEALED, (conversation_id, since, until, Kind.VIEW, MOST_LINES))
        return [
            SystemLine(at, _line(kind, sequence), "approval" if kind == Kind.APPROVAL else "evidence", record_id)
            for record_id, kind, sequence, at in
            reversed(found.all())
        ]


class CheckedLines:
    """Fulfils `inbox.ports.QuietLines`: when the order's sources were last asked, and what did not pass then. How it
    stood before that is kept nowhere."""

    def __init__(self, checks: VerificationService) -> None:
        self._checks = checks

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        panel = self._checks.last_asked(connection, conversation_id, since, until)
        if panel is None:
            return ()
        worst = sorted((each for each in panel.checks if each.verdict in _TOLD), key=lambda e: _TOLD.index(e.verdict))
        if not worst:
            return (SystemLine(panel.at, _("Checked: nothing stands against it"), "check", panel.checks[0].answer_id),)
        told = " · ".join(each.fact for each in worst[:_MOST_TOLD])
        answer = next((each.answer_id for each in worst if each.answer_id), "")
        return (SystemLine(panel.at, _("Checked: {what}").format(what=told), "check", answer),)


_TOLD = (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)
_MOST_TOLD = 2
"""Checks that one quiet line names; the panel has all of them."""

_SEALED = (
    "SELECT id, kind, sequence, at FROM evidence_record WHERE case_id IN ("
    "SELECT ?1 UNION ALL SELECT id FROM conversation WHERE merged_into = ?1 AND merged_into != '') "
    "AND at >= ?2 AND at < ?3 AND kind != ?4 "
    "ORDER BY sequence DESC LIMIT ?5"
)


class ConflictLines:
    """What this desk or another one said of a conversation and did not become so, because somebody else was first."""

    def lines(
        self, connection: Connection, conversation_id: str, since: int = 0, until: int = EVER
    ) -> Sequence[SystemLine]:
        found = connection.exec_driver_sql(_CONFLICTS, (conversation_id, since, until, MOST_LINES))
        lines = (SystemLine(at, _conflict(connection, *told), "state") for at, *told in reversed(found.all()))
        return [line for line in lines if line.text]


_CONFLICTS = (
    "SELECT at, field, kept, lost FROM sync_conflict "
    "WHERE collection IN ('conversation', 'playbook') AND entity_id IN ("
    "SELECT ?1 UNION SELECT id FROM conversation WHERE merged_into = ?1 AND merged_into != '' "
    "UNION SELECT id FROM conversation_twin WHERE conversation_id = ?1) AND at >= ?2 AND at < ?3 "
    "ORDER BY at DESC LIMIT ?4"
)


def _conflict(connection: Connection, field: str, kept: str, lost: str) -> str:
    """A sentence about two people who changed one thing at once; "" for what nobody needs to know."""
    if field == "assignee":
        stays, went = (_member(connection, json.loads(value)) for value in (kept, lost))
        return _("Two people assigned this at once: it is {kept}’s, not {lost}’s.").format(kept=stays, lost=went)
    sentences = {
        "state": _("Two people resolved, snoozed or reopened this at once; what was said first counts."),
        "merged_into": _("Two people merged or parted this at once; what was said first counts."),
        "muted": _("Two people muted this or not at once; what was said first counts."),
        "review": _("Two people asked for a review or not at once; what was said first counts."),
        "playbook": _("Two people chose a playbook at once; what was said first counts."),
    }
    if field.startswith(TRIAGE):
        return _("Two people corrected what this is about at once; what was said first counts.")
    if field.startswith(STEP):
        return _("Two people changed a playbook step at once; what was said first counts.")
    tagged = _("Two people changed the tag “{tag}” at once; what was said first counts.")
    return tagged.format(tag=field.removeprefix(TAG)) if field.startswith(TAG) else sentences.get(field, "")


def _member(connection: Connection, member_id: str | None) -> str:
    if not member_id:
        return _("nobody")
    name = connection.exec_driver_sql("SELECT name FROM member WHERE id = ?", (member_id,)).scalar()
    return str(name or member_id)


def order_numbers(connection: Connection, conversation_id: str) -> tuple[str, ...]:
    """Numbers of the orders a conversation is surely about; one that only has the same address is no more than a hint.
    """
    linked = links.of_conversation(connection, conversation_id, placing.members(connection, conversation_id))
    return tuple(dict.fromkeys(link.ref.order_id for link in linked if link.strong))


_MARKED = 60_000
"""Characters of one message in which is looked for what must survive: as many as a timeline shows."""


def survivors(text: str) -> tuple[str, ...]:
    """Ids, amounts, dates and links of a text that must survive translation."""
    return tuple(found.value for found in masking.find(text[:_MARKED]))


def _line(kind: str, sequence: int) -> str:
    sentences = {
        "capture": _("Screen captured and sealed, record {n}"),
        "reply": _("Reply kept as sent, record {n}"),
        "export": _("Evidence exported, record {n}"),
        "file": _("File kept as evidence, record {n}"),
        "answer": _("Answer behind a check kept, record {n}"),
        "approval": _("A person allowed what was sent, record {n}"),
        "erase": _("Personal data erased, record {n}"),
        "hold": _("Legal hold laid or lifted, record {n}"),
        "derived": _("Copy of a picture sealed, record {n}"),
        "step": _("Playbook step kept, record {n}"),
    }
    return sentences.get(kind, _("Record {n} sealed")).format(n=sequence)


class KnownNames:
    """Every id under which desktops know a conversation, for presence at the hub."""

    def ids(self, connection: Connection, conversation_id: str) -> Sequence[str]:
        return (conversation_id, *twins(connection, conversation_id))


def person() -> str:
    """What colleagues read until this person says otherwise: the name in the system's account, else its log-in."""
    try:
        login = getpass.getuser()
    except (OSError, KeyError):   # a container without an account
        return socket.gethostname()
    if sys.platform == "win32":
        return login
    import pwd

    try:
        return pwd.getpwnam(login).pw_gecos.split(",")[0].strip() or login
    except KeyError:
        return login
