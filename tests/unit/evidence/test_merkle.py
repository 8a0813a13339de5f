"""Our tree against another one (pymerkle), against RFC 6962's own words, and against wrong proofs of every kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from workstation.evidence import merkle
from workstation.evidence.merkle import leaf_hash, node_hash

sizes = st.integers(1, 70)


class Kept:
    """Perfect subtrees as a hub keeps them."""

    def __init__(self, leaves: Sequence[bytes] = ()) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.size = 0
        for leaf in leaves:
            self.append(leaf)

    def append(self, content: bytes) -> None:
        for level, index, hashed in merkle.grown(self.size, leaf_hash(content), self.node):
            self.nodes[level, index] = hashed
        self.size += 1

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


def leaves(n: int) -> list[bytes]:
    return [b"leaf %d" % i for i in range(n)]


ALL = Kept(leaves(70))
OTHER = InmemoryTree.init_from_entries(leaves(70), algorithm="sha256")


def mth(content: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1 word by word."""
    if not content:
        return merkle.EMPTY
    if len(content) == 1:
        return leaf_hash(content[0])
    k = max(1 << i for i in range(len(content).bit_length()) if 1 << i < len(content))
    return node_hash(mth(content[:k]), mth(content[k:]))


def subproof(m: int, content: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """RFC 6962 §2.1.2 word by word."""
    if m == len(content):
        return [] if known else [mth(content)]
    k = max(1 << i for i in range(len(content).bit_length()) if 1 << i < len(content))
    if m <= k:
        return [*subproof(m, content[:k], known=known), mth(content[k:])]
    return [*subproof(m - k, content[k:], known=False), mth(content[:k])]


def test_the_vectors_of_the_rfc() -> None:
    """Certificate Transparency's published roots over its eight inputs."""
    inputs = [bytes.fromhex(text) for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")]
    tree = Kept(inputs)
    assert merkle.root(1, tree.node).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(8, tree.node).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", range(71))
def test_the_root_is_the_other_trees_root(size: int) -> None:
    assert merkle.root(size, ALL.node) == mth(leaves(size))
    if size:
        assert merkle.root(size, ALL.node) == OTHER.get_root(size)


@given(sizes, st.data())
@settings(max_examples=60, deadline=None)
def test_an_inclusion_proof_is_the_other_trees_and_holds(size: int, data: st.DataObject) -> None:
    leaf = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(leaf, size, ALL.node)
    root = merkle.root(size, ALL.node)
    assert proof == [bytes.fromhex(step) for step in OTHER.prove_inclusion(leaf + 1, size).serialize()["path"][1:]]
    hashed = leaf_hash(leaves(size)[leaf])
    assert merkle.included(hashed, leaf, size, proof, root)
    other = data.draw(st.integers(0, 69))
    assert merkle.included(hashed, other, size, proof, root) == (other == leaf)
    assert not merkle.included(hashed, leaf, size, [*proof, root], root)
    assert not merkle.included(leaf_hash(b"no leaf"), leaf, size, proof, root)
    for at in range(len(proof)):
        broken = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1:]]
        assert not merkle.included(hashed, leaf, size, broken, root)
        assert not merkle.included(hashed, leaf, size, proof[:at] + proof[at + 1:], root)


@given(sizes, st.data())
@settings(max_examples=60, deadline=None)
def test_a_consistency_proof_is_the_rfcs_and_holds(second: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, second))
    proof = merkle.consistency(first, second, ALL.node)
    old, new = merkle.root(first, ALL.node), merkle.root(second, ALL.node)
    assert proof == subproof(first, leaves(second))
    assert merkle.consistent(first, second, old, new, proof)
    assert not merkle.consistent(first, second, new if old != new else b"\0" * 32, new, proof)
    assert not merkle.consistent(first, second, old, node_hash(new, new), proof)
    assert not merkle.consistent(first, second, old, new, [*proof, new])
    for at in range(len(proof)):
        broken = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1:]]
        assert not merkle.consistent(first, second, old, new, broken)


@given(st.integers(2, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_a_rewritten_tree_has_no_proof(size: int, data: st.DataObject) -> None:
    """Whoever changes a leaf that was seen cannot show that the tree goes on from what was seen."""
    seen = data.draw(st.integers(1, size))
    changed = data.draw(st.integers(0, seen - 1))
    content = leaves(size)
    content[changed] = b"rewritten"
    forged = Kept(content)
    proof = merkle.consistency(seen, size, forged.node)
    assert not merkle.consistent(
        seen, size, merkle.root(seen, ALL.node), merkle.root(size, forged.node), proof)


@given(st.lists(st.binary(max_size=40), max_size=12), st.integers(-2, 80), st.integers(-2, 80))
@settings(max_examples=80, deadline=None)
def test_anything_may_come_as_a_proof(proof: list[bytes], first: int, second: int) -> None:
    root = merkle.root(9, ALL.node)
    merkle.included(root, first, second, proof, root)
    merkle.consistent(first, second, root, root, proof)


def test_from_nothing_everything_goes_on() -> None:
    assert merkle.consistent(0, 9, merkle.EMPTY, merkle.root(9, ALL.node), [])
    assert not merkle.consistent(0, 9, b"\0" * 32, merkle.root(9, ALL.node), [])
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion(9, 9, ALL.node)
    with pytest.raises(ValueError, match="earlier"):
        merkle.consistency(10, 9, ALL.node)
