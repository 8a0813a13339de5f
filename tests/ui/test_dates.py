"""Dates, times and numbers in the interface's language, in the person's zone, without a stall of the window."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from ui.widgets import timetext
from workstation.kernel import i18n
from workstation.kernel.clock import DAY

AT = 1_795_298_400_000
"""2026-11-21 22:00 UTC, a Saturday."""
COLD = """
import time
from threading import Thread
from ui.widgets import timetext
warming = Thread(target=timetext.warm)
warming.start()
warming.join()
AT, DAY = 1_795_298_400_000, 86_400_000
began = time.perf_counter()
shown = (timetext.moment(AT), timetext.when(AT - 40 * DAY, AT), timetext.when(AT - 400 * DAY, AT),
         timetext.soon(AT + 3 * DAY, AT), timetext.number(1234567))
took = time.perf_counter() - began
print(took)
"""


@pytest.mark.parametrize(("language", "whole", "month", "day", "count"), [
    ("en", "Saturday, 21 November 2026, 22:00", "12 Oct", "Tue 22:00", "1,234,567"),
    ("zh_CN", "2026年11月21日星期六, 22:00", "10月12日", "周二 22:00", "1,234,567"),
])
def test_each_language_writes_its_own_way(
    language: str, whole: str, month: str, day: str, count: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    i18n.use_language(language)
    assert timetext.moment(AT) == whole
    assert timetext.when(AT - 40 * DAY, AT) == month
    assert timetext.soon(AT + 3 * DAY, AT) == day
    assert timetext.number(1_234_567) == count


@pytest.mark.parametrize(("zone", "clock"), [
    ("UTC", "22:00"), ("Asia/Shanghai", "06:00"), ("America/Sao_Paulo", "19:00"),
])
def test_the_clock_is_the_persons(zone: str, clock: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    assert timetext.clock(AT) == clock
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def test_what_is_warmed_on_a_thread_costs_the_window_nothing() -> None:
    ran = subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, timeout=60, check=True)
    assert float(ran.stdout) < 0.005, "five dates and numbers within 5 ms"
