"""Where exhibits go when they are moved: pure sums over their ids."""

from __future__ import annotations

from collections.abc import Sequence


def dropped(order: Sequence[str], ids: Sequence[str], place: int) -> list[tuple[str, int]]:
    """The moves that put `ids`, in the order they have, before what stands at `place` (from 0; the length: the end).

    Each move is an id and its new place in the whole order, counted without it, one after the other.
    """
    wanted = [one for one in order if one in set(ids)]
    anchor = next((one for one in order[max(0, place):] if one not in wanted), "")
    current, moves = list(order), []
    for one in wanted:
        before = current.index(one)
        current.remove(one)
        to = current.index(anchor) if anchor else len(current)
        current.insert(to, one)
        if to != before:
            moves.append((one, to))
    return moves


def shifted(order: Sequence[str], ids: Sequence[str], step: int) -> list[tuple[str, int]]:
    """The moves that take each of `ids` one place up (-1) or down (1); what is at an end stays, and so does what would
    have to pass another of them."""
    current, moves, chosen = list(order), [], set(ids)
    for one in [one for one in order if one in chosen][::-1 if step > 0 else 1]:
        before = current.index(one)
        to = before + step
        if 0 <= to < len(current) and current[to] not in chosen:
            current.insert(to, current.pop(before))
            moves.append((one, to))
    return moves


def after(order: Sequence[str], moves: Sequence[tuple[str, int]]) -> list[str]:
    """The order once the moves are made."""
    current = list(order)
    for one, to in moves:
        current.remove(one)
        current.insert(to, one)
    return current
