"""Asking a shop and a carrier about one order, both at once, each for a bounded time, and saying how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass

from workstation.domain.facts import Attempt, Outcome, Provenance, SourceKind
from workstation.domain.order import Order, OrderRef
from workstation.kernel.clock import Clock
from workstation.kernel.errors import ConnectError, Offline
from workstation.kernel.i18n import _
from workstation.orders.model import Answer
from workstation.orders.ports import Carrier, OrderSources
from workstation.orders.repo.answers import order_subject, parcel_subject

SECONDS = 10.0
"""The longest a source may take to answer a refresh."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back, and for each question how it ended."""

    order: Answer | None = None
    parcel: Answer | None = None
    attempts: tuple[tuple[str, Attempt], ...] = ()

    @staticmethod
    def provenance(answer: Answer, answer_id: str) -> Provenance:
        return Provenance(answer.source, SourceKind.CARRIER, answer.fetched_at, answer_id)


class Asking:
    """Knows whom to ask and how long to wait."""

    def __init__(self, clock: Clock, sources: OrderSources, seconds: float = SECONDS) -> None:
        self._clock = clock
        self._sources = sources
        self._seconds = seconds

    async def ask(self, ref: OrderRef, known: Order | None) -> Asked:
        """Ask shop and carrier together; a tracking number only the shop knew is looked up after it answered."""
        number = known.tracking_number if known else ""
        shop, first = await asyncio.gather(self._ask_shop(ref), self._ask_carrier(known, number))
        asked = _join(shop, first)
        learnt = asked.order.order if asked.order else None
        if learnt and learnt.tracking_number and learnt.tracking_number != number:
            asked = _join(asked, await self._ask_carrier(learnt, learnt.tracking_number))
        return asked

    async def _ask_shop(self, ref: OrderRef) -> Asked:
        shop = self._sources.shop(ref)
        if shop is None:
            return Asked()
        name = f"{shop.platform} · {shop.store}"
        answer, attempt = await self._bounded(shop.fetch(ref.order_id), name)
        return Asked(order=answer, attempts=((order_subject(ref), attempt),))

    async def _ask_carrier(self, order: Order | None, number: str) -> Asked:
        carrier: Carrier | None = self._sources.carrier(order.carrier) if order and number else None
        if carrier is None or order is None:
            return Asked()
        answer, attempt = await self._bounded(carrier.track(number, order.carrier), carrier.name)
        return Asked(parcel=answer, attempts=((parcel_subject(number), attempt),))

    async def _bounded(self, question: Awaitable[Answer | None], name: str) -> tuple[Answer | None, Attempt]:
        """The answer and how it ended. Only failures of the connection are swallowed, and they are written down."""
        try:
            async with asyncio.timeout(self._seconds):
                answer = await question
        except TimeoutError:
            return None, self._attempt(name, Outcome.FAILED, _("It did not answer in time."))
        except Offline as problem:
            return None, self._attempt(name, Outcome.OFFLINE, problem.sentence)
        except ConnectError as problem:
            return None, self._attempt(name, Outcome.FAILED, problem.sentence)
        if answer is None:
            return None, self._attempt(name, Outcome.ABSENT, _("It knows no such number."))
        return answer, self._attempt(answer.source, Outcome.ANSWERED, "")

    def _attempt(self, source: str, outcome: Outcome, sentence: str) -> Attempt:
        return Attempt(source, self._clock.now(), outcome, sentence)


def _join(one: Asked, other: Asked) -> Asked:
    return Asked(one.order or other.order, one.parcel or other.parcel, one.attempts + other.attempts)
