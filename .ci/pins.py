"""The versions everybody gets: `[tool.uv] constraint-dependencies` in pyproject.toml and `.ci/requirements.lock`.

    python .ci/pins.py            resolve (`uv lock`), then write all; `.ci/build.lock` is what makes the frozen build
    python .ci/pins.py --check    the running environment has exactly the pinned versions

The lock file itself names a registry's host and is not kept: docs/adr/0002-pins-without-a-lock-file.md.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = ROOT / "pyproject.toml"
REQUIREMENTS = ROOT / ".ci" / "requirements.lock"
BLOCK = re.compile(r"(?ms)^constraint-dependencies = \[\n.*?^\]\n")
BUILD = ROOT / ".ci" / "build.lock"
EXPORT = ["uv", "export", "--frozen", "--format", "requirements-txt", "--no-emit-project", "--no-annotate",
          "--no-header", "--quiet"]


def constraints(lock: Path) -> list[str]:
    """One `name==version` (with its marker where several are needed) for every package of the resolution."""
    packages = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    lines = []
    for package in packages:
        if "registry" not in package["source"]:
            continue
        markers = package.get("resolution-markers", [])
        suffix = f" ; {' or '.join(sorted(markers))}" if markers else ""
        lines.append(f"{package['name']}=={package['version']}{suffix}")
    return sorted(lines)


def write() -> None:
    subprocess.run(["uv", "lock", "--quiet"], cwd=ROOT, check=True)
    lines = "".join(f'    "{line}",\n' for line in constraints(ROOT / "uv.lock"))
    block = f"constraint-dependencies = [\n{lines}]\n"
    text = PROJECT.read_text(encoding="utf-8")
    PROJECT.write_text(BLOCK.sub(lambda _found: block, text), encoding="utf-8")
    subprocess.run(["uv", "lock", "--quiet"], cwd=ROOT, check=True)
    for which, file in ([], REQUIREMENTS), (["--only-group", "build"], BUILD):
        subprocess.run([*EXPORT, *which, "--output-file", str(file)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def differences() -> list[str]:
    """What is installed in another version than pinned, or not at all, for this system and Python."""
    from packaging.requirements import Requirement

    found = []
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith((" ", "#", "-")):
            continue
        wanted = Requirement(line.removesuffix("\\").strip())
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        pinned = str(wanted.specifier).removeprefix("==")
        installed = _installed(wanted.name)
        if installed != pinned:
            found.append(f"{wanted.name}: pinned {pinned}, installed {installed or 'not at all'}")
    return found


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def main() -> int:
    if "--check" not in sys.argv:
        write()
        return 0
    found = differences()
    print("\n".join(found) or "The environment is the pinned one.")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
