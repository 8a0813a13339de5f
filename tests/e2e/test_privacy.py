"""After the real loop nothing that says who bought what lies in clear anywhere the product writes: the home, the
temporary folder, the user's folders, logs, crash reports, command lines. What a person exported on purpose is theirs.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import textwrap
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support import leaks
from tests.support.leaks import Needles, Report
from tests.support.source import ROOT
from workstation.demo import script
from workstation.demo.world import CARRIER_TOKEN, PASSWORD, SHOP_TOKEN
from workstation.kernel.paths import Home
from workstation.store import vault
from workstation.store.secrets import SealedSecrets

CHILD = """
    import logging, os, sys
    from pathlib import Path
    from workstation.demo import run, script
    from workstation.kernel import logs
    place = Path(sys.argv[1])
    folder = place / "home" / "logs"
    honest = run._headless

    def headless(opened, *rest):   # the log is on before the loop begins, and says everything it can
        logs.log_to(folder, logging.DEBUG)
        logs.catch_faults(folder)
        return honest(opened, *rest)

    run._headless = headless
    code = run.run(run.Request(headless=True, home=place / "home", json=place / "demo.json"))
    log = logging.getLogger("workstation.test")
    buyer = script.scripts()[0]
    text = buyer.letters[0].text
    bugs = [ValueError(repr(text)), KeyError(buyer.address), LookupError(buyer.buyer), AssertionError(text.encode()),
            UnicodeDecodeError("utf-8", text.encode(), 0, 1, text), OSError(2, text, buyer.address),
            TypeError(f"'{buyer.buyer}' object is not callable: {text}")]
    for bug in bugs:
        try:
            try:
                raise bug
            except Exception as first:
                raise RuntimeError(f"while reading {text}") from first
        except RuntimeError as problem:
            log.exception("reading %s failed", text)
            log.debug("of %s and %s", buyer.address, {"subject": buyer.subject})
            (folder / f"crash-{type(bug).__name__}.txt").write_text(logs.redacted(problem))
    log.warning(text)
    os._exit(code)
