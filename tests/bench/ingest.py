"""A mailbox's first reading: from Dovecot to stored, threaded, encrypted and searchable, beside mbsync and notmuch.

The same mailbox, each into an empty target of its own, one after the other: a bare imaplib fetch (the raw limit, which
also warms the server), ours through the whole product, mbsync alone, then `notmuch new` over what mbsync wrote. With
`--from maildir` the same mails as files (`ingest_files`). `--workers 1`: everything in one process.
"""

from __future__ import annotations

import asyncio
import imaplib
import os
import pwd
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import ingest_files
from tests.bench.corpus import corpus
from tests.support.mail import ADDRESS, PASSWORD
from tests.support.mail_dovecot import BINARY, MISSING, Dovecot
from workstation import app
from workstation.app.mail import reading
from workstation.app.wiring import Running
from workstation.domain.conversation import Channel
from workstation.inbox.model import AccountSettings, ListQuery, Security, ServerSettings
from workstation.kernel.paths import Home

MAILS = 20_000
RUNS = MAILS
"""What `--runs` stands for here: how many mails."""
_MBSYNC = """
IMAPStore far
Host 127.0.0.1
Port {port}
User "{user}"
Pass "{password}"
{no_tls}
AuthMechs LOGIN

MaildirStore near
Path {folder}/
Inbox {folder}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""
_NOTMUCH = """
[database]
path={folder}
[user]
name=Our shop
primary_email=shop@shop.example
[new]
tags=inbox
[search]
exclude_tags=
"""


def measure(mails: int, origin: str = "dovecot", workers: int = 2) -> dict[str, Any]:
    """Seconds, mails a second and ratios; `problem` says what is missing instead."""
    reading.COUNT = workers if workers > 1 else 0
    return _from_maildir(mails, workers) if origin == "maildir" else _from_dovecot(mails)


def _from_maildir(mails: int, workers: int) -> dict[str, Any]:
    if shutil.which("notmuch") is None:
        return {"problem": "notmuch is not installed"}
    with tempfile.TemporaryDirectory(prefix="ingest-") as name:
        folder = Path(name)
        size = ingest_files.fill(folder / "mail" / "INBOX", mails)
        read = ingest_files.warm(folder / "mail" / "INBOX")
        ours = asyncio.run(_imported(folder, mails))
        used = _processor()
        notmuch = _notmuch(folder / "mail", mails)
        used = _processor() - used
    return {
        "mails": mails, "workers": workers, "megabytes": round(size / 1e6, 1), "files_s": round(read, 2), **ours,
        "notmuch_s": round(notmuch, 2), "notmuch_processor_s": round(used, 2),
        "mails_per_s": {"ours": round(mails / ours["ours_s"]), "notmuch": round(mails / notmuch),
                        "bare": round(mails / ours["bare_s"])},
        "times_as_fast_as_notmuch": round(notmuch / ours["ours_s"], 2),
        "processor_times_as_little_as_notmuch": round(used / ours["ours_processor_s"], 2),
        "storing_of_bare": round(ours["bare_s"] / ours["ours_writing_s"], 2),
        "whole_of_bare": round(ours["bare_s"] / ours["ours_s"], 2),
    }


async def _imported(folder: Path, mails: int) -> dict[str, Any]:
    running = await _product(folder)
    try:
        ours = await ingest_files.ours(running, folder / "mail" / "INBOX", mails, _processor)
        return {**ours, **await ingest_files.floor(running.database, folder / "bare.db")}
    finally:
        await running.shutdown()
        running.close()


async def _product(folder: Path) -> Running:
    passphrase = folder / "passphrase"
    passphrase.write_text("a pass phrase for one benchmark")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(folder / "home"), passphrase, folder / "recovery")
    return await app.build(opened)


def _from_dovecot(mails: int) -> dict[str, Any]:
    missing = [name for name in ("mbsync", "notmuch") if shutil.which(name) is None]
    if not BINARY or missing:
        return {"problem": f"{MISSING}; also needed: {', '.join(missing) or 'nothing else'}"}
    server = Dovecot()
    with tempfile.TemporaryDirectory(prefix="ingest-") as folder:
        try:
            size = _fill(server, mails)
            server.start()
            return {"mails": mails, "megabytes": round(size / 1e6, 1), **_sides(server, Path(folder), mails)}
        finally:
            server.stop()


def _sides(server: Dovecot, folder: Path, mails: int) -> dict[str, Any]:
    raw = _raw(server.port, mails)
    ours = asyncio.run(_ours(server, folder, mails))
    used = [_processor()]
    mbsync = _mbsync(server, folder / "maildir", mails)
    used.append(_processor())
    notmuch = _notmuch(folder / "maildir", mails)
    used.append(_processor())
    both = mbsync + notmuch
    return {
        "imaplib_s": round(raw, 2), **ours, "mbsync_s": round(mbsync, 2), "notmuch_s": round(notmuch, 2),
        "mbsync_processor_s": round(used[1] - used[0], 2), "notmuch_processor_s": round(used[2] - used[1], 2),
        "mails_per_s": {"imaplib": round(mails / raw), "ours": round(mails / ours["ours_s"]),
                        "mbsync": round(mails / mbsync), "mbsync_notmuch": round(mails / both)},
        "times_as_fast_as_mbsync": round(mbsync / ours["ours_s"], 2),
        "times_as_fast_as_mbsync_and_notmuch": round(both / ours["ours_s"], 2),
    }


def _fill(server: Dovecot, mails: int) -> int:
    """Put the corpus into the server's Maildir before it starts. Returns its bytes."""
    top = server.root / "mail" / ADDRESS
    for name in ("cur", "new", "tmp"):
        (top / name).mkdir(parents=True, exist_ok=True)
    total = 0
    for number, mail in enumerate(corpus(mails)):
        at = int(mail.received.timestamp())
        path = top / "cur" / f"{at}.M{number:06}P1.bench,S={len(mail.raw)}:2,"
        path.write_bytes(mail.raw)
        os.utime(path, (at, at))
        total += len(mail.raw)
    if os.getuid() == 0:
        owner = pwd.getpwnam("dovecot")
        for path in (top, *top.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    return total


def _raw(port: int, mails: int) -> float:
    """Nothing but the bytes over the wire, in batches of 500."""
    with imaplib.IMAP4("127.0.0.1", port) as client:
        client.login(ADDRESS, PASSWORD)
        client.select("INBOX", readonly=True)
        client.fetch("1:*", "(RFC822.SIZE)")   # the server's own first look is nobody's time
        began = time.perf_counter()
        for start in range(1, mails + 1, 500):
            client.fetch(f"{start}:{min(mails, start + 499)}", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        return time.perf_counter() - began


async def _ours(server: Dovecot, folder: Path, mails: int) -> dict[str, Any]:
    running = await _product(folder)
    here = ServerSettings("127.0.0.1", server.port, Security.PLAIN)
    settings = AccountSettings(
        ADDRESS, ADDRESS, here, ServerSettings("127.0.0.1", 9, Security.PLAIN), channel=Channel.AMAZON, market="BR",
        first_sync_days=0,
    )
    try:
        await running.start()
        used, began = _processor(), time.perf_counter()
        await running.core.accounts.add(settings, PASSWORD)
        stored = await _until_read(running, mails) - began
        waiting = await running.languages.pending()
        while await running.languages.pending():  # noqa: ASYNC110 - measured from outside, as a person would see it
            await asyncio.sleep(0.05)
        told = time.perf_counter() - began
        found = await running.core.inbox.page(ListQuery(queue="all", search="paquete"))
    finally:
        await running.shutdown()
        running.close()
    took = _processor() - used   # with the reading process, which has ended now
    return {
        "ours_s": round(stored, 2), "ours_processor_s": round(took, 2), "language_pending": waiting,
        "ours_languages_told_s": round(told, 2), "search_finds": len(found.rows),
    }


async def _until_read(running: Running, mails: int) -> float:
    """When the last mail was committed."""
    count = "SELECT max(seq) FROM message"   # counting them all, again and again, would be work of its own
    last, quiet = 0, time.monotonic()
    while True:
        there = await running.database.read(lambda c: int(c.exec_driver_sql(count).scalar() or 0))
        if there >= mails:
            return time.perf_counter()
        if there != last:
            last, quiet = there, time.monotonic()
        if time.monotonic() - quiet > 60:
            raise RuntimeError(f"only {there} of {mails} mails arrived")
        await asyncio.sleep(0.05)


def _mbsync(server: Dovecot, folder: Path, mails: int) -> float:
    folder.mkdir()
    config = folder.parent / "mbsyncrc"
    version = subprocess.run(["mbsync", "--version"], capture_output=True, text=True, check=True).stdout
    no_tls = "SSLType None" if "1.4" in version or "1.3" in version else "TLSType None"
    config.write_text(_MBSYNC.format(
        port=server.port, user=ADDRESS, password=PASSWORD, folder=folder, no_tls=no_tls))
    began = time.perf_counter()
    done = subprocess.run(["mbsync", "-c", str(config), "-q", "all"], check=False, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"mbsync failed: {done.stderr[-2_000:]}")
    _all_there(sum(1 for path in (folder / "INBOX").glob("*/*")), mails, "mbsync")
    return took


def _notmuch(folder: Path, mails: int) -> float:
    config = folder.parent / "notmuchrc"
    config.write_text(_NOTMUCH.format(folder=folder))
    around = {**os.environ, "NOTMUCH_CONFIG": str(config), "HOME": str(folder.parent)}
    began = time.perf_counter()
    subprocess.run(["notmuch", "new", "--quiet"], check=True, capture_output=True, env=around)
    took = time.perf_counter() - began
    counted = subprocess.run(["notmuch", "count", "*"], check=True, capture_output=True, text=True, env=around).stdout
    _all_there(int(counted), mails, "notmuch")
    return took


def _all_there(found: int, wanted: int, who: str) -> None:
    if found != wanted:
        raise RuntimeError(f"{who} has {found} of {wanted} mails")


def _processor() -> float:
    """Seconds that this process and its children that ended took of the processors."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
