"""`workstation doctor`: every part this program needs, each ok or a problem with its remedy. Changes nothing."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from workstation.app.claims import OWN as OWN_DESKS
from workstation.app.examine_system import examine_system
from workstation.app.sources import FACT
from workstation.evidence import checkpoint, log_rows, log_trust, log_words, stamp_rows
from workstation.evidence.claims.desks import own_desks
from workstation.evidence.reading import worker as reading
from workstation.evidence.signing import SECRET_NAME, key_id
from workstation.inbox.clocks import OWN, own_rules
from workstation.kernel.errors import Busy, OtherPlace, WorkstationError
from workstation.kernel.i18n import _, ngettext
from workstation.kernel.paths import Home
from workstation.store import health, keydescription, meta, rekey, vault
from workstation.store.database import make_engine
from workstation.store.engine import SCHEMA_VERSION
from workstation.store.health import Finding
from workstation.store.lock import HomeLock
from workstation.store.secrets import secrets_for
from workstation.sync import facts
from workstation.translation.catalogue import installed

_DAY_MS = 86_400_000
_STALE_DAYS = 180
_SKEW_MS = 60_000
_CONNECT_SECONDS = 5.0
_OLD_SECONDS = 3_600.0


def examine(home: Home, passphrase_file: Path | None, *, net: bool = False) -> tuple[Finding, ...]:
    """One finding for each part, in the order a start needs them. `net`: also reach for the servers that are known."""
    keyring = health.keyring(home, passphrase_file)
    parts = [*examine_system(home), keyring, health.home_folder(home), _log_folder(home), _clocks(home), _desks(home)]
    if home.description.exists():
        parts += [_held(home), _recovery(home), _leftovers(home)]
        if keyring.ok:   # asking again would raise the keyring's prompt
            parts += _inside(home, passphrase_file, net=net)
    return (*parts, _engines(home), _pictures())


def _inside(home: Home, passphrase_file: Path | None, *, net: bool) -> list[Finding]:
    try:
        opened = vault.open_home(home, passphrase_file=passphrase_file)
    except OtherPlace as problem:
        return [Finding("place", False, problem.sentence, problem.remedy)]
    except WorkstationError as problem:
        return [Finding("key", False, problem.sentence, problem.remedy)]
    found = [Finding("key", True, _("The key opens this home."))]
    if home.database.exists():
        store = health.database(home.database, opened.key)
        found.append(store)
        if store.ok:  # a store that does not open says no more
            found += [_device_key(opened), *_stored(home, opened.key, net=net)]
    return found


def _stored(home: Home, key: bytes, *, net: bool) -> list[Finding]:
    engine = make_engine(home.database, key, read_only=True, size=1)
    looks: tuple[Callable[[Connection], Finding], ...] = (
        _schema, _hub, _log, _hub_clock, _stamps, _mailboxes, _sources)
    try:
        with engine.begin() as connection:
            if not (schema := _schema(connection)).ok:
                return [schema]
            found = [look(connection) for look in looks]
            return [*found, *(_reached(*each) for each in _servers(connection))] if net else found
    finally:
        engine.dispose()


def _schema(connection: Connection) -> Finding:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if version < SCHEMA_VERSION:
        return Finding("schema", False, _("The store is of version {found}; this program writes {ours}.").format(
            found=version, ours=SCHEMA_VERSION), _("Open the window once: it brings the store up to date."))
    return Finding("schema", True, str(version))


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


def _hub(connection: Connection) -> Finding:
    url, equal = meta.get(connection, facts.HUB_URL), meta.get(connection, facts.DIGEST_EQUAL)
    if equal == "0":
        return Finding("hub", False, _("The hub and this computer differ; both copies are kept."),
                       _("Run workstation sync again; if it stays, ask whoever runs the hub."))
    return Finding("hub", True, url or _("No hub is connected; everything stays on this computer."))


def _log(connection: Connection) -> Finding:
    """Whether the hub's log of evidence goes on from what was seen of it."""
    broken = log_rows.open_break(connection)
    if broken is not None:
        return Finding("hub log", False, log_words.sentence(broken.code),
                       _("Ask whoever runs the hub what happened; the window's list of problems can accept its log."))
    sizes = [newest.size for log in log_rows.logs(connection) if (newest := log_rows.newest(connection, log.origin))]
    if not sizes:
        return Finding("hub log", True, _("No hub has shown a log of evidence yet."))
    n = max(sizes)
    said = ngettext("Consistent so far, {n} record long.", "Consistent so far, {n} records long.", n)
    here = checkpoint.ORIGIN + meta.get(connection, facts.HUB_ID)
    why = log_words.trusted(log_trust.trust(connection, here).why)
    return Finding("hub log", True, " ".join((said.format(n=n), why)).strip())


