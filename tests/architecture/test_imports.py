"""Who may import whom: the contracts of pyproject.toml, and the allow-lists that contracts cannot say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.source import ROOT, Source, imports, modules, sources

CONNECTORS_SEE = (
    r"workstation\.(domain|kernel)(\..*)?|workstation\.\w+\.(model|ports)|workstation\.connectors(\..*)?|workstation"
)
WINDOW_SEES = (
    r"workstation\.api|workstation\.(domain|kernel)(\..*)?|workstation\.(\w+|evidence\.(claims|reading|erasure))\.model|"
    r"workstation\.inbox\.listing|"
    r"ui(\..*)?|workstation"
)
ORM = {f"{package}.{name}" for package in ("sqlmodel", "sqlalchemy.orm", "sqlalchemy.ext.asyncio")
       for name in ("Session", "AsyncSession", "Relationship", "relationship", "sessionmaker", "scoped_session")}
EXTRA = {
    "ui/demo.py": r"workstation\.app(\..*)?",  # a second entry: the window over the demo's world
    "ui/main.py": r"workstation\.app(\..*)?",
    "ui/evidence/": r"workstation\.evidence\.ports",
}


def test_the_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def own_imports(source: Source) -> list[tuple[int, str]]:
    """What a file imports of the product itself."""
    return [(line, name) for line, name in imports(source) if name in modules()]


@pytest.mark.parametrize(("folder", "allowed"), [
    ("workstation/connectors", CONNECTORS_SEE), ("ui", WINDOW_SEES),
], ids=["connectors", "window"])
def test_only_what_is_allowed_is_imported(folder: str, allowed: str) -> None:
    wrong = [
        f"{source.name}:{line} imports {name}"
        for source in sources(folder)
        for line, name in own_imports(source)
        if not re.fullmatch(f"{allowed}|{_extra(source.name)}", name) and not _is_package_of_allowed(name, allowed)
    ]
    assert wrong == []


def _extra(name: str) -> str:
    return "|".join(rule for start, rule in EXTRA.items() if name.startswith(start)) or "-"


def _is_package_of_allowed(name: str, allowed: str) -> bool:
    """`from workstation.inbox import model` names the package on the way."""
    return bool(re.fullmatch(allowed, f"{name}.model")) and name.count(".") == 1


def test_no_relative_imports_and_no_ignored_ones() -> None:
    assert "ignore_imports =" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    relative = [f"{s.name}" for s in sources() if re.search(r"(?m)^\s*from \.", s.text)]
    assert relative == []


def test_rows_stay_inside_repositories() -> None:
    """Style.md: ORM objects outside `repo.py`. There are none at all: nothing opens an ORM session."""
    wrong = [f"{source.name}:{line} {name}" for source in sources() for line, name in imports(source)
             if name in ORM]
    assert wrong == []


def test_a_wrong_import_would_be_seen() -> None:
    """The check can fail: it sees absolute, relative and function-level imports of a made-up file."""
    import ast

    text = ("from workstation.store import vault\nfrom ..store import engine\n"
            "def f():\n    import workstation.inbox.service\n")
    source = Source("workstation/connectors/made_up.py", text, ast.parse(text))
    names = {name for _line, name in imports(source)}
    assert {"workstation.store.vault", "workstation.store.engine", "workstation.inbox.service"} <= names
