"""The repository's top level, and what its files may not name."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.support.source import ROOT

TOP = {
    "workstation", "ui", "resources", "tests", "docs", "pyproject.toml", "build.spec", "README.md", "ARCHITECTURE.md",
    "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE",
}
HOSTS = re.compile("|".join((
    r"pypi\." + "org", r"python" + r"hosted\.org", r"npm" + r"js\.org", r"deb\.debian" + r"\.org", r"crates\." + "io",
)))


@pytest.fixture(scope="module")
def tracked() -> list[str]:
    """Files under version control; in an unpacked archive, all files."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return [p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file() and ".venv" not in p.parts]
    done = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"], cwd=ROOT, capture_output=True,
                          text=True, check=True)
    return [name for name in done.stdout.split("\0") if name]


def test_the_top_level_holds_only_what_it_should(tracked: list[str]) -> None:
    top = {name.split("/")[0] for name in tracked}
    assert {name for name in top if not name.startswith(".")} - TOP == set()


def test_no_file_names_a_registry(tracked: list[str]) -> None:
    naming = [name for name in tracked if (ROOT / name).is_file()
              and HOSTS.search((ROOT / name).read_bytes().decode("utf-8", "ignore"))]
    assert naming == []


def test_what_is_made_is_not_kept(tracked: list[str]) -> None:
    made = [name for name in tracked if name == "uv.lock" or name.endswith((".pyc", ".log", ".db"))]
    assert made == []


def test_every_test_folder_is_a_package() -> None:
    bare = [str(folder.relative_to(ROOT)) for folder in (ROOT / "tests").rglob("*")
            if folder.is_dir() and any(folder.glob("*.py")) and not (folder / "__init__.py").exists()]
    assert bare == []
