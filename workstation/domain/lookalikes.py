"""Names of hosts that are made to be taken for others: letters of another script, digits for letters, a known name in
front of a stranger's. Pure and bounded; nothing here forbids anything, it only tells.

Scripts and confusable letters follow the idea of UTS #39; the tables are our own and hold what has been seen.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

LONGEST_HOST = 253   # RFC 1035, 2.3.4

# Letters that look like a Latin one in common fonts.
_LIKE = {
    **dict(zip("аеорсухіјѕԁһԛԝгпкмнтвзӏґ", "aeopcyxijsdhqwrnkmhtb3lr", strict=True)),
    **dict(zip("αάεικνορτυχωηγ", "aaeiknoptuxwny", strict=True)),
    **dict(zip("օսզղհոց", "ouqnhng", strict=True)),
    **dict(zip("ⅼⅰıɑɡ", "liiag", strict=True)),
}
# Names that are imitated. Ours alone: marketplaces, payment and carriers a seller deals with.
_KNOWN = frozenset({
    "amazon", "paypal", "ebay", "shopify", "aliexpress", "alibaba", "shopee", "lazada", "tiktok", "walmart", "etsy",
    "google", "microsoft", "apple", "facebook", "instagram", "whatsapp", "stripe", "klarna", "wise", "fedex",
    "aramex", "correios", "mercadolivre", "mercadolibre", "rakuten", "payoneer",
})
# Second-level names under which anybody registers.
_PUBLIC_SECOND = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go", "gob", "nom", "in", "me"})
# Scripts that people really write side by side (UTS #39, 5.2, "highly restrictive").
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}), frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
_HOST = re.compile(r"[^\s/?#@:<>\"'()\[\]{},;!|\\]+")


@lru_cache(maxsize=1_024)
def readable(host: str) -> str:
    """The host with its punycode labels as a person would see them; what cannot be read stays as it is."""
    labels = host[:LONGEST_HOST].lower().rstrip(".").split(".")
    return ".".join(_unpacked(label) for label in labels)


@lru_cache(maxsize=1_024)
def ascii_host(host: str) -> str:
    """The host as it goes over the wire ("xn--…"); "" when it can be none."""
    try:
        return host[:LONGEST_HOST].rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""


@lru_cache(maxsize=1_024)
def imitates(host: str) -> str:
    """What the host can be taken for, "" when for nothing.

    Letters of several scripts that are not written together, a whole name of look-alike letters under a Latin ending,
    a known name spelled with other signs, or a known name in front of a stranger's.
    """
    shown = readable(host)
    labels = shown.split(".")
    looks = ".".join(_skeleton(label) for label in labels)
    for label in labels:
        if not label.isascii() and (_mixed(label) or _wholly_alike(label, labels[-1])):
            return looks
    own = organisation(shown).split(".")[0]
    if own not in _KNOWN and _plain(own) in _KNOWN:
        return looks.replace(_skeleton(own), _plain(own))
    for name, after in pairwise(labels[: len(labels) - organisation(shown).count(".")]):
        if name in _KNOWN and name != own and after in ("com", "co", "de", "cn", "net"):
            return f"{name}.{after}"
    return ""


def organisation(host: str) -> str:
    """The part of a host that somebody registered: "mail.shop.co.uk" gives "shop.co.uk". A rule of thumb."""
    labels = readable(host).split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _PUBLIC_SECOND and len(labels[-1]) <= 3 else 2
    return ".".join(labels[-keep:])


def same_organisation(one: str, other: str) -> bool:
    """Whether two hosts belong together as far as their names tell."""
    return organisation(one) == organisation(other)


def host_in(text: str) -> str:
    """The host that a piece of visible text names ("www.shop.example", "https://shop.example/x"), "" when none."""
    words = text.strip()[:2_000].lower()
    bare = words.partition("://")[2] if words.startswith(("http://", "https://")) else words
    found = _HOST.match(bare)
    host = found.group(0).rstrip(".") if found else ""
    if "@" in bare.partition("/")[0] or " " in bare or len(host) > LONGEST_HOST:
        return ""
    named = words != bare or bare.startswith("www.") or _is_domain(host)
    return host if named and "." in host else ""


def _is_domain(text: str) -> bool:
    """A bare name counts as a host only with a common ending: "order.pdf" and "z.B." are none."""
    return text.rpartition(".")[2] in _ENDINGS and not text.startswith((".", "-"))


_ENDINGS = frozenset(
    "com net org info biz shop store online app io cn de fr it es uk br jp mx nl pl eu example".split())


def _unpacked(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def _skeleton(label: str) -> str:
    """The label with look-alike letters as Latin ones, without accents."""
    plain = "".join(_LIKE.get(letter, letter) for letter in label)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def _plain(label: str) -> str:
    """The skeleton with signs that imitate letters: paypa1, arnazon, g00gle, vvise."""
    text = _skeleton(label).replace("rn", "m").replace("vv", "w").replace("-", "")
    return text.replace("1", "l").replace("0", "o").replace("3", "e").replace("5", "s").replace("4", "a")


def _scripts(label: str) -> frozenset[str]:
    return frozenset(_script(letter) for letter in label[:100] if letter.isalpha())


def _script(letter: str) -> str:
    """The first word of a letter's name is its script, save for a few: the sign that lengthens a katakana vowel
    ("ー") and the one that repeats a Chinese character ("々") have names of their own."""
    name = unicodedata.name(letter, "UNKNOWN").split(" ", 1)[0]
    return {"FULLWIDTH": "LATIN", "HALFWIDTH": "KATAKANA", "KATAKANA-HIRAGANA": "KATAKANA",
            "IDEOGRAPHIC": "CJK"}.get(name, name)


def _mixed(label: str) -> bool:
    scripts = _scripts(label)
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER)


def _wholly_alike(label: str, ending: str) -> bool:
    """Every letter looks like a Latin one while the ending is Latin: no word of another language, a disguise."""
    letters = [letter for letter in label if letter.isalpha()]
    alike = bool(letters) and all(letter in _LIKE for letter in letters)
    return ending.isascii() and "LATIN" not in _scripts(label) and alike
