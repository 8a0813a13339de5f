"""`startup` beside Thunderbird showing the same mail: from the start of the process until it stops working.

Thunderbird is spared its first run: its index is made in a warm-up, its global search index is off, and it starts with
the Inbox open. Ours is the whole program with its core, from a home whose pass phrase Argon2id has to stretch first.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import processes, thunderbird
from workstation.kernel.paths import Home

RUNS = 5
ROOT = Path(__file__).parents[2]


def measure(folder: Path, around: dict[str, str], runs: int, painted_ms: float) -> dict[str, Any]:
    """Medians in milliseconds, in turn; `painted_ms` is when our list was there to be used."""
    if not thunderbird.PROGRAM or around.get("QT_QPA_PLATFORM") != "xcb":
        return {"thunderbird_settled_ms": None, "thunderbird_reason": thunderbird.MISSING}
    place = folder / "peer"
    place.mkdir()
    sides = {"thunderbird": _thunderbird(place), "product": _product(place)}
    found: dict[str, list[float]] = {name: [] for name in sides}
    for _round in range(min(runs, RUNS) + 1):
        for name, command in sides.items():
            found[name].append(settled_ms(command, {**around, "HOME": str(place)}, place))
    peer, ours = (statistics.median(found[name][1:]) for name in sides)
    return {
        "thunderbird_settled_ms": round(peer), "product_settled_ms": round(ours),
        "painted_to_thunderbird_settled": round(painted_ms / peer, 3), "settled_ratio": round(ours / peer, 3),
    }


def settled_ms(command: list[str], around: dict[str, str], folder: Path, most: float = 60.0) -> float:
    """Milliseconds from the start of a program until it stopped working. Raises TimeoutError after `most` seconds."""
    began = time.monotonic()
    with processes.running(command, around, folder) as process:
        return processes.settled(process, began, most)


def _thunderbird(place: Path) -> list[str]:
    from tests.bench.startup import CONVERSATIONS

    thunderbird.make_profile(place / "profile", b"".join(_mails(CONVERSATIONS)))
    return thunderbird.command(place / "profile")


def _mails(count: int) -> Iterator[bytes]:
    """The conversations of `startup.make_store` as an mbox."""
    for n in range(count):
        yield (
            f"From - Fri Nov 20 10:00:00 2026\r\nMessage-ID: <{n}@buyer.example>\r\n"
            f"From: Buyer {n} <{n}@buyer.example>\r\nTo: shop@shop.example\r\n"
            f"Subject: Where is order 702-{n:07}-1234567?\r\n"
            "Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            "Onde está o meu pacote?\r\n\r\n"
        ).encode()


def _product(place: Path) -> list[str]:
    from tests.bench import startup
    from workstation import app

    passphrase = place / "passphrase"
    passphrase.write_text("a pass phrase for one benchmark")
    passphrase.chmod(0o600)
    opened = app.create_home(Home(place / "home"), passphrase, place / "recovery")
    startup.make_store(place / "home", startup.CONVERSATIONS, opened.vault.key)
    options = ["--home", str(place / "home"), "--passphrase-file", str(passphrase)]
    return [sys.executable, "-m", "workstation.cli", *options]

