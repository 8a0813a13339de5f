"""The composition root: a home opened, doctor's look at it, one window at a time, sources that stay connected."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli, opened, passphrase, quick
from workstation import app
from workstation.api import ConnectedSource, Core
from workstation.app.desk import Desk
from workstation.app.examine import examine
from workstation.app.wiring import Running
from workstation.connectors.screen.x11 import MssCapture
from workstation.domain.order import OrderRef
from workstation.kernel.errors import Busy, InputError, NewerSchema
from workstation.kernel.paths import Home
from workstation.store import migrate
from workstation.store.database import Database
from workstation.store.engine import SCHEMA_VERSION, execute_once
from workstation.store.health import Finding
from workstation.store.lock import HomeLock


def secret(cli: Cli) -> Path:
    return Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])


def open_again(cli: Cli) -> app.Opened:
    return app.open_home(Home(cli.home), secret(cli))


def found(cli: Cli) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(Home(cli.home), secret(cli))}


async def test_a_fresh_home_has_an_empty_first_page_before_and_after_its_store_is_made(tmp_path: Path) -> None:
    cli = quick(tmp_path)
    assert open_again(cli).first_page() == ()
    async with opened(cli):
        assert open_again(cli).first_page() == ()


async def test_doctor_goes_as_far_as_it_can(tmp_path: Path) -> None:
    nowhere = Cli(tmp_path, tmp_path / "nowhere", {"WORKSTATION_PASSPHRASE_FILE": str(passphrase(tmp_path))})
    assert not {"key", "store", "hub"} & found(nowhere).keys()
    assert not nowhere.home.exists(), "doctor changes nothing"
    cli = quick(tmp_path)
    assert found(cli)["key"].ok
    assert "store" not in found(cli)
    async with opened(cli):
        pass
    assert all(found(cli)[name].ok for name in ("key", "store", "hub"))
    content = (cli.home / "workstation.db").read_bytes()
    (cli.home / "workstation.db").write_bytes(os.urandom(4096) + content[4096:])
    broken = found(cli)
    assert broken["store"].ok is False
    assert broken["store"].remedy
    assert "hub" not in broken
    other = tmp_path / "other"
    other.write_text("another pass phrase")
    other.chmod(0o600)
    refused = {finding.name: finding for finding in examine(Home(cli.home), other)}
    assert refused["key"].ok is False
    assert "store" not in refused


class Window:
    """What a window hears from its desk."""

    def __init__(self) -> None:
        self.heard = threading.Event()
        self.core: Core | None = None
        self.problem: BaseException | None = None
        self.stray: list[dict[str, Any]] = []

    def ready(self, core: Core) -> None:
        self.core = core
        self.heard.set()

    def failed(self, problem: BaseException) -> None:
        self.problem = problem
        self.heard.set()

    def on_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.stray.append(context)

    def start(self, desk: Desk) -> None:
        desk.start(MssCapture(), self.ready, self.failed, self.on_loop)
        assert self.heard.wait(30)


def test_one_window_holds_a_home_and_lets_go_of_it(tmp_path: Path) -> None:
    cli, window = quick(tmp_path), Window()
    desk = Desk(open_again(cli))
    window.start(desk)
    assert window.problem is None
    assert window.core is not None
    assert window.core.device_id
    with pytest.raises(Busy):
        Desk(open_again(cli))
    desk.shutdown()
    assert window.stray == []
    HomeLock(cli.home).acquire().release()
    assert not any(thread.name in ("core", "db-write_0") for thread in threading.enumerate())


def test_an_end_while_the_schema_is_brought_up_to_date_waits_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The home is let go only when nothing works on its database any more."""
    cli, window = quick(tmp_path), Window()
    desk, order = Desk(open_again(cli)), list[str]()
    begun, closed, upgrade, close = threading.Event(), threading.Event(), migrate.upgrade, Database.close

    def slow(writer: Any, report: Any = None) -> None:
        begun.set()
        closed.wait(0.3)   # a close that does not wait comes meanwhile
        upgrade(writer, report)
        order.append("upgraded")

    def noted(database: Database) -> None:
        order.append("closed")
        closed.set()
        close(database)

    monkeypatch.setattr(migrate, "upgrade", slow)
    monkeypatch.setattr(Database, "close", noted)
    desk.start(MssCapture(), window.ready, window.failed, window.on_loop)
    assert begun.wait(30)
    desk.shutdown()
    assert order == ["upgraded", "closed"]
    assert (window.core, window.problem, window.stray) == (None, None, [])
    HomeLock(cli.home).acquire().release()


def test_an_end_in_the_moment_the_core_is_built_ends_that_core_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli, window = quick(tmp_path), Window()
    desk, closed = Desk(open_again(cli)), list[str]()
    begun, close = threading.Event(), Running.close

    async def tidy(_running: Running) -> None:
        desk._running, built = None, desk._running   # as `shutdown` found it, a moment before
        begun.set()
        desk._running = built
        await asyncio.sleep(30)

    def noted(running: Running) -> None:
        closed.append("closed")
        close(running)

    monkeypatch.setattr(Running, "tidy", tidy)
    monkeypatch.setattr(Running, "close", noted)
    desk.start(MssCapture(), window.ready, window.failed, window.on_loop)
    assert begun.wait(30)
    desk.thread.stop()
    desk.shutdown()
    assert closed == ["closed"]
    assert not any(thread.name == "db-write_0" for thread in threading.enumerate())


async def make_store(cli: Cli) -> None:
    async with opened(cli):
        pass


def test_a_core_that_cannot_be_built_is_told_and_the_home_let_go(tmp_path: Path) -> None:
    cli, window = quick(tmp_path), Window()
    asyncio.run(make_store(cli))
    home = open_again(cli)
    execute_once(cli.home / "workstation.db", home.vault.key, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    desk = Desk(home)
    window.start(desk)
    assert isinstance(window.problem, NewerSchema)
    assert window.core is None
    desk.shutdown()
    HomeLock(cli.home).acquire().release()


async def test_a_connected_shop_is_there_after_a_restart_and_its_token_is_not_in_the_settings(tmp_path: Path) -> None:
    cli = quick(tmp_path)
    async with opened(cli) as running:
        with pytest.raises(InputError):
            await running.core.sources.connect("teapot", "", "token")
        with pytest.raises(InputError):
            await running.core.sources.connect("17track", "", "  ")
        assert await running.core.sources.list() == ()
        await running.core.sources.connect("shopify", "lumen.myshopify.com", "the token of this test")
        await running.core.sources.connect("shopify", "lumen.myshopify.com", "a second token of it")
    async with opened(cli) as running:
        assert await running.core.sources.list() == (ConnectedSource("shopify", "lumen.myshopify.com"),)
        asked = running.core.sources
        assert asked.shop(OrderRef("shopify", "lumen.myshopify.com", "#1")) is not None
    kept = b"".join(path.read_bytes() for path in cli.home.rglob("*") if path.is_file())
    assert b"token of" not in kept
