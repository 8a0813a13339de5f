"""A mailbox that never existed, the same on every machine: six languages, threads, order numbers, HTML, files.

Sizes follow what support mail really looks like: two kilobytes of header, a few hundred words, often the same again
as HTML, history quoted under every answer, and a small picture or document now and then. Nothing here is anybody's
text: sentences are put together from words of the trade by a seeded generator.
"""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime

SHOP = "shop@shop.example"
LANGUAGES = ("en", "pt", "es", "de", "fr", "zh")
NEWEST = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

_WORDS = {
    "en": "the order and my parcel is not here yet please tell me where it was sent to because I have been waiting for "
          "two weeks with the invoice refund kettle colour wrong broken box return label address customs carrier when "
          "you this that thank would like received yesterday still missing delivery driver neighbour",
    "pt": "o meu pedido não chegou ainda e quero saber onde está a encomenda porque já faz duas semanas que espero por "
          "ela obrigado nota fiscal reembolso chaleira cor errada quebrada caixa devolução etiqueta endereço correios "
          "quando vocês uma com para foi mas recebi ontem falta entrega vizinho",
    "es": "mi pedido no ha llegado todavía y quiero saber dónde está el paquete porque hace dos semanas que lo espero "
          "gracias factura reembolso tetera color equivocado rota caja devolución etiqueta dirección aduana cuando "
          "usted una con para fue pero recibí ayer falta entrega vecino los las del",
    "de": "meine bestellung ist noch nicht da und ich möchte wissen wo das paket ist weil ich seit zwei wochen darauf "
          "warte danke rechnung erstattung wasserkocher farbe falsch kaputt karton rücksendung etikett adresse zoll "
          "wann sie der die eine mit für wurde aber gestern fehlt lieferung nachbar bitte",
    "fr": "ma commande est toujours pas arrivée et je voudrais savoir où est le colis parce que je attends depuis deux "
          "semaines merci facture remboursement bouilloire couleur mauvaise cassée boîte retour étiquette adresse "
          "douane quand vous la les des avec pour une été mais reçu hier manque livraison voisin",
    "zh": "我的 订单 还没有 收到 请问 包裹 现在 在哪里 已经 等了 两个星期 谢谢 发票 退款 水壶 颜色 不对 坏了 盒子 退货 "
          "标签 地址 海关 什么时候 你们 可以 昨天 缺少 配件 快递 邻居 希望 尽快 处理 这个 问题 已经 "
          "付款 但是 没有 物流 信息",
}
_SUBJECTS = {
    "en": "Where is my order", "pt": "Onde está o meu pedido", "es": "Dónde está mi pedido",
    "de": "Wo ist meine Bestellung", "fr": "Où est ma commande", "zh": "我的订单在哪里",
}
_WROTE = {
    "en": "On {day} {who} wrote:", "pt": "Em {day}, {who} escreveu:", "es": "El {day}, {who} escribió:",
    "de": "Am {day} schrieb {who}:", "fr": "Le {day}, {who} a écrit :", "zh": "在 {day}，{who} 写道：",
}
_NAMES = ("Ana Souza", "John Miller", "María López", "Jürgen Weiß", "Chloé Martin", "王小明", "Paula Costa", "Tom Reed")


@dataclass(slots=True)
class Thread:
    """A conversation that goes on: what its next mail refers to and quotes."""

    number: int
    language: str
    buyer: str
    name: str
    order: str
    at: datetime
    subject: str
    ids: list[str] = field(default_factory=list)
    last: str = ""


@dataclass(frozen=True, slots=True)
class CorpusMail:
    """A mail as a server holds it, when it was received, and what it is known to be."""

    raw: bytes
    received: datetime
    message_id: str
    language: str
    thread: int


def corpus(mails: int, seed: int = 20261122) -> Iterator[CorpusMail]:
    """`mails` mails, oldest first; about two and a half to a thread. The same `seed` gives the same bytes."""
    chance = random.Random(seed)
    step = timedelta(days=360) / max(1, mails)
    at = NEWEST - timedelta(days=360)
    going: list[Thread] = []
    for number in range(mails):
        at += step
        if not going or chance.random() < 0.4:
            going.append(_thread(chance, number, at))
            going = going[-400:]
            thread = going[-1]
        else:
            thread = chance.choice(going)
        thread.at = at
        yield _mail(chance, thread, number)


def _thread(chance: random.Random, number: int, at: datetime) -> Thread:
    language = chance.choice(LANGUAGES)
    order = f"{chance.randint(100, 999)}-{chance.randint(0, 9_999_999):07}-{chance.randint(0, 9_999_999):07}"
    subject = _SUBJECTS[language] + (f" {order}" if chance.random() < 0.5 else f" {_text(chance, language, 3)}")
    buyer = f"buyer{number}@mail{number % 97}.example"
    return Thread(number, language, buyer, chance.choice(_NAMES), order, at, subject)


def _text(chance: random.Random, language: str, words: int) -> str:
    """Words by Zipf's law, as every language has them."""
    known = _WORDS[language].split()
    picked = [known[min(int(chance.paretovariate(0.6)) - 1, len(known) - 1)] if chance.random() < 0.4
              else chance.choice(known) for _word in range(words)]
    return ("" if language == "zh" else " ").join(picked)


