"""The demo's result, recomputed from outside: raw IMAP, the hub's own SQLite, bare cryptography, counts at the servers.

For every field a deliberate fault in the product must turn it false; a field that cannot go wrong proves nothing.
"""

from __future__ import annotations

import base64
import email
import hashlib
import imaplib
import json
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.support.claims import outside
from tests.support.demo import Walked, virtual_screen, walking
from workstation.connectors.email.smtp import SmtpTransport
from workstation.connectors.simulated.mail import MailServers
from workstation.demo import script
from workstation.demo.walk import Walk
from workstation.demo.world import PASSWORD
from workstation.drafts import repo as drafts_repo
from workstation.drafts.model import Envelope, Receipt
from workstation.evidence.claims import writing
from workstation.evidence.service import EvidenceService
from workstation.inbox import arrival
from workstation.store.blobs import BlobFiles
from workstation.sync import repo as sync_repo
from workstation.translation import service as translation
from workstation.verification import service as verification
from workstation.verification.model import CHECKS, Verdict


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Walked, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("demo")
    with virtual_screen(folder) as screen, walking(folder, screen) as walked:
        yield walked, walked.walk.run()


Done = tuple[Walked, dict[str, Any]]


def imap(servers: MailServers, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", servers.imap_port)
    client.login(user, PASSWORD)
    return client


def raw_mails(servers: MailServers, user: str, folder: str = "INBOX") -> list[bytes]:
    """Every mail of a folder by plain imaplib."""
    client = imap(servers, user)
    try:
        client.select(folder, readonly=True)
        _status, found = client.search(None, "ALL")
        return [client.fetch(number.decode(), "(BODY.PEEK[])")[1][0][1] for number in found[0].split()]  # type: ignore[index,misc]
    finally:
        client.logout()


def hub_rows(walked: Walked, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(f"file:{walked.world.hub_database}?mode=ro", uri=True) as hub:
        return hub.execute(query).fetchall()


def test_every_message_the_servers_hold_is_in_the_product(done: Done) -> None:
    walked, result = done
    mails = [email.message_from_bytes(raw) for raw, _folder in script.mails(walked.walk._now)]
    wanted = {mail["Message-ID"] for mail in mails}
    assert result["messages_in"] == len(wanted) >= 20
    assert result["conversations"] == len(script.scripts()) >= 20


def test_the_script_has_six_languages_and_all_sixteen_situations() -> None:
    assert len({each.language for each in script.scripts()}) >= 6
    assert {each.situation for each in script.scripts()} == set(script.SITUATIONS)


def disagreements(walk: Walk, result: dict[str, Any]) -> list[str]:
    """Verdicts that are not what the script's own data demand."""
    by_case: dict[str, dict[str, str]] = {}
    for check in result["checks"]:
        by_case.setdefault(check["conversation"], {})[check["id"]] = check["verdict"]
    return [
        f"{each.id}: {check_id} is {by_case[walk._row_of(each).id][check_id]}, expected {verdict}"
        for each in script.scripts() for check_id, verdict in each.expect.items()
        if by_case[walk._row_of(each).id][check_id] != verdict
    ]


def test_the_checks_come_out_as_the_script_says_and_every_verdict_occurs(done: Done) -> None:
    walked, result = done
    checks = result["checks"]
    assert disagreements(walked.walk, result) == []
    assert {check["id"] for check in checks} == set(CHECKS)
    assert {check["verdict"] for check in checks} == {"pass", "warn", "fail", "unknown"}
    assert all(check["source"] and check["age_s"] is not None for check in checks if check["verdict"] == "pass")


def test_the_translation_keeps_order_id_amount_date_and_link(done: Done) -> None:
    _walked, result = done
    translation = result["translation"]
    answered = next(each for each in script.scripts() if each.reply)
    assert answered.order is not None
    link = "https://track.lumenharbor.example/LX473124829CN"
    for kept in (answered.order.id, answered.order.tracking, "R$ 129,90", link):
        assert kept in translation["source"]
        assert kept in translation["target"]
        assert kept in translation["survived"]
    assert translation["lost"] == []
    assert translation["target"] != translation["source"]
    assert "encomenda" in translation["target"] or "pedido" in translation["target"].lower()
    assert translation["back"] != translation["source"]


def test_the_buyer_has_the_reply_once_on_the_right_thread_with_the_capture(done: Done) -> None:
    walked, result = done
    answered = next(each for each in script.scripts() if each.reply)
    sent = result["sent"]
    got = [email.message_from_bytes(raw) for raw in raw_mails(walked.world.mail, answered.address)]
    ours = [message for message in got if message["Message-ID"] == sent["message_id"]]
    assert sent["arrived"] is True
    assert len(ours) == 1
    assert ours[0]["In-Reply-To"] == sent["in_reply_to"] == script.message_id(answered, 0, walked.walk._now)
    files = [part.get_filename() for part in ours[0].walk() if part.get_filename()]
    kept = raw_mails(walked.world.mail, answered.mailbox.address, "Sent")
    copies = [raw for raw in kept if email.message_from_bytes(raw)["Message-ID"] == sent["message_id"]]
    assert len(copies) == 1
    if any(each["kind"] == "capture" for each in result["evidence"]["records"]):
        assert files == ["capture-1.png"]


def test_the_evidence_verifies_with_bare_cryptography(done: Done) -> None:
    _walked, result = done
    kept = result["evidence"]["records"]
    assert kept[0]["sha256"] == result["evidence"]["sha256"]
    with zipfile.ZipFile(result["pack"]["path"]) as pack:
        names = pack.namelist()
        root = names[0].split("/")[0]
        pem = next(pack.read(name) for name in names if name.endswith((".pub.pem", "device.pem")))
        key = load_pem_public_key(pem)
        assert isinstance(key, Ed25519PublicKey)
        records = [name for name in names if f"{root}/data/records/" in name and name.endswith(".json")]
        envelopes = [json.loads(pack.read(name)) for name in records]
        digests = {hashlib.sha256(pack.read(name)).hexdigest() for name in names if "/data/files/" in name}
    for envelope in envelopes:
        payload = base64.b64decode(envelope["payload"])
        kind = envelope["payloadType"].encode()
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), signed)
    assert {each["sha256"] for each in kept} <= digests
    assert result["evidence"]["verified"] is True


