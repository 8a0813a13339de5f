"""Erasing buyers' data: by hand, by a platform's deadline, and what stands in the way."""

from __future__ import annotations

from typing import Protocol

from workstation.evidence.erasure.model import Due, Erased, ErasePreview, Hold, Rule
from workstation.evidence.model import RecordView


class ErasureApi(Protocol):
    """Every change becomes a record of the case. What has run cannot be taken back.

    Where a case is erased, planned or looked at, a customer with all cases or an order with every case about it may be
    named instead (`evidence.erasure.model.customer_subject`, `order_subject`); of several cases the held ones stay.
    """

    async def preview(self, case_id: str) -> ErasePreview:
        """What erasing a case would destroy, and what is in its way."""

    async def erase(self, case_id: str, reason: str = "") -> Erased:
        """At once. Raises NotFound when there is nothing to erase, InputError when it is held, or when a reply of it is
        still to be sent."""

    async def plan(self, case_id: str, reason: str = "") -> Due:
        """Erase it in a quarter of an hour; until then `cancel` takes it back. Raises as `erase`."""

    async def cancel(self, case_id: str) -> None:
        """Raises NotFound when nothing is planned, InputError when a platform's rule asks for it."""

    async def hold(self, case_id: str, reason: str) -> RecordView:
        """Nothing of the case is erased until the hold is lifted. Raises InputError without a reason."""

    async def lift(self, case_id: str, reason: str = "") -> RecordView:
        """Raises InputError when the case is not held."""

    async def held(self, case_id: str) -> Hold | None: ...

    async def rules(self) -> tuple[Rule, ...]:
        """The platforms' deadlines. Raises InputError when they cannot be read."""

    async def due(self) -> tuple[Due, ...]:
        """Everything planned, falling due or without a known date, the next first, the unknown last."""
