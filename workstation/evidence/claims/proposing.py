"""Which proof an exhibit probably is, from what its record says of itself: a proposal, for a person to decide."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from workstation.evidence import record
from workstation.evidence.claims.model import CORRESPONDENCE, OTHER
from workstation.evidence.claims.vocabulary import PROOFS
from workstation.evidence.model import Kind
from workstation.evidence.record import Statement

_CHECKS = {
    "tracking": ("proof_of_delivery", "shipping", "tracking"), "delivery": ("proof_of_delivery", "shipping"),
    "order": ("receipt",), "refund": ("refund",), "return_window": ("refund_policy",), "promise": ("promise",),
}
"""Proofs by the check (`verification.model.CHECKS`) that an answer stands behind."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What an exhibit says of itself."""

    kind: str
    statement: Statement
    words: str                 # title, purpose, address, file name: everything by which it can be known
    picture: bool
    text: bool = False         # plain text: it may be anything


def propose(signs: Signs, wanted: Collection[str], unproved: Collection[str] = ()) -> str:
    """The first of the probable proofs that the desk wants, else OTHER. What is `unproved`, because a source says that
    it did not happen, is not proposed: a desk would be told an untruth."""
    return next((name for name in probable(signs) if name in wanted and name not in unproved), OTHER)


def probable(signs: Signs) -> Iterator[str]:
    """Ids of PROOFS, the likeliest first."""
    if signs.kind in (CORRESPONDENCE, Kind.REPLY):
        yield "communication"
        return
    what = record.part(signs.statement, "what")
    if signs.kind == Kind.ANSWER:
        yield from _answered(what)
    yield from _hinted(signs.words.casefold())
    if signs.kind == Kind.FILE and not signs.text:
        yield from _file(what, picture=signs.picture)


def _answered(what: Statement) -> Iterator[str]:
    checks = what.get("checks")
    named = checks if isinstance(checks, list) else []
    for check, proofs in _CHECKS.items():
        if check in named:
            yield from proofs


def _hinted(words: str) -> Iterator[str]:
    for name, proof in PROOFS.items():
        if any(word in words for word in proof.words):
            yield name


def _file(what: Statement, *, picture: bool) -> Iterator[str]:
    """A buyer's picture shows what is wrong, a seller's what was sent; a paper is mostly an invoice."""
    received = what.get("received") is True
    if picture:
        yield from ("damage_photos", "comparison") if received else ("item_photos", "parcel_photo", "waybill")
    else:
        yield from ("acknowledgement", "communication") if received else ("receipt", "shipping")
