"""Mails are read in processes of their own, and nothing that happens there loses a mail or holds up the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.bench.corpus import corpus
from workstation.app.mail.reading import Reading
from workstation.app.mail.worker import read
from workstation.inbox.ports import RawMail
from workstation.translation.detector import Detector

# A process that hangs over one mail and dies of another, and reads the rest as ours does.
DELICATE = """
import os, sys, time
from workstation.app.mail import worker
inner = worker.read
def read(raw, detector):
    if b"HANGS" in raw[0]:
        time.sleep(60)
    if b"KILLS" in raw[0]:
        os._exit(9)
    return inner(raw, detector)
worker.read = read
sys.exit(worker.main())
"""


def raws(count: int) -> list[RawMail]:
    return [(mail.raw, int(mail.received.timestamp() * 1_000), False, ()) for mail in corpus(count)]


@pytest.fixture
def reading() -> Iterator[Reading]:
    made = Reading(few=5)
    yield made
    made.shutdown()


def test_a_process_reads_what_this_one_would_in_the_same_order(reading: Reading) -> None:
    mails = raws(40)
    assert reading.submit(mails).result(30) == [read(mail, None) for mail in mails]   # a backlog: looked at later
    assert len(reading.pids) == 1
    assert reading.submit(mails[:3]).result(30) == [read(mail, Detector()) for mail in mails[:3]]


def test_a_killed_process_costs_no_mail(reading: Reading) -> None:
    mails = raws(30)
    reading.submit(mails).result(30)
    (before,) = reading.pids
    os.kill(before, signal.SIGKILL)
    assert [mail.message_id for mail in reading.submit(mails).result(30)] == [m.message_id for m in corpus(30)]
    assert before not in reading.pids


def test_a_mail_that_hangs_or_kills_is_kept_by_its_source_and_the_rest_is_read() -> None:
    mails = raws(12)
    mails[3] = (b"Subject: HANGS\r\n\r\n", 7, False, ())
    mails[8] = (b"Subject: KILLS\r\n\r\n", 8, True, ())
    made = Reading([sys.executable, "-c", DELICATE], few=1, seconds=3.0, mail_seconds=1.5)
    try:
        found = made.submit(mails).result(60)
    finally:
        made.shutdown()
    assert [bool(mail.problems) for mail in found].count(True) == 2
    assert (found[3].at, found[8].own, found[3].text) == (7, True, "")
    assert found[11] == read(mails[11], None)


@pytest.mark.parametrize("command", [["/nonexistent/python"], [sys.executable, "-c", "raise SystemExit(3)"]])
def test_where_no_process_can_be_had_the_mail_is_read_here(command: list[str]) -> None:
    mails = raws(4)
    made = Reading(command, few=1)
    try:
        assert made.submit(mails).result(30) == [read(mail, None) for mail in mails]
    finally:
        made.shutdown()


def test_a_closing_core_waits_for_nobody() -> None:
    made = Reading([sys.executable, "-c", DELICATE], few=1)
    waits = made.submit([(b"Subject: HANGS\r\n\r\n", 7, False, ()), (b"Subject: x\r\n\r\n", 7, False, ())])
    while not made.pids:
        time.sleep(0.01)
    began = time.monotonic()
    made.shutdown()
    assert time.monotonic() - began < 10
    assert made.pids == ()
    with pytest.raises(InterruptedError):
        waits.result(1)
    with pytest.raises(InterruptedError):
        made.submit(raws(1))


def test_a_process_that_reads_mail_starts_without_the_databases_libraries() -> None:
    libraries = "{'sqlalchemy', 'sqlmodel'}"
    look = f"import sys, workstation.app.mail.worker; print(sorted({libraries} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
