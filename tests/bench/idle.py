"""Processor time and wake-ups of ten idle minutes, with IDLE on a mailbox and sync on, beside Thunderbird.

Both windows stand on the same virtual screen and watch the same mailbox of a real Dovecot; ours is connected to a hub
as well. Both are measured over the same minutes, after both have settled; how many connections each keeps to the mail
server is counted, so that nobody is idle because it is not connected.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil

from tests.bench import processes, thunderbird
from tests.bench.startup import environment
from tests.support.mail import ADDRESS, PASSWORD, account
from tests.support.mail_dovecot import BINARY, Dovecot
from workstation import app
from workstation.api import Core
from workstation.demo import display
from workstation.hub import commands
from workstation.hub.server import HubServer
from workstation.kernel.paths import Home
from workstation.runtime.thread import CoreThread

RUNS = 10
"""Minutes."""
SETTLE = 20.0
"""Seconds after which both stand still; Thunderbird goes on tidying up for a while."""


def measure(runs: int) -> dict[str, Any]:
    """`runs` is the number of minutes. Seconds of processor time, wake-ups a second, megabytes resident."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        screen = stack.enter_context(display.screen(folder))
        if not screen or not BINARY or not thunderbird.PROGRAM:
            return {"problem": "needed: apt-get install xvfb dovecot-imapd thunderbird"}
        server = Dovecot()
        server.start()
        stack.callback(server.stop)
        around = environment(screen)
        commands_of = {"product": _product(folder, server, stack), "thunderbird": _thunderbird(folder, server)}
        running = {
            name: stack.enter_context(processes.running(command, {**around, "HOME": str(_place(folder, name))}, folder))
            for name, command in commands_of.items()
        }
        return _figures(running, runs, server.port)


def _figures(running: dict[str, psutil.Process], minutes: int, port: int) -> dict[str, Any]:
    time.sleep(SETTLE)
    before = {name: processes.use(process) for name, process in running.items()}
    time.sleep(60 * minutes)
    used = {name: processes.use(process).since(before[name]) for name, process in running.items()}
    figures: dict[str, Any] = {"minutes": minutes}
    for name, use in used.items():
        figures[f"{name}_cpu_s"] = round(use.cpu, 2)
        figures[f"{name}_wakeups_per_s"] = round(use.switches / 60 / minutes, 2)
        figures[f"{name}_connections"] = _connections(running[name], port)
        figures[f"{name}_resident_mb"] = round(use.resident_mb)
    product, peer = used["product"], used["thunderbird"]
    figures["cpu_ratio"] = round(product.cpu / peer.cpu, 2) if peer.cpu else None
    figures["wakeups_ratio"] = round(product.switches / peer.switches, 2) if peer.switches else None
    return figures


def _connections(process: psutil.Process, port: int) -> int:
    family = [process, *process.children(recursive=True)]
    return sum(one.raddr.port == port for each in family for one in each.net_connections("tcp") if one.raddr)


def _place(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir(exist_ok=True)
    return place


def _product(folder: Path, server: Dovecot, stack: ExitStack) -> list[str]:
    """A home that knows the mailbox and the hub, and the command that opens its window."""
    place = _place(folder, "product")
    passphrase = place / "passphrase"
    passphrase.write_text("a pass phrase for one benchmark")
    passphrase.chmod(0o600)
    commands.init(place / "hub", "Bench")
    hub = HubServer(place / "hub", port=0)
    url = hub.start()
    stack.callback(hub.stop)
    opened = app.create_home(Home(place / "home"), passphrase, place / "recovery")
    thread = CoreThread()
    running = thread.run(app.build(opened))

    async def connect(core: Core) -> None:
        await core.accounts.add(account(server.port), PASSWORD)
        await core.sync.connect(commands.invite(place / "hub", "owner", url))

    thread.run(connect(running.core))
    thread.run(running.shutdown())
    running.close()
    thread.stop()
    options = ["--home", str(place / "home"), "--passphrase-file", str(passphrase)]
    return [sys.executable, "-m", "workstation.cli", *options]


def _thunderbird(folder: Path, server: Dovecot) -> list[str]:
    profile = _place(folder, "thunderbird") / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    thunderbird.make_profile(profile, b"", thunderbird.Mailbox(ADDRESS, PASSWORD, server.port))
    return thunderbird.command(profile)
