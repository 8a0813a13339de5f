"""A home that was lost after it spoke with the hub again, and restored from an older backup: it connects anew, gets
what the hub has meanwhile, and gives nothing twice."""

from __future__ import annotations

import mailbox
import sqlite3
from pathlib import Path

from tests.support.cli import Cli, prepared
from tests.support.hub import HubHouse, running_hub
from tests.support.mail import raw_mail
from workstation import app
from workstation.kernel.paths import Home
from workstation.store.engine import execute_once


def mails(folder: Path, name: str, count: int) -> Path:
    made = folder / f"{name}.mbox"
    box = mailbox.mbox(made)
    for number in range(count):
        box.add(raw_mail(f"{name}-{number}"))
    box.close()
    return made


def messages(cli: Cli) -> int:
    key = app.open_home(Home(cli.home), Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])).vault.key
    return int(execute_once(Home(cli.home).database, key, "SELECT count(*) FROM message")[0])


def twice(hub: HubHouse) -> list[tuple[str, str]]:
    """What the hub holds more than once under different names: messages of the same content."""
    with sqlite3.connect(str(hub.folder / "hub.db")) as connection:
        query = ("SELECT collection, json_extract(body, '$.content_key') k FROM entity WHERE k IS NOT NULL "
                 "GROUP BY collection, k HAVING count(*) > 1")
        return list(connection.execute(query))


def test_a_restored_home_connects_anew_and_gives_nothing_twice(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    with running_hub(tmp_path / "hub") as hub:
        cli("sync", "--connect", hub.invite())
        cli("import", "mail", mails(tmp_path, "early", 3))
        cli("sync")
        cli("store", "backup", tmp_path / "backup")
        cli("import", "mail", mails(tmp_path, "late", 2))
        cli("sync")
        assert messages(cli) == 5
        entities = {name: hub.entities(name) for name in ("conversation", "message")}
        changes = hub.rows("SELECT count(*) FROM change WHERE collection IN ('conversation', 'message')")

        again = Cli(tmp_path, tmp_path / "again", cli.environment)
        again("store", "restore", tmp_path / "backup")
        assert messages(again) == 3
        assert "invite" in again.refused("sync"), "it is not the lost device, and does not pass for it"
        again("sync", "--connect", hub.invite())
        report = again("sync", "--json").json
        assert report["digest_equal"] is True
        assert {name: hub.entities(name).keys() for name in entities} == {
            name: found.keys() for name, found in entities.items()}
        assert hub.rows("SELECT count(*) FROM change WHERE collection IN ('conversation', 'message')") == changes
        assert twice(hub) == []
