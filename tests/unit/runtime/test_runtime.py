"""The core's machinery: one loop on one thread, a bus that survives bugs, jobs that join, fail and stop in the open."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.domain.events import JobChanged
from workstation.kernel.errors import Offline
from workstation.kernel.events import Event
from workstation.runtime import thread as core
from workstation.runtime.bus import EventBus
from workstation.runtime.jobs import Jobs, Progress, backoff
from workstation.runtime.thread import CoreThread


@dataclass(frozen=True, slots=True)
class Happened(Event):
    name: str


class Happening(Happened):
    pass


def test_handlers_hear_their_class_and_its_subclasses_in_order() -> None:
    bus, heard = EventBus(), []
    bus.subscribe(Happened, lambda event: heard.append(("one", event.name)))
    stop = bus.subscribe(Event, lambda event: heard.append(("all", type(event).__name__)))
    bus.publish(Happening("a"))
    stop()
    stop()
    bus.publish(Event())
    bus.publish(Happened("b"))
    assert heard == [("one", "a"), ("all", "Happening"), ("one", "b")]


def test_a_handlers_bug_is_handed_on_and_the_others_still_hear(caplog: pytest.LogCaptureFixture) -> None:
    bugs: list[BaseException] = []
    heard: list[str] = []
    bus = EventBus(on_bug=bugs.append)

    def broken(_event: Happened) -> None:
        raise LookupError("a buyer's words")

    bus.subscribe(Happened, broken)
    bus.subscribe(Happened, lambda event: heard.append(event.name))
    bus.publish(Happened("a"))
    assert heard == ["a"]
    assert [type(bug) for bug in bugs] == [LookupError]
    assert "a handler of Happened failed" in caplog.text


async def test_a_job_asked_for_twice_runs_once() -> None:
    told: list[Event] = []
    jobs, runs, go = Jobs(told.append), [], asyncio.Event()

    async def work(progress: Progress) -> int:
        runs.append(1)
        await go.wait()
        progress(1, 2)
        return 7

    both = [asyncio.ensure_future(jobs.run("fetch", "Fetching", work)) for _ in range(2)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(*both) == [7, 7]
    assert runs == [1]
    states = [(e.done, e.total, e.state) for e in told if isinstance(e, JobChanged)]
    assert states == [(0, 0, "running"), (1, 2, "running"), (1, 1, "done")]
    await jobs.run("fetch", "Fetching", work)
    assert runs == [1, 1]


async def test_a_job_outlives_a_caller_that_gave_up() -> None:
    jobs, go, done = Jobs(lambda _event: None), asyncio.Event(), asyncio.Event()

    async def work(_progress: Progress) -> None:
        await go.wait()
        done.set()

    caller = asyncio.ensure_future(jobs.run("a", "A", work))
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go.set()
    await asyncio.wait_for(done.wait(), 5)


async def test_a_cancelled_job_says_so() -> None:
    told: list[Event] = []
    jobs = Jobs(told.append)
    running = asyncio.ensure_future(jobs.run("a", "A", lambda _progress: asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    jobs.cancel("a")
    jobs.cancel("unknown")
    with pytest.raises(asyncio.CancelledError):
        await running
    assert told[-1] == JobChanged("a", "A", 0, 0, "cancelled")


@pytest.mark.parametrize(("problem", "sentence"), [
    (Offline("No network.", "Wait."), "No network. Wait."), (LookupError("x"), ""),
])
async def test_a_failed_job_shows_a_known_reason_and_never_a_bugs_text(problem: Exception, sentence: str) -> None:
    told: list[Event] = []

    async def work(_progress: Progress) -> None:
        raise problem

    with pytest.raises(type(problem)):
        await Jobs(told.append).run("a", "A", work)
    assert told[-1] == JobChanged("a", "A", 0, 0, "failed", sentence)


async def test_a_step_is_tried_again_after_known_failures_and_bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[tuple[int, float]] = []

    def no_pause(tries: int, *, first: float = 1.0) -> float:
        pauses.append((tries, first))
        return 0.0

    monkeypatch.setattr("workstation.runtime.jobs.backoff", no_pause)
    happens: list[Exception | None] = [Offline("x"), LookupError("y"), None, Offline("z")]
    ended = asyncio.Event()

    async def step() -> float:
        if not happens:
            ended.set()
            return 3_600.0
        problem = happens.pop(0)
        if problem is not None:
            raise problem
        return 0.0

    jobs = Jobs(lambda _event: None)
    jobs.keep_trying("sync", step)
    await asyncio.wait_for(ended.wait(), 5)
    await jobs.shutdown()
    assert pauses == [(0, 1.0), (1, 5.0), (0, 1.0)]


@given(st.integers(0, 10_000))
def test_the_pause_grows_and_stays_bounded(tries: int) -> None:
    most = min(300.0, 2.0 ** min(tries, 30))
    assert most / 2 <= backoff(tries) <= most


def test_the_core_thread_runs_what_it_is_given_and_stops_once() -> None:
    thread = CoreThread()

    async def where() -> str:
        return threading.current_thread().name

    assert thread.run(where(), 5) == "core"
    thread.stop()
    thread.stop()
    with pytest.raises(RuntimeError, match="stopping"):
        thread.submit(where())
    assert "core" not in [each.name for each in threading.enumerate()]


def test_stopping_cancels_what_still_runs() -> None:
    thread, ended = CoreThread(), threading.Event()

    async def endless() -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.set()

    future = thread.submit(endless())
    thread.run(asyncio.sleep(0), 5)
    thread.stop()
    assert ended.is_set()
    assert future.cancelled()


def test_a_task_that_will_not_end_cannot_keep_the_program_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "STOP_SECONDS", 0.2)
    thread, release = CoreThread(), threading.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    thread.submit(stubborn())
    thread.run(asyncio.sleep(0), 5)
    thread.stop()
    assert "core" not in [each.name for each in threading.enumerate() if each.is_alive()]
    del thread
    monkeypatch.setattr(logging.getLogger("asyncio"), "disabled", True)  # it tells of the task left behind
    gc.collect()


def test_a_thread_that_waits_gets_its_turn_soon() -> None:
    """Python's own five milliseconds are what a window would stand still, over and over."""
    sys.setswitchinterval(0.005)
    CoreThread().stop()
    assert sys.getswitchinterval() == pytest.approx(core.TURN_S)
    assert core.TURN_S <= 0.001
