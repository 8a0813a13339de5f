"""Finds sentences that put a number that varies before a plural without asking gettext for its form."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.support.source import Source

_COUNTED = re.compile(r"\{(n|count|all|total|kept|done|rest|more|new)\}(?: [a-z]+)? (?!pixels\b)[a-z]{2,}s\b")
"""A number by its name, perhaps an adjective, and a plural. Pixels are a measure, like MB."""


def hand_built_plurals(source: Source) -> Iterator[str]:
    """Each `_("{n} files").format(n=…)`. A limit written in capitals is the same number every time and passes."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"):
            continue
        looked_up = node.func.value
        if not (isinstance(looked_up, ast.Call) and isinstance(looked_up.func, ast.Name) and looked_up.func.id == "_"):
            continue
        text = "".join(part.value for part in ast.walk(looked_up)
                       if isinstance(part, ast.Constant) and isinstance(part.value, str))
        values = {each.arg: each.value for each in node.keywords}
        for found in _COUNTED.finditer(text):
            if _varies(values.get(found.group(1))):
                yield f"{source.name}:{node.lineno}: {found.group()!r}"


def _varies(value: ast.expr | None) -> bool:
    """Whether it may be one today and two tomorrow: no limit, and no name (names and kinds are not counted)."""
    names = [part.id for part in ast.walk(value) if isinstance(part, ast.Name)] if value is not None else []
    attributes = [part.attr for part in ast.walk(value) if isinstance(part, ast.Attribute)] if value is not None else []
    return not any(name.isupper() for name in names + attributes)
