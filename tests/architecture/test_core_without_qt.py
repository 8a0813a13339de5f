"""The core runs with Qt uninstalled, and starts without what the first page does not need."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.source import ROOT

BLOCK = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "ui"):
            raise ModuleNotFoundError(f"{name} is not installed here", name=name)
sys.meta_path.insert(0, Refuse())
"""
IMPORT_ALL = BLOCK + """
import importlib, pkgutil, workstation
names = [m.name for m in pkgutil.walk_packages(workstation.__path__, "workstation.") if not m.name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names))
"""
HEAVY = (
    "sqlalchemy", "sqlmodel", "alembic", "httpx", "cryptography", "typer", "rich", "pydantic", "keyring",
    "argostranslate", "fastapi", "uvicorn", "imapclient", "lingua", "fxtranslate",
)


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error::ImportWarning", "-c", code], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_core_module_imports_without_qt() -> None:
    assert int(python(IMPORT_ALL)) > 50


def test_the_block_blocks() -> None:
    code = BLOCK + "\ntry:\n    import PySide6.QtCore\nexcept ModuleNotFoundError:\n    print('refused')\n"
    assert python(code).strip() == "refused"


@pytest.mark.parametrize("module", [
    "workstation.api", "workstation.store.vault", "workstation.store.engine", "workstation.cli",
])
def test_the_start_loads_nothing_heavy(module: str) -> None:
    """ADR 1: key, guard, first page and paint come before these."""
    loaded = python(f"import sys, {module}\nprint(*[name for name in {HEAVY!r} if name in sys.modules])").split()
    assert loaded == []
