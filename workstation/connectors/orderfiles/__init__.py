"""Order exports a seller downloads: Amazon's reports, Shopify's export, and a generic CSV of documented columns."""

from __future__ import annotations

from workstation.connectors.base import Capability, Metadata

METADATA = Metadata(
    name="orderfiles",
    title="Order files",
    capabilities=(Capability.ORDER_FILE,),
    documentation="docs/order-files.md",
)
