"""Why two customers may be one person: pure rules over what is known of them. Nothing here ever merges anybody."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from workstation.customers.model import Reason
from workstation.domain.clues import is_relay_alias
from workstation.kernel.i18n import _

LEAST = 0.3
"""Below it a proposal is not worth a person's look."""
MOST = 0.97
"""Never certain: only a person is."""
SHARED_NAMES = 12
"""A name that more identities have says little ("Maria Silva")."""


@dataclass(slots=True)
class Known:
    """What is known of one of the two."""

    name: str = ""
    addresses: set[str] = field(default_factory=set)
    orders: dict[str, str] = field(default_factory=dict)          # order → its number, as people read it
    buyers: set[str] = field(default_factory=set)                 # addresses their orders have
    writers: set[str] = field(default_factory=set)                # whoever wrote in their conversations
    countries: set[str] = field(default_factory=set)
    languages: Collection[str] = ()


def name_key(name: str) -> str:
    """A name for comparing: folded, without accents and marks, its words in order of the alphabet; "" when it is too
    little of a name (one word of a script with blanks, an address, a shop's "customer")."""
    words = _words(name)
    joined = "".join(words)
    dense = any(ord(letter) >= 0x3040 for letter in joined)
    if not words or "@" in name or (len(words) < 2 and not (dense and len(joined) >= 2)):
        return ""
    return " ".join(sorted(words))


def typed_forms(name: str) -> tuple[str, str]:
    """The name as somebody may begin to type it: folded, and with its last word first ("souza ana de")."""
    words = _words(name)
    return " ".join(words), " ".join((*words[-1:], *words[:-1]))


def folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def kind_of(address: str, channel: str) -> str:
    """"alias" for a marketplace's relay address, "email", else "handle"."""
    if "@" in address:
        return "alias" if is_relay_alias(address) else "email"
    return "handle" if channel != "phone" else "phone"


def reasons(one: Known, other: Known, namesakes: int) -> tuple[Reason, ...]:
    """Every reason, the strongest first; those that speak against it are negative. `namesakes`: how many identities
    have this name."""
    found = [*_by_order(one, other), *_by_address(one, other), *_by_name(one, other, namesakes)]
    if found:
        found += _against(one, other)
    return tuple(sorted(found, key=lambda reason: -reason.weight))


def confidence(found: Sequence[Reason]) -> float:
    """Independent reasons add up, 0 to MOST; what speaks against it scales the rest down."""
    doubt = 1.0
    for reason in found:
        doubt *= 1 - max(0.0, reason.weight)
    trust = 1.0
    for reason in found:
        trust *= 1 + min(0.0, reason.weight)
    return round(min(MOST, (1 - doubt) * trust), 3)


def _by_order(one: Known, other: Known) -> Iterable[Reason]:
    shared = sorted(number for order, number in one.orders.items() if order in other.orders)
    if shared:
        yield Reason(_("Both write about order {number}.").format(number=shared[0]), 0.8)
    bought = (one.buyers & other.addresses) | (other.buyers & one.addresses)
    if bought:
        yield Reason(_("An order of the one was placed with the address {address} of the other.").format(
            address=min(bought)), 0.8)


def _by_address(one: Known, other: Known) -> Iterable[Reason]:
    wrote = ((one.writers & other.addresses) | (other.writers & one.addresses)) - (one.addresses & other.addresses)
    if wrote:
        yield Reason(_("{address} wrote in a conversation of the other.").format(address=min(wrote)), 0.6)


def _by_name(one: Known, other: Known, namesakes: int) -> Iterable[Reason]:
    key = name_key(one.name)
    if key and key == name_key(other.name):
        weight = 0.4 if namesakes <= 2 else 0.25 if namesakes <= SHARED_NAMES else 0.1
        yield Reason(_("Both are called {name}.").format(name=one.name.strip()), weight)
        shared = one.countries & other.countries
        if shared:
            yield Reason(_("Orders of both go to {country}.").format(country=min(shared)), 0.15)


def _against(one: Known, other: Known) -> Iterable[Reason]:
    keys = name_key(one.name), name_key(other.name)
    if all(keys) and not set(keys[0].split()) & set(keys[1].split()):
        yield Reason(_("Their names differ: {one} and {other}.").format(
            one=one.name.strip(), other=other.name.strip()), -0.35)
    if one.countries and other.countries and not one.countries & other.countries:
        yield Reason(_("Their orders go to different countries."), -0.4)
    if one.languages and other.languages and not set(one.languages) & set(other.languages):
        yield Reason(_("They write in different languages."), -0.15)


def _words(name: str) -> list[str]:
    return "".join(letter if letter.isalnum() else " " for letter in folded(name)).split()
