"""Whether an answer only greets. Some marketplaces do not count such an answer: the buyer still waits."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
"""An answer of more characters says something."""

_GREETINGS = frozenset("""
hi hello hey hiya dear good morning afternoon evening day greetings there sir madam friend buyer customer welcome thanks
olá ola oi bom boa dia tarde noite prezado prezada caro cara cliente querido querida obrigado obrigada
hola buenos buenas días dias tardes noches estimado estimada gracias
bonjour bonsoir salut cher chère chere merci hallo guten tag morgen abend moin liebe lieber danke
ciao salve buongiorno buonasera gentile grazie halo hai selamat pagi siang sore malam terima kasih
xin chào chao bạn ban สวัสดี สวัสดีค่ะ สวัสดีครับ مرحبا أهلا السلام عليكم
""".split())
_DENSE = tuple("""
您好 你好 亲亲 亲 在的 在吗 哈喽 早上好 下午好 晚上好 こんにちは おはようございます こんばんは はじめまして 안녕하세요
안녕 สวัสดีค่ะ สวัสดีครับ สวัสดี ค่ะ ครับ
""".split())
_WORD = re.compile(r"[^\W\d_]+")


def only_greets(text: str, name: str = "") -> bool:
    """True for "Hi Ana!" to a buyer called Ana, "您好" and the like; False for what is empty or says anything else."""
    if not text.strip() or len(text) > LONGEST:
        return False
    rest = unicodedata.normalize("NFKC", text).casefold()
    for greeting in _DENSE:
        rest = rest.replace(greeting, " ")
    if re.search(r"\d", rest):
        return False
    known = _GREETINGS | set(_WORD.findall(unicodedata.normalize("NFKC", name).casefold()))
    return all(word in known for word in _WORD.findall(rest))
