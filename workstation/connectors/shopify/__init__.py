"""Shopify as a source of orders: the Admin GraphQL API, one question an order. It has no messages."""

from __future__ import annotations

from workstation.connectors.base import Capability, Metadata

METADATA = Metadata(
    name="shopify",
    title="Shopify",
    capabilities=(Capability.ORDER_SOURCE,),
    documentation="Shopify Admin GraphQL API, objects Order, Fulfillment and Refund",
    secrets=("access_token",),
)
