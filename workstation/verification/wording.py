"""Moments, spans and an order's title in the interface's language; times are local."""

from __future__ import annotations

from datetime import timedelta

from babel.dates import format_datetime, format_timedelta

from workstation.domain.order import Order
from workstation.domain.wording import money, reader
from workstation.kernel.clock import DAY, to_datetime
from workstation.kernel.i18n import _, ngettext


def moment(at: int) -> str:
    return format_datetime(to_datetime(at).astimezone(), "short", locale=reader())


def span(milliseconds: int) -> str:
    """"3 hours", "9 days"; whole days from one day on."""
    if milliseconds >= DAY:
        return days(milliseconds // DAY)
    return format_timedelta(timedelta(milliseconds=max(milliseconds, 60_000)), locale=reader(), threshold=1)


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
