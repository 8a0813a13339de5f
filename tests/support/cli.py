"""The command line as a person or a script meets it: a process of its own, its exit code, its two streams."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support import warm
from tests.support.homes import copy_home
from workstation import app
from workstation.app.wiring import Running
from workstation.kernel.paths import Home
from workstation.store.keybox import Argon

ROOT = Path(__file__).resolve().parents[2]
START = 3            # how many words of a command line start the interpreter
PATIENCE = 120.0   # seconds; a busy machine starts a process slowly


@dataclass(frozen=True)
class Result:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """stderr, which must be exactly one line."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


@dataclass(frozen=True)
class Cli:
    """Runs commands on one home. Whatever happens, no command may show a trace nobody asked for."""

    folder: Path
    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, code: int = 0, stdin: bytes = b"", home: bool = True, **more: str) -> Result:
        """Run a command, with `--home` unless it takes none. `more` is added to its environment."""
        command, around = self.command(*arguments, home=home), self.variables(more)
        if warm.can_take(around):
            ended = warm.run(command[START:], folder=self.folder, environment=around, stdin=stdin, timeout=PATIENCE)
        else:
            done = subprocess.run(
                command, cwd=self.folder, env=around, input=stdin, capture_output=True, timeout=PATIENCE, check=False)
            ended = (done.returncode, done.stdout, done.stderr)
        result = Result(ended[0], ended[1].decode(), ended[2].decode())
        assert result.code == code, f"{arguments}: exit {result.code}\n{result.out}\n{result.err}"
        assert "Traceback" not in result.err or "--debug" in arguments, result.err
        return result

    def refused(self, *arguments: object, **more: Any) -> str:
        """Run a command that cannot be done: exit 2, nothing on stdout, one line on stderr, which is returned."""
        result = self(*arguments, code=2, **more)
        assert result.out == ""
        return result.line

    def command(self, *arguments: object, home: bool = True, paced: Path | None = None) -> list[str]:
        """What to start. `paced`: the folder of `tests.support.paced`."""
        place = ["--home", str(self.home)] if home else []
        program = ["workstation.cli"] if paced is None else ["tests.support.paced", str(paced)]
        return [sys.executable, "-m", *program, *(str(each) for each in arguments), *place]

    def variables(self, more: Mapping[str, str]) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        return {**clean, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", **self.environment, **more}

    @contextmanager
    def serving(self, *arguments: object, said: Callable[[str], bool]) -> Iterator[str]:
        """A command that runs on: yields the first line of its stderr for which `said` is true, ends it afterwards."""
        process = subprocess.Popen(
            self.command(*arguments, home=False), cwd=self.folder, env=self.variables({}), stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
        )
        assert process.stderr is not None
        try:
            yield next(line for line in process.stderr if said(line))
        finally:
            process.terminate()
            process.stderr.close()
            process.wait(30)


@contextmanager
def window(cli: Cli, paced: Path | None = None, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The real window over this home, offscreen, once it listens; killed afterwards if it has not ended."""
    process = start_window(cli, paced, **more)
    try:
        wait_for(lambda: process.poll() is not None or (cli.home / "handover.json").exists())
        assert process.poll() is None, process.communicate()
        yield process
    finally:
        process.kill()
        process.communicate()


def start_window(cli: Cli, paced: Path | None = None, **more: str) -> subprocess.Popen[bytes]:
    around = cli.variables({"QT_QPA_PLATFORM": "offscreen", **more})
    return subprocess.Popen(
        cli.command(paced=paced), cwd=cli.folder, env=around, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_for(fact: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Until it is so. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def passphrase(folder: Path, text: str = "a pass phrase of this test") -> Path:
    """A passphrase file that only its owner can read."""
    file = folder / "passphrase"
    file.write_text(text)
    file.chmod(0o600)
    return file


def fresh(folder: Path, name: str = "home") -> Cli:
    """A home made by `init`, and a command line that opens it."""
    file = passphrase(folder)
    cli = Cli(folder, folder / name, {"WORKSTATION_PASSPHRASE_FILE": str(file)})
    cli("init", "--passphrase-file", file, "--recovery-out", folder / f"{name}.recovery")
    return cli


def quick(folder: Path, name: str = "home") -> Cli:
    """A home as `fresh` makes it, but whose passphrase costs a thousandth to open: tests start many processes."""
    file = passphrase(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Argon, "fresh", lambda: Argon(os.urandom(16), passes=1, memory_kib=64))
        app.create_home(Home(folder / name), file, folder / f"{name}.recovery")
    return Cli(folder, folder / name, {"WORKSTATION_PASSPHRASE_FILE": str(file)})


def prepared(folder: Path) -> Cli:
    """A copy of one `quick` home whose store is made already, for tests that need one home and nothing of its making.
    Two of them would be the same device."""
    made = _template()
    file = passphrase(folder)
    copy_home(made.home, folder / "home", file)
    shutil.copy(made.home.with_suffix(".recovery"), folder / "home.recovery")
    return Cli(folder, folder / "home", {"WORKSTATION_PASSPHRASE_FILE": str(file)})


@cache
def _template() -> Cli:
    folder = Path(tempfile.mkdtemp(prefix="workstation-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    made = quick(folder)

    async def build() -> None:
        async with opened(made):
            return

    thread = threading.Thread(target=lambda: asyncio.run(build()))   # the test's own loop may be running
    thread.start()
    thread.join()
    return made


@asynccontextmanager
async def opened(cli: Cli) -> AsyncIterator[Running]:
    """The product on the same home in this process, to look at what a command left."""
    home = app.open_home(Home(cli.home), Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
    running = await app.build(home)
    try:
        yield running
    finally:
        await running.shutdown()
        running.close()
