"""Whatever a buyer wrote, wherever a failure carried it: logs and traces say where and what kind, and nothing of it."""

from __future__ import annotations

import asyncio
import builtins
import enum
import faulthandler
import logging
import re
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from workstation.kernel import logs
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.ids import new_id
from workstation.kernel.logs import Plain, redact, redacted
from workstation.kernel.redaction import _INTERPRETER, WORDS, argument

SAID = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=4, max_size=80)
log = logging.getLogger("workstation.test")


class Colour(enum.Enum):
    RED = "ana@buyer.example"


class SmtpError(Exception):
    smtp_code = 550


def carriers(said: str) -> Iterator[BaseException]:
    """Failures that hold what was said, the way libraries build them."""
    yield ValueError(repr(said))
    yield KeyError(said)
    yield RuntimeError(said, {"text": said})
    yield AssertionError(f"expected {said!r}")
    yield UnicodeEncodeError("ascii", said, 0, 1, said)
    yield OSError(2, said, said)
    yield TypeError(f"'{said}' object is not callable")
    yield AttributeError(f"'Row' object has no attribute {said!r}")
    yield TypeError(f"{said} cannot be used here")
    yield ImportError(f"cannot import name {said} from {said}")
    yield InputError(said, said)
    yield SmtpError(550, said)
    yield httpx.HTTPStatusError(said, request=httpx.Request("GET", "http://127.0.0.1/"), response=httpx.Response(500))
    yield ExceptionGroup(said, [ValueError(said), ExceptionGroup("inner", [KeyError(said)])])
    yield SyntaxError(said, (said, 1, 1, said))


def raised(bug: BaseException, said: str) -> BaseException:
    """The failure as it is caught: with a trace, a cause, and notes."""
    try:
        try:
            raise bug
        except BaseException as first:
            first.add_note(said)
            raise LookupError(said) from first
    except LookupError as second:
        return second


@given(SAID)
def test_no_failure_says_what_it_carries(said: str) -> None:
    for bug in carriers(said):
        report = redacted(raised(bug, said))
        for word in re.findall(r"\w{4,}", said):
            if word not in said_anyway(type(bug).__name__):   # "Trac" is in every trace
                assert word not in report, type(bug)
        assert type(bug).__name__ in report
        assert "test_redaction.py" in report


@cache
def said_anyway(kind: str) -> str:
    """What is said of this kind of failure when it carries nothing, and the interpreter's own words and types."""
    empty = [redacted(raised(each, "…")) for each in carriers("…") if type(each).__name__ == kind]
    return " ".join((*empty, *_INTERPRETER, *vars(builtins), "NoneType method coroutine"))


@given(SAID)
def test_no_log_line_says_what_it_was_given(said: str) -> None:
    record = logging.LogRecord("workstation.test", logging.INFO, __file__, 1, "%s of %s", (said, {"x": said}), None)
    line = logs.RedactingFormatter(logs.FORMAT).format(record)
    assert "characters left out" in line, "this record was not made by code on the stack"
    assert argument(said) in ("<text>", said)
    if argument(said) == said:
        assert said in WORDS or said.isidentifier()


def written(folder: Path, work: Any) -> str:
    handler = logs.log_to(folder, logging.DEBUG)
    logging.getLogger("workstation").propagate = False   # the tests' own handlers format what ours leaves out
    try:
        work()
    finally:
        logging.getLogger("workstation").propagate = True
        logging.getLogger("workstation").removeHandler(handler)
        handler.close()
    return (folder / logs.FILE).read_text(encoding="utf-8")


def test_what_is_useful_stays(tmp_path: Path) -> None:
    number = new_id()

    def work() -> None:
        log.info("%s took %d of %s with %s and %s in %.1f", "sync", 7, number, ValueError("x"), Colour.RED, 0.25)
        log.warning("POST %s %s", Plain("/v1/feed"), type(OSError()).__name__)

    said = written(tmp_path, work)
    assert f"sync took 7 of {number} with ValueError: <1 characters left out> and Colour.RED in 0.2" in said
    assert "POST /v1/feed OSError" in said


def test_a_sentence_that_is_no_constant_is_left_out(tmp_path: Path) -> None:
    subject = "My kettle arrived broken"

    def work() -> None:
        log.warning(subject)
        log.warning(f"about {subject}")  # noqa: G004 — what must not pass
        log.warning("one %d two", subject)  # type: ignore[str-format,unused-ignore]

    said = written(tmp_path, work)
    assert "kettle" not in said
    assert said.count("characters left out") == 2
    assert "one %d two <1 arguments>" in said


