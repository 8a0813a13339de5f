"""Windows' Credential Manager and macOS' Keychain through the `keyring` package's own back ends, imported by name.

- The Credential Manager keeps at most 2,560 bytes of UTF-16 for one entry (CRED_MAX_CREDENTIAL_BLOB_SIZE, wincred.h),
  and the package keeps one user for each service and moves others aside: every secret is its own service here, and a
  long one (a token of Microsoft's or Google's) is kept in pieces, whose head is written last.
- The Keychain asks the person once for each program that did not make an entry itself, an updated one included; the
  package answers "denied" when they refuse, and when nobody can be asked (-128, -25293).
- Neither lists what it holds, so the names are an entry of their own, written before a secret and after its end.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from workstation.kernel.errors import KeyringProblem
from workstation.store.keyrings import APPLICATION, changed_by_another, decoded, encoded, locked, no_keyring

WINDOWS_CHARS = 1_200
"""Of UTF-16 in one entry: 2,400 of 2,560 bytes."""
_NAMES = "names"
_PIECES = "pieces:"
_MOST_PIECES = 64


class PackagedRing:
    """A back end of the `keyring` package. `most`: characters that one entry holds, 0 for any number."""

    def __init__(self, name: str, backend: Callable[[], Any], most: int = 0) -> None:
        self.name = name
        self._backend = backend
        self._most = most

    def check(self) -> None:
        self.get("check", "check")

    def get(self, home_id: str, name: str) -> bytes | None:
        with self._open() as ring:
            text = self._read(ring, home_id, name)
        return None if text is None else decoded(text)

    def set(self, home_id: str, name: str, value: bytes) -> None:
        with self._open() as ring:
            self._remember(ring, home_id, name)
            before = _get(ring, home_id, name)
            self._write(ring, home_id, name, encoded(value).decode())
            self._drop_pieces(ring, home_id, name, before, keep=_get(ring, home_id, name))

    def delete(self, home_id: str, name: str) -> None:
        with self._open() as ring:
            before = _get(ring, home_id, name)
            if before is not None:
                _delete(ring, home_id, name)
                self._drop_pieces(ring, home_id, name, before, keep=None)
            names = self._names(ring, home_id)
            if name in names:
                _put(ring, home_id, _NAMES, json.dumps([each for each in names if each != name]))

    def names(self, home_id: str) -> tuple[str, ...]:
        with self._open() as ring:
            return tuple(self._names(ring, home_id))

    def _remember(self, ring: Any, home_id: str, name: str) -> None:
        names = self._names(ring, home_id)
        if name not in names:
            _put(ring, home_id, _NAMES, json.dumps([*names, name]))

    def _names(self, ring: Any, home_id: str) -> list[str]:
        found = json.loads(_get(ring, home_id, _NAMES) or "[]")
        return [str(each) for each in found] if isinstance(found, list) else []

    def _write(self, ring: Any, home_id: str, name: str, text: str) -> None:
        if not self._most or len(text) <= self._most:
            _put(ring, home_id, name, text)
            return
        pieces = [text[start:start + self._most] for start in range(0, len(text), self._most)]
        mark = sha256(text.encode()).hexdigest()[:32]
        for number, piece in enumerate(pieces):
            _put(ring, home_id, f"{name}/{mark}/{number}", piece)
        _put(ring, home_id, name, f"{_PIECES}{len(pieces)}:{mark}")

    def _read(self, ring: Any, home_id: str, name: str) -> str | None:
        head = _get(ring, home_id, name)
        if head is None or not head.startswith(_PIECES):
            return head
        text = "".join(_get(ring, home_id, each) or "" for each in _piece_names(name, head))
        if sha256(text.encode()).hexdigest()[:32] != head.rpartition(":")[2]:
            raise changed_by_another()
        return text

    def _drop_pieces(self, ring: Any, home_id: str, name: str, before: str | None, *, keep: str | None) -> None:
        if before is None or before == keep or not before.startswith(_PIECES):
            return
        for each in _piece_names(name, before):
            if _get(ring, home_id, each) is not None:
                _delete(ring, home_id, each)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            yield self._backend()
        except KeyringProblem:
            raise
        except Exception as problem:  # every back end raises its own system's errors
            if type(problem).__name__ == "KeyringLocked":
                raise locked() from problem
            raise no_keyring(f"{self.name}: {type(problem).__name__}") from problem


def keychain() -> PackagedRing:
    """macOS."""
    return PackagedRing("Keychain", lambda: _backend("keyring.backends.macOS", "Keyring"))


def credential_manager() -> PackagedRing:
    """Windows."""
    def vault() -> _OneTarget:
        return _OneTarget(_backend("keyring.backends.Windows", "WinVaultKeyring"))

    return PackagedRing("Credential Manager", vault, WINDOWS_CHARS)


class _OneTarget:
    """The package's `set_password` first copies what was there to a target of its own, where the old secret stays
    for good: one target for each secret is written straight."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend
        self.get_password, self.delete_password = backend.get_password, backend.delete_password

    def set_password(self, service: str, username: str, password: str) -> None:
        self._backend._set_password(service, username, password)


def _backend(module: str, keyring: str) -> Any:
    backend = getattr(importlib.import_module(module), keyring)
    backend.priority  # noqa: B018 — the back end says here, by raising, that it cannot work
    return backend()


def _service(home_id: str, name: str) -> str:
    return f"{APPLICATION} {home_id} {name}"


def _get(ring: Any, home_id: str, name: str) -> str | None:
    found = ring.get_password(_service(home_id, name), name)
    return None if found is None else str(found)


def _put(ring: Any, home_id: str, name: str, text: str) -> None:
    ring.set_password(_service(home_id, name), name, text)


def _delete(ring: Any, home_id: str, name: str) -> None:
    ring.delete_password(_service(home_id, name), name)


def _piece_names(name: str, head: str) -> list[str]:
    _word, count, mark = head.split(":") if head.count(":") == 2 else ("", "0", "")
    if not count.isdigit() or int(count) > _MOST_PIECES:
        raise changed_by_another()
    return [f"{name}/{mark}/{number}" for number in range(int(count))]
