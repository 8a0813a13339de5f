"""A file is a page or three, a function does one thing (style.md, habit 12)."""

from __future__ import annotations

import ast

from tests.support.source import sources

MOST_FILE_LINES = 400
MOST_FUNCTION_LINES = 45


def test_files_are_short() -> None:
    long = {s.name: lines for s in sources("workstation", "ui", "tests")
            if (lines := s.text.count("\n")) > MOST_FILE_LINES}
    assert long == {}


def test_functions_are_short() -> None:
    long = {
        f"{source.name}:{node.lineno} {node.name}": node.end_lineno - node.lineno + 1
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_FUNCTION_LINES
    }
    assert long == {}


def test_every_module_says_why_it_exists() -> None:
    silent = [s.name for s in sources() if s.text.strip() and not ast.get_docstring(s.tree)]
    assert silent == []
