"""A buyer's photo from its mail into the case, out of a hold, erased by command: what the real product does with it."""

from __future__ import annotations

import email.policy
import hashlib
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.cli import Cli, opened, prepared
from tests.support.erasing import jpeg
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import DAY
from workstation.store import blobs


def mail(folder: Path) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = "Ana Souza <ana@buyer.example>", "shop@seller.example"
    message["Subject"], message["Message-ID"] = "It arrived broken", "<photo-1@buyer.example>"
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0000"
    message.set_content("Look at the photo, please. Order 701-1234567-1234567.")
    message.add_attachment(jpeg("purple"), maintype="application", subtype="octet-stream", filename="broken 1.jpg")
    message.add_attachment(bytes(400_000), maintype="video", subtype="mp4", filename="film.mp4")
    raw = message.as_bytes()
    (folder / "photo.eml").write_bytes(raw)
    return raw


async def keep_both(cli: Cli) -> tuple[str, list[str]]:
    """Keep both files of the mail; returns the case and the records."""
    async with opened(cli) as running:
        core = running.core
        await core.inbox.import_mail(cli.folder / "photo.eml")
        (row,) = (await core.inbox.page(ListQuery())).rows
        (message,) = (await core.inbox.conversation(row.id)).messages
        kept = [await core.evidence.keep_attachment(message.id, at) for at in range(len(message.attachments))]
        assert await core.evidence.keep_attachment(message.id, 0) == kept[0]
        assert await core.evidence.open(kept[0].id) == jpeg("purple")
        assert await core.evidence.open(kept[1].id) == bytes(400_000)
        said = await core.evidence.details(kept[0].id)
        raw = hashlib.sha256((cli.folder / "photo.eml").read_bytes()).hexdigest()
        assert raw.encode() in said.statement
        assert dict(said.private)["message_id"] == "<photo-1@buyer.example>"
        return row.id, [record.id for record in kept]


async def test_a_photo_is_kept_held_erased_and_still_proved(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    mail(tmp_path)
    case, kept = await keep_both(cli)
    added = tmp_path / "invoice.pdf"
    added.write_bytes(b"%PDF-1.7\nthe invoice")
    (more,) = cli("evidence", "keep", added, "--case", case, "--json").json
    assert (more["mime"], more["title"]) == ("application/pdf", "invoice.pdf")
    cli("evidence", "hold", "--case", case, "--reason", "A-to-z claim")
    seen = cli("evidence", "erase", "--case", case, "--preview", "--json", code=1).json
    assert (seen["files"], seen["hold"]["reason"]) == (3, "A-to-z claim")
    cli("evidence", "hold", "--case", case, "--lift")
    assert cli("evidence", "erase", "--case", case, "--json").json["files"] == 3
    report = cli("evidence", "verify", "--all", "--json").json
    assert report["intact"] is True
    assert any("3 files were erased" in said for said in report["claimed"])
    async with opened(cli) as running:
        left = await running.database.read(lambda conn: blobs.among(conn, kept))
        assert left == frozenset()


@pytest.mark.long
async def test_the_platforms_deadline_counts_from_the_delivery_the_orders_know(tmp_path: Path) -> None:
    cli = prepared(tmp_path)
    mail(tmp_path)
    case, _kept = await keep_both(cli)
    async with opened(cli) as running:
        erasure = running.core.erasure
        assert erasure is not None
        assert await erasure.due() == ()   # no order is known, and the mail is from no marketplace
        now = running.core.drafts._clock.now()

        def order(unit: object) -> None:
            run = unit.conn.exec_driver_sql  # type: ignore[attr-defined]
            run("INSERT INTO sales_order(id, platform, store, order_id, match_key, buyer_name, buyer_email, buyer_key, "
                "currency, country, status, tracking_number, tracking_key, carrier, service, refunds_known, "
                "shipping_known, delivered_at) VALUES ('o1', 'amazon', 's', '701', '701', '', '', '', '', '', '', '', "
                "'', '', '', 0, 1, ?)", (now - 29 * DAY,))
            run("INSERT INTO order_link(conversation_id, order_id, why) VALUES (?, 'o1', 'order')", (case,))

        await running.database.write(order)
        (due,) = await erasure.due()
        assert (due.case_id, due.title, due.due_at) == (case, "It arrived broken", now + DAY)
        assert due.rule is not None
        assert due.rule.id == "amazon-30-days"