def _stamps(connection: Connection) -> Finding:
    """Who vouches for the time of records."""
    listed = stamp_rows.authorities(connection)
    if not listed:
        return Finding("time stamps", True, _("No authority is set: records say device time only."))
    failing = [each for each in listed if each.failure and stamp_rows.count_waiting(connection, each)]
    if failing:
        return Finding("time stamps", False, f"{failing[0].authority.name}: {failing[0].failure}",
                       _("Test it in the settings, under Time stamps."))
    return Finding("time stamps", True, ", ".join(
        _("{authority} (simulated)").format(authority=each.authority.name) if each.authority.simulated
        else each.authority.name for each in listed))


def _clocks(home: Home) -> Finding:
    """The response clocks that the seller set beside the shipped ones."""
    rules, problems = own_rules(home.root / OWN)
    if problems:
        return Finding("clocks", False, " ".join(problems), _("Mend the file {path}; the shipped rules hold meanwhile.")
                       .format(path=home.root / OWN))
    n = len(rules)
    return Finding("clocks", True, ngettext("{n} rule of your own.", "{n} rules of your own.", n).format(n=n))


def _desks(home: Home) -> Finding:
    """The claims desks that the seller wrote beside the shipped ones."""
    found, problems = own_desks(home.root / OWN_DESKS)
    if problems:
        return Finding("claims desks", False, " ".join(problems), _("The shipped desks work meanwhile."))
    n = len(found)
    return Finding("claims desks", True, ngettext("{n} desk of your own.", "{n} desks of your own.", n).format(n=n))


def _hub_clock(connection: Connection) -> Finding:
    text = meta.get(connection, facts.OFFSET)
    if not text:
        return Finding("hub clock", True, _("Not compared yet."))
    seconds = abs(int(text)) / 1_000
    if abs(int(text)) > _SKEW_MS:
        return Finding("hub clock", False, _("This clock and the hub's differ by {n} s.").format(
            n=round(seconds)), _("Set the clock, best from the network."))
    return Finding("hub clock", True, _("{n} s apart.").format(n=round(seconds, 1)))


def _mailboxes(connection: Connection) -> Finding:
    rows = connection.exec_driver_sql("SELECT address, last_sync_at FROM account ORDER BY address").all()
    late = [row[0] for row in rows if row[1] is not None and time.time() * 1_000 - row[1] > _DAY_MS]
    if late:
        return Finding("mailboxes", False, _("Not read for more than a day: {names}.").format(names=", ".join(late)),
                       _("Open the window and look at File, Mailboxes; or run workstation doctor --net."))
    n = len(rows)
    return Finding("mailboxes", True, ngettext("{n} mailbox.", "{n} mailboxes.", n).format(n=n))


def _sources(connection: Connection) -> Finding:
    names = [f"{each['kind']} {each.get('store', '')}".strip() for each in json.loads(meta.get(connection, FACT, "[]"))]
    return Finding("sources", True, ", ".join(names) or _("None; order files are read."))


def _servers(connection: Connection) -> list[tuple[str, str, int]]:
    """Every server of every mailbox, and the hub: what it is for, host and port."""
    found: list[tuple[str, str, int]] = []
    for (settings,) in connection.exec_driver_sql("SELECT settings FROM account ORDER BY address"):
        read: dict[str, Any] = json.loads(settings)
        found += [(f"{kind} {read[kind]['host']}", str(read[kind]["host"]), int(read[kind]["port"]))
                  for kind in ("imap", "smtp")]
    url = meta.get(connection, facts.HUB_URL)
    if url:
        import httpx

        parsed = httpx.URL(url)
        found.append((f"hub {parsed.host}", parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80)))
    return found


