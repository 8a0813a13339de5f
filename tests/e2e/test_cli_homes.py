"""Commands about what a home is connected to, and about a hub's devices, as processes of their own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, quick
from workstation.connectors.simulated.mail import MailServers
from workstation.evidence.signing import SECRET_NAME
from workstation.hub import commands
from workstation.kernel.secrets import Secrets
from workstation.store.secrets import DEVICE_SECRETS
from workstation.sync.facts import TOKEN_SECRET
from workstation.sync.service import SyncService

ADDRESS, PASSWORD = "seller@shop.example", "a password of this test"
TOKEN = "the token of this test"


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return quick(tmp_path)


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def secrets_of(sync: SyncService) -> Secrets:
    return sync._secrets


def device_of(home: Path) -> str:
    return str(json.loads((home / "home.json").read_text())["device"])


def test_what_makes_a_device_is_named_as_its_users_name_it() -> None:
    assert set(DEVICE_SECRETS) == {SECRET_NAME, TOKEN_SECRET}


async def test_a_copied_home_becomes_a_device_of_its_own(cli: Cli, tmp_path: Path) -> None:
    async with opened(cli) as running:
        for name in DEVICE_SECRETS:
            secrets_of(running.sync).set(name, b"k" * 32)
    shutil.copytree(cli.home, tmp_path / "copy")
    copy = Cli(tmp_path, tmp_path / "copy", cli.environment)
    recovery, passphrase = tmp_path / "home.recovery", cli.environment["WORKSTATION_PASSPHRASE_FILE"]
    assert "--recover" in cli.refused("init", "--new-device", "--recovery-out", tmp_path / "another")
    copy("init", "--recover", recovery, "--passphrase-file", passphrase)
    assert device_of(copy.home) == device_of(cli.home)
    copy("init", "--recover", recovery, "--new-device", "--passphrase-file", passphrase)
    assert device_of(copy.home) != device_of(cli.home)
    async with opened(copy) as running:
        assert [secrets_of(running.sync).get(name) for name in DEVICE_SECRETS] == [None, None]
    async with opened(cli) as running:
        assert secrets_of(running.sync).get(DEVICE_SECRETS[1]) == b"k" * 32


def test_a_recovery_says_what_is_not_as_it_was(cli: Cli, tmp_path: Path) -> None:
    loose = file(tmp_path, "loose", "a pass phrase that anyone can read")
    loose.chmod(0o644)
    said = cli("init", "--recover", tmp_path / "home.recovery", "--passphrase-file", loose).err.splitlines()
    assert len(said) == 2
    assert "loose" in said[0]
    assert "opens again" in said[1]


def test_a_source_is_removed_with_its_token(cli: Cli, tmp_path: Path) -> None:
    token = file(tmp_path, "token", TOKEN)
    cli("source", "add", "shopify", "--store", "lumen.myshopify.com", "--token-file", token)
    cli("source", "add", "17track", "--token-file", token)
    assert "shopify" in cli.refused("source", "remove", "shopify")
    cli("source", "remove", "shopify", "lumen.myshopify.com")
    assert cli("source", "list").out.split() == ["17track"]
    cli("source", "remove", "17track")
    assert cli("source", "list").out == ""
    assert "not connected" in cli.refused("source", "remove", "17track")


def test_a_mailbox_whose_sent_folder_has_another_name(cli: Cli, tmp_path: Path) -> None:
    servers = MailServers({ADDRESS: PASSWORD}, folders=("INBOX", "Gesendet"))
    servers.start()
    try:
        add = ("mailbox", "add", ADDRESS, "--imap", f"localhost:{servers.imap_port}", "--smtp",
               f"localhost:{servers.smtp_port}", "--security", "plain", "--password-file",
               file(tmp_path, "password", PASSWORD))
        cli(*add, "--sent-folder", "Gesendet")
    finally:
        servers.stop()
    (account,) = cli("mailbox", "list", "--json").json
    assert account["settings"]["sent_folder"] == "Gesendet"


@pytest.mark.long
def test_a_hubs_devices_are_listed_and_shut_out_and_its_files_verified(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    cli("hub", "init", "--folder", folder, home=False)
    with cli.serving("hub", "serve", "--folder", folder, "--port", "0", said=lambda line: "http://" in line) as line:
        url = line.split()[-1].rstrip(".")
        cli("sync", "--connect", commands.invite(folder, "agent", url))
        listed = cli("hub", "devices", "--folder", folder, home=False).out
        device = device_of(cli.home)
        assert listed.startswith(device)
        assert len(listed.split()[-1]) == 16
        cli("hub", "revoke", "--folder", folder, device, home=False)
        assert "revoked" in cli("hub", "devices", "--folder", folder, home=False).out
        assert "new invite" in cli.refused("sync")
        cli("sync", "--connect", commands.invite(folder, "agent", url))
    assert "no device" in cli.refused("hub", "revoke", "--folder", folder, "nobody", home=False)
    assert cli("hub", "verify", "--folder", folder, home=False).out.startswith("Files: 0.")
    cli("hub", "renew-epoch", "--folder", folder, home=False)


def test_a_hub_that_is_to_serve_others_names_the_options_it_has(cli: Cli, tmp_path: Path) -> None:
    cli("hub", "init", "--folder", tmp_path / "hub", home=False)
    line = cli.refused("hub", "serve", "--folder", tmp_path / "hub", "--host", "192.0.2.1", home=False)
    assert "--certificate" in line
    text = cli("hub", "serve", "--help", home=False).out
    assert all(option in text for option in ("--certificate", "--key"))
