"""Every service is made when it is first asked for, and ends only if it was."""

from __future__ import annotations

import dataclasses
import inspect
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path

import pytest

from tests.support.cli import opened, prepared
from tests.support.source import ROOT
from workstation.api import Core
from workstation.app.services import Services

PARTS = [name for name, each in vars(Services).items() if isinstance(each, cached_property)]
ENDING = ("problems", "accounts", "verification", "team", "sync", "triage", "reading", "translation")


async def test_what_nobody_asks_for_is_not_made(tmp_path: Path) -> None:
    async with opened(prepared(tmp_path)) as running:
        assert await running.core.evidence.list() == ()
        made = set(vars(running.core))
    assert "evidence" in made
    assert {"inbox", "sync", "binder", "http", "accounts", "translation", "problems"} & made == set()


async def test_everything_can_be_asked_for_and_is_made_once(tmp_path: Path) -> None:
    async with opened(prepared(tmp_path)) as running:
        core = running.core
        first = {name: getattr(core, name) for name in PARTS}
        assert {field.name for field in dataclasses.fields(Core)} == (
            {"jobs", "bus", "device_id", "simulated"} | {field.name for field in dataclasses.fields(Core)} & set(PARTS))
        assert core.simulated == ()
        assert all(getattr(core, name) is part for name, part in first.items())
        assert all(inspect.iscoroutinefunction(first[name].shutdown) for name in ENDING)
        with_an_end = {name for name, part in first.items() if hasattr(part, "shutdown")} - {"mail_reading", "jobs"}
        assert with_an_end == set(ENDING)


def test_a_core_cannot_be_changed_by_whoever_is_handed_it() -> None:
    assert issubclass(Services, Core)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(Services.__new__(Services), "inbox", None)  # noqa: B010 - what mypy forbids, too


@pytest.mark.parametrize(("asked", "spared"), [
    ("search", ["workstation.sync.service", "workstation.evidence.service", "workstation.drafts.service", "httpx"]),
    ("evidence", ["workstation.sync.service", "workstation.inbox.service", "workstation.evidence.claims.desks", "httpx",
                  "workstation.policy.service", "workstation.translation.service"]),
])
def test_a_command_loads_what_it_needs(asked: str, spared: list[str], tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    words = {"search": ["search", "nothing"], "evidence": ["evidence", "list"]}[asked]
    child = ("import atexit, sys; from workstation.cli import run; sys.argv[0] = 'workstation'; "
             "atexit.register(lambda: print('LOADED', *sys.modules)); run()")
    around = {**os.environ, "PYTHONPATH": str(ROOT), **cli.environment}
    done = subprocess.run([sys.executable, "-c", child, *words, "--home", str(cli.home)], env=around, check=False,
                          capture_output=True, text=True, timeout=60)
    loaded = set(done.stdout.partition("LOADED ")[2].split())
    assert done.returncode == (1 if asked == "search" else 0), done.stderr
    assert "workstation.app.services" in loaded
    assert set(spared) & loaded == set()