"""


@dataclass(frozen=True)
class Ran:
    """What one run of the demo left, and what it said to other programs meanwhile."""

    place: Path
    opened: vault.OpenedHome
    command_lines: frozenset[str]
    result: dict[str, Any]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    place = tmp_path_factory.mktemp("privacy")
    child = place / "child.py"
    child.write_text(textwrap.dedent(CHILD), encoding="utf-8")
    own = {name: str(_made(place / "user" / name.lower())) for name in (
        "HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR")}
    environment = {**os.environ, **own, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    seen: set[str] = set()
    with (place / "said").open("wb") as said:
        process = subprocess.Popen([sys.executable, str(child), str(place)], cwd=ROOT, env=environment, stdout=said,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 150
        while process.poll() is None and time.monotonic() < deadline:
            seen.update(_command_lines(process.pid))
            try:
                process.wait(0.4)
            except subprocess.TimeoutExpired:
                continue
    assert process.poll() == 0, (place / "said").read_text()[-2_000:]
    opened = vault.open_home(Home(place / "home"), passphrase_file=place / "home.passphrase")
    return Ran(place, opened, frozenset(seen), json.loads((place / "demo.json").read_text()))


@pytest.fixture(scope="module")
def needles(ran: Ran) -> Needles:
    texts: dict[str, set[str]] = {"text": set(), "address": set(), "name": set(), "order": set(), "subject": set()}
    for each in script.scripts():
        texts["address"] |= {each.address, each.mailbox.address, *each.cc}
        texts["name"].add(each.buyer)
        texts["subject"] |= {each.subject} if len(each.subject) >= leaks.WINDOW else set()
        for letter in each.letters:
            texts["text"] |= set(leaks.windows(letter.text))
        texts["text"] |= set(leaks.windows(each.reply))
        if each.order is not None:
            texts["order"] |= {number for number in (each.order.id, each.order.tracking) if len(number) >= leaks.HEAD}
    texts["token"] = {PASSWORD, SHOP_TOKEN, CARRIER_TOKEN, (ran.place / "home.passphrase").read_text().strip()}
    texts["token"] |= {line for line in (ran.place / "home.recovery").read_text().splitlines() if line[:1] != "#"}
    texts["name"] = {name for name in texts["name"] if len(name.encode()) >= leaks.HEAD}
    kept = SealedSecrets(ran.opened.home.database, ran.opened.key).all()
    keys = {f"secret {name.partition(':')[0]}": value for name, value in kept.items() if len(value) >= leaks.HEAD}
    return Needles(texts, {**keys, "data key": ran.opened.key, **_blob_keys(ran.opened)})


def test_the_loop_went_through_and_left_files_to_look_at(ran: Ran, needles: Needles) -> None:
    assert ran.result["upstream"]["digest_equal"]
    assert ran.opened.home.database.stat().st_size > 100_000
    assert len(needles) > 4_000
    log = (ran.place / "home" / "logs" / "workstation.log").read_text()
    assert "ValueError" in log
    assert len(ran.command_lines) > 1, "the worker's command line was seen"


def test_nothing_lies_in_clear(ran: Ran, needles: Needles, capsys: pytest.CaptureFixture[str]) -> None:
    report = leaks.scan(places(ran), needles)
    _say_command_lines(ran, needles, report)
    with capsys.disabled():
        sys.stdout.write(f"\n{report.table(len(needles))}\n")
    assert report.leaks == []


def test_the_store_is_no_plain_sqlite_and_its_pages_say_nothing(ran: Ran) -> None:
    head = ran.opened.home.database.read_bytes()[:16]
    assert head != b"SQLite format 3\x00"
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(ran.opened.home.database).execute("SELECT count(*) FROM sqlite_master").fetchone()


def test_only_the_owner_may_read_what_is_there(ran: Ran) -> None:
    home = ran.opened.home.root
    assert home.stat().st_mode & 0o077 == 0
    assert [file for file in (home / "logs").iterdir() if file.suffix == ".log" and file.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    "how", ["plain", "utf-16", "json", "zip", "zlib", "free page", "key", "name", "deep in a file"])
def test_a_planted_leak_is_found(ran: Ran, needles: Needles, tmp_path: Path, how: str) -> None:
    buyer = script.scripts()[0]
    text = buyer.letters[0].text
    file = tmp_path / "planted"
    if how == "plain":
        file.write_text(f"x{text}")
    elif how == "utf-16":
        file.write_bytes(b"x" + text.encode("utf-16-le"))
    elif how == "json":
        file.write_text(json.dumps({"text": text}))
    elif how == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a", text)
    elif how == "zlib":
        file.write_bytes(os.urandom(1_000) + zlib.compress(text.encode()))
    elif how == "free page":
        connection = sqlite3.connect(file)
        connection.executescript("PRAGMA secure_delete = OFF; CREATE TABLE t(a);")
        connection.execute("INSERT INTO t VALUES (?)", (text * 20,))
        connection.commit()
        connection.execute("DELETE FROM t")
        connection.commit()
        connection.close()
    elif how == "key":
        file.write_text(f"key: {ran.opened.key.hex()}")
    elif how == "name":
        (tmp_path / buyer.address).write_text("")
    else:
        file.write_bytes(os.urandom(leaks._CHUNK - 20) + text.encode() + os.urandom(1_000))
    assert leaks.scan({"planted": list(tmp_path.iterdir())}, needles).leaks


def places(ran: Ran) -> dict[str, Iterator[Path]]:
    """Everything but what is outside the product (the demo's servers and the hub's own folder), what the person keeps
    elsewhere (passphrase, recovery key) and the demo's answer on standard output."""
    return {
        "home": _files(ran.place / "home", without="logs"),
        "logs and crash reports": _files(ran.place / "home" / "logs"),
        **{f"user/{folder.name}": _files(folder) for folder in sorted((ran.place / "user").iterdir())},
    }


def _files(folder: Path, without: str = "") -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()
            and (not without or without not in file.relative_to(folder).parts))


def _say_command_lines(ran: Ran, needles: Needles, report: Report) -> None:
    report.files["command lines"], report.bytes["command lines"] = len(ran.command_lines), 0
    for line in ran.command_lines:
        report.bytes["command lines"] += len(line)
        report.leaks += [leaks.Leak(what, Path(line[:80]), "ps") for what in needles.within(line.encode())]


def _command_lines(session: int) -> Iterator[str]:
    """Of every process of this session, its environment included: others of this user read both."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                yield (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except (OSError, ProcessLookupError):
            continue


def _blob_keys(opened: vault.OpenedHome) -> dict[str, bytes]:
    from workstation.store.engine import connect

    connection = connect(opened.home.database, opened.key, read_only=True)
    try:
        return {f"key of file {number}": bytes(row[0]) for number, row in enumerate(
            connection.execute("SELECT key FROM blob"))}
    finally:
        connection.close()


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True)
    return folder
