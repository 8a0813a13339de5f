"""What pytest makes of a test file before it runs it (its asserts, rewritten) is kept beside the file. In a fresh copy
every process of a run would make all of it, at the same time: here each makes its share and finds the rest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from _pytest.assertion import AssertionState
from _pytest.assertion.rewrite import PYC_TAIL, _rewrite_test, _write_pyc, get_cache_dir, try_makedirs
from _pytest.assertion.rewrite import assertstate_key as state_key


def make_a_share(config: pytest.Config, asked: Sequence[str], number: int, of: int) -> int:
    """Of the test files that are `asked` for (files, folders, names of tests), rewrite and keep every `of`-th, from
    `number` on, whose kept form is missing or older. Returns how many that were."""
    state = config.stash.get(state_key, None)
    if sys.dont_write_bytecode or state is None:
        return 0
    places = {Path(each.partition("::")[0]) for each in asked}
    files = {file for place in places for file in ([place] if place.is_file() else place.rglob("test_*.py"))}
    return sum(_made(file, config, state) for file in sorted(files)[number::of])


def _made(file: Path, config: pytest.Config, state: AssertionState) -> bool:
    kept = get_cache_dir(file) / f"{file.stem}{PYC_TAIL}"
    if kept.exists() and kept.stat().st_mtime > file.stat().st_mtime:
        return False
    try:
        source, code = _rewrite_test(file, config)
    except SyntaxError:
        return False   # pytest says it when it collects the file
    return try_makedirs(kept.parent) and _write_pyc(state, code, source, kept)
