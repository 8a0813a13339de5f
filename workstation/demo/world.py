"""The demo's outside world, all on loopback: mail servers, a shop, a carrier and a hub that can all be cut off."""

from __future__ import annotations

from pathlib import Path

import httpx

from workstation.api import Core
from workstation.connectors.registry import ConnectedSources
from workstation.connectors.seventeentrack.client import SeventeenTrack
from workstation.connectors.seventeentrack.settings import SeventeenTrackSettings
from workstation.connectors.shopify.client import ShopifyOrders
from workstation.connectors.shopify.settings import ShopifySettings
from workstation.connectors.simulated import authority
from workstation.connectors.simulated.authority import SimulatedAuthority
from workstation.connectors.simulated.carrier import SimulatedCarrier
from workstation.connectors.simulated.mail import MailServers
from workstation.connectors.simulated.shop import SimulatedShop
from workstation.demo import script
from workstation.demo.script import MAILBOXES, Mailbox
from workstation.hub import commands as hub
from workstation.hub.server import HubServer
from workstation.inbox.model import AccountSettings, Security, ServerSettings
from workstation.kernel.clock import Clock

PASSWORD = "the demo's own pass phrase"
SHOP_TOKEN = "the demo's own shop token"
CARRIER_TOKEN = "the demo's own carrier token"
SIMULATED = ("shop", "carrier", "mail", "stamps")


class World:
    """Everything the product talks to. `cut` refuses every socket, `restore` listens again at the same ports."""

    def __init__(self, folder: Path, now: int) -> None:
        self._hub_folder = folder / "hub"
        buyers = [each.address for each in script.scripts() if each.reply]
        self.mail = MailServers(dict.fromkeys([mailbox.address for mailbox in MAILBOXES] + buyers, PASSWORD))
        self.shop = SimulatedShop(script.shop_orders(now), script.shop_faults(), SHOP_TOKEN)
        self.carrier = SimulatedCarrier(script.parcels(now), script.carrier_faults(), CARRIER_TOKEN)
        self.authority = SimulatedAuthority()
        self._hub: HubServer | None = None
        self._hub_port = 0
        self.invite = ""

    @property
    def hub_database(self) -> Path:
        return self._hub_folder / "hub.db"

    def start(self, now: int) -> None:
        """Start every server and put the buyers' mail into the mailboxes."""
        self.mail.start()
        self.shop.start()
        self.carrier.start()
        self.authority.start()
        for mailbox in MAILBOXES:
            for raw, folder in script.mails(now, mailbox.key):
                self.mail.deliver(raw, folder, mailbox.address)
        hub.init(self._hub_folder, "Demo hub")
        self._start_hub()
        self.invite = hub.invite(self._hub_folder, "owner", f"http://127.0.0.1:{self._hub_port}")

    def cut(self) -> None:
        """Pull every cable at once."""
        self.mail.cut()
        self.shop.cut()
        self.carrier.cut()
        self.authority.cut()
        self._stop_hub()

    def restore(self) -> None:
        self._start_hub()
        self.authority.restore()
        self.carrier.restore()
        self.shop.restore()
        self.mail.restore()

    def stop(self) -> None:
        self._stop_hub()
        self.authority.stop()
        self.carrier.stop()
        self.shop.stop()
        self.mail.stop()

    def account(self, mailbox: Mailbox) -> AccountSettings:
        """One of the seller's mailboxes on the demo's own servers."""
        return AccountSettings(
            address=mailbox.address, user=mailbox.address, name=mailbox.name, channel=mailbox.channel,
            imap=ServerSettings("127.0.0.1", self.mail.imap_port, Security.PLAIN),
            smtp=ServerSettings("127.0.0.1", self.mail.smtp_port, Security.PLAIN),
            store=mailbox.store, first_sync_days=365,
        )

    async def add_authority(self, core: Core) -> None:
        """Have records stamped by the demo's own authority, which says of itself that it proves nothing."""
        if core.authorities is not None:
            await core.authorities.add(authority.NAME, self.authority.url, self.authority.roots, simulated=True)

    def sources(self, http: httpx.AsyncClient, clock: Clock) -> ConnectedSources:
        """The simulated shop and carrier, asked by the product's own connectors."""
        store = next(mailbox.store for mailbox in MAILBOXES if mailbox.key == "shop")
        shop = ShopifySettings(store=store, origin=self.shop.origin, simulated=True)
        track = SeventeenTrackSettings(origin=self.carrier.origin, pause=0.0, simulated=True)
        return ConnectedSources(
            [ShopifyOrders(http, clock, shop, SHOP_TOKEN)], [SeventeenTrack(http, clock, track, CARRIER_TOKEN)]
        )

    def _start_hub(self) -> None:
        self._hub = HubServer(self._hub_folder, port=self._hub_port)
        self._hub_port = int(self._hub.start().rpartition(":")[2])

    def _stop_hub(self) -> None:
        if self._hub is not None:
            self._hub.stop()
            self._hub = None
