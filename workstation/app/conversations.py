"""The inbox, put together: what other features add to a conversation, and what reads and opens its mails."""

from __future__ import annotations

from workstation.app.adapters import (
    CheckedLines,
    ConflictLines,
    ConversationClues,
    SealedLines,
    StoredTranslations,
    order_numbers,
    survivors,
)
from workstation.app.failing.notes import NotedInbox
from workstation.app.ground import Ground
from workstation.app.mail.reading import Reading
from workstation.app.upstream import heard
from workstation.connectors.email.archive import Archive
from workstation.connectors.email.opener import Opener
from workstation.connectors.email.quotes import fold
from workstation.drafts.bounces import Bounces
from workstation.inbox.assigning import AssignedLines
from workstation.inbox.flags import AnsweredElsewhere
from workstation.inbox.languages import Languages
from workstation.inbox.lookups import Lookups
from workstation.inbox.merging import MergeLines
from workstation.inbox.outgoing import Timeline
from workstation.inbox.prepare import Preparer
from workstation.inbox.viewing import Views
from workstation.orders.service import ClueLinker
from workstation.translation.detector import Detector
from workstation.verification.service import VerificationService


def inbox(
    on: Ground, lookups: Lookups, languages: Languages, detector: Detector, reading: Reading,
    checks: VerificationService,
) -> NotedInbox:
    """The service, with the lines that others put between the messages."""
    lines = (SealedLines(), AnsweredElsewhere(), MergeLines(), ConflictLines(), AssignedLines(), CheckedLines(checks))
    return NotedInbox(
        on.database, on.files, on.clock, on.jobs, rules=on.rules, archive=Archive(),
        clues=ClueLinker(ConversationClues(lookups)), preparer=Preparer(on.files, fold, detector),
        opened=languages.opened, opener=Opener(), reader=reading, me=on.member,
        device=lambda: on.opened.vault.device_id, private=on.member.private,
        bounced=Bounces(Timeline(on.rules, on.clock, heard)).learn, heard=heard,
        views=Views(StoredTranslations(), lines, survivors, on.language, order_numbers),
    )
