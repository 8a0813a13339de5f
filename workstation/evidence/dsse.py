"""DSSE envelopes (secure-systems-lab/dsse 1.0): a payload, its type, and an Ed25519 signature over both.

The signature covers `DSSEv1 <length> <type> <length> <payload>`, so openssl can check it without knowing JSON.
securesystemslib's class wants its own key objects for these few lines; the tests hold ours against it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

RECORD_TYPE = "application/vnd.workstation.record+json"
MANIFEST_TYPE = "application/vnd.workstation.manifest+text"
MOST_BYTES = 4 << 20
_MOST_TEXT = 200


class EnvelopeError(ValueError):
    """The bytes are not a DSSE envelope with one signature."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and its one signature."""

    payload: bytes
    payload_type: str
    key_id: str
    signature: bytes

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        try:
            key.verify(self.signature, pre_authentication(self.payload_type, self.payload))
        except InvalidSignature:
            return False
        return True

    def canonical(self) -> bytes:
        """The one way in which this envelope is written (RFC 8785)."""
        return _dumps(self.payload, self.payload_type, self.key_id, self.signature)


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the DSSE pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, payload_type: str, key_id: str, key: Ed25519PrivateKey) -> bytes:
    """The envelope as canonical JSON."""
    return _dumps(payload, payload_type, key_id, key.sign(pre_authentication(payload_type, payload)))


def _dumps(payload: bytes, payload_type: str, key_id: str, signature: bytes) -> bytes:
    return rfc8785.dumps({
        "payload": base64.b64encode(payload).decode(),
        "payloadType": payload_type,
        "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
    })


def parse(raw: bytes, most: int = MOST_BYTES) -> Envelope:
    """The envelope in `raw`, which may come from anyone, of at most `most` bytes. Raises EnvelopeError."""
    if len(raw) > most:
        raise EnvelopeError("too large")
    try:
        found = json.loads(raw)
        (signature,) = found["signatures"]
        payload_type, key_id = _ascii(found["payloadType"]), _ascii(signature["keyid"])
        return Envelope(
            base64.b64decode(found["payload"], validate=True), payload_type, key_id,
            base64.b64decode(signature["sig"], validate=True),
        )
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as problem:
        raise EnvelopeError("not an envelope") from problem


def _ascii(found: object) -> str:
    """Raises ValueError unless it is a short text that can be written anywhere."""
    if not isinstance(found, str) or not found.isascii() or len(found) > _MOST_TEXT:
        raise ValueError("not a name")
    return found
