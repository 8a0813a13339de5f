"""A large home for the benchmarks: real schema, real keys, the rows that the intake itself would have written.

    python -m tests.bench.bigstore OUT --conversations 200000 --messages 1000000 --seed 1

makes OUT/home (opened with OUT/passphrase; OUT/recovery holds its recovery key) and OUT/bigstore.json, unless a home of
the same measures is there already: benches share it by naming the same folder. Processes of their own make and prepare
the mails (`prepare_mail`), one stores them (`Arrival`, `ClueLinker`), with a journal that does not survive a crash: an
unfinished store has no bigstore.json and is made again. Everything follows from the seed, whatever the number of
processes; times end at NEWEST, never at today's date.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, insert

from tests.bench import bigtext
from tests.bench.corpus import NEWEST
from workstation import app
from workstation.app.adapters import ConversationClues
from workstation.connectors.email.quotes import fold
from workstation.domain.clues import Named, match_key
from workstation.domain.conversation import Channel
from workstation.domain.order import OrderRef
from workstation.inbox import lines
from workstation.inbox.arrival import Arrival
from workstation.inbox.clocks import load_rules
from workstation.inbox.lookups import Lookups
from workstation.inbox.model import AccountSettings, ClockRule, ServerSettings
from workstation.inbox.prepare import Batch, message_id
from workstation.inbox.prepared import PreparedMail
from workstation.inbox.preparing import prepare_mail
from workstation.kernel.clock import DAY, from_datetime
from workstation.kernel.ids import derived_id
from workstation.kernel.paths import Home, resources
from workstation.orders.service import ClueLinker
from workstation.orders.tables import OrderLineRow, OrderRow
from workstation.store import migrate
from workstation.store.database import make_engine
from workstation.store.engine import connect
from workstation.store.tables import table
from workstation.translation.detector import Detector

ROOT = Path(__file__).parents[2]
PASSPHRASE = "a pass phrase for one benchmark"
END = from_datetime(NEWEST)
SPAN_DAYS = 720
SLICE = 6_000
AHEAD = 4
"""Slices under way in the preparing processes."""
MEMBERS = ("m-ana", "m-ben", "m-chen", "m-dora")
TAGS = ("vip", "late", "wholesale", "refund", "follow-up", "老客户")
_HERE = ServerSettings("127.0.0.1", 9)
_SHOPS = (
    (Channel.AMAZON, "EU Shop", "DE"), (Channel.AMAZON, "BR Shop", "BR"), (Channel.EMAIL, "", ""),
    (Channel.EBAY, "EU Shop", "GB"), (Channel.SHOPEE, "SG Shop", "SG"), (Channel.TIKTOK, "US Shop", "US"),
)
_ISSUES = ("", "", "", "late", "lost", "damaged", "wrong", "missing", "return", "refund", "question", "review",
           "dispute")

Spot = tuple[int, int, int]
"""One message of the plan: when (ms), of which conversation, at which place in it."""


@dataclass(frozen=True, slots=True)
class BigStore:
    """What was made. `seconds` is what it took; `schema` marks the program files that its tables and index follow."""

    folder: Path
    conversations: int
    messages: int
    seed: int
    longest: int = 0
    schema: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0

    @property
    def home(self) -> Home:
        return Home(self.folder / "home")

    @property
    def passphrase(self) -> Path:
        return self.folder / "passphrase"

    def open(self) -> app.Opened:
        return app.open_home(self.home, self.passphrase)


def build(
    folder: Path, conversations: int, messages: int, seed: int = 1, *, longest: int = 0, processes: int = 2,
    say: Any = None,
) -> BigStore:
    """The store in `folder`, made unless it is there. `longest`: conversation 0 has so many messages more. Raises
    FileExistsError rather than remove another store: a large one takes half an hour to make."""
    wanted = BigStore(folder, conversations, messages, seed, longest, _schema())
    found = load(folder)
    if found is not None and _same(found, wanted):
        return found
    if found is not None:
        raise FileExistsError(f"{folder} holds another store: name another folder, or remove it")
    began = time.perf_counter()
    opened = _fresh_home(folder)
    engine = _engine(opened)
    try:
        _orders(engine, conversations)
        _fill(engine, wanted, processes, say or _quiet)
        _live(engine, seed)
    finally:
        engine.dispose()
    connect(opened.home.database, opened.vault.key).close()   # as the product opens it: write-ahead log, nothing in it
    size = sum(path.stat().st_size for path in (folder / "home").rglob("*") if path.is_file())
    made = replace(wanted, seconds=round(time.perf_counter() - began, 1), megabytes=round(size / 1e6, 1))
    _marker(folder).write_text(json.dumps({**asdict(made), "folder": str(folder)}, indent=1))
    return made


@contextmanager
def shared(
    keep: Path | None, conversations: int, messages: int, seed: int = 1, *, longest: int = 0
) -> Iterator[BigStore]:
    """For a benchmark: the store kept in the folder that `--keep` names, or one that is deleted at the end."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bigstore-")))
        yield build(folder, conversations, messages, seed, longest=longest)


