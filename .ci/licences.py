"""The licence gate: nothing under GPL or AGPL inside what build.spec bundles; LGPL stays replaceable and is named.

    python .ci/licences.py            exit 1 and say which package when the gate is shut
    python .ci/licences.py --notices  print the notices that ship beside the build

What is bundled: the closure of [project] dependencies for this system, less what build.spec leaves out (NOT_BUNDLED).
A licence is read from the package's own metadata: the SPDX expression, the classifiers or the licence field.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
STRONG = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
WEAK = re.compile(r"\bLGPL|GNU (Lesser|Library) General Public", re.IGNORECASE)
KNOWN = re.compile(
    r"MIT|BSD|Apache|MPL|Mozilla|ISC|PSF|Python Software|Unlicense|Public Domain|zlib|0BSD|CC0|HPND|Boost|CNRI",
    re.IGNORECASE,
)
LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|notice|authors)")
REPLACING = """Used under the GNU Lesser General Public License, version 3: {names}.
FFmpeg, inside OpenCV's package, is under its version 2.1; pi-heif brings libheif and libde265.
Their libraries lie in this folder as files of their own, unchanged: Qt's as libQt6*.so.6, Qt6*.dll or QtCore and its
like, beside the plug-ins under PySide6; FFmpeg's as libav*, libsw* or opencv_videoio_ffmpeg*; libheif* and libde265*.
You may put another build of the same version in their place; nothing in the program checks them. Their sources are
those of the releases named above, offered by the Qt Project and by the packagers of OpenCV and pi-heif. The licences'
texts are those of the GNU project; Debian has them as /usr/share/common-licenses/LGPL-3 and LGPL-2.1."""
JUDGED = {
    # read in the licence file inside the package, because its metadata names none we can read
    "cel-python": "Apache-2.0",
    "imapclient": "BSD-3-Clause",
    "opencv-python-headless": "Apache-2.0 AND LGPL-2.1-or-later",   # its wheel brings FFmpeg, which we never call
    "sqlcipher3": "Zlib",
}


def not_bundled() -> set[str]:
    """The names in build.spec's NOT_BUNDLED, read without running it."""
    tree = ast.parse((ROOT / "build.spec").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "NOT_BUNDLED":
            return {canonicalize_name(name) for name in ast.literal_eval(node.value)}
    raise SystemExit("build.spec has no NOT_BUNDLED")


def closure() -> dict[str, str]:
    """Every bundled package with its version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    waiting = [requirement for line in project["dependencies"] for requirement in _needed(line, set())]
    left_out = not_bundled()
    found: dict[str, str] = {}
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in left_out or name in found:
            continue
        found[name] = metadata.version(name)
        for line in metadata.requires(name) or ():
            waiting += _needed(line, requirement.extras)
    return found


def _needed(line: str, extras: set[str]) -> list[Requirement]:
    """A dependency, if its markers hold for this system and the extras its parent was asked for."""
    requirement = Requirement(line)
    if requirement.marker is None:
        return [requirement]
    if not any(requirement.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
        return []
    requirement.marker = None
    return [requirement]


def licence(name: str) -> str:
    if name in JUDGED:
        return JUDGED[name]
    about = metadata.metadata(name)
    expression = next(iter(about.get_all("License-Expression") or ()), "")
    classifiers = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    first_line = next(iter(about.get_all("License") or ()), "").strip().partition("\n")[0]
    return expression or "; ".join(classifiers) or first_line


def judge(text: str) -> str:
    """An empty text, or what is wrong. With a choice ("A OR B") the friendliest counts; "A AND B" means both."""
    options = re.split(r"\s+OR\s+", text.strip("()"))
    verdicts = [_judge_one(option) for option in options]
    return "" if "" in verdicts else verdicts[0]


def _judge_one(text: str) -> str:
    without_weak = WEAK.sub("", text)
    if STRONG.search(without_weak):
        return "GPL or AGPL"
    return "" if WEAK.search(text) or KNOWN.search(text) else "unknown licence"


def replaceable(bundled: dict[str, str]) -> list[str]:
    """The packages under the LGPL."""
    return [name for name, text in bundled.items() if WEAK.search(text)]


def texts(name: str) -> list[str]:
    """The licence and notice files that a package brings along."""
    files = metadata.distribution(name).files or ()
    named = [file for file in files if ".dist-info" in str(file) and LICENCE_FILE.match(file.name)]
    return [Path(str(file.locate())).read_text(encoding="utf-8", errors="replace").strip() for file in sorted(named)]


def notices(bundled: dict[str, str]) -> str:
    """What ships beside the build: who made what under which licence, how to replace the LGPL parts, every text."""
    lines = ["Workstation contains these packages:", ""]
    lines += [f"{name} {metadata.version(name)}: {text}" for name, text in bundled.items()]
    lines += ["", REPLACING.format(names=", ".join(replaceable(bundled))), ""]
    for name in bundled:
        for text in texts(name):
            lines += ["=" * 78, f"{name} {metadata.version(name)}", "=" * 78, "", text, ""]
    return "\n".join(lines)


def main() -> int:
    bundled = {name: licence(name) for name in sorted(closure())}
    if "--notices" in sys.argv:
        sys.stdout.buffer.write(notices(bundled).encode())
        return 0
    wrong = {name: judge(text) for name, text in bundled.items() if judge(text)}
    for name, why in wrong.items():
        print(f"{name}: {why}: {bundled[name]!r}")
    print(f"{len(bundled)} bundled packages, {len(wrong)} refused; replaceable: {', '.join(replaceable(bundled))}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
