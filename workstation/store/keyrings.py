"""The system's keyring, used directly: only back ends named here, never the `keyring` package's chooser, which may
offer one that writes plain text and costs 0.2 s. On Linux the Secret Service is spoken to over jeepney, so that the
first page of the list waits for neither `keyring` nor `cryptography`. See docs/adr/0001-keys-and-start.md."""

from __future__ import annotations

import binascii
import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workstation.kernel.errors import KeyringProblem
from workstation.kernel.i18n import _

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection

_CONNECT_SECONDS = 2.0
_ANSWER_SECONDS = 10.0  # the bus may have to start the service first
_BUS_NAME = "org.freedesktop.secrets"
_PREFIX = "org.freedesktop.Secret."
_SERVICE = "/org/freedesktop/secrets"
_DEFAULT_COLLECTION = "/org/freedesktop/secrets/aliases/default"
_NO_OBJECT = "/"
_APPLICATION = "workstation"


class Ring(Protocol):
    """Named secrets by home, kept by the system for this user. Calls block. All raise KeyringProblem."""

    name: str

    def check(self) -> None:
        """Return when secrets can be kept now; raise KeyringProblem with what is in the way."""

    def get(self, home_id: str, name: str) -> bytes | None: ...

    def set(self, home_id: str, name: str, value: bytes) -> None: ...

    def delete(self, home_id: str, name: str) -> None: ...


def system_ring() -> Ring:
    """This system's keyring. Does not touch it yet. Raises KeyringProblem when there is none we allow."""
    if sys.platform == "darwin":
        return PackagedRing("keyring.backends.macOS", "Keyring", "Keychain")
    if sys.platform == "win32":
        return PackagedRing("keyring.backends.Windows", "WinVaultKeyring", "Credential Manager")
    if _bus_address() is None and _has_dbus_python():
        return PackagedRing("keyring.backends.kwallet", "DBusKeyring", "KWallet")
    return SecretService()


def no_keyring(reason: str) -> KeyringProblem:
    """The failure that names the way to work without a keyring."""
    return KeyringProblem(
        _("The system keyring cannot be used: {reason}.").format(reason=reason),
        _("Start the keyring, or keep the key in a file: "
          "workstation init --passphrase-file F --recovery-out F (or set WORKSTATION_PASSPHRASE_FILE)."),
    )


class SecretService:
    """freedesktop.org's Secret Service (GNOME Keyring, KWallet 5.97 and later, KeePassXC) over this user's own bus.

    The session is "plain": the bus is a socket only this user can open, as the specification allows
    (Secret Service API draft 0.2, "Transfer of secrets").
    """

    name = "Secret Service"

    def check(self) -> None:
        with _talk() as service:
            service.unlock()

    def get(self, home_id: str, name: str) -> bytes | None:
        with _talk() as service:
            item = service.find(home_id, name)
            return None if item is None else service.read(item)

    def set(self, home_id: str, name: str, value: bytes) -> None:
        with _talk() as service:
            service.unlock()
            service.write(home_id, name, value)

    def delete(self, home_id: str, name: str) -> None:
        with _talk() as service:
            item = service.find(home_id, name)
            if item is not None:
                service.call(item, "Item", "Delete")


class PackagedRing:
    """A back end of the `keyring` package, imported by its own name. Values are base64 text there."""

    def __init__(self, module: str, keyring: str, name: str) -> None:
        self.name = name
        self._module = module
        self._keyring = keyring

    def check(self) -> None:
        self.get("check", "check")

    def get(self, home_id: str, name: str) -> bytes | None:
        with self._open() as ring:
            text = ring.get_password(_service_name(home_id), name)
        return None if text is None else _decoded(text)

    def set(self, home_id: str, name: str, value: bytes) -> None:
        with self._open() as ring:
            ring.set_password(_service_name(home_id), name, _encoded(value).decode())

    def delete(self, home_id: str, name: str) -> None:
        with self._open() as ring:
            if ring.get_password(_service_name(home_id), name) is not None:
                ring.delete_password(_service_name(home_id), name)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            backend = getattr(importlib.import_module(self._module), self._keyring)
            backend.priority  # noqa: B018 — the back end says here, by raising, that it cannot work
            yield backend()
        except KeyringProblem:
            raise
        except Exception as problem:  # every back end raises its own system's errors
            raise no_keyring(f"{self.name}: {type(problem).__name__}") from problem


