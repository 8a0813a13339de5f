"""The pure parts: envelopes against another library, canonical numbers, pictures, and reading what anyone may send."""

from __future__ import annotations

import json
import random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as OtherEnvelope
from securesystemslib.signer._key import SSlibKey

from workstation.evidence import chain_check, dsse, imaging, png, record, signing, verify
from workstation.evidence.imaging import Picture
from workstation.evidence.model import Kind
from workstation.evidence.record import Content, Link


def test_another_dsse_library_agrees() -> None:
    key = signing.DeviceKey(Ed25519PrivateKey.generate())
    raw = key.sign(b'{"a":1}')
    other = OtherEnvelope.from_dict(json.loads(raw))
    assert other.pae() == dsse.pre_authentication(dsse.RECORD_TYPE, b'{"a":1}')
    other.verify([SSlibKey(key.key_id, "ed25519", "ed25519", {"public": key.public.public_bytes_raw().hex()})], 1)
    assert dsse.parse(raw).signed_by(key.public)
    assert not dsse.parse(raw).signed_by(Ed25519PrivateKey.generate().public_key())


@given(st.binary(max_size=300))
@settings(max_examples=60)
def test_any_bytes_as_an_envelope_are_a_finding_not_a_crash(raw: bytes) -> None:
    tally = verify.Tally()
    assert verify.envelope(tally, "x", raw, {}) is None
    assert [finding.where for finding in tally.findings] == ["x"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["id", "who", "chain", "when", "file", "private", "how", "what"]), _JSON))
@settings(max_examples=80)
def test_a_signed_statement_of_any_shape_is_judged_without_a_crash(fields: dict[str, object]) -> None:
    key = signing.DeviceKey(Ed25519PrivateKey.generate())
    raw = key.sign(json.dumps({**fields, "schema": record.SCHEMA}).encode())
    tally = verify.Tally()
    checked = verify.envelope(tally, "x", raw, {key.key_id: key.public})
    assert checked is not None
    verify.private(tally, checked, [record.Private("url", b"", "v")])
    verify.content(tally, "x", checked, "0" * 64, 1)
    chain_check.check(tally, complete=True)
    chain_check.lineage(tally, whole=True)
    assert verify.report(tally).findings


def test_an_envelope_that_nests_without_end_is_refused() -> None:
    with pytest.raises(dsse.EnvelopeError):
        dsse.parse(b"[" * 100_000)
    with pytest.raises(ValueError, match="deep"):
        record.parse(b"[" * 100_000)


def test_statements_are_canonical_and_keep_large_numbers_as_text() -> None:
    content = Content("id", Kind.FILE, "case", {"z": "1", "a": "ü"}, {}, {"wall_ns": str(2**62)}, {})
    first = record.canonical(record.build(content, Link(3, "ab")))
    assert first == record.canonical(json.loads(first))
    assert json.loads(first)["when"]["wall_ns"] == "4611686018427387904"
    assert record.whole({"n": "4611686018427387904"}, "n") == 2**62
    assert [record.whole({"n": n}, "n") for n in (True, "1x", "²", None, 5, "")] == [-1, -1, -1, -1, 5, -1]


def test_a_png_needs_pixels_that_fill_it() -> None:
    with pytest.raises(ValueError, match="fill"):
        png.encode(2, 2, bytes(15))
    with pytest.raises(ValueError, match="fill"):
        png.encode(0, 2, b"")


@pytest.mark.parametrize(("width", "height"), [(1, 1), (320, 2), (321, 3), (5, 4_000), (4_000, 1), (1_923, 1_081)])
def test_a_thumbnail_fits_and_holds_the_mean(width: int, height: int) -> None:
    colour = random.Random(width).randbytes(3) + b"\xff"
    small = imaging.thumbnail(Picture(width, height, colour * (width * height)))
    assert small.width <= 320
    assert small.height <= 1_280
    assert small.rgba == colour * (small.width * small.height)


def test_a_thumbnail_mixes_its_samples() -> None:
    black, white = b"\0\0\0\xff", b"\xff\xff\xff\xff"
    stripes = (black + white) * 320
    small = imaging.thumbnail(Picture(640, 640, stripes * 640))
    assert (small.width, small.height) == (320, 320)
    assert set(small.rgba[0::4]) == {128}
