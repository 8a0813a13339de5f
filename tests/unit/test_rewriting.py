"""A run of several processes rewrites each test file once, and what it keeps is what pytest would have made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import PYC_TAIL

from tests.support.rewriting import make_a_share


@pytest.fixture(autouse=True)
def _keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)


def test_each_file_is_made_by_one_of_them_and_not_again(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    for number in range(7):
        (tmp_path / f"test_{number}.py").write_text("def test():\n    assert len([]) == 1\n")
    (tmp_path / "test_wrong.py").write_text("def test(:\n")
    made = [make_a_share(pytestconfig, [str(tmp_path)], number, 3) for number in range(3)]
    assert sum(made) == 7
    assert len(list(tmp_path.rglob(f"*{PYC_TAIL}"))) == 7
    assert [make_a_share(pytestconfig, [str(tmp_path)], number, 3) for number in range(3)] == [0, 0, 0]


def test_what_is_kept_is_run_and_explains_a_failure(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    file = tmp_path / "test_one.py"
    file.write_text("def test():\n    assert len([]) == 1\n")
    assert make_a_share(pytestconfig, [f"{file}::test"], 0, 1) == 1
    kept = next(tmp_path.rglob(f"*{PYC_TAIL}"))
    before = kept.read_bytes()
    asked = ["-n0", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(file)]
    ran = subprocess.run([sys.executable, "-m", "pytest", *asked], cwd=tmp_path, capture_output=True, text=True,
                         timeout=60, check=False)
    assert "where 0 = len([])" in ran.stdout
    assert kept.read_bytes() == before
