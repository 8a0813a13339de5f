"""Sound mails of every kind the product reads, for the generator to damage; and the heavy ones, made when asked for."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

HEAD = ("Message-ID: <seed@home.example>\r\nFrom: A Buyer <buyer@home.example>\r\nTo: help@shop.example\r\n"
        "Subject: Parcel 702-1234567-1234567\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n")
SENTENCES = (
    "Where is my parcel? ", "荷物がまだ届きません。", "包裹还没有到，订单号是七〇二。", "Где моя посылка? ",
    "أين طردي؟ ", "Não chegou – 5 €. ", "소포가 아직 안 왔어요. ",
    "\r\n", "> quoted\r\n", "On Fri A Buyer wrote:\r\n", "\r\n\r\n",
)


def mixed(kind: str, *parts: bytes, head: str = HEAD) -> bytes:
    body = b"".join(b"--b\r\n" + piece + b"\r\n" for piece in parts)
    return f'{head}Content-Type: multipart/{kind}; boundary="b"\r\n\r\n'.encode() + body + b"--b--\r\n"


def leaf(kind: str, content: bytes, extra: str = "", encoded: bool = False) -> bytes:
    head = f"Content-Type: {kind}\r\n{extra}"
    if encoded:
        return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(content)
    return f"{head}\r\n".encode() + content


def png(width: int, height: int) -> bytes:
    """A picture whose header states any size; its pixels are a few bytes."""
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = zlib.compress(b"\x00" * min((width // 8 + 1) * height, 2_000_000))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
            + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def zipped(*files: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def zip_bomb(declared: int = 10 * 1024**3) -> bytes:
    """A small zip whose list says that it unpacks to `declared` bytes."""
    data = bytearray(zipped(("a", b"0" * 1_000)))
    at = data.rfind(b"PK\x01\x02")
    parts = []
    left = declared
    while left > 0:
        entry = bytearray(data[at : at + 47])
        entry[24:28] = struct.pack("<I", min(left, 0xFFFF_FFFE))
        left -= 0xFFFF_FFFE
        parts.append(bytes(entry))
    directory = b"".join(parts)
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(parts), len(parts), len(directory), at, 0)
    return bytes(data[:at]) + directory + end


def tnef(*files: tuple[str, bytes]) -> bytes:
    """A winmail.dat with these files."""
    def attribute(number: int, value: bytes) -> bytes:
        return struct.pack("<BII", 2, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)

    out = struct.pack("<IH", 0x223E9F78, 1)
    for name, content in files:
        long_name = (name + "\0").encode("utf-16-le")
        padded = long_name + b"\0" * (-len(long_name) % 4)
        properties = struct.pack("<IHHII", 1, 0x001F, 0x3707, 1, len(long_name)) + padded
        out += attribute(0x00069002, b"\0" * 14) + attribute(0x00018010, b"SHORT~1.PDF\0")
        out += attribute(0x0006800F, content) + attribute(0x00069005, properties)
    return out


INVITATION = (b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Pick up the parcel\\, Monday\r\n"
              b"DTSTART;TZID=Europe/Berlin:20261123T140000\r\nORGANIZER;CN=\"Depot\":mailto:depot@carrier.example\r\n"
              b"END:VEVENT\r\nEND:VCALENDAR\r\n")
STATUS = (b"Reporting-MTA: dns; mx.home.example\r\n\r\nOriginal-Recipient: rfc822;ana@home.example\r\n"
          b"Action: failed\r\n"
          b"Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 No such user here\r\n")
RETURNED = b"Message-ID: <reply-1@shop.example>\r\nSubject: Re: Parcel\r\n\r\nHello Ana\r\n"
BOUNCE = mixed(
    "report; report-type=delivery-status", leaf("text/plain", b"Your mail could not be delivered."),
    leaf("message/delivery-status", STATUS), leaf("message/rfc822", RETURNED))
RECEIPT = mixed(
    "report; report-type=disposition-notification", leaf("text/plain", b"The mail was displayed."),
    leaf("message/disposition-notification", b"Final-Recipient: rfc822;ana@home.example\r\nOriginal-Message-ID: "
         b"<reply-1@shop.example>\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"))
HTML = ("<html><head><style>p{color:red}</style></head><body><p>Olá, <a href='https://shop.example/o/1'>order</a>"
        "<img src='cid:pic@x'><img src='http://t.example/p.gif' width='1' height='1'></p>"
        "<table><tr><td>1</td></tr></table><blockquote>before</blockquote></body></html>").encode()

ALL: tuple[bytes, ...] = (
    HEAD.encode() + b"Content-Type: text/plain; charset=utf-8\r\n\r\nWhere is my parcel?\r\n> quoted\r\n",
    HEAD.encode() + leaf("text/plain; charset=iso-2022-jp", "荷物がまだ届きません。".encode("iso2022_jp")),
    HEAD.encode() + leaf("text/plain; charset=gb18030", "包裹还没有到".encode("gb18030")),
    HEAD.encode() + leaf("text/plain; charset=utf-8; format=flowed; delsp=yes", b"soft \r\nline \r\n-- \r\nme"),
    mixed("alternative", leaf("text/plain; charset=utf-8", b"plain"), leaf("text/html; charset=utf-8", HTML)),
    mixed("related", leaf("text/html; charset=utf-8", HTML),
          leaf("image/png; name=a.png", png(8, 8), "Content-ID: <pic@x>\r\nContent-Disposition: inline\r\n", True)),
    mixed("mixed", leaf("text/plain; charset=utf-8", b"see attached"),
          leaf("application/zip; name=a.zip", zipped(("a.txt", b"x" * 100)), "", True),
          leaf("application/octet-stream; name=invoice.pdf.exe", b"MZ\x90\x00", "", True)),
    mixed("mixed", leaf("text/calendar; charset=utf-8; method=REQUEST", INVITATION),
          leaf("text/vcard; charset=utf-8", b"BEGIN:VCARD\r\nFN:Ana\r\nEND:VCARD\r\n"),
          leaf("application/ms-tnef", tnef(("rechnung.pdf", b"%PDF-1.4")), "", True)),
    mixed("signed; protocol=\"application/pgp-signature\"", leaf("text/plain; charset=utf-8", b"signed text"),
          leaf("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----")),
    mixed("digest", b"\r\nSubject: one\r\n\r\nfirst", b"\r\nSubject: two\r\n\r\nsecond"),
    BOUNCE, RECEIPT,
)


def _nested(levels: int, content: bytes) -> bytes:
    heads = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(levels))
    return HEAD.encode() + heads + content


def _page(html: str) -> bytes:
    return HEAD.encode() + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()


def _attached(kind: str, content: bytes) -> bytes:
    return mixed("mixed", leaf("text/plain", b"see"), leaf(kind, content, "", True))


HEAVY: dict[str, tuple[Callable[[], bytes], str]] = {
    "200 levels": (lambda: _nested(200, leaf("text/plain", b"the innermost words")), "nested deeper"),
    "5,000 levels": (lambda: _nested(5_000, b""), "nested deeper"),
    "49 levels of 30 MB": (lambda: _nested(49, leaf("application/zip", b"Q" * 30_000_000)), "incomplete"),
    "10,000 parts": (lambda: mixed("mixed", *[leaf("text/plain", b"x")] * 10_000), "more parts"),
    "10,000 headers": (lambda: b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + ALL[0], "header is far too long"),
    "a header of 10 MB": (lambda: b"X: " + b"y" * 10_000_000 + b"\r\n" + ALL[0], "header is far too long"),
    "a line of 50 MB": (lambda: HEAD.encode() + b"\r\n" + b"a" * 50_000_000, "only its beginning"),
    "10 MB of HTML": (lambda: _page("<p>where <b>is</b> it</p>" * 400_000), "only its beginning"),
    "10,000 tables": (lambda: _page("<table><tr><td>" * 10_000 + "x" + "</td></tr></table>" * 10_000),
                      "only its beginning"),
    "a million brackets": (lambda: _page("<" * 1_000_000 + "x"), ""),
    "400,000 entities": (lambda: _page("&amp;" * 400_000), "only its beginning"),
    "a million pictures": (lambda: _page("<img " * 400_000), "only its beginning"),
    "styles without end": (lambda: _page("<style>" + "url(" * 400_000), ""),
    "unclosed comments": (lambda: _page("<!--[if mso]>" * 150_000), ""),
    "a zip of 10 GB": (lambda: _attached("application/zip; name=photos.zip", zip_bomb()), "unpacks to 10 GB"),
    "a subject of a megabyte": (lambda: b"Subject: " + b"=?utf-8?B?QUJD?= " * 60_000 + b"\r\n" + ALL[0],
                                "far too long"),
    "100,000 addresses": (lambda: b"To: " + b"a@b.example, " * 100_000 + b"\r\n" + ALL[0], "far too long"),
    "quotes in quotes": (lambda: HEAD.encode() + b"\r\n" + b">" * 200_000 + b"\n" + b"> x\n" * 200_000, ""),
    "parameters without end": (lambda: HEAD.encode() + leaf("text/plain" + "; a=b" * 40_000, b"x"), ""),
}
"""By name: the mail, and a word of the sentence that says what was left out ("" when nothing need be)."""
