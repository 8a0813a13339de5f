"""The public keys that mail servers of one's own showed when they were first reached. Implements `ports.ServerKeys`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from workstation.kernel.clock import Clock
from workstation.store.core import table
from workstation.store.database import Database
from workstation.store.unit import Unit

SERVER = table("mail_server")
T = TypeVar("T")


class KeptServerKeys:
    """Made on the core thread; asked from any other."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._loop = asyncio.get_running_loop()

    def known(self, host: str, port: int) -> str:
        return self._wait(self._database.read(lambda c: _known(c, host.lower(), port)))

    def remember(self, host: str, port: int, key: str) -> None:
        values = {"key": key, "seen_at": self._clock.now()}

        def work(unit: Unit) -> None:
            statement = upsert(SERVER).values(host=host.lower(), port=port, **values)
            unit.conn.execute(statement.on_conflict_do_update(index_elements=["host", "port"], set_=values))

        self._wait(self._database.write(work))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except CancelledError as ending:
            raise InterruptedError("the core is closing") from ending


def _known(connection: Connection, host: str, port: int) -> str:
    query = select(SERVER.c.key).where(SERVER.c.host == host, SERVER.c.port == port)
    return str(connection.execute(query).scalar() or "")
