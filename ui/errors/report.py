"""The report a person may send us: versions, surroundings, the redacted trace and the last log lines. Plain text.

No buyer's words, address, path, user name or key: the trace and the lines are redacted by structure
(`kernel.redaction`), and the rest is asked from the system one fact at a time.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from workstation import __version__
from workstation.kernel import i18n

_MOST = 60_000
"""Characters: what a mail or a form takes."""
_FILE = re.compile(r'File "([^"]*)"')


def compose(happened: str, lines: Sequence[str], times: int = 1) -> str:
    """`happened`: a redacted trace; `lines`: redacted log lines; `times` it happened in this run."""
    parts = [
        "\n".join(f"{name}: {value}" for name, value in surroundings()), f"happened: {times} ×", "", happened.rstrip(),
        "", f"the last {len(lines)} lines of the log:", *lines,
    ]
    return "\n".join(parts)[:_MOST] + "\n"


def surroundings() -> list[tuple[str, str]]:
    """Versions and back ends, without a name of a person, a computer or a folder."""
    screens = [
        f"{screen.size().width()}×{screen.size().height()} at {screen.devicePixelRatio():g}"
        for screen in QGuiApplication.screens()
    ]
    return [
        ("workstation", __version__ + (" frozen" if getattr(sys, "frozen", False) else "")),
        ("python", platform.python_version()), ("qt", qVersion() or "?"),
        ("system", f"{platform.system()} {platform.release()} {platform.machine()}"),
        ("window system", QGuiApplication.platformName()), ("screens", "; ".join(screens)),
        ("language", i18n.language()), ("store", _store()),
    ]


def faults(text: str) -> str:
    """What `faulthandler` wrote, with files as the program names them."""
    return _FILE.sub(lambda found: f'File "{_place(found.group(1))}"', text)


def _place(file: str) -> str:
    parts = file.replace("\\", "/").split("/")
    for name in ("workstation", "ui", "site-packages"):
        if name in parts[:-1]:
            return "/".join(parts[len(parts) - parts[::-1].index(name) - (name != "site-packages"):])
    return parts[-1]


def _store() -> str:
    loaded = sys.modules.get("sqlcipher3.dbapi2")
    return f"SQLite {getattr(loaded, 'sqlite_version', '?')} with SQLCipher" if loaded else "not open yet"