def _reached(name: str, host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), _CONNECT_SECONDS).close()
    except OSError as problem:
        return Finding(name, False, _("{host} does not answer on port {port}: {reason}.").format(
            host=host, port=port, reason=problem.strerror or type(problem).__name__),
            _("Check the network and the server's name and port."))
    return Finding(name, True, _("Answers on port {port}.").format(port=port))


def _held(home: Home) -> Finding:
    lock = HomeLock(home.root)
    try:
        lock.acquire()
    except Busy:
        return Finding("lock", True, _("A window or a command is at work in this home."))
    except WorkstationError as problem:
        return Finding("lock", False, problem.sentence, problem.remedy)
    lock.release()
    return Finding("lock", True, _("Nobody is at work in this home."))


def _recovery(home: Home) -> Finding:
    try:
        said = vault.described(home)
    except WorkstationError as problem:
        return Finding("recovery key", False, problem.sentence, problem.remedy)
    remedy = _("Check that your copy still opens the home: workstation key recovery check FILE.")
    if not said.recovery_tested:
        return Finding("recovery key", True, _("Nobody noted when it was checked last."))
    days = int((time.time() * 1_000 - said.recovery_tested) // _DAY_MS)
    text = ngettext("Checked {n} day ago.", "Checked {n} days ago.", days).format(n=days)
    return Finding("recovery key", days < _STALE_DAYS, text, remedy if days >= _STALE_DAYS else "")


def _leftovers(home: Home) -> Finding:
    """What a crash left between writing and naming. A change of the key that was cut short is finished by opening."""
    oldest = time.time() - _OLD_SECONDS
    found = [each for pattern in ("home.json.*.new", "*.tmp", "blobs/tmp/*", rekey.COPY)
             for each in home.root.glob(pattern) if each.is_file() and each.stat().st_mtime < oldest]
    if not found:
        return Finding("leftovers", True, _("None."))
    described = keydescription.load(home.description)
    if described is not None and keydescription.FORMER in described.boxes:
        return Finding("leftovers", False, _("A change of the key was cut short; nothing is lost."),
                       _("Open the home once: that finishes it."))
    n = len(found)
    return Finding("leftovers", False, ngettext(
        "{n} temporary file was left by a crash: {first}.", "{n} temporary files were left by a crash, as {first}.", n,
    ).format(n=n, first=found[0].name), _("Close Workstation and delete them; they hold nothing that is missing."))


def _log_folder(home: Home) -> Finding:
    if not home.logs.exists():
        return Finding("log", True, _("Made with the first window."))
    if not os.access(home.logs, os.W_OK | os.X_OK):
        return Finding("log", False, _("The log folder cannot be written: {path}.").format(path=home.logs),
                       _("Make the folder writable."))
    size = sum(each.stat().st_size for each in home.logs.iterdir() if each.is_file())
    return Finding("log", True, _("{path}, {n} KB").format(path=home.logs, n=size // 1_000))


def _engines(home: Home) -> Finding:
    pairs = sorted({f"{model.source}→{model.target}" for model in installed(home.packages)})
    if not pairs:
        return Finding("translation", False, _("No translation engine is installed."),
                       _("Install one: workstation language add FILE."))
    return Finding("translation", True, " ".join(pairs))


def _pictures() -> Finding:
    """The engine that reads text in pictures, and its models. Nothing is loaded."""
    try:
        reading.models()
    except FileNotFoundError:
        return Finding(
            "pictures", False, _("Text in pictures cannot be read: the engine or one of its models is missing."),
            _("Install the program again; everything else works as before."))
    missing = [name for name in ("onnxruntime", "cv2", "PIL", "numpy") if importlib.util.find_spec(name) is None]
    if missing:
        return Finding("pictures", False, _("Text in pictures cannot be read: {names} is missing.").format(
            names=", ".join(missing)), _("Install the program again; everything else works as before."))
    return Finding("pictures", True, _("Text in pictures is read: Latin, Chinese and Japanese."))
