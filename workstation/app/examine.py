"""`workstation doctor`: every part this program needs, each ok or a problem with its remedy. Changes nothing."""

from __future__ import annotations

import importlib.util
import platform
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workstation.connectors.screen.x11 import MssCapture
from workstation.evidence.signing import SECRET_NAME, key_id
from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.paths import Home, resources
from workstation.store import health, meta, vault
from workstation.store.database import make_engine
from workstation.store.health import Finding
from workstation.store.secrets import secrets_for
from workstation.sync import facts
from workstation.translation.catalogue import installed

_SUPPORTED = {("Windows", "AMD64"), ("Darwin", "arm64"), ("Linux", "x86_64")}


def examine(home: Home, passphrase_file: Path | None) -> tuple[Finding, ...]:
    """One finding for each part, in the order a start needs them."""
    parts = [_system(), _resources(), health.keyring(home, passphrase_file), health.home_folder(home)]
    if home.description.exists():
        parts += _inside(home, passphrase_file)
    return (*parts, _window(), _display(), _engines(home))


def _system() -> Finding:
    here = (platform.system(), platform.machine())
    name = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if here not in _SUPPORTED:
        return Finding("system", False, _("{system} is not supported.").format(system=name),
                       _("Use Windows x64, macOS 13 or newer on Apple silicon, or Linux x86-64."))
    return Finding("system", True, name)


def _resources() -> Finding:
    missing = [name for name in ("clocks", "policy", "mail") if not (resources() / name).is_dir()]
    if missing:
        return Finding("resources", False, _("Files of the program are missing: {names}.").format(
            names=", ".join(missing)), _("Install the program again."))
    return Finding("resources", True, str(resources()))


def _inside(home: Home, passphrase_file: Path | None) -> list[Finding]:
    try:
        opened = vault.open_home(home, passphrase_file=passphrase_file)
    except WorkstationError as problem:
        return [Finding("key", False, problem.sentence, problem.remedy)]
    found = [Finding("key", True, _("The key opens this home."))]
    if home.database.exists():
        store = health.database(home.database, opened.key)
        found.append(store)
        if store.ok:  # a store that does not open says no more
            found += [_device_key(opened), _hub(home, opened.key)]
    return found


def _device_key(opened: vault.OpenedHome) -> Finding:
    """The id of the key that seals this device's records: what a stranger who checks a pack asks for."""
    try:
        stored = secrets_for(opened).get(SECRET_NAME)
    except WorkstationError as problem:
        return Finding("device key", False, problem.sentence, problem.remedy)
    if stored is None:
        return Finding("device key", True, _("Made with the first record."))
    public = Ed25519PrivateKey.from_private_bytes(stored).public_key()
    return Finding("device key", True, key_id(public))


def _hub(home: Home, key: bytes) -> Finding:
    engine = make_engine(home.database, key, read_only=True, size=1)
    try:
        with engine.begin() as connection:
            url = meta.get(connection, facts.HUB_URL)
            equal = meta.get(connection, facts.DIGEST_EQUAL)
    finally:
        engine.dispose()
    if equal == "0":
        return Finding("hub", False, _("The hub and this computer differ; both copies are kept."),
                       _("Run workstation sync again; if it stays, ask whoever runs the hub."))
    return Finding("hub", True, url or _("No hub is connected; everything stays on this computer."))


def _window() -> Finding:
    if importlib.util.find_spec("PySide6") is None:
        return Finding("window", False, _("Qt is not installed."), _("Install Workstation with its window."))
    return Finding("window", True, _("Qt is installed."))


def _display() -> Finding:
    if sys.platform != "linux":
        return Finding("display", True, _("The system's own display."))
    reason = MssCapture().available()
    return Finding("display", not reason, reason or _("X11; captures are exact."),
                   _("Start Workstation in an X11 session to capture the screen.") if reason else "")


def _engines(home: Home) -> Finding:
    pairs = sorted({f"{model.source}→{model.target}" for model in installed(home.packages)})
    if not pairs:
        return Finding("translation", False, _("No translation engine is installed."),
                       _("Install one: workstation language add FILE."))
    return Finding("translation", True, " ".join(pairs))
