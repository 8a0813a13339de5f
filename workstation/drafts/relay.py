"""Rules of marketplaces for mail to the alias of a buyer (resources/mail/relay.toml), checked before anything is sent.

Amazon takes answers only from an approved sender, on the same thread, with files up to 10 MB; it drops what breaks its
rules for messages, so a violation stops the reply here, with the reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workstation.domain.conversation import ReplyContext
from workstation.drafts.model import Draft
from workstation.kernel.i18n import _
from workstation.kernel.paths import resources

_LINK = re.compile(r"\b(?:https?://|www\.)([^\s/<>\"'()\[\]{}|\\^`?#:]{3,255})", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"@]{1,64}@[^\s<>()\[\]\\,;:\"@]{1,253}\.[a-z]{2,24}\b", re.IGNORECASE)
_NAMED = 3   # examples in a sentence


@dataclass(frozen=True, slots=True)
class Relay:
    """One marketplace's rules; see relay.toml for what each means."""

    title: str
    domains: tuple[str, ...]
    channel: str
    most_bytes: int
    files: tuple[str, ...]
    links: tuple[str, ...]
    addresses: bool

    def stands_for(self, address: str) -> bool:
        return _is_one_of(address.rpartition("@")[2], self.domains)


@cache
def relays() -> tuple[Relay, ...]:
    """All marketplaces with rules for their aliases."""
    loaded = tomllib.loads((resources() / "mail" / "relay.toml").read_text(encoding="utf-8"))
    return tuple(
        Relay(
            title=one["title"], domains=tuple(one["domains"]), channel=one["channel"], most_bytes=one["most_bytes"],
            files=tuple(one["files"]), links=tuple(one["links"]), addresses=one["addresses"])
        for one in loaded["relay"]
    )


def relay_blockers(draft: Draft, text: str, context: ReplyContext) -> tuple[str, ...]:
    """Why a marketplace would not pass this reply on, in sentences; empty for buyers with an address of their own.

    `text`: the words as the buyer gets them.
    """
    people = [person.email for person in (*context.to, *draft.cc)]
    relay = next((relay for relay in relays() if any(relay.stands_for(email) for email in people)), None)
    if relay is None:
        return ()
    return (
        *_sender_blockers(relay, context), *_people_blockers(relay, people), *_file_blockers(relay, draft),
        *_text_blockers(relay, text),
    )


def _sender_blockers(relay: Relay, context: ReplyContext) -> tuple[str, ...]:
    if context.account_id and context.sent_from != relay.channel:
        return (_("{market} takes answers only from its approved sender. Connect that mailbox as {market}.").format(
            market=relay.title),)
    if not context.in_reply_to:
        return (_("{market} needs the buyer's message to answer to; there is none here.").format(market=relay.title),)
    return ()


def _people_blockers(relay: Relay, people: Sequence[str]) -> tuple[str, ...]:
    others = [email for email in people if email and not relay.stands_for(email)]
    if not others:
        return ()
    return (_("This buyer is behind an alias of {market}; take the other recipients off: {people}.").format(
        market=relay.title, people=", ".join(others[:_NAMED])),)


def _file_blockers(relay: Relay, draft: Draft) -> tuple[str, ...]:
    reasons = []
    if sum(file.size for file in draft.files) > relay.most_bytes:
        reasons.append(_("{market} takes at most {limit} MB of files with a message.").format(
            market=relay.title, limit=relay.most_bytes >> 20))
    wrong = [file.name for file in draft.files if file.name.rpartition(".")[2].lower() not in relay.files]
    if wrong:
        reasons.append(_("{market} does not pass on such files: {names}.").format(
            market=relay.title, names=", ".join(wrong[:_NAMED])))
    return tuple(reasons)


def _text_blockers(relay: Relay, text: str) -> tuple[str, ...]:
    reasons = []
    outside = [host for host in _LINK.findall(text) if not _is_one_of(host.rstrip("."), relay.links)]
    if outside:
        reasons.append(_("{market} does not allow links to other places: {hosts}.").format(
            market=relay.title, hosts=", ".join(dict.fromkeys(outside[:_NAMED]))))
    if not relay.addresses and (found := _ADDRESS.findall(text)):
        reasons.append(_("{market} does not allow mail addresses in a message: {addresses}.").format(
            market=relay.title, addresses=", ".join(dict.fromkeys(found[:_NAMED]))))
    return tuple(reasons)


def _is_one_of(host: str, patterns: Sequence[str]) -> bool:
    """Whether a host is one of `patterns` or below one: "amazon.*" is amazon.de and sellercentral.amazon.co.uk, and
    neither amazon.de.evil.example nor notamazon.de."""
    host = host.lower().rpartition("@")[2]
    return any(re.fullmatch(_expression(pattern), host) for pattern in patterns)


@cache
def _expression(pattern: str) -> str:
    # A country is "de", "com" or "co.uk": two letters behind at most one of the usual second levels.
    country = r"(?:com|(?:com?\.)?[a-z]{2})"
    return r"(?:[a-z0-9-]+\.)*" + re.escape(pattern).replace(r"\*", country)
