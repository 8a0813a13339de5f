"""What a command prints: JSON on stdout, sentences and progress on stderr, one line for an error."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from workstation.commands.caller import Report, caller
from workstation.kernel.actions import Action
from workstation.kernel.errors import Ambiguous, Tampered, WorkstationError

DONE, NO, COULD_NOT = 0, 1, 2
COMMANDS = {Action.INSTALL_LANGUAGE: "workstation language add FILE"}
"""What puts a failure right on a terminal, where the window has a button."""


def plain(value: Any) -> Any:
    """A value as JSON can say it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path | bytes):
        return str(value) if isinstance(value, Path) else value.decode("utf-8", "replace")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def emit(value: Any) -> None:
    """Write one JSON document to stdout."""
    caller().out(json.dumps(value, ensure_ascii=False, default=plain, indent=1) + "\n")


def emit_line(value: Any) -> None:
    """Write one JSON document on one line of stdout, at once."""
    caller().out(json.dumps(value, ensure_ascii=False, default=plain) + "\n")
    caller().flush()


def say(text: str) -> None:
    """Write a line of the answer to stdout."""
    caller().out(text + "\n")


def tell(text: str) -> None:
    """Write a line for the person to stderr."""
    caller().err(text + "\n")


def fail(problem: WorkstationError) -> int:
    """One line that says what happened and what to do. Returns the exit code."""
    candidates = ", ".join(problem.candidates) if isinstance(problem, Ambiguous) else ""
    findings = "; ".join(problem.findings) if isinstance(problem, Tampered) else ""
    command = COMMANDS.get(problem.action, "") if problem.action else ""
    parts = (problem.sentence, candidates, findings, problem.remedy, command)
    tell(" ".join(" ".join(part.splitlines()) for part in parts if part))
    return NO if isinstance(problem, Tampered) else COULD_NOT


def progress(title: str) -> AbstractContextManager[Report]:
    """A progress line on a terminal, nothing elsewhere. Call what it yields with (done, total), from any thread."""
    return caller().progress(title)
