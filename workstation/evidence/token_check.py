"""Time stamps in a verification: each against its record and its authority's root, and what follows for the others.

A record that a later one names through the chain existed before it. So one stamp proves a time for every record that
the chain leads back to from there without a gap.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workstation.evidence import proofs, stamp_rows, tokens
from workstation.evidence.tokens import Authority
from workstation.evidence.verify import STORE, TIME, Checked, Tally
from workstation.kernel.clock import MINUTE, iso
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from workstation.evidence.pack_check import Bag
    from workstation.store.blobs import BlobFiles
    from workstation.store.database import Database

_PAGE = 200
_MOST_TOKENS = 20_000
_MOST_AUTHORITIES = 16
_MOST_NAMED = 5
_APART = 5 * MINUTE
"""How far a device's clock may be ahead of an authority's before it is said."""


@dataclass(slots=True)
class _Times:
    """No later than when each stamped record existed, by record hash: milliseconds, and who says so."""

    known: Mapping[str, Authority]
    by_hash: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def proved(self, record_hash: str) -> int | None:
        """The earliest time a real authority vouches for."""
        real = [at for at, name in self.by_hash.get(record_hash, ()) if not self.known[name].simulated]
        return min(real, default=None)


async def store(database: Database, _files: BlobFiles, tally: Tally) -> None:
    """Every token of this store, in pages, in a worker thread."""
    kept, broken, strays = await database.read(lambda conn: (
        stamp_rows.authorities(conn, removed=True), stamp_rows.broken(conn), stamp_rows.strays(conn)))
    known = {each.authority.id: each.authority for each in kept}
    for table, name in broken:
        tally.found(name, _("a row of the table “{name}” was changed").format(name=table), STORE)
    for name in strays:
        tally.found(name, _("a time stamp is over no record of this store"), TIME)
    for one in known.values():
        if stamp_rows.authority_id(one.name, one.url, one.roots) != one.id:
            tally.found(one.id, _("the time-stamp authority is not the one its id names"), STORE)
    times = _Times(known)
    for start in range(0, len(tally.checked), _PAGE):
        page = tally.checked[start:start + _PAGE]
        held = await database.read(
            lambda conn, page=page: stamp_rows.tokens(conn, [one.record_hash for one in page]))  # type: ignore[misc]
        await asyncio.to_thread(_judge_page, tally, times, page, held)
    _conclude(tally, times)


def _judge_page(
    tally: Tally, times: _Times, page: Sequence[Checked], held: Mapping[str, Sequence[stamp_rows.Token]]
) -> None:
    for checked in page:
        for one in held.get(checked.record_hash, ()):
            _judge(tally, times, checked.where, checked.record_hash, one.authority_id, one.raw, one.chain.encode())


def pack(bag: Bag) -> None:
    """Every token of a pack, against the roots that lie in it: whose roots they are, the reader is told to compare."""
    tally = bag.tally
    names = [name for name in bag.pack.names if name.startswith(proofs.TOKENS)]
    if not names:
        return
    if len(names) > _MOST_TOKENS:
        tally.found(proofs.TOKENS, _("there are more time stamps than can be checked"), TIME)
        return
    by_id = {checked.id: checked for checked in tally.checked}
    known, chains = _authorities(bag, {name.rpartition("/")[2].split(".")[-2] for name in names if name.count(".") > 1})
    times = _Times(known)
    for name in names:
        record_id, _dot, rest = name.removeprefix(proofs.TOKENS).partition(".")
        authority, _dot, kind = rest.partition(".")
        checked = by_id.get(record_id)
        if checked is None or kind != "tsr":
            tally.found(name, _("no record of this pack belongs to this time stamp"), TIME)
            continue
        raw = bag.read(name, tokens.MOST_BYTES) or b""
        _judge(tally, times, name, checked.record_hash, authority, raw, chains.get(authority, b""))
    _conclude(tally, times)
    for one in known.values():
        if any(name == one.id for found in times.by_hash.values() for _at, name in found):
            _say_roots(tally, one)


def _authorities(bag: Bag, names: set[str]) -> tuple[dict[str, Authority], dict[str, bytes]]:
    found: dict[str, Authority] = {}
    chains: dict[str, bytes] = {}
    for name in sorted(names)[:_MOST_AUTHORITIES]:
        at = f"{proofs.AUTHORITIES}{name}"
        roots = bag.read(f"{at}.roots.pem", tokens.MOST_PEM)
        told = _told(bag.read(f"{at}.json", 4096))
        if roots is None or told is None:
            continue
        found[name] = Authority(name, told[0], "", roots, told[1])
        chains[name] = bag.read(f"{at}.chain.pem", tokens.MOST_PEM) or b""
    return found, chains


def _told(content: bytes | None) -> tuple[str, bool] | None:
    """Name, and whether it is part of the demo; None when the file says neither."""
    try:
        said = json.loads(content or b"")
        name, simulated = said["name"], said["simulated"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return (name[:100], simulated) if isinstance(name, str) and isinstance(simulated, bool) else None


def _judge(
    tally: Tally, times: _Times, where: str, record_hash: str, authority: str, raw: bytes, chain: bytes
) -> None:
    one = times.known.get(authority)
    if one is None:
        tally.found(where, _("the authority of a time stamp is not known here"), TIME)
        return
    try:
        stamp = tokens.check(raw, bytes.fromhex(record_hash), one.roots, chain=chain)
    except WorkstationError as problem:
        tally.found(where, _("the time stamp by {authority} does not hold: {why}").format(
            authority=one.name, why=problem.sentence), TIME)
        return
    times.by_hash.setdefault(record_hash, []).append((stamp.latest, one.id))


def _conclude(tally: Tally, times: _Times) -> None:
    if not times.by_hash:
        return
    for one in times.known.values():
        _say_authority(tally, one, sorted(
            at for found in times.by_hash.values() for at, name in found if name == one.id))
    bounds = _bounds(tally.checked, times)
    direct = sum(times.proved(checked.record_hash) is not None for checked in tally.checked)
    more, left = len(bounds) - direct, len(tally.checked) - len(bounds)
    if more:
        tally.prove(TIME, ngettext(
            "{n} more record existed before a stamped one: the chain leads back to it.",
            "{n} more records existed before a stamped one: the chain leads back to them.", more).format(n=more))
    if left:
        tally.claim(TIME, ngettext(
            "When {n} record was made: device time only. No time-stamp authority vouches for it.",
            "When {n} records were made: device time only. No time-stamp authority vouches for them.",
            left).format(n=left))
    _say_ahead(tally, bounds)


def _say_authority(tally: Tally, one: Authority, at: Sequence[int]) -> None:
    if not at:
        return
    n = len(at)
    if one.simulated:
        tally.claim(TIME, ngettext(
            "{n} record has a time stamp of {authority}, a simulated authority of the demo: it proves nothing.",
            "{n} records have a time stamp of {authority}, a simulated authority of the demo: it proves nothing.", n,
        ).format(n=n, authority=one.name))
        return
    tally.prove(TIME, ngettext(
        "Time proved by {authority} for {n} record: it existed no later than {last} UTC.",
        "Time proved by {authority} for {n} records, between {first} and {last} UTC: each existed no later than its "
        "stamp says.", n).format(n=n, authority=one.name, first=iso(at[0]), last=iso(at[-1])))


def _say_roots(tally: Tally, one: Authority) -> None:
    sums = ", ".join(hashlib.sha256(der).hexdigest() for der in tokens.root_ders(one.roots)[:2])
    tally.claim(TIME, _("Whose time stamps these are: compare the root certificate of {authority} with the one it "
                        "publishes (SHA-256 {sum}).").format(authority=one.name, sum=sums))


def _bounds(checked: Sequence[Checked], times: _Times) -> dict[str, int]:
    """No later than when each record existed, by its hash: by its own stamp, or one the chain leads back from."""
    found: dict[str, int] = {}
    ordered = sorted(checked, key=lambda one: (one.key_id, one.sequence), reverse=True)
    after: Checked | None = None
    bound: int | None = None
    for one in ordered:
        if after is None or after.previous != one.record_hash:
            bound = None
        own = times.proved(one.record_hash)
        bound = min((at for at in (bound, own) if at is not None), default=None)
        if bound is not None:
            found[one.record_hash] = bound
        after = one
    return found


def _say_ahead(tally: Tally, bounds: Mapping[str, int]) -> None:
    """A record cannot be younger than its stamp: then the device's clock was ahead."""
    ahead = [one for one in tally.checked
             if one.record_hash in bounds and one.sealed_ns // 1_000_000 > bounds[one.record_hash] + _APART]
    for one in ahead[:_MOST_NAMED]:
        what = _("The device's clock was ahead: record {n} says {said} UTC and existed by {proved} UTC.")
        tally.claim(TIME, what.format(
            n=one.sequence, said=iso(one.sealed_ns // 1_000_000), proved=iso(bounds[one.record_hash])))

