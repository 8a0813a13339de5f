"""What stands below a name is loaded when that name is given, and what `--help` says of it without that is true."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from tests.support.source import ROOT
from workstation.commands.helping import one_line
from workstation.commands.tree import NOUNS, tree, whole

HEAVY = {"sqlalchemy", "sqlmodel", "pydantic", "asyncio", "cryptography", "workstation.app.wiring",
         "workstation.api", "sqlcipher3", "workstation.inbox.model"}


@cache
def everything() -> TyperGroup:
    return get_group(whole())


def help_of(group: TyperGroup) -> Mapping[str, str]:
    return {name: one_line(command.help or "") for name, command in group.commands.items()}


def test_what_the_help_says_is_what_the_commands_say_themselves() -> None:
    listed = help_of(get_group(tree("")))
    assert listed == help_of(everything())
    assert list(listed) == list(NOUNS)


@pytest.mark.parametrize("named", NOUNS)
def test_a_name_leads_to_all_of_it_and_the_others_stay_listed(named: str) -> None:
    own = get_group(tree(named))
    assert help_of(own) == help_of(everything())
    below = {name: each for name, each in vars(own.commands[named]).items() if name in {"commands", "params"}}
    wanted = vars(everything().commands[named])
    assert {name: [str(one) for one in each] for name, each in below.items()} == {
        name: [str(one) for one in wanted[name]] for name in below}


@pytest.mark.parametrize(("asked", "said"), [("version", "0.1.0"), ("--help", "Capture, list, verify and export")])
def test_what_needs_no_home_loads_nothing_of_one(asked: str, said: str) -> None:
    child = ("import atexit, sys; from workstation.cli import run; sys.argv = ['workstation', sys.argv[1]]; "
             "atexit.register(lambda: print('LOADED', *sys.modules)); run()")
    around = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", child, asked], env=around, capture_output=True, text=True, timeout=60,
                          check=True)
    out, _, loaded = done.stdout.partition("LOADED ")
    assert said in out
    assert "workstation.commands" in loaded.split()
    assert HEAVY & set(loaded.split()) == set()
