"""Did everything that must survive arrive? Judged on the final text alone, knowing nothing about tokens."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from workstation.kernel.i18n import _
from workstation.translation.masking import find

_DIGITS = re.compile(r"\d{2,}")
_BEGINS = re.compile(r"(?<![0-9A-Za-z_])(?<!\d[.,:/-])")
_ENDS = re.compile(r"(?![0-9A-Za-z_])(?![.,:/-]\d)")


@dataclass(frozen=True, slots=True)
class Survival:
    """`survived` came through as often as it was there; `lost` is missing, changed, doubled or was never there."""

    survived: tuple[str, ...]
    lost: tuple[str, ...]


def check(source: str, target: str, names: Sequence[str] = ()) -> Survival:
    """Compare a translation with its source, by literal counts and, independently, by every run of digits."""
    survived: list[str] = []
    lost: list[str] = []
    for value, exact in _wanted(source, names).items():
        before, after = count(value, source), count(value, target)
        (survived if after == before or (not exact and after > before) else lost).append(value)
    return Survival(tuple(survived), (*lost, *_strays(source, target, lost)))


def count(value: str, text: str) -> int:
    """How often `value` stands in `text` by itself, not as part of a longer word or number."""
    found, at = 0, text.find(value)      # a pattern for each of some thousand numbers would take minutes
    while at >= 0:
        end = at + len(value)
        alone = bool((not value[0].isalnum() or _BEGINS.match(text, at))
                     and (not value[-1].isalnum() or _ENDS.match(text, end)))
        found += alone
        at = text.find(value, end if alone else at + 1)
    return found


def _wanted(source: str, names: Sequence[str]) -> dict[str, bool]:
    """Each survivor once, in order, and whether its count must be exact (a name may well be repeated)."""
    return {survivor.value: survivor.kind != "name" for survivor in find(source, names)}


def _strays(source: str, target: str, lost: Sequence[str]) -> tuple[str, ...]:
    """Digits that appeared from nowhere or vanished although no rule named them."""
    before, after = Counter(_DIGITS.findall(source)), Counter(_DIGITS.findall(target))
    told = Counter(_DIGITS.findall(" ".join(lost)))
    gone = [run for run in (before - after) if run not in told]
    invented = [_("{value} (not in the original)").format(value=run) for run in (after - before)]
    return (*gone, *invented)
