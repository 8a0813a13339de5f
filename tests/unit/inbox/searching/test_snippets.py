"""Hits are found in texts as one plain pattern would find them, however they are looked for."""

from __future__ import annotations

import random
import re

import pytest

from workstation.inbox.searching import snippets
from workstation.inbox.searching.snippets import BEGIN, END
from workstation.store.search.words import DENSE

WORDS = ("o", "a", "my", "meu", "meus", "é", "ção", "x", "shoes", "退货", "货", "单", "在哪", "the", "THE", "_",
         "kettle", "o_o", "Não", "nao", "7", "868")
BETWEEN = (" ", "  ", ", ", "\n", "-", "_", "", ". ", " — ", "\t", "'")


def plain(wanted: tuple[str, bool]) -> str:
    """The pattern of one word or phrase, without any shortcut."""
    text, goes_on = wanted
    dense = re.compile(f"[{DENSE}]")
    parts = re.findall(rf"[{DENSE}]+|[^\W{DENSE}]+", text)
    begin = "" if dense.match(parts[0]) else r"(?<![^\W_])"
    end = "" if goes_on or dense.match(parts[-1]) else r"(?![^\W_])"
    return begin + r"[\W_]{1,8}".join(map(re.escape, parts)) + end


@pytest.mark.parametrize("seed", range(3))
def test_phrases_and_words_are_found_where_a_plain_pattern_finds_them(seed: int) -> None:
    chance = random.Random(seed)
    met = 0
    for _text in range(1_500):
        text = snippets.fold("".join(chance.choice(WORDS) + chance.choice(BETWEEN)
                                     for _word in range(chance.randint(1, 60))))
        one = snippets.fold(chance.choice((" ", ", ", "-")).join(chance.choice(WORDS)
                                                                 for _part in range(chance.randint(1, 4))))
        wanted = snippets.pattern(((one, chance.random() < 0.3),))
        if wanted is None:
            continue
        mark, begin = wanted.folded[0], chance.randrange(len(text))
        goes_on = not mark.whole.pattern.endswith(r"(?![^\W_])")
        expected = re.compile(plain((one, goes_on))).search(text, begin)
        assert mark.hit(text, begin, len(text)) == (expected.span() if expected else None), (text, one, begin)
        met += expected is not None
    assert met > 100


def test_of_several_words_each_is_marked_and_the_longer_of_two_at_one_place() -> None:
    wanted = snippets.pattern((("ship", True), ("ship today", False), ("box", False)))
    assert wanted is not None
    text = "No box yet: will you ship  today the box, or shipping boxes?"
    assert snippets.snippet(text, wanted) == (
        f"No {BEGIN}box{END} yet: will you {BEGIN}ship today{END} the {BEGIN}box{END}, or {BEGIN}ship{END}ping boxes?")


def test_what_could_pass_for_a_mark_is_not_shown() -> None:
    wanted = snippets.pattern((("lid", False),))
    assert wanted is not None
    assert snippets.snippet("a \x02broken\x03 lid\x00", wanted) == f"a broken {BEGIN}lid{END}"


def test_the_words_around_a_hit_begin_with_a_word_and_end_after_the_hit() -> None:
    wanted = snippets.pattern((("kettle", False),))
    assert wanted is not None
    said = snippets.snippet("before " * 60 + "kettle" + " after" * 60, wanted)
    assert said.startswith("…before")
    assert said.endswith("…")
    assert f"before {BEGIN}kettle{END} after" in said
    assert len(said) <= snippets.LENGTH + 4


def test_a_western_text_is_folded_as_any_other() -> None:
    every = "".join(map(chr, range(1, 256)))
    for text in (every, every.replace("\xb5", ""), "x" + every[::-1], "Ação e µ"):
        # A character beyond Latin-1 takes the other way.
        assert snippets.fold(text) == snippets.fold(text + "\u4e00")[:-1]
        assert len(snippets.fold(text)) == len(text)
    assert snippets.fold("Devolução ÄÖÜ ÿ ª") == "devolucao aou y a"
