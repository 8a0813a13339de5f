"""A command that opens an old store says on its terminal how far the upgrade is; one of today's says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.first_run import cheap_argon
from tests.support.oldstore import old_store
from workstation import app
from workstation.commands.caller import Report, Terminal, calling
from workstation.commands.session import Options, session
from workstation.kernel.paths import Home
from workstation.store import watching
from workstation.store.keybox import Argon


class Watched(Terminal):
    """A terminal whose progress lines are kept."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int, int]] = []
        self.open = 0

    @contextmanager
    def progress(self, title: str) -> Iterator[Report]:
        self.open += 1
        yield lambda done, total: self.said.append((title, done, total))
        self.open -= 1


def test_an_old_store_is_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Argon, "fresh", cheap_argon)
    monkeypatch.setattr(watching, "_STEPS", 1_000)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("four unrelated words")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(tmp_path / "home"), passphrase, tmp_path / "recovery")
    old_store(opened.home.database, opened.vault.key, 40, 200)
    options, person = Options(tmp_path / "home", passphrase), Watched()
    with calling(person), session(options, writes=False):
        assert person.open == 0, "the line is gone before the command begins"
    assert person.said
    assert {(title, total) for title, _done, total in person.said} == {("Bringing the store up to date", 100)}
    told = len(person.said)
    with calling(person), session(options, writes=False):
        assert len(person.said) == told
