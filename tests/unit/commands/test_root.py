"""What every command shares: where options may stand, what is said when something goes wrong, and the exit code."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.commands import output, root, translate
from workstation.commands.root import main, ordered
from workstation.kernel.errors import Ambiguous, InputError, Tampered, WorkstationError
from workstation.store.lock import HomeLock


@pytest.mark.parametrize(("given", "wanted"), [
    (["search", "x"], ["search", "x"]),
    (["--home", "H", "search", "x"], ["search", "x", "--home", "H"]),
    (["--home=H", "--passphrase-file", "P", "search", "x"], ["search", "x", "--home=H", "--passphrase-file", "P"]),
    (["--debug", "search", "--debug", "x"], ["search", "x"]),
    (["--home", "H", "search", "--", "--debug"], ["search", "--home", "H", "--", "--debug"]),
    (["evidence", "list", "--home", "H"], ["evidence", "list", "--home", "H"]),
    ([], []),
])
def test_what_every_command_takes_may_stand_before_its_name(given: list[str], wanted: list[str]) -> None:
    assert ordered(given) == wanted


@given(st.lists(st.sampled_from(["--home", "--home=H", "--passphrase-file", "search", "--", "--json"]), max_size=8))
def test_nothing_is_lost_or_invented_by_reordering(arguments: list[str]) -> None:
    assert sorted(ordered(arguments)) == sorted(arguments)


def test_a_failure_nobody_foresaw_is_one_line_and_never_the_answer_no(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(root, "tree", lambda _named: raising(ZeroDivisionError("a buyer's secret")))
    assert main(["search", "x"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "ZeroDivisionError" in said.err
    assert "secret" not in said.err
    assert main(["search", "x", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_ctrl_c_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(root, "tree", lambda _named: lambda **_rest: 130)   # what typer returns for it
    assert main(["search", "x"]) == 2
    assert capsys.readouterr().err == "Stopped. What was finished is kept.\n"


@pytest.mark.parametrize(("problem", "code", "line"), [
    (InputError("It is wrong.", "Do it right."), 2, "It is wrong. Do it right.\n"),
    (InputError("Two\nlines.", ""), 2, "Two lines.\n"),
    (Ambiguous("Which?", "Choose.", ["a/1", "b/1"]), 2, "Which? a/1, b/1 Choose.\n"),
    (Tampered("Changed.", "Restore it.", ["record-1"]), 1, "Changed. record-1 Restore it.\n"),
    (InputError("[bold]as it is[/bold]", ""), 2, "[bold]as it is[/bold]\n"),
])
def test_a_known_failure_is_its_sentence_and_its_remedy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: WorkstationError, code: int, line: str
) -> None:
    monkeypatch.setattr(root, "tree", lambda _named: raising(problem))
    assert main(["check", "1"]) == code
    assert capsys.readouterr().err == line


def raising(problem: BaseException) -> object:
    def app(**_named: object) -> NoReturn:
        raise problem

    return app


def test_json_says_what_values_are_and_refuses_to_guess(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclasses.dataclass
    class Part:
        path: Path
        content: bytes

    output.emit({"part": Part(Path("/a"), b"x"), "text": "Où"})
    out = capsys.readouterr().out
    assert json.loads(out) == {"part": {"path": "/a", "content": "x"}, "text": "Où"}
    assert "Où" in out
    with pytest.raises(TypeError):
        output.emit(object())


def test_a_line_is_translated_as_given_or_refused() -> None:
    assert translate._segment(1, "Olá\r\n".encode()) == "Olá"
    assert translate._segment(1, b"  two  spaces\n") == "  two  spaces"
    with pytest.raises(InputError, match="Line 3 is not UTF-8"):
        translate._segment(3, b"ol\xe1\n")
    with pytest.raises(InputError, match="Line 4 is longer"):
        translate._segment(4, b"x" * (translate.MOST_LINE + 1))
    assert len(translate._segment(5, b"x" * translate.MOST_LINE + b"\n")) == translate.MOST_LINE


def test_a_command_that_fails_lets_go_of_the_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.support.cli import quick

    cli = quick(tmp_path)
    secret = ["--home", str(cli.home), "--passphrase-file", cli.environment["WORKSTATION_PASSPHRASE_FILE"]]
    (tmp_path / "orders.csv").write_text("colour\nred\n")
    assert main(["import", "orders", str(tmp_path / "orders.csv"), *secret]) == 2
    assert "orders.csv" in capsys.readouterr().err
    HomeLock(cli.home).acquire().release()
    assert main(["search", "nothing", *secret]) == 1
