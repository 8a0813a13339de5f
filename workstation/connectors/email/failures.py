"""What goes wrong between us and a mail server, turned into sentences a person can act on."""

from __future__ import annotations

import socket
import ssl

from workstation.inbox.model import ServerSettings
from workstation.kernel.errors import (
    BadAnswer,
    BadCertificate,
    ConnectError,
    Offline,
    TimedOut,
)
from workstation.kernel.i18n import _

# OpenSSL's X509_V_ERR_* numbers.
_EXPIRED, _NOT_YET, _SELF_SIGNED, _HOSTNAMES = 10, 9, (18, 19), (62, 64)


def explain(problem: BaseException, server: ServerSettings) -> ConnectError:
    """The known failure behind an exception of a socket, TLS or a mail library."""
    if isinstance(problem, ConnectError):
        return problem
    for cause in _chain(problem):
        found = _explain_one(cause, server)
        if found is not None:
            return found
    return Offline(
        _("The connection to {host} was lost.").format(host=server.host), _("It is tried again by itself."))


def _chain(problem: BaseException) -> list[BaseException]:
    """The exception and what caused it, most telling first: libraries wrap the socket's own error."""
    found: list[BaseException] = []
    current: BaseException | None = problem
    while current is not None and len(found) < 8:
        found.append(current)
        current = current.__cause__ or current.__context__
    return sorted(found, key=_rank)


def _rank(problem: BaseException) -> int:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return 0
    if isinstance(problem, ssl.SSLError | socket.gaierror | ConnectionRefusedError):
        return 1
    return 2 if isinstance(problem, OSError) else 3


def _explain_one(problem: BaseException, server: ServerSettings) -> ConnectError | None:
    if isinstance(problem, ssl.SSLCertVerificationError):
        return _certificate(problem, server.host)
    if isinstance(problem, ssl.SSLError):
        return _no_tls(server)
    if isinstance(problem, socket.gaierror):
        return Offline(
            _("The server {host} was not found.").format(host=server.host),
            _("Check the server's name, and that this computer is on the network."))
    if isinstance(problem, ConnectionRefusedError):
        return Offline(
            _("{host} does not answer at port {port}.").format(host=server.host, port=server.port),
            _("Check the port, or wait until the server is back."))
    if isinstance(problem, TimeoutError):
        return TimedOut(
            _("{host} did not answer in time.").format(host=server.host),
            _("Check the port and the network. A firewall may be in the way."))
    if isinstance(problem, ConnectionError):
        return Offline(
            _("{host} closed the connection.").format(host=server.host), _("It is tried again by itself."))
    if isinstance(problem, OSError):
        return Offline(
            _("{host} cannot be reached.").format(host=server.host), _("Check that this computer is on the network."))
    return None


def _certificate(problem: ssl.SSLCertVerificationError, host: str) -> BadCertificate:
    code = problem.verify_code
    if code in _HOSTNAMES:
        return BadCertificate(
            _("The server's certificate is for another name than {host}.").format(host=host),
            _("Use the server name the provider gives. If it is right, do not go on: someone may be in between."))
    if code in _SELF_SIGNED or code == 20:
        return BadCertificate(
            _("The certificate of {host} is not signed by an authority this computer knows.").format(host=host),
            _("If the server is your own, name its certificate authority's file in the settings."))
    if code in (_EXPIRED, _NOT_YET):
        return BadCertificate(
            _("The certificate of {host} has expired or is not valid yet.").format(host=host),
            _("Check this computer's date. If it is right, the provider must renew the certificate."))
    return BadCertificate(
        _("The certificate of {host} is not valid.").format(host=host), _("Ask the provider. Nothing was sent."))


def _no_tls(server: ServerSettings) -> BadAnswer:
    return BadAnswer(
        _("{host} does not speak TLS at port {port}.").format(host=server.host, port=server.port),
        _("Choose STARTTLS, or the provider's TLS port (993 for IMAP, 465 for SMTP)."))


def stripped(server: ServerSettings) -> BadCertificate:
    """STARTTLS was asked for and not offered: going on in clear would be a downgrade (RFC 8314)."""
    return BadCertificate(
        _("{host} does not offer encryption, or something on the way removed the offer. Nothing was sent.").format(
            host=server.host),
        _("Use TLS at the provider's TLS port, or another network."))
