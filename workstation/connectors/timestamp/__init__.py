"""Time-stamp authorities (RFC 3161): somebody else's clock and signature over a hash, never over what was hashed."""

from __future__ import annotations

from workstation.connectors.base import Capability, Metadata
from workstation.kernel.i18n import N_

METADATA = Metadata(
    name="timestamp", title=N_("Time-stamp authority"), capabilities=(Capability.TIME_STAMP,),
    documentation="RFC 3161, time-stamp protocol over HTTP (§3.4)",
)
