"""A small home as the intake fills it, with sealed files and a reply on its way, copied for each test that harms it."""

from __future__ import annotations

import atexit
import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Connection

from tests.bench import bigstore
from workstation.kernel.paths import Home
from workstation.store import blobs
from workstation.store.blobs import BlobFiles
from workstation.store.database import make_engine
from workstation.store.pages import PAGE

CONVERSATIONS, MESSAGES = 60, 240
CONTENTS = (b"a photo of a broken kettle", b"an invoice" * 500, b"a label")


@dataclass(frozen=True)
class Whole:
    """A home, its key, and what opens it."""

    home: Home
    key: bytes
    passphrase: Path
    recovery: str

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        engine = make_engine(self.home.database, self.key, size=1)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def count(self, table: str) -> int:
        with self.connection() as connection:
            return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608

    def addresses(self) -> list[str]:
        with self.connection() as connection:
            return sorted(blobs.addresses(connection))

    def flip(self, page: int, chance: random.Random) -> None:
        """Change one bit of a page, as a failing disk does."""
        with self.home.database.open("r+b") as file:
            file.seek((page - 1) * PAGE + chance.randrange(PAGE))
            before = file.read(1)[0]
            file.seek(-1, 1)
            file.write(bytes([before ^ (1 << chance.randrange(8))]))

    def pages(self) -> int:
        return self.home.database.stat().st_size // PAGE

    def roots(self, *names: str) -> list[int]:
        """The root pages of tables or indexes."""
        with self.connection() as connection:
            rows = connection.exec_driver_sql("SELECT name, rootpage FROM sqlite_master").all()
        found = {str(name): int(page) for name, page in rows}
        return [found[name] for name in names]


def whole(folder: Path) -> Whole:
    """A copy of the template in `folder`, which it does not yet know it was moved to."""
    made = _template()
    target = Home(folder / "home")
    shutil.copytree(made.home.root, target.root)
    return Whole(target, made.key, made.passphrase, made.recovery)


@cache
def _template() -> Whole:
    folder = Path(tempfile.mkdtemp(prefix="whole-store-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = bigstore.build(folder, CONVERSATIONS, MESSAGES, 7, processes=0)
    made = Whole(store.home, store.open().vault.key, store.passphrase, (folder / "recovery").read_text())
    files = BlobFiles(made.home.blobs)
    with made.connection() as connection:
        for number, content in enumerate(CONTENTS):
            blobs.record(connection, files.seal(f"blob-{number}", content))
        conversation = connection.exec_driver_sql("SELECT min(id) FROM conversation").scalar_one()
        connection.exec_driver_sql(
            "INSERT INTO outgoing(id, conversation_id, account_id, message_id, in_reply_to, sender, recipients, state, "
            "release_at, next_try_at, tries, sentence, draft, raw, receipt, copied, recorded) "
            "VALUES ('out', ?, 'account-0', '<out@shop.example>', '', 'shop@shop.example', '[]', 'queued', 1, 0, 0, "
            "'', '{}', x'', '', 0, 0)", (conversation,))
    return made
