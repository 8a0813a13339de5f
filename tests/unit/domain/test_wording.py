"""Money and days are said alike wherever they stand, in the reader's own form."""

from __future__ import annotations

import pytest

from workstation.domain import wording
from workstation.domain.money import Money
from workstation.kernel import i18n
from workstation.kernel.clock import DAY

NOON = 1_795_262_400_000  # 2026-11-21 12:00 UTC


@pytest.mark.parametrize(("amount", "said"), [
    (Money(3_280, "JPY"), "JPY\u00a03,280"), (Money(12_990, "BRL"), "BRL\u00a0129.90"),
    (Money(1_234_567, "KWD"), "KWD\u00a01,234.567"), (Money(-500, "USD"), "-USD\u00a05.00"),
])
def test_money_has_its_code_and_its_own_decimals(amount: Money, said: str) -> None:
    assert wording.money(amount) == said
    i18n.use_language("zh_CN")
    assert wording.money(amount) == said


def test_a_day_is_written_as_the_reader_writes_it() -> None:
    assert wording.day(NOON) == "21 Nov 2026"
    assert wording.day(NOON - NOON % DAY) == wording.day(NOON - NOON % DAY + DAY - 1), "days are UTC"
    i18n.use_language("zh_CN")
    assert wording.day(NOON) == "2026年11月21日"
