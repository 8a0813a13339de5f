"""The Merkle tree of RFC 6962 §2.1: hashes, inclusion and consistency proofs, built and checked. Pure.

A tree is given by `node`: the hash of the perfect subtree of 2^level leaves that is the index-th of its level. Whoever
keeps those (2 for each leaf) can make every proof from a few of them; whoever checks a proof needs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

Node = Callable[[int, int], bytes]
"""Level (0: leaves) and index → hash."""

EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""
LONGEST = 128
"""Hashes in a proof that is looked at: a tree of 2^63 leaves needs 64."""


def leaf_hash(content: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grown(leaf: int, hashed: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """The subtrees that are complete once this leaf joins: (level, index, hash), the leaf itself first."""
    made = [(0, leaf, hashed)]
    level, index = 0, leaf
    while index % 2 == 1:
        hashed = node_hash(node(level, index - 1), hashed)
        level, index = level + 1, index // 2
        made.append((level, index, hashed))
    return made


def root(size: int, node: Node) -> bytes:
    """The hash over the first `size` leaves."""
    return _subtree(0, size, node) if size else EMPTY


def inclusion(leaf: int, size: int, node: Node) -> list[bytes]:
    """PATH(leaf, first `size` leaves), §2.1.1. Raises ValueError when the leaf is not among them."""
    if not 0 <= leaf < size:
        raise ValueError("no such leaf in this tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf < middle:
            path.append(_subtree(middle, end, node))
            end = middle
        else:
            path.append(_subtree(start, middle, node))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF(first, first `second` leaves), §2.1.2. Raises ValueError when `first` is not the earlier tree."""
    if not 0 <= first <= second:
        raise ValueError("no earlier tree of that size")
    if first in (0, second):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(_subtree(middle, end, node))
            end = middle
        else:
            proof.append(_subtree(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(_subtree(start, end, node))
    return proof[::-1]


def included(hashed: bytes, leaf: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> bool:
    """Whether the proof leads from this leaf's hash to the root of a tree of that size (RFC 9162 §2.1.3.2)."""
    if not 0 <= leaf < size or not _sound(proof):
        return False
    index, last, at = leaf, size - 1, hashed
    for step in proof:
        if last == 0:
            return False
        if index % 2 == 1 or index == last:
            at = node_hash(step, at)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            at = node_hash(at, step)
        index, last = index // 2, last // 2
    return last == 0 and at == root_hash


def consistent(first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `second` leaves begins with the one of `first` (RFC 9162 §2.1.4.2)."""
    if not 0 <= first <= second or not _sound(proof):
        return False
    if first in (0, second):
        begins = first_root == EMPTY if first == 0 else first_root == second_root
        return begins and not proof
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    index, last = first - 1, second - 1
    while index % 2 == 1:
        index, last = index // 2, last // 2
    old = new = path[0]
    for step in path[1:]:
        if last == 0:
            return False
        if index % 2 == 1 or index == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while index % 2 == 0 and index != 0:
                index, last = index // 2, last // 2
        else:
            new = node_hash(new, step)
        index, last = index // 2, last // 2
    return last == 0 and old == first_root and new == second_root


def _sound(proof: Sequence[bytes]) -> bool:
    return len(proof) <= LONGEST and all(len(step) == 32 for step in proof)


def _split(n: int) -> int:
    """The largest power of two smaller than n."""
    return 1 << ((n - 1).bit_length() - 1)


def _subtree(start: int, end: int, node: Node) -> bytes:
    """The hash over leaves start..end-1; such a range always begins where a perfect subtree begins."""
    n = end - start
    if n & (n - 1) == 0:
        level = n.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(n)
    return node_hash(_subtree(start, middle, node), _subtree(middle, end, node))
