"""What a person does to a binder: shown at once, done one after the other, and taken back in the other order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from ui.binder import order
from workstation.api import BinderApi
from workstation.domain.undo import Undo
from workstation.evidence.claims.model import Binder, Claim, Translation

Work = Callable[[BinderApi], Awaitable[tuple[Undo, ...]]]


@dataclass(frozen=True, slots=True)
class Edit:
    """`words` say what is done, `show` what the binder looks like meanwhile, `run` does it."""

    words: str
    show: Callable[[Binder], Binder]
    run: Work


@dataclass(frozen=True, slots=True)
class Done:
    """An edit that is on disk, and the ways back."""

    edit: Edit
    undos: tuple[Undo, ...]


@dataclass(slots=True)
class History:
    """What was done to one binder and taken back, for as long as the program runs: a window that is opened again goes
    on where the last one was closed."""

    done: list[Done] = field(default_factory=list)
    undone: list[Edit] = field(default_factory=list)


def move(words: str, case_id: str, moves: Sequence[tuple[str, int]]) -> Edit:
    return Edit(words, partial(_moved, tuple(moves)), partial(_move, case_id, tuple(moves)))


def caption(words: str, case_id: str, record_id: str, text: str) -> Edit:
    return Edit(words, partial(_with, record_id, caption=text), partial(_caption, case_id, record_id, text))


def assign(words: str, case_id: str, ids: Sequence[str], slot: str) -> Edit:
    """The meter is reckoned by the core, so only the row follows at once."""
    return Edit(words, partial(_assigned, frozenset(ids), slot), partial(_assign, case_id, tuple(ids), slot))


def include(words: str, case_id: str, ids: Sequence[str], included: bool) -> Edit:
    return Edit(words, partial(_included, frozenset(ids), included), partial(_include, case_id, tuple(ids), included))


def write(words: str, case_id: str, desk: str, reason: str, field: str, text: str) -> Edit:
    return Edit(words, _same, partial(_write, (case_id, desk, reason), field, text))


def claim(words: str, case_id: str, desk: str, told: Claim) -> Edit:
    """By when to answer is reckoned by the core."""
    return Edit(words, partial(_claimed, told), partial(_claim, case_id, desk, told))


def translate(words: str, case_id: str, record_id: str, language: str, made: Translation | None) -> Edit:
    return Edit(words, partial(_translated, record_id, language, made),
                partial(_translate, case_id, record_id, language, made))


async def take_back(done: Done, api: BinderApi) -> tuple[Undo, ...]:
    for undo in reversed(done.undos):
        await api.undo(undo.id)
    return ()


def _same(binder: Binder) -> Binder:
    return binder


def _claimed(told: Claim, binder: Binder) -> Binder:
    return replace(binder, claim=told)


def _moved(moves: tuple[tuple[str, int], ...], binder: Binder) -> Binder:
    by_id = {one.record_id: one for one in binder.exhibits}
    known = [move for move in moves if move[0] in by_id]
    return replace(binder, exhibits=tuple(by_id[one] for one in order.after(list(by_id), known)))


def _with(record_id: str, binder: Binder, *, caption: str) -> Binder:
    return replace(binder, exhibits=tuple(
        replace(one, caption=caption) if one.record_id == record_id else one for one in binder.exhibits))


def _assigned(ids: frozenset[str], slot: str, binder: Binder) -> Binder:
    """ "" asks for a proposal, which is not known here."""
    return binder if not slot else replace(binder, exhibits=tuple(
        replace(one, slot=slot, proposed=False) if one.record_id in ids else one for one in binder.exhibits))


def _translated(record_id: str, language: str, made: Translation | None, binder: Binder) -> Binder:
    return replace(binder, exhibits=tuple(
        replace(one, language=language, translation=made) if one.record_id == record_id else one
        for one in binder.exhibits))


def _included(ids: frozenset[str], included: bool, binder: Binder) -> Binder:
    return replace(binder, exhibits=tuple(
        replace(one, included=included) if one.record_id in ids else one for one in binder.exhibits))


async def _move(case_id: str, moves: tuple[tuple[str, int], ...], api: BinderApi) -> tuple[Undo, ...]:
    return tuple([await api.move(case_id, one, to) for one, to in moves])


async def _caption(case_id: str, record_id: str, text: str, api: BinderApi) -> tuple[Undo, ...]:
    return (await api.caption(case_id, record_id, text),)


async def _assign(case_id: str, ids: tuple[str, ...], slot: str, api: BinderApi) -> tuple[Undo, ...]:
    return tuple([await api.assign(case_id, one, slot) for one in ids])


async def _include(case_id: str, ids: tuple[str, ...], included: bool, api: BinderApi) -> tuple[Undo, ...]:
    return (await api.include(case_id, ids, included),)


async def _write(place: tuple[str, str, str], field: str, text: str, api: BinderApi) -> tuple[Undo, ...]:
    return (await api.write(*place, field, text),)


async def _claim(case_id: str, desk: str, told: Claim, api: BinderApi) -> tuple[Undo, ...]:
    return (await api.claim(case_id, desk, told),)


async def _translate(
    case_id: str, record_id: str, language: str, made: Translation | None, api: BinderApi
) -> tuple[Undo, ...]:
    return (await api.translate(case_id, record_id, language, made),)
