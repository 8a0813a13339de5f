"""The demo's conversations, written for this product, and everything they need: mails, orders, parcels.

    scripts()                     the conversations as values
    mails(now, mailbox)           raw mails with their folders
    orders_tsv(now), orders_csv(now)   the exports a seller downloads
    shop_orders(now), shop_faults()    for the simulated shop
    parcels(now), carrier_faults()     for the simulated carrier
"""

from __future__ import annotations

from workstation.demo.script.dates import fill
from workstation.demo.script.loader import scripts
from workstation.demo.script.mails import mails, message_id
from workstation.demo.script.model import MAILBOXES, SITUATIONS, Mailbox, Script
from workstation.demo.script.orders import (
    carrier_faults,
    orders_csv,
    orders_tsv,
    parcels,
    shop_faults,
    shop_orders,
    store_of,
)

__all__ = [
    "MAILBOXES", "SITUATIONS", "Mailbox", "Script", "carrier_faults", "exports", "fill",
    "mails", "message_id", "orders_csv",
    "orders_tsv", "parcels", "reply_text", "scripts", "shop_faults", "shop_orders", "store_of",
]


def exports(now: int) -> dict[str, bytes]:
    """The files a seller downloads, by name: the marketplace's report and the shop's export."""
    return {"orders.tsv": orders_tsv(now), "orders.csv": orders_csv(now)}


def reply_text(script: Script, now: int) -> str:
    """The agent's English reply with its days filled in as the buyer's language writes them; "" when there is none."""
    return fill(script.reply, now, script.language)
