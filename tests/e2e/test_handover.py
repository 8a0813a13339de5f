"""One window for a home, and everybody else through it: real processes, the window offscreen."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, quick, start_window, wait_for, window
from tests.support.paced import Pace
from workstation import app
from workstation.app.desk import Desk
from workstation.commands.session import in_use
from workstation.connectors.screen.x11 import MssCapture
from workstation.inbox.importing import Importing
from workstation.inbox.model import ListQuery
from workstation.kernel.paths import Home
from workstation.runtime import line as lines
from workstation.runtime.line import Gone
from workstation.store.lock import HomeLock

MANY = 500


def mail(name: str, subject: str) -> bytes:
    return (
        f"Message-ID: <{name}@buyer.example>\r\nFrom: Ana Souza <ana@buyer.example>\r\nTo: help@shop.example\r\n"
        f"Subject: {subject}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\nWhere is my parcel?\r\n"
    ).encode()


def mailbox(path: Path, word: str, count: int = MANY) -> Path:
    path.write_bytes(b"".join(
        b"From ana Fri Nov 20 10:00:00 2026\n" + mail(f"{word}{n}", f"{word} {n}") + b"\n" for n in range(count)))
    return path


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return quick(tmp_path_factory.mktemp("handover"))


@pytest.fixture(scope="module")
def running(here: Cli) -> Iterator[subprocess.Popen[bytes]]:
    """One window for the tests of this module that leave it alive."""
    with window(here, paced=here.folder) as process:
        yield process


@pytest.fixture
def cli(here: Cli, running: subprocess.Popen[bytes]) -> Cli:
    assert running.poll() is None
    return Cli(here.folder, here.home, here.environment)


@pytest.fixture
def pace(here: Cli) -> Iterator[Pace]:
    """Imports rest after their first batch until the test is over, or lets them go on."""
    made = Pace(here.folder)
    made.hold.touch()
    yield made
    made.hold.unlink(missing_ok=True)


def without_key(cli: Cli) -> Cli:
    """The same home for somebody who could not open it: whatever works was done by the window."""
    return Cli(cli.folder, cli.home, {"WORKSTATION_PASSPHRASE_FILE": "/nonexistent"})


def log(cli: Cli) -> str:
    return "".join(file.read_text() for file in (cli.home / "logs").glob("*.log"))


async def found(cli: Cli, word: str) -> list[str]:
    """The conversations a search shows, read beside the window."""
    async with opened(cli) as running:
        page = await running.core.inbox.page(ListQuery(queue="all", search=word, limit=1000))
    return [row.id for row in page.rows]


def started(cli: Cli, *arguments: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(cli.command(*arguments), cwd=cli.folder, env=cli.variables({}), stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


class Watched:
    """A command whose stderr is a terminal, so that its progress can be seen."""

    def __init__(self, cli: Cli, *arguments: object, paced: Path | None = None) -> None:
        self._master, slave = pty.openpty()
        self._seen = ""
        around = cli.variables({"TERM": "xterm", "COLUMNS": "100"})
        self.process = subprocess.Popen(cli.command(*arguments, paced=paced), cwd=cli.folder, env=around,
                                        stdout=subprocess.PIPE, stderr=slave)
        os.close(slave)

    def moves(self) -> None:
        """Until its progress line counts: the first mails are stored, and the last ones are not."""
        while not re.search(r"[1-9]\d*/\?", self._seen):
            piece = self._read()
            assert piece, self._seen
            self._seen += piece

    def ends(self) -> tuple[int, str, str]:
        """Its exit code, its answer, and the last line it said."""
        while piece := self._read():
            self._seen += piece
        os.close(self._master)
        out, _err = self.process.communicate(timeout=60)
        lines_ = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._seen).replace("\r", "\n").split("\n")
        return self.process.returncode, out.decode(), [each for each in lines_ if each][-1]

    def _read(self) -> str:
        try:
            return os.read(self._master, 4096).decode(errors="replace")
        except OSError:   # what a terminal without anybody on its other side gives
            return ""


async def test_a_command_that_writes_is_run_by_the_window_as_if_it_were_run_here(cli: Cli) -> None:
    (cli.folder / "one.eml").write_bytes(mail("one", "Blue kettle"))
    far = without_key(cli)
    said = far("import", "mail", "one.eml", "--json")
    assert (said.json["seen"], said.json["new"], said.err) == (1, 1, "")
    assert len(await found(cli, "kettle")) == 1
    assert far.refused("import", "mail", "none.eml") == "none.eml does not exist. Check the name."
    assert "Missing argument" in far.refused("import", "mail")
    assert "xx-yy" in far.refused("language", "remove", "xx-yy")
    trace = far("import", "mail", "none.eml", "--debug", code=2).err
    assert trace.splitlines()[0].startswith("Traceback")
    assert "不是一对语言" in far.refused("language", "remove", "nonsense", LANGUAGE="zh_CN")
    assert "is no pair" in far.refused("language", "remove", "nonsense")
    far("language", "server", "http://127.0.0.1:5000")
    assert json.loads((cli.home / "settings.json").read_text())["translation_server"] == "http://127.0.0.1:5000"
    assert far("language", "server", "off").out != ""
    assert "nonexistent" in far.refused("search", "kettle"), "what only reads opens the home itself"


async def test_a_capture_and_its_pack_are_made_by_the_window_and_proved_beside_it(cli: Cli) -> None:
    (cli.folder / "two.eml").write_bytes(mail("two", "Green lamp"))
    far = without_key(cli)
    far("import", "mail", "two.eml")
    case, = await found(cli, "lamp")
    record = far("evidence", "capture", "--case", case, "--json").json
    assert record["real_screen"] is False, "the window's own way to capture, which is offscreen here"
    assert far("evidence", "export", "--case", case, "--out", "pack.zip").out.strip() == str(cli.folder / "pack.zip")
    assert cli("evidence", "verify", "pack.zip", "--json").json["intact"] is True
    assert "exists" in far.refused("evidence", "export", "--case", case, "--out", "pack.zip")
    elsewhere = far.refused("evidence", "capture", "--case", case, DISPLAY=":987")
    assert "another screen" in elsewhere
    assert far("evidence", "erase", "--case", case, "--preview", "--json").json["counts"]["messages"] == 1
    assert far("evidence", "erase", "--case", case, "--json").json["counts"]["messages"] == 1
    assert await found(cli, "lamp") == [], "erased by the window, and out of its search"


async def test_many_commands_at_once_are_each_done_once(cli: Cli, long_run: bool) -> None:
    many = 20 if long_run else 8
    for n in range(many):
        (cli.folder / f"m{n}.eml").write_bytes(mail(f"crowd{n}", f"crowd {n}"))
    crowd = [started(without_key(cli), "import", "mail", f"m{n}.eml", "--json") for n in range(many)]
    answers = [(process.communicate(timeout=120), process.returncode) for process in crowd]
    assert [(code, err) for (_out, err), code in answers] == [(0, b"")] * many
    assert [json.loads(out)["new"] for (out, _err), _code in answers] == [1] * many
    assert len(await found(cli, "crowd")) == many


def test_a_second_start_brings_the_window_to_the_front_without_loading_qt(cli: Cli) -> None:
    before = log(cli).count("asked to the front")
    probe = ("import sys; sys.argv[1:] = sys.argv[2:]\nfrom workstation import cli\ntry: cli.run()\n"
             "except SystemExit as end: print(end.code, sorted({m.partition('.')[0] for m in sys.modules}))")
    done = subprocess.run(
        [cli.command()[0], "-c", probe, "x", "--home", str(cli.home)], env=cli.variables({}), capture_output=True,
        text=True, timeout=60, check=True)
    assert done.stdout.startswith("0 "), done
    assert not {"PySide6", "sqlalchemy", "typer", "asyncio", "httpx"} & set(done.stdout.split("'"))
    wait_for(lambda: log(cli).count("asked to the front") == before + 1)


def test_doctor_says_that_the_window_is_open(cli: Cli) -> None:
    found = in_use(Home(cli.home))
    assert found.ok
    assert found.detail == "The window is open; commands that write are run by it."


def test_ctrl_c_stops_the_work_in_the_window_and_the_next_try_goes_on(cli: Cli, pace: Pace) -> None:
    box = mailbox(cli.folder / "stopped.mbox", "stopped", MANY)
    watched = Watched(without_key(cli), "import", "mail", box)
    watched.moves()
    watched.process.send_signal(signal.SIGINT)
    assert watched.ends() == (2, "", "Stopped. What was finished is kept.")
    pace.hold.unlink()
    assert 0 < without_key(cli)("import", "mail", box, "--json").json["new"] < MANY


def test_an_import_stops_with_whoever_asked_for_it(cli: Cli, pace: Pace) -> None:
    box = mailbox(cli.folder / "orphan.mbox", "orphan", MANY)
    watched = Watched(without_key(cli), "import", "mail", box)
    watched.moves()
    wait_for(pace.held.exists)
    watched.process.kill()
    assert watched.ends()[0] == -signal.SIGKILL
    wait_for(lambda: not pace.held.exists())
    pace.hold.unlink()
    assert 0 < without_key(cli)("import", "mail", box, "--json").json["new"] < MANY


def hostile_lines(door: lines.Door, home: Path) -> Iterator[bytes]:
    yield os.urandom(4096)
    yield b"\x7f\xff\xff\xff" + b"x" * 1000       # a message of two gigabytes
    yield b"\x00\x00\x00\x20" + b"k" * 32 + b"\x00\x00\x00\x20" + b"t" * 32    # a wrong proof
    yield b"\xff\xff\xff\xff" + b"\xff" * 8
    yield b""


@pytest.mark.skipif(os.name == "nt", reason="it speaks to the socket itself")
def test_nobody_without_the_key_gets_in_blocks_or_breaks_the_window(cli: Cli) -> None:
    import socket

    door = lines.read_door(cli.home)
    assert door is not None
    assert (cli.home / lines.NAME).stat().st_mode & 0o077 == 0
    assert Path(door.address).parent.stat().st_mode & 0o077 == 0
    silent = []
    for _n in range(12):                                # connected, and never a word or only a part of one
        quiet = socket.socket(socket.AF_UNIX)
        quiet.connect(door.address)
        quiet.send(b"\x00\x00")
        silent.append(quiet)
    for content in hostile_lines(door, cli.home):
        with socket.socket(socket.AF_UNIX) as loud:
            loud.connect(door.address)
            loud.send(content)
            loud.settimeout(20)
            assert len(loud.recv(36)) <= 36
    began = time.monotonic()
    assert without_key(cli)("import", "mail", "none.eml", code=2).err
    assert time.monotonic() - began < 20
    for quiet in silent:
        quiet.settimeout(30)
        while quiet.recv(4096):
            pass                                        # thrown out by the window in its own time
        quiet.close()
    assert without_key(cli)("language", "server").code == 0


@pytest.mark.skipif(os.name == "nt", reason="it speaks to the socket itself")
@pytest.mark.parametrize("request_", [
    b"[" * 100_000, b"[]", b"{}", b'{"do": "run"}', b'{"do": "run", "arguments": [1], "folder": "/"}',
    b'{"do": "run", "arguments": ["sync"], "folder": "not/absolute"}', b"\xff\xfe", b'{"do": "fly"}',
], ids=range(8))
def test_what_is_no_request_of_ours_is_dropped(cli: Cli, request_: bytes) -> None:
    line = lines.call(cli.home)
    assert line is not None
    line._send(request_)
    with pytest.raises(Gone):
        line.receive(30)
    line.close()


def test_a_wrong_key_and_a_copied_home_are_nobodys(cli: Cli, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / lines.NAME).write_bytes((cli.home / lines.NAME).read_bytes())
    with pytest.raises(Gone):
        lines.call(copy)
    said = json.loads((cli.home / lines.NAME).read_text())
    for name in ("key", "address"):
        (copy / lines.NAME).write_text(json.dumps({**said, name: "00" * 32}))
        if name == "key":
            with pytest.raises(Gone):
                lines.call(copy)
        else:
            assert lines.call(copy) is None
    lines.forget(copy)
    assert Path(said["address"]).exists(), "a copy does not take the original's socket away"


def test_a_start_over_a_window_that_hangs_says_so(cli: Cli, running: subprocess.Popen[bytes]) -> None:
    running.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        second = subprocess.run(cli.command(), env=cli.variables({"QT_QPA_PLATFORM": "offscreen"}),
                                capture_output=True, text=True, timeout=60, check=False)
        assert time.monotonic() - began < 15
        assert (second.returncode, second.stdout) == (2, "")
        assert "does not answer" in second.stderr
        assert second.stderr.count("\n") == 1
    finally:
        running.send_signal(signal.SIGCONT)


def test_a_window_that_is_killed_in_mid_command_leaves_nothing_in_the_way(
    cli: Cli, running: subprocess.Popen[bytes], pace: Pace
) -> None:
    """The last test with the window that all share."""
    box = mailbox(cli.folder / "many.mbox", "many", MANY)
    door = lines.read_door(cli.home)
    assert door is not None
    watched = Watched(without_key(cli), "import", "mail", box)
    watched.moves()
    running.kill()
    code, out, said = watched.ends()
    assert (code, out) == (2, "")
    assert said == "The window ended in the middle of this command. What was finished is kept; run it again."
    assert Path(door.address).exists()
    again = cli("import", "mail", box, "--json", "--wait", "0").json
    assert again["seen"] == MANY
    assert 0 < again["new"] < MANY
    assert not Path(door.address).exists()
    assert not (cli.home / lines.NAME).exists()


@pytest.fixture
def other(tmp_path: Path) -> Cli:
    return quick(tmp_path)


def test_a_window_that_is_closed_says_so_to_whoever_waits(other: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(other.folder)
    pace.hold.touch()
    monkeypatch.setattr(Importing, "_store", pace.paced(Importing._store))
    box = mailbox(other.folder / "many.mbox", "many", MANY)
    ready = threading.Event()
    desk = Desk(app.open_home(Home(other.home), Path(other.environment["WORKSTATION_PASSPHRASE_FILE"])))
    bugs: list[BaseException] = []
    desk.start(MssCapture(), lambda _core: ready.set(), bugs.append, lambda _loop, _context: None)
    assert ready.wait(60)
    wait_for((other.home / lines.NAME).exists)
    watched = Watched(without_key(other), "import", "mail", box)
    watched.moves()
    desk.shutdown()
    code, out, said = watched.ends()
    assert (code, out, bugs) == (2, "", [])
    assert said == "The window was closed in the middle of this command. What was finished is kept; run it again."
    HomeLock(other.home).acquire().release()
    assert not (other.home / lines.NAME).exists()
    assert not any(thread.name in ("handover", "handed-over", "command") for thread in threading.enumerate())


@pytest.mark.long
def test_a_command_killed_in_the_middle_leaves_the_home_free_and_whole(other: Cli) -> None:
    box = mailbox(other.folder / "many.mbox", "many", MANY)
    Pace(other.folder).hold.touch()
    watched = Watched(other, "import", "mail", box, paced=other.folder)
    watched.moves()
    watched.process.kill()
    assert watched.ends()[0] == -signal.SIGKILL
    HomeLock(other.home).acquire().release()
    again = other("import", "mail", box, "--json", "--wait", "0").json
    assert again["seen"] == MANY
    assert 0 < again["new"] < MANY


@pytest.mark.long
def test_two_starts_at_once_make_one_window_and_a_command_waits_for_it(other: Cli) -> None:
    (other.folder / "one.eml").write_bytes(mail("one", "Blue kettle"))
    starts = [start_window(other), start_window(other)]
    try:
        wait_for(lambda: HomeLock(other.home).held())
        done = other("import", "mail", "one.eml", "--json", "--wait", "60")
        assert done.json["new"] == 1
        wait_for(lambda: any(process.poll() is not None for process in starts))
        assert sorted(str(process.poll()) for process in starts) == ["0", "None"]
    finally:
        for process in starts:
            process.kill()
            process.communicate()
