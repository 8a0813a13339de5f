"""Parts that are neither text nor just files, files that are not what they say, and senders that are not who they
seem: each is named in words, and none is opened, answered or loaded."""

from __future__ import annotations

import struct

import pytest

from tests.support import hostile_seeds as seeds
from workstation.connectors.email import kinds, tnef, zips
from workstation.connectors.email.limits import MAX_SENTENCES
from workstation.connectors.email.mapper import parse
from workstation.inbox.model import IncomingMail

NOW = 1_795_200_000_000
SAFE = "https://eur01.safelinks.protection.outlook.com/?url="   # how Outlook wraps a link
GB = 1024**3


def attached(name: str, content: bytes, kind: str = "application/octet-stream", declared: str = "") -> IncomingMail:
    part = seeds.leaf(kind, content, f'Content-Disposition: attachment; filename="{declared or name}"\r\n', True)
    found = parse(seeds.mixed("mixed", seeds.leaf("text/plain", b"see"), part), received_at=NOW)
    assert found.attachments[0].content == content
    return found


def html(text: str, sender: str = "A Buyer <buyer@home.example>", extra: str = "") -> IncomingMail:
    head = seeds.HEAD.replace("A Buyer <buyer@home.example>", sender) + extra
    return parse(head.encode() + seeds.leaf("text/html; charset=utf-8", text.encode()), received_at=NOW)


def said(found: IncomingMail, words: str) -> bool:
    return any(words in sentence for sentence in found.problems)


def noted(found: IncomingMail, words: str) -> bool:
    return any(words in sentence for sentence in found.notes)


def test_an_invitation_is_one_line_and_its_file_stays() -> None:
    found = parse(seeds.ALL[7], received_at=NOW)
    assert found.notes[0] == ("Invitation: “Pick up the parcel, Monday”, 2026-11-23 14:00 (Europe/Berlin), from "
                              "depot@carrier.example. Nothing was answered or entered.")
    assert [file.name for file in found.attachments] == ["invite.ics", "contact.vcf", "winmail.dat", "rechnung.pdf"]
    assert noted(found, "contact card, “contact.vcf”")


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ("METHOD:CANCEL\nBEGIN:VEVENT\nSUMMARY:Call\nDTSTART:20261123T140000Z\nEND:VEVENT",
         "cancelled the appointment “Call”, 2026-11-23 14:00 (UTC), of nobody named"),
        ("BEGIN:VEVENT\nSUMMARY:a\n b\nDTSTART;VALUE=DATE:20261123\nEND:VEVENT", "“ab”, 2026-11-23, from"),
        ("BEGIN:VEVENT\nEND:VEVENT", "“no title”, no time"),
        ("BEGIN:VTODO\nSUMMARY:x\nEND:VTODO", "without an appointment"),
        ("BEGIN:VEVENT\nSUMMARY:" + "x" * 100_000 + "\u202egpj", "“" + "x" * 200 + "”"),
        ("BEGIN:VEVENT\n" + "X-A;B=\"c\";" * 20_000 + ":y\n", "no title"),
        ("BEGIN:VEVENT\nDTSTART" + ";" * 400 + "\nSUMMARY:x\n", "“x”"),
    ],
)
def test_invitations_of_every_kind_are_read_within_bounds(event: str, line: str) -> None:
    raw = seeds.HEAD.encode() + seeds.leaf("text/calendar; charset=utf-8", event.encode())
    assert noted(parse(raw, received_at=NOW), line)


def test_a_bounce_joins_the_reply_it_is_about_and_says_why() -> None:
    found = parse(seeds.BOUNCE, received_at=NOW)
    assert found.in_reply_to == "<reply-1@shop.example>"
    assert "<reply-1@shop.example>" in found.references
    assert found.automatic
    assert said(found, "the mail to ana@home.example was not delivered: 550 5.1.1 No such user here.")


def test_a_bounce_of_a_server_without_standards_is_known_too() -> None:
    raw = (seeds.HEAD + "X-Failed-Recipients: ana@home.example\r\n\r\nThis message was created automatically.\r\n"
           "> Message-ID: <reply-2@shop.example>\r\n").encode()
    found = parse(raw, received_at=NOW)
    assert found.in_reply_to == "<reply-2@shop.example>"
    assert said(found, "the mail to ana@home.example was not delivered")