class _Conversation:
    """One connection to the Secret Service with an open session."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._session = self.call(_SERVICE, "Service", "OpenSession", "sv", "plain", ("s", ""))[1]

    def call(self, path: str, interface: str, method: str, signature: str | None = None, *body: object) -> Any:
        from jeepney import DBusAddress, MessageType, new_method_call

        address = DBusAddress(path, _BUS_NAME, _PREFIX + interface)
        message = new_method_call(address, method, signature, body)
        reply = self._connection.send_and_get_reply(message, timeout=_ANSWER_SECONDS)
        if reply.header.message_type == MessageType.error:
            raise no_keyring(_plain_error(reply))
        return reply.body

    def find(self, home_id: str, name: str) -> str | None:
        """The item's path, unlocked; None when there is none."""
        unlocked, locked = self.call(_SERVICE, "Service", "SearchItems", "a{ss}", _attributes(home_id, name))
        if unlocked:
            return str(unlocked[0])
        if locked:
            self._unlock(locked[0])
            return str(locked[0])
        return None

    def read(self, item: str) -> bytes:
        secret = self.call(item, "Item", "GetSecret", "o", self._session)[0]
        return _decoded(bytes(secret[2]).decode("ascii", "replace"))

    def write(self, home_id: str, name: str, value: bytes) -> None:
        label = f"Workstation {name}"
        properties = {
            _PREFIX + "Item.Label": ("s", label),
            _PREFIX + "Item.Attributes": ("a{ss}", _attributes(home_id, name)),
        }
        secret = (self._session, b"", _encoded(value), "text/plain")
        item, _prompt = self.call(
            _DEFAULT_COLLECTION, "Collection", "CreateItem", "a{sv}(oayays)b", properties, secret, True,
        )
        if item == _NO_OBJECT:
            raise _locked()

    def unlock(self) -> None:
        """Unlock the default collection when that needs nobody; raise when it does, or when there is none."""
        collection = self.call(_SERVICE, "Service", "ReadAlias", "s", "default")[0]
        if collection == _NO_OBJECT:
            raise no_keyring(_("it has no default collection yet"))
        self._unlock(collection)

    def _unlock(self, path: str) -> None:
        _unlocked, prompt = self.call(_SERVICE, "Service", "Unlock", "ao", [path])
        if prompt != _NO_OBJECT:
            raise _locked()


@contextmanager
def _talk() -> Iterator[_Conversation]:
    address = _bus_address()
    if address is None:
        raise no_keyring(_("there is no session bus here"))
    try:
        from jeepney.io.blocking import open_dbus_connection
        from jeepney.wrappers import DBusErrorResponse

        try:
            with open_dbus_connection(address, auth_timeout=_CONNECT_SECONDS) as connection:
                yield _Conversation(connection)
        except DBusErrorResponse as problem:
            raise no_keyring(problem.name) from problem
    except (OSError, EOFError, RuntimeError, ImportError) as problem:  # TimeoutError is an OSError
        raise no_keyring(_("the session bus does not answer")) from problem


def _bus_address() -> str | None:
    """The session bus named by the environment, or the one systemd puts in the user's run-time folder."""
    named = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    if named:
        return named if named.startswith("unix:") else None
    folder = os.environ.get("XDG_RUNTIME_DIR")
    socket = Path(folder) / "bus" if folder else None
    return f"unix:path={socket}" if socket is not None and socket.is_socket() else None


def _has_dbus_python() -> bool:
    from importlib.util import find_spec

    return find_spec("dbus") is not None


def _attributes(home_id: str, name: str) -> dict[str, str]:
    return {"application": _APPLICATION, "home": home_id, "name": name}


def _service_name(home_id: str) -> str:
    return f"{_APPLICATION} {home_id}"


def _encoded(value: bytes) -> bytes:
    return binascii.b2a_base64(value, newline=False)


def _decoded(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError as problem:
        raise no_keyring(_("its entry for this home was changed by another program")) from problem


def _plain_error(reply: Any) -> str:
    name = str(reply.header.fields.get(4, ""))  # field 4 is ERROR_NAME (D-Bus specification, "Header Fields")
    if name.endswith(("ServiceUnknown", "NameHasNoOwner", "ExecFailed", "Spawn.ChildExited", "NoReply")):
        return _("no Secret Service is running")
    if name.endswith("IsLocked"):
        return _("it is locked")
    return name


def _locked() -> KeyringProblem:
    return KeyringProblem(
        _("The system keyring is locked; nothing was changed."),
        _("Unlock it (log in again, or open your passwords application), then try again. Without a keyring: "
          "workstation init --passphrase-file F --recovery-out F."),
    )
