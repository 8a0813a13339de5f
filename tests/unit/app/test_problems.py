"""The queue of what failed: from the real store and services, each item with what can be done, and done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.cli import opened, prepared
from tests.support.hub import until
from workstation.app.failing.copying import Copying
from workstation.app.failing.ground import REPORT, Ground, LastRun
from workstation.app.failing.mailboxes import Mailboxes
from workstation.app.failing.notes import MOST_LINES, MOST_NOTES, Notes
from workstation.app.failing.shops import Shops
from workstation.app.problems import Problems
from workstation.app.wiring import Running
from workstation.domain.events import AccountStatusChanged, ProblemsChanged
from workstation.domain.facts import Attempt, Outcome
from workstation.domain.order import OrderRef
from workstation.domain.problem import Problem, ProblemKind
from workstation.inbox.model import Account, AccountSettings, BadItem, ServerSettings
from workstation.kernel.actions import BY_CORE, Action
from workstation.kernel.clock import HOUR, MINUTE, FixedClock
from workstation.kernel.errors import Busy, NotFound, Unsupported
from workstation.kernel.events import Event
from workstation.kernel.paths import Home
from workstation.orders.repo import answers
from workstation.runtime.jobs import Jobs, Trouble
from workstation.store import meta
from workstation.sync import facts
from workstation.sync.model import SyncFailure, SyncReport, SyncStatus

NOW = 1_795_298_400_000
SERVER = ServerSettings("127.0.0.1", 993)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    """The product on a fresh home; nothing is watched or sent."""
    async with opened(prepared(tmp_path)) as made:
        yield made


class OneSource:
    """A source with one problem, which acting ends."""

    prefix = "one"

    def __init__(self, *found: Problem, forgets: bool = True) -> None:
        self.found = found
        self._forgets = forgets
        self.done: list[tuple[str, Action]] = []
        self.failure: Exception | None = None

    def forgets(self) -> bool:
        return self._forgets

    async def problems(self) -> tuple[Problem, ...]:
        if self.failure is not None:
            raise self.failure
        return self.found

    async def act(self, name: str, action: Action) -> None:
        self.done.append((name, action))
        self.found = ()


def problem(why: str = "because", state: str = "fail", name: str = "one:x") -> Problem:
    return Problem(name, ProblemKind.WORK, state, "It failed.", why, "All is kept.", "Try again.", NOW,
                   (Action.RETRY, Action.DISMISS, Action.OPEN_FOLDER))


def queue(running: Running, *sources: OneSource) -> tuple[Problems, list[Event]]:
    told: list[Event] = []
    return Problems(sources, running.database, told.append, settle=0.0), told


async def test_an_action_reaches_its_source_and_only_its_own_actions_do(running: Running) -> None:
    source = OneSource(problem())
    problems, _told = queue(running, source)
    for wrong in (Action.TAKE_BACK, Action.OPEN_FOLDER):
        with pytest.raises(Unsupported):
            await problems.act("one:x", wrong)
    await problems.act("one:x", Action.RETRY)
    assert source.done == [("x", Action.RETRY)]
    with pytest.raises(NotFound):
        await problems.act("one:x", Action.RETRY)
    await problems.shutdown()


async def test_what_is_dismissed_comes_back_when_it_fails_anew(running: Running) -> None:
    source = OneSource(problem("first"), forgets=False)
    problems, _told = queue(running, source)
    await problems.dismiss("one:x")
    assert source.done == []
    assert await problems.list() == ()
    assert await Problems([source], running.database, print).list() == (), "also after a restart"
    source.found = (problem("second"),)
    assert len(await problems.list()) == 1
    await problems.dismiss("one:x")
    source.found = ()
    assert await problems.list() == ()
    source.found = (problem("second"),)
    assert len(await problems.list()) == 1, "it was well in between"
    await problems.shutdown()


async def test_a_source_that_cannot_tell_hides_no_other(running: Running) -> None:
    broken, fine = OneSource(), OneSource(problem(state="warn", name="fine:x"))
    broken.failure, fine.prefix = Busy("The store is busy.", "Wait."), "fine"
    problems, _told = queue(running, broken, fine)
    listed = await problems.list()
    assert [(one.state, one.why) for one in listed] == [("unknown", "The store is busy."), ("warn", "because")]


async def test_a_change_is_announced_once_and_only_a_change(running: Running) -> None:
    source = OneSource(problem())
    problems, told = queue(running, source)
    for _time in range(5):
        problems.stir()
    await until(lambda: len(told) == 1)
    await problems.look()
    assert told == [ProblemsChanged()]
    source.found = ()
    await problems.look()
    assert len(told) == 2
    await problems.shutdown()


async def test_bad_rows_of_an_import_are_kept_until_dismissed_or_put_right(running: Running, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("order_id,total,currency\nA-1,12.50,EUR\nA-2,nonsense,EUR\n")
    report = await running.core.orders.import_file(file)
    assert len(report.bad) == 1
    (listed,) = [one for one in await running.core.problems.list() if one.kind is ProblemKind.IMPORT]
    assert listed.details == (f"{report.bad[0].where}: {report.bad[0].why}",)
    assert (listed.place, "orders.csv" in listed.what) == (str(file), True)
    assert Action.CHOOSE_ORDERS in listed.actions
    file.write_text("order_id,total,currency\nA-1,12.50,EUR\nA-2,3.00,EUR\n")
    await running.core.orders.import_file(file)
    assert [one for one in await running.core.problems.list() if one.kind is ProblemKind.IMPORT] == []


async def test_notes_are_bounded_and_go_when_dismissed(running: Running) -> None:
    notes = Notes(running.database, FixedClock(NOW))
    bad = [BadItem(f"mail {n}", "no text") for n in range(MOST_LINES + 7)]
    for n in range(MOST_NOTES + 3):
        await notes.imported("mail", Path(f"/x/{n}.mbox"), 100, bad)
    listed = await notes.problems()
    assert len(listed) == MOST_NOTES
    assert len(listed[0].details) == MOST_LINES + 1
    assert listed[0].details[-1] == "and 7 more"
    assert listed[0].what.startswith("57 mails of 3.mbox")
    await notes.act(listed[0].id.removeprefix("import:"), Action.DISMISS)
    assert len(await notes.problems()) == MOST_NOTES - 1
    with pytest.raises(NotFound):
        await notes.act(listed[0].id.removeprefix("import:"), Action.DISMISS)


async def test_a_source_fails_until_its_newest_answer_is_good(running: Running) -> None:
    shop = "shopify · lumen"
    database = running.database

    async def asked(number: str, at: int, outcome: Outcome) -> None:
        attempt = Attempt(shop, at, outcome, "It did not answer in time." if outcome is Outcome.FAILED else "")
        subject = answers.order_subject(OrderRef("shopify", "lumen", number))
        await database.write(lambda unit: answers.note(unit.conn, subject, attempt))

    shops = Shops(running.core.orders, database)
    await asked("#1", NOW, Outcome.ANSWERED)
    assert await shops.problems() == ()
    await asked("#2", NOW + 1, Outcome.FAILED)
    await asked("#3", NOW + 2, Outcome.FAILED)
    (told,) = await shops.problems()
    assert (told.since, told.why) == (NOW + 1, "It did not answer in time.")
    assert shop in told.what
    await asked("#1", NOW + 3, Outcome.ABSENT)
    assert await shops.problems() == (), "an answer that it knows no such order is an answer"


@pytest.mark.parametrize(("subject", "expected"), [
    ("order:shopify/lumen.myshopify.com/#1001", OrderRef("shopify", "lumen.myshopify.com", "#1001")),
    ("order:amazon/a/b/702-1", OrderRef("amazon", "a/b", "702-1")), ("parcel:none", None), ("order:x", None),
])
async def test_a_question_names_its_order(running: Running, subject: str, expected: OrderRef | None) -> None:
    assert await running.database.read(lambda conn: answers.order_of(conn, subject)) == expected


class Accounts:
    """Mailboxes in a state."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.fetched = 0

    async def list(self) -> tuple[Account, ...]:
        return (self.account,)

    async def fetch_now(self) -> None:
        self.fetched += 1