@pytest.mark.parametrize(
    ("action", "words", "bad"),
    [("delayed", "is delayed", False), ("delivered", "was delivered", False), ("relayed", "was delivered", False),
     ("failed", "was not delivered", True), ("", "A report about the mail", False)],
)
def test_delivery_reports_say_what_became_of_the_mail(action: str, words: str, bad: bool) -> None:
    found = parse(seeds.BOUNCE.replace(b"Action: failed", f"Action: {action}".encode()), received_at=NOW)
    assert said(found, words) is bad
    assert noted(found, words) is not bad


def test_a_read_receipt_is_a_note_and_names_the_mail() -> None:
    found = parse(seeds.RECEIPT, received_at=NOW)
    assert found.in_reply_to == "<reply-1@shop.example>"
    assert noted(found, "A read receipt: ana@home.example opened the mail")
    assert found.problems == ()


@pytest.mark.parametrize(
    ("raw", "note", "problem"),
    [
        (seeds.ALL[8], "signature was not checked", ""),
        (seeds.mixed("encrypted", seeds.leaf("application/pgp-encrypted", b"Version: 1")), "", "encrypted (OpenPGP)"),
        (seeds.HEAD.encode() + seeds.leaf("application/pkcs7-mime; smime-type=enveloped-data", b"0\x80"), "",
         "encrypted (S/MIME)"),
        (seeds.HEAD.encode() + seeds.leaf("application/pkcs7-mime", bytes.fromhex("308006092a864886f70d010702")), "",
         "inside its signature"),
        (seeds.HEAD.encode() + b"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n", "", "encrypted (OpenPGP)"),
        (seeds.HEAD.encode() + b"\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\nhi\r\n", "not checked", ""),
        (seeds.mixed("mixed", seeds.leaf("message/rfc822", seeds.RETURNED)), "another mail, “Re Parcel.eml”", ""),
    ],
)
def test_signed_encrypted_and_attached_mail_is_called_so(raw: bytes, note: str, problem: str) -> None:
    found = parse(raw, received_at=NOW)
    assert noted(found, note) is bool(note)
    assert said(found, problem) is bool(problem)


def test_winmail_dat_gives_its_files_back() -> None:
    data = seeds.tnef(("Rechnung für Ana.pdf", b"%PDF-1.4"), ("../../photo.jpg", b"\xff\xd8\xff"))
    found = attached("winmail.dat", data, "application/ms-tnef")
    assert [(file.name, file.content) for file in found.attachments[1:]] == [
        ("Rechnung für Ana.pdf", b"%PDF-1.4"), ("photo.jpg", b"\xff\xd8\xff")]
    assert noted(found, "were taken out of it")
    assert found.problems == ()


@pytest.mark.parametrize("cut", [3, 7, 20, 60, 90, 120])
def test_a_damaged_winmail_dat_is_named_and_kept(cut: int) -> None:
    data = seeds.tnef(("photo.jpg", b"\xff\xd8\xff" * 20))
    found = attached("winmail.dat", data[:-cut], "application/ms-tnef")
    assert said(found, "winmail.dat")
    assert found.attachments[0].content == data[:-cut]


def test_winmail_dat_is_read_within_bounds() -> None:
    endless = struct.pack("<IHBII", 0x223E9F78, 1, 2, 0x6800F, 0xFFFFFFFF) + b"x"
    assert tnef.files(endless) == ([], False)
    many, whole = tnef.files(seeds.tnef(*[("a", b"x")] * 500))
    assert (len(many), whole) == (100, False)
    assert tnef.files(b"") == ([], False)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("invoice.pdf.exe", b"MZ\x90", "a .exe file made to look like .pdf"),
        ("photo.jpg.html", b"<html>", "a .html file made to look like .jpg"),
        ("setup.exe", b"MZ\x90", "can run a program"),
        ("macro.xlsm", b"PK\x03\x04", "can run a program"),
        ("photo.jpg", b"MZ\x90\x00", "not what its name says: it holds a program"),
        ("photo.jpg", b"%PDF-1.4", "it holds a PDF"),
        ("invoice.pdf", b"<!DOCTYPE html><script>", "it holds a web page"),
        ("list.csv", b"PK\x03\x04aaaa", "it holds an archive"),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n", ""),          # pictures among themselves are told by no one
        ("sheet.xlsx", b"PK\x03\x04", ""), ("old.doc", b"\xd0\xcf\x11\xe0", ""), ("notes.txt", b"hello", ""),
        ("backup.tar.gz", b"\x1f\x8b", ""), ("report.v2.pdf", b"%PDF", ""), ("film.mp4", b"\0\0\0\x18ftypmp42", ""),
        ("no-ending", b"%PDF", ""), ("Rechnung 1.2.pdf", b"%PDF", ""),
    ],
)
def test_files_that_are_not_what_they_say(name: str, content: bytes, words: str) -> None:
    sentences = kinds.problems(name, name, "application/octet-stream", content)
    assert any(words in sentence for sentence in sentences) if words else not any("what its name" in s or "ending" in s
                                                                                  or "run a" in s for s in sentences)


