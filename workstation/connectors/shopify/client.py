"""Asks a Shopify store about one order. HTTP only; what the answer means is the mapper's."""

from __future__ import annotations

import re

import httpx

from workstation.connectors.http import post_json
from workstation.connectors.shopify.mapper import read_order
from workstation.connectors.shopify.settings import ShopifySettings
from workstation.kernel.clock import Clock
from workstation.kernel.i18n import _
from workstation.orders.model import Answer

_NAME = re.compile(r"#?[\w.-]{1,32}")
QUERY = """
query OrderByName($query: String!) {
  orders(first: 5, query: $query) {
    nodes {
      id
      name
      email
      createdAt
      cancelledAt
      displayFinancialStatus
      displayFulfillmentStatus
      totalPriceSet { shopMoney { amount currencyCode } }
      billingAddress { name }
      shippingAddress { name countryCodeV2 }
      shippingLine { title }
      lineItems(first: 100) {
        nodes { sku title quantity originalUnitPriceSet { shopMoney { amount currencyCode } } }
      }
      fulfillments(first: 20) {
        createdAt
        deliveredAt
        trackingInfo(first: 5) { company number }
      }
      refunds(first: 50) {
        id
        createdAt
        note
        totalRefundedSet { shopMoney { amount currencyCode } }
      }
    }
  }
}
"""


class ShopifyOrders:
    """Fulfils `orders.ports.OrderSource`."""

    platform = "shopify"

    def __init__(self, client: httpx.AsyncClient, clock: Clock, settings: ShopifySettings, access_token: str) -> None:
        self._client = client
        self._clock = clock
        self._settings = settings.checked()
        self._headers = {"X-Shopify-Access-Token": access_token}
        self.store = settings.store

    @property
    def name(self) -> str:
        """The source as the screen names it."""
        return f"shopify · {self.store}" + (f" ({_('simulated')})" if self._settings.simulated else "")

    async def fetch(self, order_id: str) -> Answer | None:
        """The order called `order_id` ("#1042"); None also for what is no order's name. Raises ConnectError's kinds."""
        if not _NAME.fullmatch(order_id):
            return None
        body = {"query": QUERY, "variables": {"query": f'name:"{order_id}"'}}
        reply = await post_json(self._client, self.name, self._settings.endpoint, body, self._headers)
        order = read_order(reply.body, order_id, self.store, self.name, self._clock.now())
        if order is None:
            return None
        return Answer(self.name, order.fetched_at, reply.body, reply.content_type, order=order, asked=reply.asked,
                      status=reply.status)
