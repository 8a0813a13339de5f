"""Refuses every connection and every name look-up beyond loopback, below all libraries.

`sys.addaudithook` sees what `socket` does in C, whoever calls it, and cannot be taken off again.
"""

from __future__ import annotations

import ipaddress
import socket
import sys

ATTEMPTS: list[str] = []
"""What was refused since the last test began: a product that swallows the refusal still fails the test."""


def guard() -> None:
    """Start refusing, for the rest of this process. Calling it again changes nothing."""
    if not _started:
        _started.append(True)
        sys.addaudithook(_hook)


_started: list[bool] = []


def _hook(event: str, args: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        _check_address(args[1])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        _check_name(args[0])


def _check_address(address: object) -> None:
    if isinstance(address, tuple) and not is_loopback(str(address[0])):
        ATTEMPTS.append(str(address[0]))
        raise ConnectionRefusedError(f"the tests stay on loopback: {address[0]}")


def _check_name(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name == "localhost" or name.endswith(".localhost") or _is_literal(name) or name in _own_names():
        return
    if not name.endswith((".invalid", ".test", ".example")):  # RFC 2606: names that no test can mean seriously
        ATTEMPTS.append(name)
    raise socket.gaierror(socket.EAI_NONAME, f"the tests look up no names: {name}")


def _own_names() -> set[str]:
    return {socket.gethostname(), socket.gethostname().partition(".")[0]}


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """127.0.0.0/8, ::1 (also mapped), the unspecified address (which reaches this computer), or "localhost"."""
    if host in ("localhost", ""):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or address.is_unspecified
