"""Records as a desktop hands them to a hub, for tests of its log."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workstation.evidence import dsse

KEY = Ed25519PrivateKey.from_private_bytes(b"t" * 32)


def record_body(n: int) -> dict[str, Any]:
    """The body of the event of the n-th record, as far as the hub's log looks at it."""
    payload = b'{"n":%d}' % n
    envelope = dsse.sign(payload, dsse.RECORD_TYPE, "k", KEY)
    return {"envelope": base64.b64encode(envelope).decode(), "record_hash": hashlib.sha256(payload).hexdigest()}


def record_hash(n: int) -> str:
    return str(record_body(n)["record_hash"])
