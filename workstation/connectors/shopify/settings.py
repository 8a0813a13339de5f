"""What connects a Shopify store."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workstation.kernel.errors import InputError
from workstation.kernel.i18n import _

_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")


@dataclass(frozen=True, slots=True)
class ShopifySettings:
    """`store` is the shop's myshopify.com domain. `origin` replaces https://<store> for a simulated shop."""

    store: str
    api_version: str = "2026-10"       # a quarterly version, supported by Shopify for a year
    origin: str = ""
    simulated: bool = False

    @property
    def endpoint(self) -> str:
        return f"{self.origin or 'https://' + self.store}/admin/api/{self.api_version}/graphql.json"

    def checked(self) -> ShopifySettings:
        """Raises InputError when the domain is not a shop's or the origin leaves this computer."""
        if self.origin:
            fits = self.origin.startswith(("http://127.0.0.1:", "http://[::1]:"))
        else:
            fits = _DOMAIN.fullmatch(self.store) is not None
        if not fits:
            raise InputError(_("{store} is not a Shopify store's address.").format(store=self.store),
                             _("Use the address that ends in .myshopify.com."))
        return self