async def test_a_mailbox_is_told_when_refused_and_when_away_for_long() -> None:
    clock = FixedClock(NOW)
    account = Account("a", AccountSettings("shop@example.test", "s", SERVER, SERVER), "online")
    accounts = Accounts(account)
    mailboxes = Mailboxes(accounts, clock)  # type: ignore[arg-type]

    async def told(state: str, sentence: str = "") -> tuple[Problem, ...]:
        accounts.account = replace(account, state=state, sentence=sentence)
        mailboxes.on_status(AccountStatusChanged("a", state, sentence))
        return await mailboxes.problems()

    assert await told("online") == ()
    assert await told("offline", "No network.") == ()
    clock.advance(11 * MINUTE)
    (away,) = await told("offline", "No network.")
    assert (away.state, away.since, away.why) == ("warn", NOW, "No network.")
    assert await told("online") == ()
    (refused,) = await told("refused", "Wrong password.")
    assert (refused.state, refused.why, refused.actions[0]) == ("fail", "Wrong password.", Action.SIGN_IN)
    assert await told("connecting", "Connecting.") == (refused,), "a try in between ends nothing"
    await mailboxes.act("a", Action.RETRY)
    assert accounts.fetched == 1


@pytest.mark.parametrize(("state", "trouble", "actions"), [
    ("refused", "keyring", (Action.UNLOCK_KEYRING, Action.RETRY, Action.OPEN_MAILBOX, Action.DISMISS)),
    ("offline", "certificate", (Action.OPEN_MAILBOX, Action.RETRY, Action.DISMISS)),
])
async def test_what_a_password_does_not_help_asks_for_none(
    state: str, trouble: str, actions: tuple[Action, ...]
) -> None:
    """And is told at once, not when it has lasted ten minutes."""
    account = Account("a", AccountSettings("shop@example.test", "s", SERVER, SERVER), state, "Why.", None, trouble)
    accounts = Accounts(account)
    mailboxes = Mailboxes(accounts, FixedClock(NOW))  # type: ignore[arg-type]
    mailboxes.on_status(AccountStatusChanged("a", state, "Why.", trouble))
    (told,) = await mailboxes.problems()
    assert (told.state, told.why, told.actions) == ("fail", "Why.", actions)
    accounts.account = replace(account, state="connecting", sentence="Connecting.", trouble="")
    mailboxes.on_status(AccountStatusChanged("a", "connecting", "Connecting."))
    assert await mailboxes.problems() == (told,), "a try in between ends nothing"