def test_a_type_that_does_not_fit_the_name_is_said_and_a_general_one_is_not() -> None:
    assert said(attached("a.pdf", b"????", "image/jpeg"), "came as image/jpeg")
    assert attached("a.pdf", b"%PDF", "application/octet-stream").problems == ()


def test_a_name_that_turns_its_ending_around_is_said() -> None:
    found = attached("photo gpj.exe", b"MZ", declared="photo\u202egpj.exe")
    assert found.attachments[0].name == "photo gpj.exe"
    assert said(found, "hidden characters that disguise")


def test_an_archive_says_what_it_holds_without_being_unpacked() -> None:
    found = attached("photos.zip", seeds.zipped(("a.txt", b"x" * 5_000), ("b.txt", b"y")), "application/zip")
    assert noted(found, "holds 2 files and unpacks to 4.9 KB")
    assert found.problems == ()


@pytest.mark.parametrize(
    ("data", "unpacked", "bursts", "complete"),
    [
        (seeds.zipped(("a", b"x")), 1, False, True), (seeds.zip_bomb(), 10 * GB, True, True),
        (seeds.zip_bomb(200 * 1024**2), 200 * 1024**2, True, True), (seeds.zipped(("a", b"x"))[:-10], 0, False, False),
        (b"PK\x05\x06" + b"\0" * 18, 0, False, True), (b"PK\x03\x04", 0, False, False),
        (b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18, 0, False, False),
        (b"junk" + seeds.zipped(("a", b"x" * 50)), -1, False, False),
    ],
)
def test_what_a_zip_declares(data: bytes, unpacked: int, bursts: bool, complete: bool) -> None:
    found = zips.contents(data)
    if unpacked < 0:
        assert found is None
        return
    assert found
    assert (found.unpacked, found.bursts, found.complete) == (unpacked, bursts, complete)


def test_zip64_is_read_and_a_locked_archive_is_called_so() -> None:
    data = bytearray(seeds.zipped(("a", b"x")))
    at = data.rfind(b"PK\x01\x02")
    data[at + 8] |= 1
    assert noted(attached("a.zip", bytes(data), "application/zip"), "locked with a password")
    entry = bytearray(data[at : at + 47])
    entry[24:28], entry[30:32] = b"\xff\xff\xff\xff", struct.pack("<H", 12)
    directory = bytes(entry) + struct.pack("<HHQ", 1, 8, 7 * GB)
    far = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(directory), at)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    found = zips.contents(bytes(data[:at]) + directory + far + end)
    assert found
    assert (found.files, found.unpacked, found.complete) == (1, 7 * GB, True)


