"""The product whose imports rest after their first batch for as long as a test says: what is to happen in the middle of
an import happens there on any machine, however fast it is or however slow.

`python -m tests.support.paced FOLDER ARGUMENT…` is `python -m workstation.cli ARGUMENT…`, paced by FOLDER.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from weakref import WeakSet

from workstation import cli
from workstation.inbox.importing import Importing

Store = Callable[..., Coroutine[Any, Any, int]]
REST_SECONDS = 0.02


class Pace:
    """The signs on which a test and a paced process agree, each a file."""

    def __init__(self, folder: Path) -> None:
        self.hold = folder / "hold"     # as long as it is there, an import rests before its second batch
        self.held = folder / "held"     # there while one rests

    def paced(self, store: Store) -> Store:
        begun: WeakSet[Importing] = WeakSet()

        async def resting(importing: Importing, *given: Any) -> int:
            if importing in begun:
                await self._rest()
            begun.add(importing)
            return await store(importing, *given)

        return resting

    async def _rest(self) -> None:
        with ExitStack() as stack:
            if self.hold.exists():
                self.held.touch()
                stack.callback(self.held.unlink)   # however it ends: stopped, gone on
            while self.hold.exists():  # noqa: ASYNC110 - another process takes it away
                await asyncio.sleep(REST_SECONDS)


def main() -> None:
    folder = Path(sys.argv.pop(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)   # a run in the background starts its children deaf to it
    Importing._store = Pace(folder).paced(Importing._store)  # type: ignore[method-assign]
    cli.run()


if __name__ == "__main__":
    main()
