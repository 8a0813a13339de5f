"""Every command as a process of its own: what it prints where, how it ends, and what the next command finds."""

from __future__ import annotations

import json
import mailbox
import os
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.support.cli import Cli, fresh, quick, wait_for
from tests.support.evidence_x11 import xvfb
from tests.support.homes import copy_home
from tests.support.paced import Pace
from workstation.demo import page
from workstation.store.lock import HomeLock

ORDER = "702-1234567-7654321"
CHECKS = ["order", "delivery", "tracking", "promise", "return_window", "refund"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    return quick(tmp_path_factory.mktemp("cli"))


@pytest.fixture
def cli(made: Cli, tmp_path: Path) -> Cli:
    """A home of this test's own, as `init` left it."""
    copy_home(made.home, tmp_path / "home", Path(made.environment["WORKSTATION_PASSPHRASE_FILE"]))
    return Cli(tmp_path, tmp_path / "home", made.environment)


def mail(name: str, subject: str, body: str = "Where is my parcel?") -> bytes:
    return (
        f"Message-ID: <{name}@buyer.example>\r\nFrom: Ana Souza <ana@buyer.example>\r\nTo: help@shop.example\r\n"
        f"Subject: {subject}\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n\r\n{body}\r\n"
    ).encode()


def orders(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n")
    return file


GENERIC = ("order_id,store,platform,buyer_email,placed_at,currency,total,country,status,shipped_at,promised_at,"
           "delivered_at,tracking_number,refunded_amount")


def test_a_new_home_is_made_once_and_its_recovery_key_opens_it_again(tmp_path: Path) -> None:
    cli = fresh(tmp_path)
    recovery = tmp_path / "home.recovery"
    assert recovery.stat().st_mode & 0o077 == 0
    assert "already" in cli.refused(
        "init", "--passphrase-file", tmp_path / "passphrase", "--recovery-out", tmp_path / "second")
    assert not (tmp_path / "second").exists()
    other = tmp_path / "other"
    other.write_text("another pass phrase")
    other.chmod(0o600)
    lost = Cli(tmp_path, cli.home, {"WORKSTATION_PASSPHRASE_FILE": str(other)})
    assert "does not open this home" in lost.refused("search", "x")
    cli("init", "--recover", recovery, "--passphrase-file", other)
    lost("search", "x", code=1)


def test_without_keyring_and_passphrase_the_remedy_is_named(tmp_path: Path) -> None:
    cli = Cli(tmp_path, tmp_path / "home")
    assert "--passphrase-file" in cli.refused("init", "--recovery-out", tmp_path / "recovery")
    assert "WORKSTATION_PASSPHRASE_FILE" in cli.refused("search", "x")
    assert "--recovery-out" in cli.refused("init")
    assert not (tmp_path / "recovery").exists()
    assert not (tmp_path / "home" / "home.json").exists()


def test_a_passphrase_file_in_the_environment_lets_any_command_make_a_home(made: Cli, tmp_path: Path) -> None:
    own = tmp_path / "passphrase"
    own.write_text("a pass phrase of this test")
    own.chmod(0o600)
    cli = Cli(tmp_path, tmp_path / "new", {"WORKSTATION_PASSPHRASE_FILE": str(own)})
    (tmp_path / "one.eml").write_bytes(mail("one", "A sledge"))
    assert cli("import", "mail", "one.eml", "--json").json == {"seen": 1, "new": 1, "updated": 0, "bad": []}
    assert cli("search", "sledge").out.endswith("A sledge\n")
    recovery = [file for file in tmp_path.iterdir() if "recovery" in file.name]
    assert len(recovery) == 1
    cli("init", "--recover", recovery[0], "--passphrase-file", own)


def test_mail_is_imported_once_from_every_kind_of_file_and_found(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    box = mailbox.mbox(tmp_path / "two.mbox")
    box.add(mail("two", "Red kettle"))
    box.add(mail("three", "包裹在哪里"))
    box.close()
    maildir = mailbox.Maildir(tmp_path / "Maildir")
    maildir.add(mail("four", "Green lamp"))
    maildir.add(mail("one", "Blue kettle"))
    assert cli("import", "mail", "one.eml", "--json").json == {"seen": 1, "new": 1, "updated": 0, "bad": []}
    assert cli("import", "mail", "two.mbox", "--json").json == {"seen": 2, "new": 2, "updated": 0, "bad": []}
    assert cli("import", "mail", "Maildir", "--json").json == {"seen": 2, "new": 1, "updated": 0, "bad": []}
    again = cli("import", "mail", "two.mbox")
    assert again.out == "2 seen, 0 new, 0 updated, 0 bad.\n"
    assert again.err == ""

    found = cli("search", "kettle", "--json").json
    assert sorted(row["subject"] for row in found) == ["Blue kettle", "Red kettle"]
    assert [row["subject"] for row in cli("search", "包裹", "--json").json] == ["包裹在哪里"]
    assert len(cli("search", "kettle", "--limit", 1, "--json").json) == 1
    assert cli("search", "teapot", "--json", code=1).json == []
    assert cli("search", "teapot", code=1).out == ""


def test_orders_are_imported_from_three_formats_and_never_double(cli: Cli, tmp_path: Path) -> None:
    amazon = orders(
        tmp_path, "orders.tsv",
        "order-id\tpurchase-date\tsku\tproduct-name\tquantity-purchased\tcurrency\titem-price\tship-country",
        f"{ORDER}\t2026-11-02T10:00:00+00:00\tK1\tKettle\t1\tBRL\t129.90\tBR",
    )
    shopify = orders(
        tmp_path, "shopify.csv",
        "Name,Email,Financial Status,Fulfillment Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price",
        "#1001,ana@buyer.example,paid,,EUR,20.00,2026-11-02 10:00:00 +0000,1,Lamp,20.00",
    )
    generic = orders(
        tmp_path, "generic.csv", GENERIC,
        "G-1,berlin,,ana@buyer.example,2026-11-02,EUR,10.00,DE,shipped,2026-11-03,2026-11-30,,,0",
        "G-2,berlin,,ana@buyer.example,2026-11-02,EUR,ten,DE,,,,,,",
    )
    for file in (amazon, shopify):
        assert cli("import", "orders", file.name, "--json").json == {"seen": 1, "new": 1, "updated": 0, "bad": []}
    first = cli("import", "orders", generic.name, "--json").json
    assert (first["seen"], first["new"], first["updated"]) == (2, 1, 0)
    assert [bad["where"] for bad in first["bad"]] == ["line 3"]
    assert "ten" in first["bad"][0]["why"]

    generic.write_text(generic.read_text().replace("10.00", "12.00"))
    again = cli("import", "orders", generic.name)
    assert again.out == "2 seen, 0 new, 1 updated, 1 bad.\n"
    assert again.line.startswith("line 3: ")
    assert cli("check", "G-1", "--json").json["order"]["order_id"] == "G-1"


def test_check_says_yes_no_and_which(cli: Cli, tmp_path: Path) -> None:
    file = orders(
        tmp_path, "generic.csv", GENERIC,
        "G-1,berlin,,ana@buyer.example,2026-11-02,EUR,10.00,DE,shipped,2026-11-03,2026-11-10,,,0",
        "G-9,berlin,,ana@buyer.example,2026-11-02,EUR,10.00,DE,shipped,2026-11-03,2026-11-10,,,0",
        "G-9,lisboa,,eva@buyer.example,2026-11-02,EUR,11.00,PT,shipped,2026-11-03,2026-11-30,,,0",
    )
    cli("import", "orders", file)
    late = cli("check", "G-1", "--json", code=1).json
    verdicts = {check["id"]: check["verdict"] for check in late["checks"]}
    assert list(verdicts) == CHECKS
    assert (verdicts["promise"], verdicts["refund"], verdicts["delivery"]) == ("fail", "pass", "pass")
    assert all({"id", "verdict", "fact", "source", "age_s"} <= check.keys() for check in late["checks"])
    assert "✕ promise" in cli("check", "G-1", code=1).out
    before = cli("check", "G-1", "--at", "2026-11-09", "--json").json
    assert before["at"].startswith("2026-11-09T00:00:00")
    assert {check["id"]: check["verdict"] for check in before["checks"]}["promise"] != "fail"

    which = cli.refused("check", "G-9", "--json")
    assert "berlin/G-9" in which
    assert "lisboa/G-9" in which
    assert cli("check", "lisboa/G-9", "--json").json["order"]["store"] == "lisboa"
    unknown = cli("check", "nothing-1", "--json").json
    assert {check["verdict"] for check in unknown["checks"]} == {"unknown"}
    assert "2026-11-21" in cli.refused("check", "G-1", "--at", "yesterday")


def test_translate_goes_line_by_line_and_says_what_it_did(cli: Cli) -> None:
    text = f"Onde está o pedido {ORDER}?\n\nPaguei R$ 129,90.\n".encode()
    plain = cli("translate", "--from", "pt", "--to", "en", stdin=text).out
    lines = plain.split("\n")
    assert len(lines) == 4
    assert ORDER in lines[0]
    assert lines[1] == lines[3] == ""
    assert "129" in lines[2]
    answers = cli("translate", "--from", "pt", "--to", "en", "--json", stdin=text).out.splitlines()
    assert len(answers) == 3
    for line in map(json.loads, answers):
        assert set(line) == {"source", "target", "engine", "pivot", "memory", "terms", "lost"}
        assert line["lost"] == []
    assert json.loads(answers[0])["target"] == lines[0]
    assert "German" in cli.refused("translate", "--from", "de", "--to", "en", stdin=b"Guten Tag\n")
    assert cli("translate", "--from", "pt", "--to", "en", stdin=b"").out == ""


def test_a_window_is_captured_by_its_id(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    cli("import", "mail", "one.eml")
    case = cli("search", "kettle", "--json").json[0]["id"]
    with xvfb(1_200, 700) as display, page.shown(display, "Parcel 42", ["delivered"]):
        found = cli("evidence", "windows", "--json", DISPLAY=display).json
        assert [(one["title"], one["width"]) for one in found] == [("Parcel 42", 900)]
        assert "Parcel 42" in cli("evidence", "windows", DISPLAY=display).out
        record = cli("evidence", "capture", "--case", case, "--window", found[0]["id"], "--json", DISPLAY=display).json
        both = cli.refused("evidence", "capture", "--case", case, "--window", "0x1", "--rect", "0,0,9,9",
                           DISPLAY=display)
        gone = cli.refused("evidence", "capture", "--case", case, "--window", "0x1", DISPLAY=display)
    assert (record["title"], record["width"], record["height"]) == ("Parcel 42", 900, 420)
    assert "--window alone" in both
    assert "not on the desktop" in gone


def test_evidence_is_captured_listed_verified_exported_and_tampering_is_named(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    cli("import", "mail", "one.eml")
    case = cli("search", "kettle", "--json").json[0]["id"]
    with xvfb(640, 400) as display:
        blank = ("evidence", "capture", "--case", case, "--rect", "10,20,300,200", "--json")
        assert "single colour" in cli.refused(*blank, DISPLAY=display)
        record = cli(*blank, "--even-blank", DISPLAY=display).json
        assert "not inside" in cli.refused(
            "evidence", "capture", "--case", case, "--rect", "600,300,100,200", DISPLAY=display)
    assert (record["width"], record["height"], record["case_id"], record["real_screen"]) == (300, 200, case, True)
    assert [each["id"] for each in cli("evidence", "list", "--case", case, "--json").json] == [record["id"]]
    assert cli("evidence", "verify", "--all", "--json").json["intact"] is True
    pack = tmp_path / "pack.zip"
    assert cli("evidence", "export", "--case", case, "--out", pack).out.strip() == str(pack)
    assert "exists" in cli.refused("evidence", "export", "--case", case, "--out", pack)
    assert cli("evidence", "verify", pack, "--json").json["intact"] is True

    changed = change_first_picture(pack, tmp_path / "changed.zip")
    report = cli("evidence", "verify", tmp_path / "changed.zip", "--json", code=1).json
    assert report["intact"] is False
    assert any(changed.rpartition("/")[2] in finding["where"] + finding["what"] for finding in report["findings"])
    torn = tmp_path / "torn.zip"
    torn.write_bytes(pack.read_bytes()[:-200])
    cli.refused("evidence", "verify", torn)
    cli.refused("evidence", "verify", tmp_path / "no-such.zip")
    cli.refused("evidence", "verify")

    sealed = max((path for path in (cli.home / "blobs").rglob("*") if path.is_file()), key=lambda p: p.stat().st_size)
    sealed.write_bytes(sealed.read_bytes()[:-1] + b"\x00\x01")
    assert record["id"] in cli("evidence", "verify", "--all", code=1).out


def change_first_picture(pack: Path, target: Path) -> str:
    """A copy of the pack in which one byte of its picture differs; returns the picture's name in it."""
    with zipfile.ZipFile(pack) as source, zipfile.ZipFile(target, "w") as copy:
        name = next(each for each in source.namelist() if each.endswith(".png"))
        for each in source.namelist():
            content = source.read(each)
            copy.writestr(each, content[:-1] + bytes([content[-1] ^ 1]) if each == name else content)
    return name


def test_a_hub_is_made_invites_serves_and_two_homes_agree(cli: Cli, tmp_path: Path) -> None:
    assert "/#" in cli("hub", "init", "--folder", tmp_path / "hub", home=False).out
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    cli("import", "mail", "one.eml")
    assert "hub" in cli.refused("sync")
    hub = ("--folder", tmp_path / "hub")
    with cli.serving("hub", "serve", *hub, "--port", 0, said=lambda line: "http://" in line) as line:
        url = line[line.index("http://"):].split()[0].rstrip(".")
        invites = [cli("hub", "invite", *hub, "--role", role, "--url", url, home=False).out.strip()
                   for role in ("owner", "agent")]
        report = cli("sync", "--connect", invites[0], "--json").json
        assert report["pushed"] >= 2
        assert (report["refused"], report["digest_equal"]) == (0, True)
        assert cli("sync", "--json").json["pushed"] == 0
        second = quick(tmp_path, "second")
        assert second("sync", "--connect", invites[1], "--json").json["digest_equal"] is True
        assert second("search", "kettle").out.endswith("Blue kettle\n")
        assert "invite" in Cli(tmp_path, tmp_path / "second", cli.environment).refused("sync", "--connect", invites[0])
    assert "role" in cli.refused("hub", "invite", "--folder", tmp_path / "hub", "--role", "emperor", home=False)
    assert cli.refused("sync", "--json")


def test_doctor_looks_at_every_part(cli: Cli, tmp_path: Path) -> None:
    cli("search", "x", code=1)
    found = {finding["name"]: finding for finding in cli("doctor", "--json", code=1).json}
    assert {"system", "resources", "keyring", "home", "key", "store", "hub", "window", "display", "translation"} <= set(
        found)
    assert [name for name, finding in found.items() if not finding["ok"]] == ["display"]
    assert found["display"]["remedy"]
    with xvfb() as display:
        assert "✕" not in cli("doctor", DISPLAY=display).out


def test_one_process_writes_and_others_read_or_wait(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    cli("import", "mail", "one.eml")
    with HomeLock(cli.home):
        assert "nothing was changed" in cli.refused("import", "mail", "one.eml", "--wait", "0")
        assert cli("search", "kettle").code == 0
        waiting = subprocess.Popen(cli.command("import", "mail", tmp_path / "one.eml", "--json"), env=cli.variables({}),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert waiting.stderr is not None
        assert b"waiting up to 10 s" in waiting.stderr.readline()
    out, err = waiting.communicate(timeout=60)
    assert (waiting.returncode, json.loads(out)["seen"], err) == (0, 1, b"")


def test_mistakes_are_one_line_and_never_the_answer_no(cli: Cli) -> None:
    assert "nonsense" in cli.refused("nonsense", home=False)
    assert "order_id" in cli.refused("check")
    assert "--colour" in cli.refused("search", "x", "--colour")
    assert "limit" in cli.refused("search", "x", "--limit", "0")
    assert "no-such.eml" in cli.refused("import", "mail", "no-such.eml")
    assert cli.refused("search", " ")
    assert "--imap" in cli.refused("mailbox", "add", "shop@nowhere.example")
    assert "UTF-8" in cli.refused("translate", "--from", "pt", "--to", "en", stdin=b"ol\xe1\n")
    shown = cli("import", "mail", "no-such.eml", "--debug", code=2)
    assert "Traceback" in shown.err
    assert shown.err.splitlines()[-1].startswith("no-such.eml does not exist.")
    assert cli("--home", cli.home, "search", "x", code=1, home=False).out == ""


def test_a_reader_that_goes_away_is_no_accident(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(mail("one", "Blue kettle"))
    cli("import", "mail", "one.eml")
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        cli.command("search", "kettle", "--json"), env=cli.variables({}), stdout=write, stderr=subprocess.PIPE,
        timeout=120, check=False,
    )
    os.close(write)
    assert b"Traceback" not in done.stderr


def test_ctrl_c_keeps_what_was_finished_and_the_rest_comes_with_the_next_try(cli: Cli, tmp_path: Path) -> None:
    """The command rests after its first batch, so that Ctrl-C comes in the middle on any machine."""
    box, many, pace = tmp_path / "many.mbox", 500, Pace(tmp_path)
    box.write_bytes(b"".join(
        b"From ana Fri Nov 20 10:00:00 2026\n" + mail(f"m{n}", f"Number {n}") + b"\n" for n in range(many)))
    pace.hold.touch()
    process = subprocess.Popen(cli.command("import", "mail", box, paced=tmp_path), env=cli.variables({}),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: pace.held.exists() or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (2, b"", b"Stopped. What was finished is kept.\n")
    kept = len(cli("search", "Number", "--json", "--limit", 1000).json)
    assert 0 < kept < many
    assert cli("import", "mail", box, "--json").json["new"] == many - kept
    assert cli("import", "mail", box, "--json").json["new"] == 0
    assert len(cli("search", f"Number {many - 1}", "--json").json) == 1