def test_remote_pictures_are_counted_and_trackers_named() -> None:
    found = html(
        '<img src="https://t.example/a.gif"><img src=//t.example/b.gif width=1 height=1><img src="cid:own">'
        '<td background="http://t.example/c">x</td><p style="background:url(http://t.example/d)">y</p>')
    assert found.notes[0] == (
        "4 remote pictures were not loaded. 1 invisible picture would have told the sender that you read the mail.")
    assert html("<p>Hello</p>").notes == ()


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ('<a href="https://evil.example/x">www.bank.example</a>', "says www.bank.example but leads to evil.example"),
        ('<a href="https://evil.example/x">https://<b>bank</b>.example/login</a>', "says bank.example but leads to"),
        ('<a href="https://bank.example@evil.example/">pay</a>', "begins with bank.example but leads to evil.example"),
        ('<a href="mailto:x@evil.example">help@bank.example</a>',
         "says help@bank.example but writes to x@evil.example"),
        ('<a href="//evil.example/x">www.bank.example</a>', "but leads to evil.example"),
        ('<a href="https://xn--80ak6aa92e.com/">sign in</a>',
         "аррӏе.com (xn--80ak6aa92e.com) is made to look like apple"),
        ('<a href="https://paypa1.com/">sign in</a>', "paypa1.com is made to look like paypal.com"),
        ('<a href="https://amazon.com.evil.example/">sign in</a>', "made to look like amazon.com"),
        ("<p>Go to https://раураl.com/x</p>", "made to look like paypal.com"),
        ('<a href="https://shop.example/x">www.shop.example</a>', ""),
        ('<a href="https://track.shop.example/x">shop.example</a>', ""),
        ('<a href="https://evil.example/">Track my order</a>', ""),
        ('<a href="https://münchen.de/">münchen.de</a>', ""),
        ('<a href="https://shop.example/order.pdf">order.pdf</a>', ""),
        (f'<a href="{SAFE}https%3A%2F%2Fwww.firma.example%2F&amp;data=05">www.firma.example</a>', ""),
        (f'<a href="{SAFE}https%3A%2F%2Fevil.example%2F">www.bank.example</a>',
         "says www.bank.example but leads to evil.example"),
        ('<a href="https://www.google.com/url?q=https://www.firma.example/a&amp;sa=D">www.firma.example</a>', ""),
        ('<a href="https://xsafelinks.example/?url=https%3A%2F%2Fwww.firma.example%2F">www.firma.example</a>',
         "but leads to xsafelinks.example"),
        ('<a href="https://ラーメン.jp/">a</a> <a href="https://佐々木.jp/">b</a> <a href="https://☃.net/">c</a>', ""),
    ],
)
def test_links_that_are_not_what_they_say(link: str, words: str) -> None:
    found = html(f"<p>{link}</p>")
    assert said(found, words) if words else found.problems == ()


def test_of_many_false_links_the_first_are_told_and_the_rest_counted() -> None:
    found = html("".join(f'<a href="https://e{n}.example/">www.bank{n}.example</a>' for n in range(40)))
    assert len(found.problems) == 4
    assert found.problems[3] == "37 more links are not what they look like."


@pytest.mark.parametrize(
    ("sender", "reply_to", "words"),
    [
        ('"help@amazon.example" <x@evil.example>', "",
         "shows help@amazon.example, but the mail comes from x@evil.example"),
        ("Ana <ana@home.example>", "ana@elsewhere.example", "An answer would go to ana@elsewhere.example"),
        ("Support <help@paypa1.com>", "", "paypa1.com is made to look like paypal.com"),
        ("Support <help@xn--80ak6aa92e.com>", "", "made to look like apple.com"),
        ("Ana <ana@home.example>", "ana@mail.home.example", ""),
        ("Ana <ana@shop.co.uk>", "ana@other.co.uk", "An answer would go to"),
        ('"ana@home.example" <ana@home.example>', "", ""),
        ("Ana <x7k2@marketplace.amazon.de>", "x7k2+order@marketplace.amazon.de", ""),
        ("Ana <x7k2@marketplace.amazon.de>", "reply@elsewhere.example", ""),
        ("Ana <ana@members.ebay.com>", "ana@reply.ebay.co.uk", ""),
        ("Shop (Shopify) <mailer@shopify.com>", "ana@home.example", ""),
        ("Shop (Shopify) <mailer@shopify.com>", "ana@paypa1.com", "paypa1.com is made to look like paypal.com"),
    ],
)
def test_senders_that_are_not_who_they_seem(sender: str, reply_to: str, words: str) -> None:
    found = html("<p>hi</p>", sender, f"Reply-To: {reply_to}\r\n" if reply_to else "")
    assert said(found, words) if words else found.problems == ()


def test_a_newsletter_that_is_answered_elsewhere_is_not_spoken_of() -> None:
    assert html("<p>hi</p>", extra="Reply-To: x@y.example\r\nPrecedence: bulk\r\n").problems == ()


def test_sentences_are_bounded() -> None:
    parts = [seeds.leaf(f"application/octet-stream; name=a{n}.exe", b"MZ") for n in range(200)]
    found = parse(seeds.mixed("mixed", *parts), received_at=NOW)
    assert len(found.problems) == MAX_SENTENCES + 1
    assert found.problems[-1] == "188 more remarks are left out."
    assert len(found.attachments) == 200


def test_formulas_in_what_arrives_are_text() -> None:
    found = attached('=HYPERLINK("http://evil.example").csv', b"=cmd|' /C calc'!A0,1")
    assert found.attachments[0].content == b"=cmd|' /C calc'!A0,1"
