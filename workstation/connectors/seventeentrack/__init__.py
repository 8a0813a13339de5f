"""17TRACK as a carrier: one service that knows the parcels of some two thousand carriers."""

from __future__ import annotations

from workstation.connectors.base import Capability, Metadata

METADATA = Metadata(
    name="seventeentrack",
    title="17TRACK",
    capabilities=(Capability.CARRIER,),
    documentation="17TRACK Tracking API v2.2, register and gettrackinfo",
    secrets=("token",),
)
