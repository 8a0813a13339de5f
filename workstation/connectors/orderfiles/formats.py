"""A format of order file: how it is told apart, and what turns the rows of one order into an order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from workstation.connectors.orderfiles.cells import Row
from workstation.domain.order import Order


@dataclass(frozen=True, slots=True)
class Format:
    """`fits` judges a header in lower case; `identity` says which order a row belongs to (rows side by side)."""

    name: str                                      # "amazon report", shown as part of the source
    delimiter: str
    quoted: bool                                   # Amazon's reports use no quoting, quotes there are inches
    fits: Callable[[Collection[str]], bool]
    identity: Callable[[Row], str]
    build: Callable[[Sequence[Row], str, int], Order]