def _paragraphs(chance: random.Random, thread: Thread) -> str:
    size = max(12, int(chance.lognormvariate(4.0, 0.8)))
    sentences: list[str] = []
    while size > 0:
        count = min(size, chance.randint(6, 16))
        stop = "。" if thread.language == "zh" else "."
        sentences.append(_text(chance, thread.language, count).capitalize() + stop)
        size -= count
    if chance.random() < 0.4:
        sentences.insert(1, f"({thread.order})")
    cut = chance.randint(2, 4)
    return "\n\n".join(" ".join(sentences[i : i + cut]) for i in range(0, len(sentences), cut))


def _mail(chance: random.Random, thread: Thread, number: int) -> CorpusMail:
    message_id = f"<{chance.getrandbits(64):016x}.{number}@mail{thread.number % 97}.example>"
    text = _paragraphs(chance, thread)
    whole = f"{text}\n\n-- \n{thread.name}\n"
    if thread.last:
        wrote = _WROTE[thread.language].format(day=f"{thread.at:%d.%m.%Y %H:%M}", who=thread.name)
        whole += f"\n{wrote}\n\n" + "\n".join(f"> {line}".rstrip() for line in thread.last.splitlines()) + "\n"
    head = _head(chance, thread, message_id)
    kind, body = _body(chance, whole)
    thread.ids, thread.last = [*thread.ids, message_id], whole[:4_000]
    raw = (head + kind).encode("ascii") + b"\r\n" + body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return CorpusMail(raw, thread.at, message_id, thread.language, thread.number)


def _head(chance: random.Random, thread: Thread, message_id: str) -> str:
    day = format_datetime(thread.at)
    host = thread.buyer.partition("@")[2]
    lines = [f"Return-Path: <{thread.buyer}>", f"Delivered-To: {SHOP}"]
    for hop in range(chance.randint(2, 4)):
        lines += [f"Received: from relay{hop}.{host} (relay{hop}.{host} [192.0.2.{chance.randint(1, 254)}])",
                  f"\tby mx{hop}.shop.example (Postfix) with ESMTPS id {chance.getrandbits(48):012X}",
                  f"\tfor <{SHOP}>; {day}"]
    signature = base64.b64encode(chance.randbytes(256)).decode()
    lines += [f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={host}; s=key1;",
              "\th=from:to:subject:date:message-id:mime-version:content-type;",
              *(f"\t{signature[i:i + 72]}" for i in range(0, len(signature), 72)),
              f"From: {Header(thread.name, 'utf-8').encode()} <{thread.buyer}>", f"To: Our shop <{SHOP}>",
              f"Subject: {Header(('Re: ' if thread.ids else '') + thread.subject, 'utf-8').encode()}",
              f"Date: {day}", f"Message-ID: {message_id}", "MIME-Version: 1.0",
              "X-Mailer: Mail 16.0 (3776.700.51)", "X-Spam-Status: No, score=-0.1 required=5.0"]
    if thread.ids:
        lines += [f"In-Reply-To: {thread.ids[-1]}", "References: " + "\r\n ".join(thread.ids[-12:])]
    return "\r\n".join(line.replace("\n", "\r\n").replace("\r\r", "\r") for line in lines) + "\r\n"


def _body(chance: random.Random, text: str) -> tuple[str, bytes]:
    """Content-Type and content: plain, plain and HTML, or those with one or two files."""
    kind = chance.random()
    if kind < 0.35:
        return _single("text/plain", text)
    if kind < 0.88:
        return _alternative(chance, text)
    edge = f"=_mixed_{chance.getrandbits(64):016x}"
    inner, content = _alternative(chance, text)
    files = [_file(chance, n) for n in range(chance.choice((1, 1, 1, 2)))]
    parts = [inner.encode() + b"\r\n" + content, *files]
    return f'Content-Type: multipart/mixed; boundary="{edge}"\r\n', _joined(edge, parts)


def _single(mime: str, text: str) -> tuple[str, bytes]:
    return (f'Content-Type: {mime}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n',
            quopri.encodestring(text.encode()))


def _alternative(chance: random.Random, text: str) -> tuple[str, bytes]:
    edge = f"=_alt_{chance.getrandbits(64):016x}"
    readings = (_single("text/plain", text), _single("text/html", _html(text)))
    parts = [kind.encode() + b"\r\n" + body for kind, body in readings]
    return f'Content-Type: multipart/alternative; boundary="{edge}"\r\n', _joined(edge, parts)


def _html(text: str) -> str:
    rows = "".join(f'<p class="MsoNormal" style="margin:0cm;font-size:11.0pt;font-family:&quot;Calibri&quot;">'
                   f'<span lang="x">{part.replace(chr(10), "<br>")}</span></p>\n' for part in text.split("\n\n"))
    style = "p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt} a:link {color:#0563C1}\n" * 6
    return (f'<html><head><style>{style}</style></head>'
            f'<body lang="x"><div class="WordSection1">{rows}</div></body></html>')


def _file(chance: random.Random, number: int) -> bytes:
    content = chance.randbytes(int(chance.lognormvariate(9.6, 0.7)) + 500)
    head = (f'Content-Type: image/jpeg; name="photo-{number}.jpg"\r\nContent-Transfer-Encoding: base64\r\n'
            f'Content-Disposition: attachment; filename="photo-{number}.jpg"\r\n\r\n')
    return head.encode() + base64.encodebytes(content)


def _joined(edge: str, parts: list[bytes]) -> bytes:
    return b"".join(b"--" + edge.encode() + b"\r\n" + part + b"\r\n" for part in parts) + f"--{edge}--\r\n".encode()
