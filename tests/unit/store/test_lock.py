"""Whether a home is held is asked without disturbing whoever holds it."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import pytest

from workstation.store.lock import COMMAND, WINDOW, HomeLock


def test_a_home_is_held_until_it_is_let_go(tmp_path: Path) -> None:
    assert not HomeLock(tmp_path).held(), "nobody has opened it yet"
    lock = HomeLock(tmp_path, WINDOW).acquire()
    assert HomeLock(tmp_path).held()
    assert HomeLock(tmp_path).holder() == WINDOW
    lock.release()
    assert not HomeLock(tmp_path).held()


def test_a_home_that_can_only_be_read_is_not_called_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = HomeLock(tmp_path, COMMAND).acquire()
    usual = Path.open

    def reading(path: Path, mode: str = "r", *more: Any, **named: Any) -> IO[Any]:
        if "r" not in mode or "+" in mode:
            raise PermissionError(13, "Permission denied")
        return usual(path, mode, *more, **named)

    monkeypatch.setattr(Path, "open", reading)
    assert HomeLock(tmp_path).held()
    lock.release()
    assert not HomeLock(tmp_path).held()