def test_the_pack_holds_the_step_that_was_ticked(done: Done) -> None:
    _walked, result = done
    ticked = result["playbook"]
    with zipfile.ZipFile(result["pack"]["path"]) as pack:
        said = [json.loads(base64.b64decode(json.loads(pack.read(name))["payload"]))
                for name in pack.namelist() if "/data/records/" in name and name.endswith(".json")]
    (step,) = [one for one in said if one["id"] == ticked["record"]]
    assert (step["kind"], step["what"]["playbook"], step["what"]["step"], step["what"]["state"]) == (
        "step", ticked["playbook"], ticked["step"], "done")
    assert ticked["record"] in {each["id"] for each in result["evidence"]["records"]}


def test_a_desks_form_is_within_its_limits_and_names_what_is_not_in_it(done: Done) -> None:
    _walked, result = done
    form = result["form"]
    folder = Path(form["path"])
    assert form["intact"] is True
    assert outside("stripe", folder / "files") == []
    assert {path.name for path in (folder / "files").iterdir()} == {file["name"] for file in form["files"]} != set()
    said = json.loads((folder / "form.json").read_text(encoding="utf-8"))
    kept = {each["id"] for each in result["evidence"]["records"]}
    named = {name for file in said["files"] for name in file["records"]} | {o["record_id"] for o in said["left_out"]}
    assert named <= kept | {"correspondence"}
    assert said["facts"]["tracking_number"]["value"] is not None
    assert said["facts"]["tracking_number"]["source"]
    assert folder.with_name("stripe-form-evidence.zip").exists()


def test_the_hubs_own_database_agrees(done: Done) -> None:
    walked, result = done
    records = hub_rows(walked, "SELECT count(*) FROM entity WHERE collection = 'evidence'")[0][0]
    messages = hub_rows(walked, "SELECT count(*) FROM entity WHERE collection = 'message'")[0][0]
    assert result["upstream"]["digest_equal"] is True
    assert result["upstream"]["records"] <= records
    assert messages >= result["messages_in"] + 2
    stored = {path.name for path in walked.world.hub_database.parent.joinpath("objects").rglob("*") if path.is_file()}
    whole = {name for name in stored if len(name) == 64}
    hashes = {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in walked.world.hub_database.parent.joinpath("objects").rglob("*") if path.name in whole
    }
    assert whole == hashes
    assert len(whole) >= result["upstream"]["blobs"] > 0


def test_what_was_done_offline_was_applied_exactly_once(done: Done) -> None:
    walked, result = done
    offline = result["offline"]
    second = [each for each in script.scripts() if each.reply][1]
    assert offline["applied_once"] is True
    assert offline["queued"] >= 2
    assert Counter(message_id for message_id, _raw in walked.world.mail.received)[offline["message_id"]] == 1
    got = [email.message_from_bytes(raw)["Message-ID"] for raw in raw_mails(walked.world.mail, second.address)]
    assert got.count(offline["message_id"]) == 1
    twice = hub_rows(walked, "SELECT event_id FROM receipt GROUP BY event_id HAVING count(*) > 1")
    messages = hub_rows(walked, "SELECT body FROM entity WHERE collection = 'message'")
    assert twice == []
    assert sum(offline["message_id"] in body for (body,) in messages) == 1


def test_a_seller_can_read_what_happened(done: Done) -> None:
    walked, _result = done
    assert len(walked.said) >= 10


# -- one deliberate fault for each field ------------------------------------------------------------------------------


