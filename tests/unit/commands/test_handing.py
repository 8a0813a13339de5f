"""Which commands are handed over to the window, what it is told, and what it is never told."""

from __future__ import annotations

import inspect
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import get_type_hints

import pytest
import typer
from hypothesis import given as examples
from hypothesis import strategies as st

from workstation.commands import handing, hosted, root
from workstation.commands.caller import Terminal, calling, given
from workstation.commands.handing import TABLE, hand_over, stops_with_its_caller, try_window, without_secrets, writer
from workstation.commands.session import WindowListens
from workstation.commands.tree import whole
from workstation.kernel.errors import Busy
from workstation.runtime.line import Gone

OURS = {"home", "passphrase_file"}


def commands(app: typer.Typer) -> dict[tuple[str, ...], str]:
    """Every command by its words, with the text of its function."""
    return {name: inspect.getsource(function) for name, function in functions(app).items()}


def test_the_table_names_exactly_the_commands_that_write() -> None:
    texts = commands(whole())
    writing = {name for name, text in texts.items() if re.search(r"writes=(True|bool)", text)}
    assert writing == set(TABLE)
    assert len(texts) > len(writing) > 10


def test_every_path_of_a_handed_over_command_is_read_as_its_caller_means_it() -> None:
    wrong = []
    for name, function in functions(whole()).items():
        if name not in TABLE:
            continue
        text = inspect.getsource(inspect.getmodule(function) or function)
        own = inspect.getsource(function)
        for parameter, hint in get_type_hints(function).items():
            if parameter in OURS or hint not in (Path, Path | None):
                continue
            through = re.findall(rf"(\w+)\({parameter}\)", own)
            if not any(call == "given" or re.search(rf"def {call}\((.|\n)*?given\(", text) for call in through):
                wrong.append((name, parameter))
    assert wrong == []


def functions(app: typer.Typer, front: tuple[str, ...] = ()) -> dict[tuple[str, ...], Callable[..., object]]:
    made: dict[tuple[str, ...], Callable[..., object]] = {}
    for each in app.registered_commands:
        assert each.callback is not None
        made[(*front, each.name or each.callback.__name__.replace("_", "-"))] = each.callback
    for group in app.registered_groups:
        assert group.typer_instance is not None
        made |= functions(group.typer_instance, (*front, str(group.name)))
    return made


@pytest.mark.parametrize(("arguments", "wanted"), [
    (["import", "mail", "x"], ("import", "mail")),
    (["--debug", "import", "mail", "x"], ("import", "mail")),
    (["sync", "--connect", "import"], ("sync",)),
    (["search", "import"], ()), (["import"], ()), ([], ()), (["evidence", "list"], ()), (["doctor"], ()),
])
def test_a_command_that_writes_is_known_by_its_words(arguments: list[str], wanted: tuple[str, ...]) -> None:
    assert writer(arguments) == wanted


def test_an_import_stops_with_its_caller_and_a_seal_does_not() -> None:
    assert stops_with_its_caller(["import", "mail", "x"])
    assert not stops_with_its_caller(["evidence", "capture", "--case", "x"])


@pytest.mark.parametrize(("arguments", "told", "home"), [
    (["import", "mail", "x", "--home", "H", "--passphrase-file", "P"], ["import", "mail", "x"], "H"),
    (["--home=H", "sync", "--passphrase-file=P", "--json"], ["sync", "--json"], "H"),
    (["sync", "--home", "A", "--home", "B"], ["sync"], "B"),
    (["import", "mail", "--", "--home"], ["import", "mail", "--", "--home"], ""),
    (["sync", "--home"], ["sync"], ""),
])
def test_the_window_is_not_told_where_the_passphrase_is(arguments: list[str], told: list[str], home: str) -> None:
    assert without_secrets(arguments) == (told, home)


@examples(st.lists(st.sampled_from(["--home", "--home=H", "--passphrase-file", "--passphrase-file=S", "S", "--", "x"])))
def test_whatever_is_typed_the_passphrase_file_does_not_leave(arguments: list[str]) -> None:
    told, _home = without_secrets(arguments)
    ours = told[:told.index("--")] if "--" in told else told
    assert not any(each.startswith("--passphrase-file") for each in ours)


def test_where_nobody_listens_nothing_is_handed_over(tmp_path: Path) -> None:
    assert try_window(["sync", "--home", str(tmp_path)]) is None
    (tmp_path / "handover.json").write_text('{"address": "/nowhere", "key": "00", "pid": 1}')
    assert try_window(["sync", "--home", str(tmp_path)]) is None
    assert try_window(["sync", "--help", "--home", str(tmp_path)]) is None
    assert try_window(["search", "x", "--home", str(tmp_path)]) is None


def test_a_path_is_taken_as_typed_here_and_from_its_callers_folder_elsewhere() -> None:
    class Far(Terminal):
        def path(self, path: Path) -> Path:
            return Path("/there") / path

    assert given(Path("a.eml")) == Path("a.eml")
    with calling(Far()):
        assert given(Path("a.eml")) == Path("/there/a.eml")
        assert given(Path("/b.eml")) == Path("/b.eml")
    assert given(Path("a.eml")) == Path("a.eml")


class FarWindow:
    """The window's end of a line, for a command that asks for a password and ends once it is told to stop."""

    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []
        self._asked = False

    def send(self, message: dict[str, object]) -> None:
        self.heard.append(message)

    def receive(self, _seconds: float) -> dict[str, object] | None:
        if not self._asked:
            self._asked = True
            return {"ask": "Password: "}
        return {"end": 2} if {"cancel": True} in self.heard else None

    def close(self) -> None:
        pass


def nobody_there(_terminal: Terminal, _prompt: str) -> str:
    raise EOFError


def ctrl_c(_terminal: Terminal, _prompt: str) -> str:
    signal.raise_signal(signal.SIGINT)
    return "typed on"


@pytest.mark.parametrize("person", [nobody_there, ctrl_c])
def test_a_question_that_is_not_answered_stops_the_command(
    person: Callable[[Terminal, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "ask", person)
    far = FarWindow()
    assert hand_over(far, ["mailbox", "add", "a@b.example"], "/") == 2  # type: ignore[arg-type]
    assert [message for message in far.heard if "do" not in message] == [{"cancel": True}]


@pytest.mark.parametrize("arguments", [["translate"], ["key", "show"], ["hub", "serve"], [], ["import"]])
def test_the_window_runs_only_what_writes_to_its_home(arguments: list[str]) -> None:
    request = {"do": "run", "arguments": arguments, "folder": "/"}
    with pytest.raises(Gone):
        hosted.serve(FarWindow(), request, None, threading.Event())  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_whatever_becomes_of_a_command_its_caller_hears_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaves(_arguments: list[str]) -> int:
        raise SystemExit(7)

    monkeypatch.setattr(root, "run", leaves)
    far = FarWindow()
    hosted.serve(far, {"arguments": ["sync"], "folder": "/"}, None, threading.Event())  # type: ignore[arg-type]
    assert far.heard == [{"end": 2}]


def test_a_window_that_listens_and_cannot_be_told_is_not_asked_for_ever(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tries = []

    def held(arguments: list[str]) -> int:
        tries.append(arguments)
        raise WindowListens(Busy("It is held.", "Wait."))

    monkeypatch.setattr(root, "run", held)
    monkeypatch.setattr(handing, "try_window", lambda _arguments: None)
    assert root.main(["sync"]) == 2
    assert capsys.readouterr().err == "It is held. Wait.\n"
    assert 1 < len(tries) < 10
