"""Shops and carriers that are connected: a keyring that locks keeps nobody out of the inbox."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.support.secrets import MemorySecrets
from workstation.app.sources import Sources
from workstation.domain.order import OrderRef
from workstation.kernel.clock import SystemClock
from workstation.kernel.errors import KeyringProblem
from workstation.store.database import Database
from workstation.store.migrate import upgrade


class Locking(MemorySecrets):
    """Secrets of a keyring that may lock at any time."""

    locked = False

    def get(self, name: str) -> bytes | None:
        if self.locked:
            raise KeyringProblem("The keyring is locked.", "Unlock it.")
        return super().get(name)


async def test_a_locked_keyring_leaves_the_shops_unasked_until_it_gives_their_tokens(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.db", b"k" * 32, lambda _event: None)
    upgrade(database.writer)
    secrets, ref = Locking(), OrderRef("shopify", "my-shop.myshopify.com", "#1001")
    async with httpx.AsyncClient() as http:
        first = Sources(database, secrets, lambda: http, SystemClock(), {})
        await first.connect("shopify", "my-shop.myshopify.com", "token")
        secrets.locked = True
        later = Sources(database, secrets, lambda: http, SystemClock(), {})
        with pytest.raises(KeyringProblem):
            await later.settle()
        assert later.shop(ref) is None
        assert later.carrier("") is None
        assert [source.kind for source in await later.list()] == ["shopify"]
        secrets.locked = False
        assert await later.settle() > 60
        assert later.shop(ref) is not None
    database.close()
