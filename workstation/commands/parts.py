"""What `doctor` calls each part it looked at. The names themselves are for programs (`--json`) and never change."""

from __future__ import annotations

from workstation.kernel.i18n import N_, _

PARTS = {
    "claims desks": N_("claims desks"),
    "clock": N_("clock"), "clocks": N_("response clocks"), "device key": N_("device key"),
    "display": N_("display"), "fonts": N_("fonts"),
    "home": N_("home"), "hub": N_("hub"), "hub clock": N_("hub clock"), "hub log": N_("hub log"),
    "in use": N_("in use"), "key": N_("key"),
    "keyring": N_("keyring"), "leftovers": N_("leftovers"), "lock": N_("lock"), "log": N_("log"),
    "mailboxes": N_("mailboxes"), "pictures": N_("pictures"), "place": N_("place"), "recovery key": N_("recovery key"),
    "resources": N_("resources"), "schema": N_("schema"), "sources": N_("sources"), "store": N_("store"),
    "system": N_("system"), "system library": N_("system library"),
    "time stamps": N_("time stamps"), "translation": N_("translation"),
    "window": N_("window"), "writing": N_("writing"),
}


def spoken(part: str) -> str:
    """The part in the interface's language; a server's name stays as it is."""
    return _(PARTS[part]) if part in PARTS else part
