"""What goes wrong in daily use: each time one line that says what happened, what was kept and what to do, and a home
that afterwards opens and holds what it held."""

from __future__ import annotations

import os
import resource
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, quick
from tests.support.homes import copy_home
from tests.support.mail import ADDRESS, PASSWORD, make_certificate
from tests.support.mail_smtp import postman
from workstation.connectors.simulated.mail import MailServers
from workstation.hub import commands as hub
from workstation.hub.server import HubServer
from workstation.inbox.model import ListQuery
from workstation.kernel.paths import Home
from workstation.store import vault
from workstation.store.engine import SCHEMA_VERSION, execute_once

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A home that holds one mail."""
    cli = quick(tmp_path_factory.mktemp("bad"))
    (cli.folder / "kept.eml").write_bytes(mail("kept", "Kept kettle"))
    cli("import", "mail", "kept.eml")
    return cli


@pytest.fixture
def cli(made: Cli, tmp_path: Path) -> Cli:
    copy_home(made.home, tmp_path / "home", Path(made.environment["WORKSTATION_PASSPHRASE_FILE"]))
    return Cli(tmp_path, tmp_path / "home", made.environment)


def mail(name: str, subject: str, *, head: str = "", body: str = "Where is my parcel?") -> bytes:
    return (
        f"Message-ID: <{name}@buyer.example>\r\nFrom: Ana Souza <ana@buyer.example>\r\nTo: {ADDRESS}\r\n"
        f"Subject: {subject}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n{head}\r\n{body}\r\n"
    ).encode()


def holds_what_it_held(cli: Cli) -> bool:
    return cli("search", "kettle").out.rstrip().endswith("Kept kettle")


def password_file(folder: Path, text: str) -> Path:
    file = folder / "password"
    file.write_text(text)
    return file


def refused_mailbox(cli: Cli, imap: int, smtp: int, password: str, *more: str) -> str:
    result = cli(
        "mailbox", "add", ADDRESS, "--imap", f"localhost:{imap}", "--smtp", f"localhost:{smtp}", *more,
        "--password-file", password_file(cli.folder, password), code=2)
    assert "✕" in result.out
    assert cli("mailbox", "list", "--json").json == []
    return result.line


def test_a_wrong_password(cli: Cli) -> None:
    servers = MailServers({ADDRESS: PASSWORD})
    servers.start()
    try:
        line = refused_mailbox(cli, servers.imap_port, servers.smtp_port, "wrong", "--security", "plain")
        assert "refused the name or the password" in line
        assert "nothing was saved" in line
        assert "Check both" in line
    finally:
        servers.stop()
    assert holds_what_it_held(cli)


def test_a_certificate_nobody_vouches_for(cli: Cli, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with postman(tls=context) as (_handler, port):
        line = refused_mailbox(cli, port, port, PASSWORD)
        assert "certificate of localhost is not signed by an authority this computer knows" in line
        assert "nothing was saved" in line
        assert "certificate authority's file" in line
        gone = refused_mailbox(cli, port, port, PASSWORD, "--ca-file", str(tmp_path / "no-such.pem"))
        assert "no-such.pem" in gone
    away = refused_mailbox(cli, port, port, PASSWORD)
    assert "does not answer" in away


async def test_broken_mails_are_kept_as_they_came(cli: Cli, tmp_path: Path) -> None:
    multipart = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    broken = {
        "never-closed": mail("never", "Broken one", head=multipart, body="--b\r\n\r\nhello"),
        "no-boundary": mail("none", "Broken two", head="MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n"),
        "bad-base64": mail("base64", "Broken three", head="Content-Transfer-Encoding: base64\r\n", body="@@@@ none"),
        "bad-charset": mail("charset", "Broken four", head="Content-Type: text/plain; charset=x-nonsense\r\n"),
        "bad-words": b"From: =?utf-8?q?=ff=fe?= <ana@buyer.example>\r\nSubject: Broken five =?x?y?z?=\r\n"
                     b"Date: never\r\n\r\n\xff\xfe",
    }
    folder = tmp_path / "broken"
    folder.mkdir()
    for name, raw in broken.items():
        (folder / f"{name}.eml").write_bytes(raw)
    (folder / "no-mail.eml").write_bytes(os.urandom(2000))
    (folder / "empty.eml").write_bytes(b"")
    report = cli("import", "mail", folder, "--json").json
    assert (report["seen"], report["new"]) == (7, 5)
    assert sorted(Path(bad["where"]).name for bad in report["bad"]) == ["empty.eml", "no-mail.eml"]
    assert all(bad["why"].endswith(".") for bad in report["bad"])
    assert holds_what_it_held(cli)
    async with opened(cli) as running:
        rows = (await running.core.inbox.page(ListQuery(queue="all", search="broken"))).rows
        raws = [
            await running.core.inbox.raw_source(message.id) for row in rows
            for message in (await running.core.inbox.conversation(row.id)).messages
        ]
    assert sorted(raws) == sorted(broken.values())


async def test_a_mail_of_fifty_megabytes_and_one_too_large(cli: Cli, tmp_path: Path) -> None:
    line = b"A" * 76 + b"\r\n"
    head = (
        'MIME-Version: 1.0\r\nContent-Type: application/octet-stream; name="video.mp4"\r\n'
        "Content-Transfer-Encoding: base64\r\n"
    )
    large = mail("large", "Large one", head=head, body="")[:-2] + line * (50 * MEGABYTE // len(line))
    (tmp_path / "large.eml").write_bytes(large)
    (tmp_path / "huge.eml").write_bytes(large + line * (20 * MEGABYTE // len(line)))
    report = cli("import", "mail", tmp_path, "--json").json
    assert (report["seen"], report["new"]) == (2, 1)
    assert [Path(bad["where"]).name for bad in report["bad"]] == ["huge.eml"]
    assert "64 MB" in report["bad"][0]["why"]
    assert holds_what_it_held(cli)
    async with opened(cli) as running:
        row = (await running.core.inbox.page(ListQuery(queue="all", search="large"))).rows[0]
        message = (await running.core.inbox.conversation(row.id)).messages[0]
        assert await running.core.inbox.raw_source(message.id) == large
        assert [file.name for file in message.attachments] == ["video.mp4"]


@pytest.mark.parametrize("name", [
    "../../x", "C:\\x", *(pytest.param(name, marks=pytest.mark.long) for name in ("..\\..\\x", "/etc/x", "a/../../x"))])
async def test_an_attachment_that_wants_to_leave_its_folder(cli: Cli, tmp_path: Path, name: str) -> None:
    quoted = name.replace("\\", "\\\\")
    head = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    disposition = f'Content-Disposition: attachment; filename="{quoted}"'
    plain = "--b\r\nContent-Type: text/plain\r\n"
    body = f"{plain}\r\nsee file\r\n{plain}{disposition}\r\n\r\nthe file\r\n--b--"
    (tmp_path / "one.eml").write_bytes(mail("one", "Sneaky one", head=head, body=body))
    before = set(tmp_path.parent.rglob("x"))
    async with opened(cli) as running:
        assert (await running.core.inbox.import_mail(tmp_path / "one.eml")).new == 1
        row = (await running.core.inbox.page(ListQuery(queue="all", search="sneaky"))).rows[0]
        file = (await running.core.inbox.conversation(row.id)).messages[0].attachments[0]
        assert file.name == Path(file.name).name == "x"
        assert (await running.core.inbox.attachment(file.id))[2].rstrip() == b"the file"
    assert set(tmp_path.parent.rglob("x")) == before


@pytest.mark.parametrize(("content", "said"), [
    ("order_id,title\nG-1,caf\u00e9\n".encode("latin-1"), "UTF-8"),
    ("order_id,title\nG-1,lamp\n".encode("utf-16-le"), "UTF-8"),
    (b"order_id;title\nG-1;lamp\n", "separated"),
    (b"order_id\ttitle\nG-1\tlamp\n", "separated"),
    (b"colour,size\nred,1\n", ""),
    (b"\x89PNG\r\n\x1a\n\x00\x00", ""),
    (b"", "empty"),
], ids=["latin-1", "utf-16 without its mark", "semicolons", "tabs", "other columns", "a picture", "nothing"])
def test_an_order_file_that_is_none(cli: Cli, tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "orders.csv").write_bytes(content)
    line = cli.refused("import", "orders", "orders.csv", "--json")
    assert "orders.csv" in line
    assert "nothing was imported" in line.lower()
    assert said in line
    assert line.count(". ") >= 1, "a remedy follows"


def test_a_wrong_recovery_key(cli: Cli, made: Cli, tmp_path: Path) -> None:
    other = quick(tmp_path, "other")
    named = tmp_path / "passphrase"
    before = (cli.home / "home.json").read_bytes()
    line = cli.refused("init", "--recover", tmp_path / "other.recovery", "--passphrase-file", named)
    assert "another home; nothing was changed" in line
    right = (made.folder / "home.recovery").read_text()
    key = right.splitlines()[-1]
    swapped = key[:2] + ("A" if key[2] != "A" else "B") + key[3:]
    (tmp_path / "mistyped").write_text(swapped)
    mistyped = cli.refused("init", "--recover", tmp_path / "mistyped", "--passphrase-file", named)
    assert "Nothing was changed" in mistyped
    assert key not in mistyped + line
    assert "no-such" in cli.refused("init", "--recover", tmp_path / "no-such", "--passphrase-file", named)
    assert (cli.home / "home.json").read_bytes() == before
    assert holds_what_it_held(cli)
    assert other.home.exists()


def test_a_newer_database(cli: Cli) -> None:
    key = vault_key(cli)
    execute_once(cli.home / "workstation.db", key, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for command in (("search", "kettle"), ("import", "mail", cli.folder / "home"), ("check", "1")):
        line = cli.refused(*command)
        assert "newer version of Workstation; nothing was changed" in line
        assert "Update the program" in line
    doctor = cli("doctor", "--json", code=1).json
    assert any("newer" in finding["detail"] for finding in doctor)


def vault_key(cli: Cli) -> bytes:
    return vault.open_home(Home(cli.home), passphrase_file=Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"])).key


def test_a_database_that_is_none_any_more(cli: Cli) -> None:
    content = (cli.home / "workstation.db").read_bytes()
    (cli.home / "workstation.db").write_bytes(os.urandom(4096) + content[4096:])
    assert "does not open this store; nothing was changed" in cli.refused("search", "kettle")
    (cli.home / "workstation.db").write_bytes(content)
    assert holds_what_it_held(cli)


def test_a_hub_that_is_away_loses_nothing(cli: Cli, tmp_path: Path) -> None:
    hub.init(tmp_path / "hub", "Hub")
    server = HubServer(tmp_path / "hub")
    url = server.start()
    port = int(url.rpartition(":")[2])
    try:
        cli("sync", "--connect", hub.invite(tmp_path / "hub", "owner", url))
    finally:
        server.stop()
    (tmp_path / "new.eml").write_bytes(mail("new", "New lamp"))
    cli("import", "mail", "new.eml")
    line = cli.refused("sync", "--json")
    assert "kept" in line
    assert "invite" in cli.refused("sync", "--connect", "nonsense")
    server = HubServer(tmp_path / "hub", port=port)
    server.start()
    try:
        report = cli("sync", "--json").json
        assert (report["pushed"], report["digest_equal"]) == (2, True)
    finally:
        server.stop()


@pytest.mark.long
def test_a_full_disk(cli: Cli, tmp_path: Path) -> None:
    """A volume of a few megabytes, or, where none can be mounted, a limit on the size of any file."""
    many = tmp_path / "many.mbox"
    many.write_bytes(b"".join(
        b"From ana Fri Nov 20 10:00:00 2026\n" + mail(f"m{n}", f"Number {n}", body=os.urandom(60_000).hex()) + b"\n"
        for n in range(60)))
    with volume(tmp_path, "size=5m") as place:
        small = cli
        if place is not None:
            copy_home(cli.home, place / "home", Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
            small = Cli(tmp_path, place / "home", cli.environment)
        limit = None if place is not None else 2 * MEGABYTE
        line = run_limited(small, limit, "import", "mail", many)
        assert "kept" in line or "changed" in line
        assert holds_what_it_held(small)
        if place is not None:
            assert "disk is full" in line
            copy_home(place / "home", tmp_path / "moved", Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
            after = Cli(tmp_path, tmp_path / "moved", cli.environment)
            assert after("import", "mail", many, "--json").json["seen"] == 60
            assert len(after("search", "Number", "--json", "--limit", 100).json) == 60


def run_limited(cli: Cli, limit: int | None, *arguments: object) -> str:
    def less() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        cli.command(*arguments), cwd=cli.folder, env=cli.variables({}), capture_output=True, preexec_fn=less,
        timeout=120, check=False)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == 2, lines
    assert len(lines) == 1, lines
    return lines[0]


@contextmanager
def volume(folder: Path, options: str) -> Iterator[Path | None]:
    """A file system of its own; None where this user may not mount one."""
    place = folder / "volume"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_folder_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "new.eml").write_bytes(mail("new", "New lamp"))
    with read_only(cli, tmp_path) as locked:
        line = locked.refused("import", "mail", "new.eml")
        assert "cannot be written" in line
        assert "--home" in line
        assert len(locked("search", "kettle", "--json").json) == 1   # what only reads is answered
        assert any(not finding["ok"] for finding in locked("doctor", "--json", code=1).json)
        fresh_home = Cli(tmp_path, locked.home.parent / "new", cli.environment)
        assert "could not" in (said := fresh_home.refused("search", "x")) or "cannot" in said
    assert holds_what_it_held(cli)


@contextmanager
def read_only(cli: Cli, folder: Path) -> Iterator[Cli]:
    """The home where nothing can be written: a volume mounted so, or folders without the right to write."""
    if os.getuid() != 0:
        folders = [path for path in (cli.home, *cli.home.rglob("*")) if path.is_dir()]
        for path in folders:
            path.chmod(0o500)
        try:
            yield cli
        finally:
            for path in folders:
                path.chmod(0o700)
        return
    with volume(folder, "size=50m") as place:
        if place is None:
            pytest.skip("nothing can be mounted here, and to this user no folder is read-only")
        copy_home(cli.home, place / "home", Path(cli.environment["WORKSTATION_PASSPHRASE_FILE"]))
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        yield Cli(folder, place / "home", cli.environment)
