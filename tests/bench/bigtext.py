"""The words of the generated store: buyers' mails in six languages, each a function of a seed and two numbers.

Any message can be made alone and in any process: the same (seed, conversation, place) gives the same mail. Words follow
Zipf's law over a vocabulary of many thousands, because a search index behaves quite differently over sixty words. The
commonest are words of the trade; the long tail is put together from syllables and says nothing. Nothing is anybody's.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from email.utils import formatdate
from functools import cache, lru_cache
from itertools import accumulate

from workstation.domain.conversation import Address
from workstation.inbox.model import IncomingAttachment, IncomingMail

LANGUAGES = ("en", "zh", "pt", "de", "ja", "ar")
_SHARES = (30, 22, 16, 14, 10, 8)
TAIL = 12_000
"""Invented words of each language behind the real ones."""
RAW_EVERY = 8
"""Every so many mails keep their source."""

_HEADS = {
    "en": "the to my order is not you and it for this with please when have was parcel where refund delivery hello "
          "thank would like still waiting received broken invoice return label address customs carrier tracking number "
          "damaged missing wrong size colour box kettle charger shoes lamp yesterday week money back replacement "
          "cancel change driver neighbour warranty photo chargeback lawyer urgent gift birthday discount",
    "pt": "o a de que não meu pedido e para com uma está ainda vocês por favor quando chegou encomenda onde reembolso "
          "entrega olá obrigado gostaria esperando recebi quebrado nota fiscal devolução etiqueta endereço alfândega "
          "correios rastreamento número danificado falta errado tamanho cor caixa chaleira carregador sapatos "
          "luminária ontem semana dinheiro volta troca cancelar trocar vizinho garantia foto urgente presente desconto",
    "de": "die der und nicht ich meine bestellung ist das mit für eine bitte wann noch sie paket wo erstattung "
          "lieferung hallo danke möchte warte erhalten kaputt rechnung rücksendung etikett adresse zoll versand "
          "sendungsnummer beschädigt fehlt falsch größe farbe karton wasserkocher ladegerät schuhe lampe gestern woche "
          "geld zurück ersatz stornieren ändern fahrer nachbar garantie foto anwalt dringend geschenk rabatt",
    "zh": "我的 订单 没有 收到 请问 包裹 在哪里 已经 退款 谢谢 发票 水壶 颜色 不对 坏了 盒子 退货 标签 地址 海关 "
          "什么时候 你们 可以 昨天 缺少 配件 快递 邻居 希望 尽快 处理 这个 问题 付款 但是 物流 信息 换货 尺寸 充电器 "
          "鞋子 台灯 取消 修改 保修 照片 投诉 律师 紧急 礼物 优惠",
    "ja": "注文 した 商品が まだ 届き ません いつ 配送 されますか 返金 お願い します 荷物 は どこ ですか "
          "ありがとう ございます 領収書 壊れて いました 箱 返品 ラベル 住所 税関 追跡 番号 破損 不足 間違い "
          "サイズ 色 ケトル 充電器 靴 ランプ 昨日 一週間 交換 キャンセル 変更 保証 写真 至急 プレゼント 割引",
    "ar": "طلبي لم يصل بعد أين الطرد من فضلك متى التوصيل استرداد المال شكرا مرحبا أريد أنتظر وصل مكسور فاتورة إرجاع "
          "ملصق العنوان الجمارك الشحن رقم التتبع تالف ناقص خطأ المقاس اللون الصندوق غلاية شاحن حذاء مصباح أمس "
          "أسبوع استبدال إلغاء تغيير الجار الضمان صورة عاجل هدية خصم",
}
_SYLLABLES = {
    "en": "ba ken tor mil sa ver lin do ra pex un ti gor wel fa shi cle mond ing er".split(),
    "pt": "ca ri mo ção lha nho ve ta sé bra lu fi go ões en da pi ru ma ça".split(),
    "de": "schla ber ung keit zü gra fen mög wör tig stei ner lau bün ach er ke ge vor ße".split(),
    "zh": list("山水火木金土日月风云雨雪花草鸟鱼马牛羊门车船路桥城市村家书笔纸墨电灯机件箱袋瓶杯布衣帽靴袜表钟"),
    "ja": list("あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろアイウ"),
    "ar": "با تا سا ما نو لي رو كا فا دي حم عل بر شم قص ور ين ات مع نه".split(),
}
_SUBJECTS = {"en": "Where is my order", "pt": "Onde está o meu pedido", "de": "Wo ist meine Bestellung",
             "zh": "我的订单在哪里", "ja": "注文はどこですか", "ar": "أين طلبي"}
_WROTE = {"en": "On {day} {who} wrote:", "pt": "Em {day}, {who} escreveu:", "de": "Am {day} schrieb {who}:",
          "zh": "在 {day}，{who} 写道：", "ja": "{day} {who} wrote:", "ar": "{day} {who} wrote:"}
_FIRST = {"en": "John Mary Tom Paula Sarah", "pt": "Ana João Luísa Tomás Inês", "de": "Jürgen Käthe Anna Björn Uwe",
          "zh": "王 李 张 刘 陈", "ja": "田中 佐藤 鈴木 高橋 伊藤", "ar": "أحمد ليلى عمر سارة نور"}
_LAST = {"en": "Miller Reed Carter", "pt": "Souza Costa Lima", "de": "Weiß Müller Schäfer", "zh": "小明 伟 芳",
         "ja": "太郎 花子 健", "ar": "حسن علي يوسف"}
_FILES = {"en": "invoice {n}.pdf", "pt": "nota fiscal {n}.pdf", "de": "Rechnung {n}.pdf", "zh": "照片{n}.jpg",
          "ja": "写真{n}.jpg", "ar": "صورة {n}.jpg"}
_GLUE = {"zh": "", "ja": ""}
_STOPS = {"zh": "。", "ja": "。", "ar": ". "}
OWN = Address("shop@shop.example", "Our shop")


@dataclass(frozen=True, slots=True)
class Talk:
    """What all messages of a conversation share. `order` is "" where it never names one."""

    number: int
    language: str
    buyer: Address
    order: str
    subject: str
    host: str


@cache
def vocabulary(language: str) -> tuple[list[str], list[float]]:
    """Words and their cumulated weights, the commonest first (Zipf's law with exponent 1.2)."""
    chance = random.Random(f"words of {language}")
    words = dict.fromkeys(_HEADS[language].split())
    wanted = len(words) + TAIL
    while len(words) < wanted:
        words["".join(chance.choices(_SYLLABLES[language], k=chance.randint(2, 4)))] = None
    listed = list(words)
    return listed, list(accumulate(1 / (place + 4) ** 1.2 for place in range(len(listed))))


@lru_cache(maxsize=50_000)
def talk(seed: int, number: int) -> Talk:
    chance = random.Random((seed << 40) ^ number)
    language = chance.choices(LANGUAGES, _SHARES)[0]
    name = f"{chance.choice(_FIRST[language].split())} {chance.choice(_LAST[language].split())}"
    host = f"mail{number % 97}.example"
    buyer = number if chance.random() < 0.8 else chance.randrange(number + 1)   # a fifth come back
    order = order_number(number) if chance.random() < 0.6 else ""
    subject = _SUBJECTS[language] + (f" {order}" if order and chance.random() < 0.5
                                     else f" {_words(chance, language, 3)}")
    return Talk(number, language, Address(f"buyer{buyer}@{host}", name), order, subject, host)


def order_number(number: int) -> str:
    """As Amazon writes them; a different one for each number."""
    return f"{100 + number % 900}-{number * 7919 % 10_000_000:07}-{number % 10_000_000:07}"


def text(seed: int, number: int, place: int) -> str:
    """What message `place` of a conversation says, without what it quotes."""
    about = talk(seed, number)
    chance = random.Random((seed << 40) ^ (number << 18) ^ (place + 1) ^ (1 << 39))
    left = min(600, max(6, int(chance.lognormvariate(3.6, 0.7))))
    stop = _STOPS.get(about.language, ". ")
    said: list[str] = []
    while left > 0:
        count = min(left, chance.randint(6, 16))
        said.append(_words(chance, about.language, count) + stop)
        left -= count
    if about.order and (place == 0 or chance.random() < 0.2):
        said.insert(len(said) // 2, f"({about.order}) ")
    return "".join(said).strip() + f"\n\n{about.buyer.name if place % 2 == 0 else OWN.name}\n"


def mail(seed: int, number: int, place: int, at: int) -> IncomingMail:
    """Message `place` of conversation `number`, dated `at` (ms)."""
    about = talk(seed, number)
    chance = random.Random((seed << 40) ^ (number << 18) ^ (place + 1) ^ (1 << 38))
    own = place > 0 and chance.random() < 0.55
    body = text(seed, number, place)
    if place and chance.random() < 0.3:
        wrote = _WROTE[about.language].format(day="20.11.2026 10:00", who=about.buyer.name)
        body += f"\n{wrote}\n\n" + "\n".join(f"> {line}" for line in text(seed, number, place - 1).splitlines()) + "\n"
    files: tuple[IncomingAttachment, ...] = ()
    if chance.random() < 0.06:
        name = _FILES[about.language].format(n=chance.randrange(10_000))
        files = (IncomingAttachment(name, "application/octet-stream", chance.randbytes(300)),)
    earlier = [0, *range(max(1, place - 8), place)] if place else []
    references = tuple(_message_id(about, each) for each in earlier)
    subject = f"Re: {about.subject}" if place else about.subject
    author, to = (OWN, about.buyer) if own else (about.buyer, OWN)
    own_id = _message_id(about, place)
    raw = _raw(about, author, to, subject, own_id, references, body) if (number + place) % RAW_EVERY == 0 else b""
    return IncomingMail(
        raw=raw, message_id=own_id, in_reply_to=references[-1] if references else "", references=references,
        author=author, to=(to,), cc=(), reply_to=None, subject=subject, at=at, text=body, html="", attachments=files,
        automatic=not own and chance.random() < 0.01, own=own)


def source(seed: int, number: int, place: int, at: int) -> bytes:
    """The mail as a server would hold it, also of those whose source the store does not keep. With its date."""
    made = mail(seed, number, place, at)
    about = talk(seed, number)
    raw = _raw(about, made.author, made.to[0], made.subject, made.message_id, made.references, made.text)
    return f"Date: {formatdate(at / 1_000)}\r\n".encode() + raw


def _words(chance: random.Random, language: str, count: int) -> str:
    words, weights = vocabulary(language)
    return _GLUE.get(language, " ").join(chance.choices(words, cum_weights=weights, k=count))


def _message_id(about: Talk, place: int) -> str:
    return f"<{about.number}.{place}@{about.host}>"


def _raw(about: Talk, author: Address, to: Address, subject: str, own_id: str, references: tuple[str, ...],
         body: str) -> bytes:
    """As a server would hold it (RFC 6532: headers in UTF-8), a kilobyte of relays and signatures left away."""
    lines = [f"From: {author.name} <{author.email}>", f"To: {to.name} <{to.email}>", f"Subject: {subject}",
             f"Message-ID: {own_id}", "MIME-Version: 1.0", 'Content-Type: text/plain; charset="utf-8"',
             "Content-Transfer-Encoding: 8bit", f"X-Mailer: Mail 16.0 ({about.number})"]
    if references:
        lines.append("References: " + "\r\n ".join(references))
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()