def mutated(folder: Path, *steps: str) -> tuple[dict[str, Any], list[str]]:
    """Walk only `steps` of the loop with whatever was broken: the result so far, and what its checks got wrong."""
    folder.mkdir(exist_ok=True)
    with walking(folder) as walked:
        walk = walked.walk
        walk.connect()
        if "check" in steps:
            walk.check()
        draft = walk.translate() if {"translate", "send"} & set(steps) else None
        if draft is not None and "send" in steps:
            walk.send(draft, None)
        for step in ("offline", "upstream", "prove"):
            if step in steps:
                getattr(walk, step)()
        return walk._result, disagreements(walk, walk._result) if "check" in steps else []


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workstation.demo.walk.WAIT", 8.0)


@pytest.mark.long
def test_fault_checks_that_always_pass_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = verification.run  # type: ignore[attr-defined]
    monkeypatch.setattr(verification, "run", lambda subject: [replace(c, verdict=Verdict.PASS) for c in real(subject)])
    assert mutated(tmp_path / "m", "check")[1]


def test_fault_a_form_that_is_written_otherwise_than_said_is_noticed(
    done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked, result = done
    real, before = writing.write, result["form"]

    def careless(out: Path, found: dict[str, bytes]) -> None:
        real(out, {name: content[:-1] if name.startswith("files/") else content for name, content in found.items()})

    monkeypatch.setattr(writing, "write", careless)
    monkeypatch.setattr("workstation.demo.walk.DESK", "paypal")
    monkeypatch.setattr("workstation.demo.walk.REASON", "")
    walked.walk.claim(result["evidence"]["case"])
    assert walked.walk._result["form"]["intact"] is False
    walked.walk._result["form"] = before


@pytest.mark.long
def test_fault_an_engine_that_changes_a_digit_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = translation.translate_text  # type: ignore[attr-defined]

    async def careless(*given: Any) -> str:
        return (await real(*given)).replace("129,90", "192,90")

    monkeypatch.setattr(translation, "translate_text", careless)
    result, _wrong = mutated(tmp_path / "m", "translate")
    assert "R$ 129,90" in result["translation"]["lost"]


@pytest.mark.long
@pytest.mark.usefixtures("short_waits")
def test_fault_a_receipt_without_a_send_is_not_arrived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def pretend(self: SmtpTransport, envelope: Envelope) -> Receipt:
        return Receipt("250 pretended")

    monkeypatch.setattr(SmtpTransport, "send", pretend)
    with pytest.raises(Exception, match="reply to arrive"):
        mutated(tmp_path / "m", "send")


@pytest.mark.long
@pytest.mark.usefixtures("short_waits")
def test_fault_a_sender_that_repeats_itself_is_not_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = SmtpTransport.send

    async def twice(self: SmtpTransport, envelope: Envelope) -> Receipt:
        await real(self, envelope)
        return await real(self, envelope)

    monkeypatch.setattr(SmtpTransport, "send", twice)
    assert mutated(tmp_path / "m", "offline")[0]["offline"]["applied_once"] is False


def test_fault_a_changed_file_is_not_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = BlobFiles.seal

    def careless(self: BlobFiles, blob_id: str, content: bytes) -> Any:
        sealed = real(self, blob_id, content)
        path = self.path(sealed.address)
        changed = bytearray(path.read_bytes())
        changed[len(changed) // 2] ^= 1
        path.write_bytes(changed)
        return sealed

    monkeypatch.setattr(BlobFiles, "seal", careless)
    with walking(_made(tmp_path / "m")) as walked:
        evidence = cast(EvidenceService, walked.walk._core.evidence)
        walked.walk._do(evidence.keep_reply("case", "<a@b.example>", b"raw", "250"))
        report = walked.walk._do(evidence.verify())
    assert not report.intact


@pytest.mark.long
def test_fault_a_desktop_that_forgets_is_not_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_repo, "digest", lambda _connection, _name: (0, "0" * 64))
    assert mutated(tmp_path / "m", "upstream")[0]["upstream"]["digest_equal"] is not True


@pytest.mark.long
@pytest.mark.usefixtures("short_waits")
def test_fault_mail_that_is_lost_on_the_way_in_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = arrival.Arrival._one

    def forgetful(self: arrival.Arrival, own_id: str, item: Any) -> arrival.Stored:
        if "#1042" in item.subject:
            return arrival.Stored("nowhere", "nothing", new=False)
        return real(self, own_id, item)

    monkeypatch.setattr(arrival.Arrival, "_one", forgetful)
    with pytest.raises(Exception, match="mail to arrive"):
        mutated(tmp_path / "m")


@pytest.mark.long
@pytest.mark.usefixtures("short_waits")
def test_fault_a_queue_that_forgets_offline_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_repo, "hurry", lambda _connection: None)
    monkeypatch.setattr(drafts_repo, "claim", lambda _connection, _now: None)
    with pytest.raises(Exception, match="queued"):
        mutated(tmp_path / "m", "offline")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
