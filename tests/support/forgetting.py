"""A whole home with a buyer in every corner of it, and a look through all of it for what was to be gone.

The look takes what who holds the key could: every page of the file, free ones too, every value of every table with what
is compressed laid open, every sealed file that still has a key, and every other file as it lies.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.support.evidence import PaintedScreen, make_grab
from tests.support.mail import account
from workstation import app
from workstation.app import wiring
from workstation.app.services import Services
from workstation.app.wiring import Parts, Running
from workstation.domain.order import OrderRef
from workstation.drafts.model import Mode
from workstation.kernel.clock import DAY, FixedClock, iso
from workstation.kernel.paths import Home
from workstation.store import blobs
from workstation.store.search import index
from workstation.store.vault import OpenedHome
from workstation.translation import repo as translations
from workstation.translation.model import Translation

NOW = 1_795_348_800_000
ACCOUNT = "account"
HEADER = (
    "order-id\tpurchase-date\tbuyer-email\tbuyer-name\tsku\tproduct-name\tquantity-purchased\tcurrency\titem-price\n")
LENA = ("Lena", "Wagner", "lena.wagner", "Wagnergasse", "zerbrochen", "Kesselglas", "kaputtgegangen", "Ankerbild",
        "Lieblingstasse")
"""Words that stand nowhere but with this buyer."""


def mail(name: str, *, sender: str = "lena.wagner@home.example", who: str = "Lena Wagner", order: str = "",
         words: str = "zerbrochen", to: str = "help@shop.example", thread: str = "", day: int = 1) -> bytes:
    """A mail with a name, an address, a street and a file in it."""
    named = f"Order {order}\r\n" if order else ""
    answers = f"In-Reply-To: <{thread}@home.example>\r\nReferences: <{thread}@home.example>\r\n" if thread else ""
    return (
        f"Message-ID: <{name}@home.example>\r\nFrom: {who} <{sender}>\r\nTo: {to}\r\n{answers}"
        f"Subject: Kesselglas von {who} {name}\r\nDate: {day:02d} Oct 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        f"{named}Das Kesselglas ist {words}. {who}, Wagnergasse 7, Wien\r\n\r\n> frueher kaputtgegangen\r\n--b\r\n"
        f'Content-Type: text/plain; name="Ankerbild {who}.txt"\r\nContent-Disposition: attachment; '
        f'filename="Ankerbild {who}.txt"\r\n\r\nLieblingstasse von {who}\r\n--b--\r\n'
    ).encode()


@dataclass
class House:
    """One desktop: the product over a home, and the key of its pages."""

    home: Home
    key: bytes
    running: Running
    clock: FixedClock

    @property
    def core(self) -> Services:
        return self.running.core

    async def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        return await self.running.database.read(
            lambda conn: [tuple(row) for row in conn.exec_driver_sql(query, values)])

    async def put(self, query: str, *values: object) -> None:
        await self.running.database.write(lambda unit: unit.conn.exec_driver_sql(query, values))

    async def mailbox(self, name: str = ACCOUNT) -> None:
        settings = account(1)
        await self.put("INSERT INTO account(id, address, settings, created_at) VALUES (?, ?, ?, ?)", name,
                       settings.address, json.dumps(asdict(settings)), NOW - 100 * DAY)

    async def mails(self, *raw: bytes) -> None:
        """As an import of a file."""
        for number, each in enumerate(raw):
            path = self.home.root.parent / f"mail-{number}.eml"
            path.write_bytes(each)
            await self.core.inbox.import_mail(path)
            path.unlink()

    async def orders(self, *rows: str) -> None:
        path = self.home.root.parent / "orders.txt"
        path.write_text(HEADER + "".join(rows))
        await self.core.orders.import_file(path)
        path.unlink()

    async def case(self, words: str) -> str:
        """The conversation of which a message says so."""
        rows = await self.sql("SELECT conversation_id FROM message WHERE instr(text, ?) ORDER BY seq LIMIT 1", words)
        return str(rows[0][0])

    async def settle(self) -> None:
        """What is done behind: customers, languages, triage."""
        await self.running.customers.step()

    async def fill(self, case_id: str) -> None:
        """Everything that can stand around a conversation."""
        (message_id,) = (await self.sql(
            "SELECT id FROM message WHERE conversation_id = ? ORDER BY seq LIMIT 1", case_id))[0]
        core, database = self.core, self.running.database
        draft = await core.drafts.load(case_id, Mode.REPLY)
        await core.drafts.save(replace(draft, body="Dear Lena Wagner, the Kesselglas"))
        translated = Translation(
            "zerbrochen", "Kesselglas broken, says Lena", "de", "en", "test", lost=("Wagner",))
        await database.write(lambda unit: translations.keep(unit.conn, str(message_id), translated, NOW))
        await self.put(
            "INSERT INTO message_extra(message_id, source, text) VALUES (?, 'x', 'Ankerbild Lena')", message_id)
        await self.put(
            "INSERT INTO outgoing(id, conversation_id, account_id, message_id, in_reply_to, sender, recipients, state, "
            "release_at, next_try_at, tries, sentence, draft, raw, receipt, copied, recorded) VALUES ('out', ?, ?, "
            "'<out@shop.example>', '', 'help@shop.example', '[\"lena.wagner@home.example\"]', 'done', 1, 0, 0, "
            "'for lena.wagner@home.example', '{\"text\": \"Dear Lena\"}', ?, '250 lena.wagner', 0, 0)",
            case_id, ACCOUNT, b"To: Lena Wagner")
        await self.put("INSERT INTO triage_correction(conversation_id, kind, value, at, words) "
                       "VALUES (?, 'issue', 'damaged', ?, '[123456789]')", case_id, NOW)
        await self.put("INSERT INTO evidence_claim_text(case_id, desk, reason, field, text) "
                       "VALUES (?, 'paypal', 'x', 'notes', 'Lena Wagner says zerbrochen')", case_id)
        await core.evidence.keep_picture(case_id, _picture(), "Ankerbild of Lena.png")


def _picture() -> bytes:
    from workstation.evidence import png

    return png.encode(2, 1, bytes([1, 2, 3, 255, 9, 8, 7, 255]))


@asynccontextmanager
async def house(folder: Path, now: int = NOW) -> AsyncIterator[House]:
    """The product over the home in `folder`; opening it again finds what was kept."""
    home, clock = Home(folder / "home"), FixedClock(now)
    opened = _unlocked(home)
    running = await wiring.build(opened, Parts(capture=PaintedScreen(make_grab(4, 4)), clock=clock))
    try:
        await running.tidy()
        yield House(home, opened.vault.key, running, clock)
    finally:
        await running.shutdown()
        running.close()


def _unlocked(home: Home) -> app.Opened:
    """A home without the second that a passphrase takes: its key is at hand."""
    home.root.mkdir(parents=True, exist_ok=True)
    name = home.root.parent.name
    key = hashlib.sha256(name.encode()).digest()
    return app.opened_home(OpenedHome(home, key, f"home-{name}", f"desk-{name}", "passphrase"))


def row(order_id: str, *, buyer: str = "Lena Wagner", email: str = "lena.wagner@home.example") -> str:
    return f"{order_id}\t2026-10-01T10:00:00+00:00\t{email}\t{buyer}\tS\tGlas\t1\tEUR\t10.00\n"


async def left(here: House, words: Iterable[str]) -> list[str]:
    """Where any of these words still is. What was written since lies in the log, which is put into the file first."""
    await here.running.database.flush_log()
    needles = [each.lower().encode() for each in words]
    found = [f"{where}: {needle.decode()}" for where, content in [
        *_pages(here), *await _values(here), *await _sealed(here), *_files(here.home)]
        for needle in needles if needle in content.lower()]
    return sorted(set(found))


def _pages(here: House) -> list[tuple[str, bytes]]:
    """The plaintext of the file, page by page (SQLCipher 4: AES-256-CBC, 80 bytes at a page's end, the first of them
    its IV; 16 bytes of salt before the first page). A raw key is the key of the pages itself."""
    found = []
    content = here.home.database.read_bytes()
    for start in range(0, len(content), 4_096):
        page = content[start:start + 4_096]
        opening = Cipher(algorithms.AES(here.key), modes.CBC(page[-80:-64])).decryptor()
        found.append((f"page {start // 4_096}", opening.update(page[0 if start else 16:-80]) + opening.finalize()))
    return found


def log_size(here: House) -> int:
    """Bytes of the log beside the file."""
    log = here.home.database.with_name(here.home.database.name + "-wal")
    return log.stat().st_size if log.exists() else 0


async def _values(here: House) -> list[tuple[str, bytes]]:
    tables = [str(name) for (name,) in await here.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = []
    for table in tables:
        for values in await here.sql(f"SELECT * FROM {table}"):  # noqa: S608
            for value in values:
                content = value.encode() if isinstance(value, str) else value
                if isinstance(content, bytes):
                    found.append((table, content))
                    found.append((f"{table}, compressed", _opened(content)))
    return found


def _opened(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return b""


async def _sealed(here: House) -> list[tuple[str, bytes]]:
    found = []
    for (blob_id,) in await here.sql("SELECT id FROM blob"):
        sealed = await here.running.database.read(lambda conn, i=blob_id: blobs.find(conn, str(i)))  # type: ignore[misc]
        found.append((f"sealed {blob_id}", here.running.files.open(sealed)))
    return found


def _files(home: Home) -> list[tuple[str, bytes]]:
    return [(str(path.relative_to(home.root)), path.read_bytes()) for path in home.root.rglob("*")
            if path.is_file() and not path.name.startswith("workstation.db")]


__all__ = ["LENA", "NOW", "House", "OrderRef", "house", "index", "iso", "left", "log_size", "mail", "row"]