class Sync:
    """A hub's state."""

    def __init__(self, status: SyncStatus, *failures: SyncFailure) -> None:
        self._status = status
        self._failures = failures
        self.done: list[tuple[str, str]] = []

    async def status(self) -> SyncStatus:
        return self._status

    async def failures(self) -> tuple[SyncFailure, ...]:
        return self._failures

    async def retry(self, name: str) -> None:
        self.done.append(("retry", name))

    async def dismiss(self, name: str) -> None:
        self.done.append(("dismiss", name))

    async def run(self) -> SyncReport:
        self.done.append(("run", ""))
        return SyncReport(0, 0, 0, 0, True)


def away(last: int | None, **more: object) -> SyncStatus:
    return replace(SyncStatus(True, False, 2, 0, 0, last, None, "The hub cannot be reached."), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("status", "offset", "expected"), [
    (SyncStatus(False, False, 9, 9, 9, None, None), "600000", []),
    (away(NOW - MINUTE), "0", []),
    (away(NOW - HOUR), "0", ["copying:hub"]),
    (away(NOW, online=True, digest_equal=False), "0", ["copying:digest"]),
    (away(NOW, online=True), "59000", []),
    (away(NOW, online=True), "-172800000", ["copying:clock"]),
])
async def test_the_hub_and_its_clock(running: Running, status: SyncStatus, offset: str, expected: list[str]) -> None:
    await running.database.write(lambda unit: meta.put(unit.conn, facts.OFFSET, offset))
    copying = Copying(Sync(status), running.database, FixedClock(NOW))  # type: ignore[arg-type]
    assert [one.id for one in await copying.problems()] == expected


async def test_a_refused_event_is_tried_or_dismissed_alone(running: Running) -> None:
    failure = SyncFailure("e1", "event", "conversation", "c1", "The hub refused a change.", "Try again.", NOW, "no")
    sync = Sync(away(NOW, online=True), failure)
    copying = Copying(sync, running.database, FixedClock(NOW))  # type: ignore[arg-type]
    (told,) = await copying.problems()
    assert (told.id, told.conversation_id, told.why) == ("copying:e1", "c1", "no")
    await copying.act("e1", Action.RETRY)
    await copying.act("e1", Action.DISMISS)
    assert sync.done == [("retry", "e1"), ("dismiss", "e1")]


async def test_the_disk_the_folder_and_what_runs_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(print)
    ground = Ground(Home(tmp_path), jobs)
    assert await ground.problems() == ()
    free = {"bytes": 100 * 1024 * 1024}
    usage = type("Usage", (), {"free": property(lambda _self: free["bytes"])})
    monkeypatch.setattr("workstation.app.failing.ground.shutil.disk_usage", lambda _path: usage())
    assert [(one.id, one.state) for one in await ground.problems()] == [("home:disk", "warn")]
    free["bytes"] = 1024
    assert [(one.id, one.state) for one in await ground.problems()] == [("home:disk", "fail")]
    free["bytes"] = 10**12
    jobs.troubles["sender"] = Trouble("The disk is full.", NOW, 3)
    assert [(one.id, one.why) for one in await ground.problems()] == [("home:work sender", "The disk is full.")]
    jobs.troubles.clear()
    (tmp_path / "translation" / "broken").mkdir(parents=True)
    (told,) = await ground.problems()
    assert (told.kind, told.details) == (ProblemKind.LANGUAGE, ("broken",))


async def test_the_last_runs_report_is_told_until_it_is_dismissed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    last = LastRun(home)
    assert await last.problems() == ()
    home.logs.mkdir()
    (home.logs / REPORT).write_text("trace")
    (told,) = await last.problems()
    assert (told.place, told.actions) == (str(home.logs / REPORT), (Action.SHOW_REPORT, Action.DISMISS))
    await last.act("last", Action.DISMISS)
    assert await last.problems() == ()


def test_the_window_and_the_core_name_the_same_report() -> None:
    from ui.errors import lastrun

    assert lastrun.REPORT == REPORT


def test_every_action_is_either_the_cores_or_the_windows() -> None:
    assert set(Action) > BY_CORE