@pytest.mark.parametrize("secret", [
    "ana.souza+shop@buyer.example", "https://hub.example/v1?token=abc", "Authorization: Bearer abc.def",
    "password: hunter2", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF", "0f" * 32, "702-1234567-7654321", "+55 11 91234-5678",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2ln", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MGFiY2RlZg==",
])
def test_patterns_are_the_second_line(secret: str) -> None:
    left = redact(f"it failed for {secret} at last")
    assert left.startswith("it failed for ")
    for part in re.findall(r"[\w.+-]{5,}", secret.split(":", 1)[-1]):
        assert part not in left or part in ("Bearer", "token"), left


def test_what_the_interpreter_says_of_code_stays() -> None:
    def call_wrongly(wanted: Any) -> None:
        wanted.missing_here()

    for wrong, said in ((None, "AttributeError: 'NoneType' object has no attribute 'missing_here'"),):
        with pytest.raises(AttributeError) as caught:
            call_wrongly(wrong)
        assert said in redacted(caught.value)
    with pytest.raises(TypeError) as failed:
        call_wrongly()  # type: ignore[call-arg]
    assert "missing 1 required positional argument" in redacted(failed.value)


def test_ids_are_no_numbers() -> None:
    number = new_id()
    assert redact(f"record {number} +49 170 1234567") == f"record {number} <number>"


def test_what_a_database_says_stays_in_it() -> None:
    engine, said = create_engine("sqlite://"), " ".join(("my", "kettle", "leaks"))
    with pytest.raises(Exception) as caught, engine.connect() as connection:  # noqa: PT011 — any of the driver's
        connection.execute(text("INSERT INTO none VALUES (:it)"), {"it": said})
    report = redacted(caught.value)
    assert said in str(caught.value)
    assert said not in report
    assert "sqlalchemy.exc.OperationalError" in report
    assert "(sqlite3.OperationalError)" in report


def test_a_trace_names_no_folder_of_this_computer() -> None:
    report = redacted(raised(ValueError("x"), "x"))
    assert str(Path.home()) not in report
    assert "/work" not in report.replace("workstation", "")
    assert "tests/unit/kernel/test_redaction.py" in report


def test_a_trace_is_bounded() -> None:
    def deep(number: int) -> None:
        if number:
            deep(number - 1)
        raise ValueError("x" * 100_000)

    with pytest.raises(ValueError) as caught:  # noqa: PT011
        deep(300)
    report = redacted(caught.value)
    assert len(report) < 21_000
    assert "calls" in report


def test_the_log_is_bounded_and_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MOST_BYTES", 2_000)

    def work() -> None:
        for number in range(200):
            log.info("line %d of many that are written here", number)

    written(tmp_path, work)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["workstation.log", *(f"workstation.log.{n}" for n in (1, 2, 3))]
    assert all(file.stat().st_size <= 2_000 for file in files)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


def test_a_full_disk_prints_no_line_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: logs.LogFile, _record: logging.LogRecord) -> bool:
        raise OSError(28, "No space left on device: ana@buyer.example")

    monkeypatch.setattr(logs.LogFile, "shouldRollover", full)
    written(tmp_path, lambda: log.info("of %s", "My kettle arrived broken"))
    said = capsys.readouterr().err
    assert "errno=28" in said
    assert "kettle" not in said
    assert "ana@" not in said


def test_a_crash_of_the_interpreter_leaves_places_only(tmp_path: Path) -> None:
    file = logs.catch_faults(tmp_path)
    try:
        faulthandler.dump_traceback(file)
    finally:
        logs.stop_catching(file)
    said = (tmp_path / logs.FAULTS).read_text()
    assert "test_redaction.py" in said
    assert "kettle" not in said
    assert stat.S_IMODE((tmp_path / logs.FAULTS).stat().st_mode) == 0o600


def test_a_cancelled_task_and_a_cycle_of_causes_end() -> None:
    one, two = ValueError("a"), KeyError("b")
    one.__cause__, two.__cause__ = two, one
    assert redacted(one).count("led to") == 1
    assert "CancelledError" in redacted(asyncio.CancelledError())
    assert WorkstationError.__name__ in redacted(WorkstationError("Ana wrote.", "Answer her."))
    assert "Ana" not in redacted(WorkstationError("Ana wrote.", "Answer her."))