def load(folder: Path) -> BigStore | None:
    """What was made there before, if it was finished."""
    try:
        stored = json.loads(_marker(folder).read_text())
    except (OSError, ValueError):
        return None
    return BigStore(**{**stored, "folder": folder})


def _same(found: BigStore, wanted: BigStore) -> bool:
    return replace(found, seconds=0, megabytes=0) == wanted


def _schema() -> str:
    """Changes when a store made before is of another schema or indexed in another way."""
    package = ROOT / "workstation"
    store = package / "store"
    files = ((store / "migrations" / "versions").glob("*.py"), store.glob("tally.py"), (store / "search").rglob("*.py"))
    hashed = hashlib.sha256()
    for path in sorted(path for some in files for path in some):
        hashed.update(path.read_bytes())
    return hashed.hexdigest()[:16]


def _marker(folder: Path) -> Path:
    return folder / "bigstore.json"


def _quiet(_done: int, _total: int) -> None:
    return


def _fresh_home(folder: Path) -> app.Opened:
    for name in ("home", "recovery", "bigstore.json"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    passphrase = folder / "passphrase"
    passphrase.write_text(PASSPHRASE)
    passphrase.chmod(0o600)
    return app.create_home(Home(folder / "home"), passphrase, folder / "recovery")


def _engine(opened: app.Opened) -> Engine:
    """One connection that trades safety for speed while the store is made."""
    engine = make_engine(opened.home.database, opened.vault.key, size=1)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        for pragma in ("journal_mode = DELETE", "journal_mode = MEMORY", "synchronous = OFF", "cache_size = -3000000",
                       "secure_delete = OFF"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
    return engine


# -- the plan -------------------------------------------------------------------------------------------------------

def plan(conversations: int, messages: int, seed: int, longest: int = 0) -> list[Spot]:
    """Every message in the order of its date. The same for the same numbers."""
    chance = random.Random(f"plan {seed}")
    sizes = [1] * conversations
    weights = [chance.paretovariate(1.6) for _each in range(conversations)]
    for number in chance.choices(range(conversations), weights, k=max(0, messages - longest - conversations)):
        sizes[number] += 1
    sizes[0] += longest
    spots: list[Spot] = []
    for number, size in enumerate(sizes):
        begin = int(chance.random() * SPAN_DAYS * DAY)
        length = min(begin, int(chance.lognormvariate(1.0, 1.0) * DAY) * max(1, size // 8))
        times = sorted(int(chance.random() * length) for _each in range(size - 1))
        at = [END - begin, *(END - begin + each for each in times)]
        spots += [(when // 1_000 * 1_000, number, place) for place, when in enumerate(at)]
    spots.sort()
    return spots


# -- in the preparing processes -------------------------------------------------------------------------------------

def _prepared(seed: int, spots: Sequence[Spot]) -> list[tuple[int, PreparedMail]]:
    detector = Detector()
    return [(number, _one(detector, seed, at, number, place)) for at, number, place in spots]


def _one(detector: Detector, seed: int, at: int, number: int, place: int) -> PreparedMail:
    mail = bigtext.mail(seed, number, place, at)
    ready = prepare_mail(mail, fold, detector, apart=True)
    return ready._replace(language=bigtext.talk(seed, number).language, packed=ready.packed if mail.raw else None)


def _slices(wanted: BigStore, processes: int) -> Iterator[list[tuple[int, PreparedMail]]]:
    """Prepared mails in the order of the plan, a few slices ahead of whoever stores them."""
    spots = plan(wanted.conversations, wanted.messages, wanted.seed, wanted.longest)
    parts = (spots[start : start + SLICE] for start in range(0, len(spots), SLICE))
    if processes == 0:
        yield from (_prepared(wanted.seed, part) for part in parts)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        under_way: deque[Future[list[tuple[int, PreparedMail]]]] = deque()
        for part in parts:
            under_way.append(pool.submit(_prepared, wanted.seed, part))
            if len(under_way) > AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


# -- storing --------------------------------------------------------------------------------------------------------

def _fill(engine: Engine, wanted: BigStore, processes: int, say: Any) -> None:
    rules = load_rules(resources() / "clocks" / "clocks.toml")
    clues = ClueLinker(ConversationClues(Lookups(None)))  # type: ignore[arg-type]  # only `link` reads texts again
    done = 0
    for part in _slices(wanted, processes):
        with engine.begin() as connection:
            for shop in range(len(_SHOPS)):
                _store(connection, shop, [mail for number, mail in part if number % len(_SHOPS) == shop], rules, clues)
        done += len(part)
        say(done, wanted.messages)
    with engine.begin() as connection:
        ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM conversation ORDER BY id")]
        lines.refresh(connection, ids, rules)


def settings(shop: int) -> AccountSettings:
    """The mailbox of a shop. None is connected: nobody waits for a network in a benchmark of the store."""
    channel, store, market = _SHOPS[shop]
    address = f"shop{shop}@shop.example"
    return AccountSettings(address, address, _HERE, _HERE, channel=channel, store=store, market=market)


def _store(
    connection: Connection, shop: int, mails: list[PreparedMail], rules: Sequence[ClockRule], clues: ClueLinker,
) -> None:
    if not mails:
        return
    account = f"account-{shop}"
    batch = Batch(tuple(mails), (), tuple(message_id(account, mail) for mail in mails))
    stored = Arrival(connection, account, settings(shop), {bigtext.OWN.email}, rules).store(batch)
    named: dict[str, tuple[dict[Any, None], dict[str, None]]] = {}
    for mail, each in zip(mails, stored, strict=True):
        mentions, addresses = named.setdefault(each.conversation_id, ({}, {}))
        mentions |= dict.fromkeys(mail.mentions)
        addresses |= dict.fromkeys([] if mail.own else [mail.customer[0]])
    clues.learn(connection, [Named(i, tuple(found), tuple(wrote)) for i, (found, wrote) in named.items()])


def _orders(engine: Engine, conversations: int) -> None:
    """An order for every conversation that has a number; those that never name one have it by their address only."""
    rows, parts = [], []
    for number in range(0, conversations, 2):
        order = bigtext.order_number(number)
        tracking = f"LX{number:09}DE"
        key = str(OrderRef("amazon", "EU Shop", order))
        placed = END - (number * 7_919 % (SPAN_DAYS * 24)) * (DAY // 24)
        rows.append({
            "id": derived_id(placed, "order", key), "platform": "amazon", "store": "EU Shop", "order_id": order,
            "match_key": match_key(order), "buyer_name": f"Buyer {number}", "buyer_email": "", "buyer_key": "",
            "placed_at": placed, "total_minor": 1_990 + number % 9_000, "currency": "EUR", "country": "DE",
            "status": "shipped", "shipped_at": placed + DAY, "tracking_number": tracking,
            "tracking_key": match_key(tracking), "carrier": "DHL",
        })
        parts.append({"order_id": rows[-1]["id"], "position": 0, "sku": f"SKU-{number % 400}", "title": "Kettle 1.7 l",
                      "quantity": 1, "price_minor": rows[-1]["total_minor"], "currency": "EUR"})
    with engine.begin() as connection:
        connection.execute(insert(table(OrderRow)), rows)
        connection.execute(insert(table(OrderLineRow)), parts)


# -- what people did with them ----------------------------------------------------------------------------------------

_LIVED = ("UPDATE conversation SET state = ?, resolved_upto = ?, snoozed_until = ?, dismissed_at = ?, unread = ?, "
          "assignee = ?, tags = ?, muted = ?, review = ?, urgency = ?, risk = ?, issue = ? WHERE id = ?")
_FAILED = ("UPDATE message SET delivery = ?, delivery_sentence = 'The server refused it.' WHERE seq = (SELECT max(seq) "
           "FROM message WHERE conversation_id = ? AND direction = 'out')")


def _live(engine: Engine, seed: int) -> None:
    """States, people, tags and a few replies that failed; then the list's columns follow as after any change."""
    chance = random.Random(f"life {seed}")
    with engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT id, last_at FROM conversation ORDER BY last_at, id").all()
        connection.exec_driver_sql(_LIVED, [_life(chance, i, last_at) for i, last_at in found])
        failed = [(chance.choice(("failed", "unknown")), i) for i, _at in found if chance.random() < 0.003]
        connection.exec_driver_sql(_FAILED, failed or [("failed", "")])
        lines.refresh(connection, [i for i, _at in found], load_rules(resources() / "clocks" / "clocks.toml"))


def _life(chance: random.Random, conversation_id: str, last_at: int) -> tuple[Any, ...]:
    state = chance.choices(("open", "resolved", "snoozed"), (60, 32, 8))[0]
    tags = sorted(set(chance.choices(TAGS, k=chance.choice((0, 0, 0, 1, 2)))))
    return (
        state, last_at if state == "resolved" else 0,
        END + chance.randrange(1, 15) * DAY if state == "snoozed" else None,
        last_at if chance.random() < 0.05 else 0, state == "open" and chance.random() < 0.4,
        chance.choice(MEMBERS) if chance.random() < 0.6 else "", "\n".join(("", *tags, "")) if tags else "",
        chance.random() < 0.01, chance.random() < 0.02, chance.choices((0, 1, 2), (80, 15, 5))[0],
        chance.choices(("", "chargeback", "review"), (95, 2, 3))[0], chance.choice(_ISSUES), conversation_id,
    )


def verify(store: BigStore, sample: int = 200) -> dict[str, int]:
    """Counts, and how many of a sample differ from what the product's own functions work out. All but counts are 0 in
    a store that is as it should be."""
    opened = store.open()
    engine = make_engine(opened.home.database, opened.vault.key, size=1)
    try:
        with engine.connect() as connection, connection.begin() as transaction:
            found = {name: int(connection.exec_driver_sql(sql).scalar() or 0) for name, sql in _COUNTS.items()}
            ids = [row[0] for row in connection.exec_driver_sql("SELECT id FROM conversation ORDER BY id")]
            chosen = random.Random(store.seed).sample(ids, min(sample, len(ids)))
            before = _shown(connection, chosen)
            lines.refresh(connection, chosen, load_rules(resources() / "clocks" / "clocks.toml"))
            after = _shown(connection, chosen)
            found["differing"] = sum(one != other for one, other in zip(before, after, strict=True))
            transaction.rollback()
        return found
    finally:
        engine.dispose()


def _shown(connection: Connection, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    query = f"SELECT id, {', '.join(lines.COLUMNS)} FROM conversation WHERE id = ?"  # noqa: S608
    return [tuple(connection.exec_driver_sql(query, (each,)).one()) for each in ids]


_COUNTS = {
    "conversations": "SELECT count(*) FROM conversation",
    "messages": "SELECT count(*) FROM message",
    "indexed": "SELECT count(*) FROM message_index_docsize",
    "links": "SELECT count(*) FROM order_link",
    "sources": "SELECT count(*) FROM mail_body WHERE raw IS NOT NULL",
    "empty": "SELECT count(*) FROM conversation c WHERE NOT EXISTS (SELECT 1 FROM message m "
             "WHERE m.conversation_id = c.id)",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.bigstore", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--conversations", type=int, default=200_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=int, default=0, help="conversation 0 has so many messages more")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()

    def say(done: int, total: int) -> None:
        sys.stderr.write(f"\r{done:,} of {total:,}")

    made = build(chosen.out, chosen.conversations, chosen.messages, chosen.seed, longest=chosen.longest,
                 processes=chosen.processes, say=say)
    sys.stdout.write(json.dumps({**asdict(made), "folder": str(made.folder), **verify(made)}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
