"""What stops a draft from being sent. Pure: the window asks on every pause, the service once more before it sends."""

from __future__ import annotations

from dataclasses import replace

from workstation.domain.conversation import ReplyContext
from workstation.drafts.model import Draft, Mode
from workstation.drafts.relay import relay_blockers
from workstation.kernel.i18n import _
from workstation.translation.survival import check

MOST_BYTES = 10 * 1024 * 1024
"""Files of one reply together. Amazon's relay accepts 10 MB; plain mail servers commonly 20."""


def needs_translation(draft: Draft) -> bool:
    """True when the buyer reads another language than the one the draft is written in."""
    return bool(draft.target_language) and draft.target_language != draft.source_language


def outgoing_text(draft: Draft) -> str:
    """The words the buyer gets."""
    return draft.translated if needs_translation(draft) else draft.body


def judged(draft: Draft) -> Draft:
    """The draft with what its hand-made translation lost of the agent's words, by the check that machines pass.

    What was accepted stays accepted while nothing else is lost. Another draft comes back as it is.
    """
    by_hand = draft.edited and draft.mode is Mode.REPLY and needs_translation(draft)
    if not by_hand or not draft.body.strip() or not draft.translated.strip():
        return draft
    lost = check(draft.body, draft.translated).lost
    return replace(draft, lost=lost, accepted_lost=draft.accepted_lost and set(lost) <= set(draft.lost))


def blockers(draft: Draft, context: ReplyContext) -> tuple[str, ...]:
    """Why this draft may not leave yet, in sentences; empty when nothing stops it."""
    if draft.empty:
        return (_("Write something first."),)
    if draft.mode is Mode.NOTE:
        return ()
    return (
        *_address_blockers(context), *_translation_blockers(draft), *_file_blockers(draft),
        *relay_blockers(draft, outgoing_text(draft), context),
    )


def _address_blockers(context: ReplyContext) -> tuple[str, ...]:
    reasons = []
    if not context.account_id:
        reasons.append(_("No mailbox is connected for this conversation."))
    if not any(person.email for person in context.to):
        reasons.append(_("The buyer's address is unknown."))
    return tuple(reasons)


def _translation_blockers(draft: Draft) -> tuple[str, ...]:
    if not needs_translation(draft):
        return ()
    if not draft.translated.strip():
        return (_("The translation is not ready."),)
    if draft.translated_from != draft.body and not draft.edited:
        return (_("The translation belongs to an earlier text."),)
    if draft.lost and not draft.accepted_lost:
        return (_("Lost in translation: {items}.").format(items=", ".join(draft.lost)),)
    return ()


def _file_blockers(draft: Draft) -> tuple[str, ...]:
    if sum(file.size for file in draft.files) > MOST_BYTES:
        return (_("The files are larger than 10 MB together."),)
    return ()
