"""One text through an engine: segments, masks, checks each segment, and tries harder where something was lost.

A segment goes first with its plain numbers visible, because it reads better; when anything is missing or changed it
goes again with everything hidden, under three token shapes; at last only the words between the survivors are
translated and the survivors are joined back in. What is lost after that is reported.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from workstation.translation.masking import SHAPES, SOFT, Masked, Survivor, find, mask, pieces, restore
from workstation.translation.phrases import closing
from workstation.translation.segments import Segment, split
from workstation.translation.survival import check

Ask = Callable[[Sequence[str]], Awaitable[tuple[str, ...]]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Case:
    """A segment that is to be translated, and everything in it that must survive."""

    text: str
    survivors: tuple[Survivor, ...]
    names: tuple[str, ...]


async def translate_text(
    text: str, ask: Ask, names: Sequence[str] = (), progress: Progress | None = None, pair: tuple[str, str] = ("", ""),
) -> str:
    """`text` through the engine behind `ask`. Lines, quote marks and bullets stay; `survival.check` proves the rest.

    `pair` is source and target, for the few phrases that need no engine. `progress` counts segments.
    """
    segments = split(text)
    known = _all_names(text, names)
    cases = {s.text: _Case(s.text, find(s.text, known), known) for s in segments if s.words}
    fixed = {words: phrase for words in cases if (phrase := closing(words, *pair)) is not None}
    done = fixed | await _all([case for case in cases.values() if case.text not in fixed], ask, progress)
    return "".join(_shown(segment, done) for segment in segments)


def _all_names(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names given, and those a greeting in the text reveals, for every line that repeats them."""
    return tuple(dict.fromkeys([*names, *(s.value for s in find(text, names) if s.kind == "name")]))


def _shown(segment: Segment, done: dict[str, str]) -> str:
    return done[segment.text] if segment.words else segment.text


async def _all(cases: Sequence[_Case], ask: Ask, progress: Progress | None) -> dict[str, str]:
    done: dict[str, str] = {}
    for attempt in (_gently, *map(_hidden, SHAPES)):
        left = [case for case in cases if case.text not in done]
        done.update(await _try(left, attempt, ask))
        if progress is not None:
            progress(len(done), len(cases))
    for case in cases:
        if case.text not in done:
            done[case.text] = await _around(case, ask)
    return done


def _gently(case: _Case) -> Masked:
    return mask(case.text, [s for s in case.survivors if s.kind not in SOFT])


def _hidden(shape: Callable[[int], str]) -> Callable[[_Case], Masked]:
    return lambda case: mask(case.text, case.survivors, shape)


async def _try(cases: Sequence[_Case], attempt: Callable[[_Case], Masked], ask: Ask) -> dict[str, str]:
    """Those segments that came back whole."""
    masked = [(case, attempt(case)) for case in cases]
    wordless = {case.text: case.text for case, hidden in masked if not _has_words(hidden)}
    asked = [(case, hidden) for case, hidden in masked if case.text not in wordless]
    answers = await ask([hidden.text for _case, hidden in asked]) if asked else ()
    whole = wordless
    for (case, hidden), answer in zip(asked, answers, strict=True):
        restored = restore(answer, hidden.tokens)
        if restored is not None and not check(case.text, restored, case.names).lost:
            whole[case.text] = restored
    return whole


def _has_words(masked: Masked) -> bool:
    text = masked.text
    for token, _value in masked.tokens:
        text = text.replace(token, " ", 1)
    return any(character.isalpha() for character in text)


async def _around(case: _Case, ask: Ask) -> str:
    """Translate only what stands between the survivors and join it again with its own spaces."""
    parts = pieces(case.text, case.survivors)
    words = [part.strip() for part, free in parts if free and any(map(str.isalpha, part))]
    done = dict(zip(words, await ask(words), strict=True)) if words else {}
    return "".join(_joined(part, done) if free else part for part, free in parts)


def _joined(part: str, done: dict[str, str]) -> str:
    body = part.strip()
    return part.replace(body, done[body], 1) if body in done else part
