"""What every test stands on: nothing reaches beyond loopback, nothing is skipped without saying why, nothing touches
the user's own home or keyring, and what is random can be repeated.

Stray warnings and Qt messages fail by configuration (pyproject.toml, [tool.pytest.ini_options]).
"""

from __future__ import annotations

import faulthandler
import gc
import os
import random
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import settings

from tests.support import network, rewriting, telling

_OWN = Path(tempfile.mkdtemp(prefix="workstation-tests-"))  # mode 0700, as Qt wants of a run-time folder
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.update({
    "HOME": str(_OWN), "XDG_DATA_HOME": str(_OWN / "data"), "XDG_CONFIG_HOME": str(_OWN / "config"),
    "XDG_RUNTIME_DIR": str(_OWN), "LANGUAGE": "en",
})
for _name in ("DBUS_SESSION_BUS_ADDRESS", "WORKSTATION_PASSPHRASE_FILE"):
    os.environ.pop(_name, None)
network.guard()

NO_SKIPS = os.environ.get("WORKSTATION_NO_SKIPS") == "1"
_since = 40          # tests since all that lives was taken for loaded
_UNNAMED = ("", "unconditional skip", "Skipped")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the tests marked long; 2,000 examples each")
    parser.addoption("--built", type=Path, default=None, help="the folder of a frozen build, for tests/frozen")
    parser.addoption("--write-trees", action="store_true", help="store the accessibility trees as they are now")
    parser.addoption("--seed", type=int, default=None, help="repeat a run: the seed it printed")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):   # one of several processes of a run: all have the seed that is printed
        config.option.seed = config.workerinput["seed"]
    elif config.getoption("--seed") is None:
        config.option.seed = random.SystemRandom().randrange(2**32)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(telling.Telling(config), "tests-telling")
    settings.register_profile("quick", deadline=None, derandomize=True)
    settings.register_profile("long", deadline=None, max_examples=2_000)
    settings.load_profile("long" if config.getoption("--long") else "quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The frozen build's tests need one: `.ci/frozen` makes it and names it with `--built`."""
    return True if collection_path.name == "frozen" and config.getoption("--built") is None else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["seed"] = node.config.option.seed


def pytest_sessionstart(session: pytest.Session) -> None:
    """Each of several processes rewrites its share of the files before all collect all of them."""
    mine = getattr(session.config, "workerinput", None)
    if mine is not None:
        number = int(str(mine["workerid"]).removeprefix("gw"))
        rewriting.make_a_share(session.config, session.config.args, number, int(mine["workercount"]))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes by their length: a test's name is the same in every process and at any time of day, as a run spread over
    processes needs it. An archive made while tests are collected holds the time."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) and len(val) > 20 else None


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('--seed')} (repeat with --seed)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    later = [item for item in items if item.get_closest_marker("long")]
    if later:
        config.hook.pytest_deselected(items=later)
        items[:] = [item for item in items if item not in later]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _judge_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        _judge_skip(report)
    return report


def _judge_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ").strip()
    if reason in _UNNAMED:
        report.outcome, report.longrepr = "failed", "a skip must say why"
    elif NO_SKIPS:
        report.outcome, report.longrepr = "failed", f"nothing may be skipped here: {reason}"


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """This run's seed, printed in the header; `--seed` repeats it."""
    return int(request.config.getoption("--seed"))


@pytest.fixture
def rng(seed: int, request: pytest.FixtureRequest) -> random.Random:
    """Randomness that depends on the seed and the test's name alone."""
    return random.Random(f"{seed} {request.node.nodeid}")


@pytest.fixture
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether `--long` was given: take more time, try more."""
    return bool(request.config.getoption("--long"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Garbage that may hold Qt's objects is collected on this thread alone, as in the program (`ui.collector`): another
    thread of a test that collected it would end this process, and the run with it."""
    if "qapp" not in getattr(item, "fixturenames", ()):
        return (yield)
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        _keep_loaded()
        gc.enable()


def _keep_loaded() -> None:
    """What lives after a test is mostly what it loaded, and is not walked again after each of the next ones."""
    global _since  # noqa: PLW0603 - one fact of this process
    _since += 1
    if _since >= 40:
        _since = 0
        gc.freeze()


@pytest.fixture(autouse=True)
def _crashes_are_told(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that lets the product catch crashes of the interpreter takes that from this process."""
    yield
    if not faulthandler.is_enabled():
        faulthandler.enable(request.config.stash[fault_handler_stderr_fd_key])


@pytest.fixture(autouse=True)
def _stays_on_loopback() -> Iterator[None]:
    network.ATTEMPTS.clear()
    yield
    assert network.ATTEMPTS == [], f"reached beyond loopback: {network.ATTEMPTS}"


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    from workstation.kernel import i18n

    i18n.use_language("en")
    yield
    i18n.use_language("en")
