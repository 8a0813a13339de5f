"""The product's source as syntax trees, for the tests of architecture."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_GENERATED = "workstation/store/migrations/versions"


@dataclass(frozen=True)
class Source:
    """One file of the product."""

    name: str
    """Path from the top of the repository, with slashes."""
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def is_package(self) -> bool:
        return self.name.endswith("__init__.py")


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Every Python file below these folders (default: the product), without what a tool generated."""
    found = []
    for folder in folders or ("workstation", "ui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(_GENERATED):
                found.append(_read(name))
    return tuple(found)


@cache
def _read(name: str) -> Source:
    text = (ROOT / name).read_text(encoding="utf-8")
    return Source(name, text, ast.parse(text, name))


def calls(source: Source) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of what is called: `a.b.setText(x)` gives "setText"."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield last_name(node.func), node


def last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.expr) -> str:
    """`a.b.c` as text; an empty text when it is not a plain chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def imports(source: Source) -> Iterator[tuple[int, str]]:
    """Every module imported, absolute, with its line. `from a import b` gives both `a` and `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            yield node.lineno, base
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def _base(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    kept = parts[:len(parts) - node.level + (1 if source.is_package else 0)]
    return ".".join([*kept, *([node.module] if node.module else [])])


@cache
def modules() -> frozenset[str]:
    """The names of all the product's modules."""
    return frozenset(source.module for source in sources())
