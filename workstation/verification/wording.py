"""Money, dates and spans in the interface's language. Days are UTC, as the rules count them; times are local."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency

from workstation.domain.money import Money
from workstation.domain.order import Order
from workstation.kernel.clock import DAY, to_datetime
from workstation.kernel.i18n import _, language, ngettext


def money(amount: Money) -> str:
    """With its ISO code, because "$" alone does not say whose: "BRL 129.90"."""
    return format_currency(amount.decimal, amount.currency, "¤¤\u00a0#,##0.00", locale=language())


def day(at: int) -> str:
    return format_date(to_datetime(at).date(), "medium", locale=language())


def moment(at: int) -> str:
    return format_datetime(to_datetime(at).astimezone(), "short", locale=language())


def span(milliseconds: int) -> str:
    """"3 hours", "9 days"; whole days from one day on."""
    if milliseconds >= DAY:
        return days(milliseconds // DAY)
    return format_timedelta(timedelta(milliseconds=max(milliseconds, 60_000)), locale=language(), threshold=1)


def days(n: int) -> str:
    return ngettext("{n} day", "{n} days", n).format(n=n)


def title(order: Order) -> str:
    """"Order 702-… · 2 items · BRL 129.90"."""
    count = sum(line.quantity for line in order.lines)
    parts = [_("Order {number}").format(number=order.ref.order_id)]
    if count:
        parts.append(ngettext("{n} item", "{n} items", count).format(n=count))
    if order.total is not None:
        parts.append(money(order.total))
    return " · ".join(parts)
