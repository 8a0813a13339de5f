"""Doctor's look at the computer: what the program stands on before there is a home. Changes nothing that stays."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from workstation.connectors.screen.choice import choose
from workstation.kernel.i18n import N_, _
from workstation.kernel.paths import Home, resources
from workstation.store.files import sync_file, sync_folder
from workstation.store.health import Finding

_SUPPORTED = {("Windows", "AMD64"), ("Darwin", "arm64"), ("Linux", "x86_64")}
_GLIBC = (2, 34)
_QT = ((6, 11, 3), (6, 12))   # from the first to before the second (design.md: 6.12.0 leaks a reference per signal)
_SCRIPTS = {"zh": N_("Chinese"), "ja": N_("Japanese"), "ko": N_("Korean"), "ar": N_("Arabic")}
_SLOW_SECONDS = 0.5
_SKEW_SECONDS = 600
_FONT_SECONDS = 5


def examine_system(home: Home) -> list[Finding]:
    """One finding for each part of the computer."""
    return [_system(), _library(), _resources(), _window(), _display(), _fonts(), _writing(home), _clock(home)]


def _system() -> Finding:
    here = (platform.system(), platform.machine())
    name = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if here not in _SUPPORTED:
        return Finding("system", False, _("{system} is not supported.").format(system=name),
                       _("Use Windows x64, macOS 13 or newer on Apple silicon, or Linux x86-64."))
    return Finding("system", True, name)


def _library() -> Finding:
    """glibc 2.34 is what the wheels of this program are built for."""
    name, version = platform.libc_ver()
    if not sys.platform.startswith("linux"):
        return Finding("system library", True, _("The system's own."))
    found = _numbers(version)
    if name == "glibc" and found >= _GLIBC:
        return Finding("system library", True, f"glibc {version}")
    return Finding("system library", False, _("The system library is {found}; glibc 2.34 is needed.").format(
        found=f"{name} {version}".strip() or "?"), _("Use a newer release of this Linux system."))


def _resources() -> Finding:
    missing = [name for name in ("clocks", "policy", "mail") if not (resources() / name).is_dir()]
    if missing:
        return Finding("resources", False, _("Files of the program are missing: {names}.").format(
            names=", ".join(missing)), _("Install the program again."))
    return Finding("resources", True, str(resources()))


def _window() -> Finding:
    if importlib.util.find_spec("PySide6") is None:
        return Finding("window", False, _("Qt is not installed."), _("Install Workstation with its window."))
    try:
        version = importlib.metadata.version("PySide6-Essentials")
    except importlib.metadata.PackageNotFoundError:
        return Finding("window", True, _("Qt is installed."))
    if _QT[0] <= _numbers(version) < _QT[1]:
        return Finding("window", True, f"Qt {version}")
    return Finding("window", False, _("Qt {version} is not one this program was tested with.").format(version=version),
                   _("Install Workstation again, with its own Qt (6.11.3 or a later 6.11)."))


def _display() -> Finding:
    chosen = choose()
    reason = chosen.back_end.available()
    return Finding("display", not reason, reason or chosen.reason,
                   _("Start Workstation on a desktop to capture the screen.") if reason else "")


def _fonts() -> Finding:
    """Whether there is a font for every script buyers commonly write in. Windows and macOS bring theirs."""
    asked = shutil.which("fc-list") if sys.platform.startswith("linux") else None
    if asked is None:
        return Finding("fonts", True, _("The system's own."))
    try:
        missing = [_(name) for code, name in _SCRIPTS.items() if not _listed(asked, code)]
    except (OSError, subprocess.TimeoutExpired):
        return Finding("fonts", False, _("The system does not say which fonts it has."),
                       _("Run fc-cache, then try again."))
    if missing:
        return Finding("fonts", False, _("There is no font for: {scripts}.").format(scripts=", ".join(missing)),
                       _("Install the Noto fonts (fonts-noto-cjk, fonts-noto-core)."))
    return Finding("fonts", True, ", ".join(_(name) for name in _SCRIPTS.values()))


def _listed(program: str, language: str) -> bool:
    done = subprocess.run(  # noqa: S603 — the program found on the path, and a language of ours
        [program, f":lang={language}", "family"], capture_output=True, timeout=_FONT_SECONDS, check=False)
    return bool(done.stdout.strip())


def _writing(home: Home) -> Finding:
    """Whether what is written reaches the disk: a file beside the home is written, synced, read and deleted."""
    folder = next(each for each in (home.root, *home.root.parents) if each.is_dir())
    began = time.monotonic()
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".workstation-doctor-") as file:
            written = os.urandom(4096)
            file.write(written)
            file.flush()
            sync_file(file.fileno())
            same = Path(file.name).read_bytes() == written
        sync_folder(folder)
    except OSError as problem:
        return Finding("writing", False, _("Nothing can be written in {path}: {reason}.").format(
            path=folder, reason=problem.strerror or type(problem).__name__),
            _("Make the folder writable, free some space, or choose another with --home."))
    if not same:
        return Finding("writing", False, _("The disk gave back something else than was written."),
                       _("Move the home to another disk, and have this one looked at."))
    took = time.monotonic() - began
    if took > _SLOW_SECONDS:
        return Finding("writing", False, _("Writing to the disk took {n} ms.").format(n=round(took * 1_000)),
                       _("Close what is busy with the disk, or move the home to a local one."))
    return Finding("writing", True, _("Written, synced and read back in {n} ms.").format(n=round(took * 1_000)))


def _clock(home: Home) -> Finding:
    """A file of the home from the future says that the clock was set back. With a hub its clock is compared too."""
    now = time.time()
    newest = max((each.stat().st_mtime for each in (home.description, home.database) if each.exists()), default=now)
    if newest > now + _SKEW_SECONDS:
        return Finding("clock", False, _("The clock is behind: files of the home are {n} min ahead of it.").format(
            n=round((newest - now) / 60)), _("Set the clock, best from the network."))
    return Finding("clock", True, time.strftime("%Y-%m-%d %H:%M %z"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
