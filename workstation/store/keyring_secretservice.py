"""freedesktop.org's Secret Service (GNOME Keyring, KWallet 5.97 and later, KeePassXC) over this user's own bus.

The session is "plain": the bus is a socket only this user can open, as the specification allows (Secret Service API
draft 0.2, "Transfer of secrets"). A locked collection raises the service's own prompt when somebody may be asked
("Prompts and Prompting"); the prompt ends with this connection, so nothing is left on the screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workstation.kernel.errors import KeyringLocked
from workstation.kernel.i18n import _
from workstation.store.keyring_bus import Bus, BusError, talk
from workstation.store.keyrings import APPLICATION, Asking, Ring, decoded, dismissed, encoded, locked, no_keyring

BUS_NAME = "org.freedesktop.secrets"
_PREFIX = "org.freedesktop.Secret."
_SERVICE = "/org/freedesktop/secrets"
_DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"
_NO_OBJECT = "/"


class SecretService:
    """The keyring of most Linux desktops. Where no Secret Service answers, KWallet is used in its place."""

    name = "Secret Service"

    def __init__(self, asking: Asking | None = None) -> None:
        self._asking = asking

    def check(self) -> None:
        with self._talk() as service:
            if isinstance(service, _Conversation):
                service.unlock()
            else:
                service.check()

    def get(self, home_id: str, name: str) -> bytes | None:
        with self._talk() as service:
            return service.get(home_id, name)

    def set(self, home_id: str, name: str, value: bytes) -> None:
        with self._talk() as service:
            service.set(home_id, name, value)

    def delete(self, home_id: str, name: str) -> None:
        with self._talk() as service:
            service.delete(home_id, name)

    def names(self, home_id: str) -> tuple[str, ...]:
        with self._talk() as service:
            return service.names(home_id)

    @contextmanager
    def _talk(self) -> Iterator[_Conversation | Ring]:
        with talk() as bus:
            try:
                service: _Conversation | Ring = _Conversation(bus, self._asking)
            except BusError as problem:
                if not problem.nobody_there:
                    raise
                from workstation.store.keyring_kwallet import Wallet, wallet_on

                found = wallet_on(bus)
                if found is None:
                    raise
                self.name = "KWallet"
                service = Wallet(bus, found, self._asking)
            yield service


class _Conversation:
    """An open session with the service."""

    def __init__(self, bus: Bus, asking: Asking | None) -> None:
        self._bus, self._asking = bus, asking
        self._session = self.call(_SERVICE, "Service", "OpenSession", "sv", "plain", ("s", ""))[1]

    def call(self, path: str, interface: str, method: str, signature: str | None = None, *body: object) -> Any:
        try:
            return self._bus.call((path, BUS_NAME, _PREFIX + interface), method, signature, *body)
        except BusError as problem:
            if problem.name.endswith("IsLocked"):
                raise locked() from problem
            raise

    def get(self, home_id: str, name: str) -> bytes | None:
        item = self._find(home_id, name)
        if item is None:
            return None
        secret = self.call(item, "Item", "GetSecret", "o", self._session)[0]
        return decoded(bytes(secret[2]).decode("ascii", "replace"))

    def set(self, home_id: str, name: str, value: bytes) -> None:
        self.unlock()
        properties = {
            _PREFIX + "Item.Label": ("s", f"Workstation {name}"),
            _PREFIX + "Item.Attributes": ("a{ss}", _attributes(home_id, name)),
        }
        secret = (self._session, b"", encoded(value), "text/plain")
        item, prompt = self.call(
            _DEFAULT_COLLECTION, "Collection", "CreateItem", "a{sv}(oayays)b", properties, secret, True,
        )
        if item == _NO_OBJECT:
            self._answer(prompt)

    def delete(self, home_id: str, name: str) -> None:
        item = self._find(home_id, name)
        if item is not None:
            prompt = self.call(item, "Item", "Delete")[0]
            if prompt != _NO_OBJECT:
                self._answer(prompt)

    def names(self, home_id: str) -> tuple[str, ...]:
        found = self.call(_SERVICE, "Service", "SearchItems", "a{ss}", {"application": APPLICATION, "home": home_id})
        items = [*found[0], *found[1]]
        place = "org.freedesktop.DBus.Properties"
        attributes = [self._bus.call((item, BUS_NAME, place), "Get", "ss", _PREFIX + "Item", "Attributes")[0][1]
                      for item in items]
        return tuple(dict(each).get("name", "") for each in attributes)

    def unlock(self) -> None:
        """Unlock the default collection. Raises KeyringLocked when that needs somebody who is not there."""
        collection = self.call(_SERVICE, "Service", "ReadAlias", "s", "default")[0]
        if collection == _NO_OBJECT:
            raise no_keyring(_("it has no default collection yet"))
        self._unlock(collection)

    def _find(self, home_id: str, name: str) -> str | None:
        """The item's path, unlocked; None when there is none."""
        unlocked, closed = self.call(_SERVICE, "Service", "SearchItems", "a{ss}", _attributes(home_id, name))
        if unlocked:
            return str(unlocked[0])
        if closed:
            self._unlock(closed[0])
            return str(closed[0])
        return None

    def _unlock(self, path: str) -> None:
        _unlocked, prompt = self.call(_SERVICE, "Service", "Unlock", "ao", [path])
        if prompt != _NO_OBJECT:
            self._answer(prompt)

    def _answer(self, prompt: str) -> None:
        """Show the prompt and wait for the person. Raises KeyringLocked."""
        if self._asking is None:
            raise locked()
        self._bus.listen(prompt, _PREFIX + "Prompt")
        self.call(prompt, "Prompt", "Prompt", "s", self._asking.window)
        try:
            turned_away, _result = self._bus.signal(self._asking, prompt, _PREFIX + "Prompt", "Completed")
        except KeyringLocked:
            self._dismiss(prompt)
            raise
        if turned_away:
            raise dismissed()

    def _dismiss(self, prompt: str) -> None:
        """Take it off the screen. It may have been answered in this instant, and is gone then."""
        try:
            self.call(prompt, "Prompt", "Dismiss")
        except BusError:
            return


def _attributes(home_id: str, name: str) -> dict[str, str]:
    return {"application": APPLICATION, "home": home_id, "name": name}
