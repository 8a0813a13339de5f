"""What a command prints: JSON on stdout, sentences and progress on stderr, one line for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from workstation.api import Progress as Report
from workstation.kernel.errors import Ambiguous, Tampered, WorkstationError

DONE, NO, COULD_NOT = 0, 1, 2

stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def plain(value: Any) -> Any:
    """A value as JSON can say it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Path | bytes):
        return str(value) if isinstance(value, Path) else value.decode("utf-8", "replace")
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def emit(value: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=plain, indent=1) + "\n")


def emit_line(value: Any) -> None:
    """Write one JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=plain) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a line of the answer to stdout."""
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """Write a line for the person to stderr."""
    stderr.print(text, markup=False)


def fail(problem: WorkstationError) -> int:
    """One line that says what happened and what to do. Returns the exit code."""
    candidates = ", ".join(problem.candidates) if isinstance(problem, Ambiguous) else ""
    findings = "; ".join(problem.findings) if isinstance(problem, Tampered) else ""
    parts = (problem.sentence, candidates, findings, problem.remedy)
    tell(" ".join(" ".join(part.splitlines()) for part in parts if part))
    return NO if isinstance(problem, Tampered) else COULD_NOT


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """A progress line on a terminal, nothing elsewhere. Call what it yields with (done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=stderr, disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def report(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total or None)

        yield report
