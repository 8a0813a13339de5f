"""Order numbers and tracking numbers found in a buyer's text. Pure rules, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import filterfalse

# ASCII throughout: a number may stand right beside a Chinese or Japanese word.
# Amazon order id: three digits, seven, seven (SP-API Orders model, `AmazonOrderId`).
_AMAZON = re.compile(r"(?<![\d-])(\d{3}-\d{7}-\d{7})(?![\d-])", re.ASCII)
# Shopify order name: "#" and at least four digits, the shop may add a prefix or suffix of letters.
_SHOPIFY = re.compile(r"(?<![\w#&])(#[A-Z]{0,6}-?\d{4,10}(?:-[A-Z]{1,4})?)(?!\w)", re.ASCII)
# eBay order id: NN-NNNNN-NNNNN (Fulfillment API, `orderId`).
_EBAY = re.compile(r"(?<![\d-])(\d{2}-\d{5}-\d{5})(?![\d-])", re.ASCII)
# Shopee order_sn: date YYMMDD and eight or more letters and digits (Open API v2, `order_sn`).
_SHOPEE = re.compile(
    r"(?<!\w)(2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{8})(?!\w)", re.ASCII
)
# Sixteen to nineteen digits: Lazada (16) and TikTok Shop (18 or 19).
_LONG = re.compile(r"(?<![\d-])(\d{16}|\d{18,19})(?![\d-])", re.ASCII)
# Any other number a shop may have given: letters and digits with at least one digit (a generic order file's own ids).
_TOKEN = re.compile(r"(?<![\w#@./-])(?=[A-Za-z_-]*\d)[A-Za-z0-9][A-Za-z0-9_-]{3,39}(?![\w@]|[./-]\w)", re.ASCII)
# Addresses a marketplace gives a buyer for one order or one seller (Amazon and eBay help pages on anonymised e-mail).
_RELAY = re.compile(r"@(?:marketplace\.amazon\.[a-z.]{2,6}|members\.ebay\.[a-z.]{2,6})$", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
_MENTIONS = 64
_TEXT = 200_000
# UPU S10: two letters, eight digits, a check digit, a country code.
_S10 = re.compile(r"(?<!\w)([A-Z]{2})(\d{8})(\d)([A-Z]{2})(?!\w)", re.ASCII)
_SHORTEST = 13   # characters of all that is told by its form, but for Shopify's "#1001"
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


@dataclass(frozen=True, slots=True)
class Clue:
    """Something in a text that may name an order or a parcel. `kind` is "order" or "tracking"."""

    kind: str
    value: str
    platform: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """What mails that just arrived in a conversation name, and the addresses their buyers wrote from (lower case)."""

    conversation_id: str
    mentions: tuple[Mention, ...]
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mention:
    """A number in a conversation. `kind`: "order" (a platform's own format), "tracking" or "maybe"."""

    value: str
    kind: str
    platform: str = ""


def match_key(order_id: str) -> str:
    """An order number as two people would agree on it: without "#" and spaces, in lower case."""
    return order_id.strip().lstrip("#").casefold()


def is_relay_alias(address: str) -> bool:
    """Whether a marketplace made this address for its buyer."""
    return _RELAY.search(address.strip()) is not None


def find_mentions(text: str) -> tuple[Mention, ...]:
    """Everything in `text` that may name an order or a parcel, at most 64, the surest first."""
    return mentions_among(text[:_TEXT].split())


def mentions_among(words: Iterable[str]) -> tuple[Mention, ...]:
    """The same for a text that was parted at its white space. Every number holds a digit, and none white space."""
    numbers = [word for word in filterfalse(str.isalpha, words) if _DIGIT.search(word)]
    text = "\n".join(numbers)
    found: list[Mention] = []
    if "#" in text or max(map(len, numbers), default=0) >= _SHORTEST:
        found += [Mention(clue.value, "order", clue.platform) for clue in find_order_clues(text)]
        found += [Mention(clue.value, "tracking") for clue in find_tracking_clues(text)]
    found += [Mention(match.group(0), "maybe") for match in _TOKEN.finditer(text)]
    by_key: dict[str, Mention] = {}
    for mention in found:
        by_key.setdefault(match_key(mention.value), mention)
    return tuple(by_key.values())[:_MENTIONS]


def find_order_clues(text: str) -> tuple[Clue, ...]:
    """Order ids in `text`, in the order they appear, each once."""
    found = [
        Clue("order", match.group(1), platform, match.start(1))
        for pattern, platform, sign in (
            (_AMAZON, "amazon", "-"), (_SHOPIFY, "shopify", "#"), (_EBAY, "ebay", "-"), (_SHOPEE, "shopee", "2"),
            (_LONG, "", ""),
        )
        if sign in text
        for match in pattern.finditer(text)
    ]
    return _once(found)


def find_tracking_clues(text: str) -> tuple[Clue, ...]:
    """UPU S10 tracking numbers in `text` whose check digit is right."""
    matches = _S10.finditer(text)
    return _once([Clue("tracking", m.group(0), "", m.start()) for m in matches if s10_is_valid(m.group(0))])


def s10_is_valid(number: str) -> bool:
    """UPU S10 check: weights 8 6 4 2 3 5 9 7; 11 − (sum mod 11), where 10 becomes 0 and 11 becomes 5."""
    match = _S10.fullmatch(number)
    if match is None:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, match.group(2), strict=True))
    check = 11 - total % 11
    return {10: 0, 11: 5}.get(check, check) == int(match.group(3))


def _once(clues: list[Clue]) -> tuple[Clue, ...]:
    by_value: dict[str, Clue] = {}
    for clue in sorted(clues, key=lambda c: c.start):
        by_value.setdefault(clue.value, clue)
    return tuple(by_value.values())
