"""Pure rules of the composer: when a preview is needed, what of a hand-made translation was kept, where a blocker
points, which addresses a Cc line names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from email.utils import formataddr, getaddresses
from enum import StrEnum

from workstation.domain.conversation import Address, Channel
from workstation.drafts.model import Draft, Mode

# eBay Message API, sendMessage: messageText at most 2,000 characters. Channels whose limit is not known have none here.
LIMITS = {Channel.EBAY: 2_000}


class Field(StrEnum):
    """A place of the composer that a blocker can point at."""

    BODY = "body"
    TRANSLATION = "translation"
    LOST = "lost"
    CC = "cc"
    FILES = "files"


def needs_translation(draft: Draft) -> bool:
    """Whether the buyer reads another language than the agent writes. Notes are never translated."""
    differs = draft.target_language not in ("", draft.source_language)
    return draft.mode is Mode.REPLY and differs


def is_stale(draft: Draft) -> bool:
    """Whether the buyer's text was made from other words than the agent's present ones."""
    written = bool(draft.translated or draft.body.strip())
    return needs_translation(draft) and written and draft.translated_from != draft.body


def with_hand_edit(draft: Draft, translated: str, items: Iterable[str]) -> Draft:
    """The draft after the person changed the buyer's text: it counts as theirs, and `items` are looked for again."""
    lost = tuple(item for item in items if item not in translated)
    accepted = draft.accepted_lost and lost == draft.lost
    return replace(
        draft, translated=translated, translated_from=draft.body, edited=True, lost=lost, accepted_lost=accepted)


def same_words(one: Draft, other: Draft) -> bool:
    """Whether two drafts say the same to the same people."""
    return (one.body, one.translated, one.cc) == (other.body, other.translated, other.cc)


def with_files_of(mine: Draft, stored: Draft, base: Draft | None) -> Draft:
    """My draft with the files that joined the stored one since `base`, so that an exhibit added elsewhere stays."""
    known = {file.id for file in (*mine.files, *(base.files if base else ()))}
    return replace(mine, files=(*mine.files, *(file for file in stored.files if file.id not in known)))


def what_is_sent(draft: Draft) -> str:
    """The text the other side gets."""
    return draft.translated if needs_translation(draft) else draft.body


def points_at(draft: Draft, sentence: str) -> Field:
    """The field a blocker speaks of, judged by the draft's own state, as blockers are sentences."""
    if draft.lost and not draft.accepted_lost and any(item in sentence for item in draft.lost):
        return Field.LOST
    if not draft.body.strip():
        return Field.BODY
    if any(address.email and address.email in sentence for address in draft.cc):
        return Field.CC
    if any(file.name in sentence for file in draft.files):
        return Field.FILES
    if draft.lost and not draft.accepted_lost:
        return Field.LOST
    if needs_translation(draft) and (is_stale(draft) or not draft.translated.strip()):
        return Field.TRANSLATION
    return Field.BODY


def parse_cc(line: str) -> tuple[tuple[Address, ...], str]:
    """The addresses of a Cc line, and the first piece that is none ("" when all are)."""
    parsed = getaddresses([line.replace(";", ",").replace("，", ",")])
    found = tuple(Address(email, name) for name, email in parsed if _is_address(email))
    wrong = next((name or email for name, email in parsed if not _is_address(email) and (name or email)), "")
    return found, wrong or ("" if found or not line.strip() else line.strip())


def cc_line(addresses: Iterable[Address]) -> str:
    """Addresses as a person types them."""
    return ", ".join(formataddr((one.name, one.email)) if one.name else one.email for one in addresses)


def _is_address(email: str) -> bool:
    local, at, host = email.rpartition("@")
    return bool(local and at and "." in host.strip(".") and not any(c.isspace() for c in email))
