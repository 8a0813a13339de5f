"""Servers of common providers, so that most people type only their address and password."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from workstation.inbox.model import Provider, Security, ServerSettings
from workstation.kernel.i18n import N_, _
from workstation.kernel.paths import resources

HINTS: Mapping[str, str] = {
    "": "",
    "app_password": N_("Make an app password in your account's security settings and use it here."),
    "authorisation_code": N_("Switch IMAP/SMTP on in the web mail's settings and use the authorisation code it gives."),
    "switch_on": N_("Switch IMAP on in the web mail's settings first."),
    "oauth": N_("This provider refuses passwords for mail programs. Sign in with the browser."),
}


@dataclass(frozen=True, slots=True)
class Preset:
    """One provider. `hint_key` names a sentence of HINTS, `sign_in` a provider of signin.toml."""

    name: str
    domains: tuple[str, ...]
    imap: ServerSettings
    smtp: ServerSettings
    hint_key: str = ""
    sign_in: str = ""

    @property
    def hint(self) -> str:
        """What the person must do at the provider first, in the interface's language; "" when nothing."""
        return _(HINTS[self.hint_key])


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the file."""
    loaded = tomllib.loads((resources() / "mail" / "presets.toml").read_text(encoding="utf-8"))
    return tuple(_preset(entry) for entry in loaded["preset"])


def preset_for(address: str) -> Preset | None:
    """The provider of an address, by its domain."""
    domain = address.rpartition("@")[2].strip().lower()
    return next((preset for preset in presets() if domain in preset.domains), None)


def provider_of(address: str) -> Provider | None:
    """Implements `inbox.ports.Providers`."""
    preset = preset_for(address)
    return Provider(preset.name, preset.imap, preset.smtp, preset.hint, preset.sign_in) if preset else None


def _preset(entry: dict[str, object]) -> Preset:
    domains = entry["domains"]
    if not isinstance(domains, list) or str(entry["hint"]) not in HINTS:
        raise ValueError(f"presets.toml: {entry.get('name')}")
    return Preset(str(entry["name"]), tuple(str(domain) for domain in domains), _server(entry["imap"]),
                  _server(entry["smtp"]), str(entry["hint"]), str(entry.get("sign_in", "")))


def _server(entry: object) -> ServerSettings:
    if not isinstance(entry, dict):
        raise TypeError("presets.toml: a server is a table")
    return ServerSettings(str(entry["host"]), int(entry["port"]), Security(str(entry["security"])))
