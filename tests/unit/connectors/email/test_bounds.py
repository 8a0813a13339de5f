"""Mails that are built to cost time: each bound holds, in processor time, by a wide margin."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support import hostile_seeds as seeds
from workstation.connectors.email import jis
from workstation.connectors.email.body import unflow
from workstation.connectors.email.mapper import parse

NOW = 1_795_200_000_000
PATIENCE = 1.5   # seconds of this process; a bound that is gone takes many times as long


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < PATIENCE


@pytest.mark.parametrize("line", [b"--b", b"--bx\n", b"--b" + b" " * 900 + b"x\n"])
def test_lines_that_nearly_are_boundaries(line: bytes) -> None:
    head = seeds.HEAD.encode() + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    found = parse(head + line * (12_000_000 // len(line)), received_at=NOW)
    assert any("badly built" in problem for problem in found.problems)


def test_boundaries_behind_some_lines_that_are_none_are_found() -> None:
    near = b"--bx\n" * 1_000
    head = seeds.HEAD.encode() + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    assert parse(head + near + b"--b\n\nhello\n--b--\n", received_at=NOW).text == "hello"


def test_a_million_lines_that_flow_into_one() -> None:
    assert unflow("x \n" * 1_000_000, False) == "x " * 1_000_000


def test_japanese_that_is_none() -> None:
    text, sound = jis.decode(b"\x1b$B" + b"\x7f" * 7_000_000)
    assert (len(text), sound) == (7_000_000, False)
