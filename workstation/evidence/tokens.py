"""Time-stamp tokens (RFC 3161): what is asked, and every way an answer can be wrong, each by its name.

An authority signs "this hash existed at this time". What it gets is the record hash and a random number, never a word
of the record. A token counts only after the authority's certificate was followed to a root that a person configured;
the certificates an answer brings along are a path to that root, never a reason to trust it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from workstation.evidence import der
from workstation.kernel.clock import from_datetime
from workstation.kernel.errors import BadAnswer, InputError, WorkstationError
from workstation.kernel.i18n import _
from workstation.kernel.told import in_a_line

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

MOST_BYTES = 64 * 1024            # an answer with its whole chain is about 6 KB
MOST_PEM = 256 * 1024
_DEPTH = 6                        # certificates between the signer and the root
_SHA256 = "2.16.840.1.101.3.4.2.1"
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class BadToken(BadAnswer):
    """An answer that proves nothing, and which of the ways it is. `code` never changes.

    `form`, `rejected`, `imprint`, `nonce`, `signer`, `expired`, `authority`, `signature`.
    """

    def __init__(self, sentence: str, remedy: str, code: str) -> None:
        super().__init__(sentence, remedy)
        self.code = code


@dataclass(frozen=True, slots=True)
class Authority:
    """Somebody who signs times. `roots` is PEM: at least one root; what is no root helps to reach one."""

    id: str
    name: str
    url: str
    roots: bytes
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token proves: its digest existed no later than `at` + `accuracy`, milliseconds since the epoch, UTC."""

    at: int
    accuracy: int
    signer: str                       # the subject of the certificate that signed
    serial: int
    chain: tuple[bytes, ...] = ()     # PEM of the certificates between the signer and the root

    @property
    def latest(self) -> int:
        return self.at + self.accuracy


@dataclass(frozen=True, slots=True)
class Question:
    """A request for a token, and the number its answer must repeat."""

    body: bytes
    nonce: int


def question(payload: bytes) -> Question:
    """Ask for a token over SHA-256 of `payload`."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(payload).hash_algorithm(HashAlgorithm.SHA256).build()
    return Question(asked.as_bytes(), asked.nonce or 0)


def read_roots(pem: bytes) -> tuple[tuple[Certificate, ...], tuple[Certificate, ...]]:
    """The roots in a PEM text, and what else is in it. Raises InputError when there is no root."""
    from cryptography import x509

    try:
        found = [x509.load_pem_x509_certificate(one) for one in _PEM.findall(pem[:MOST_PEM])]
        roots = tuple(one for one in found if _signs_itself(one))
    except ValueError as problem:
        raise InputError(
            _("The certificate cannot be read."), _("Give the authority's root as a PEM file.")) from problem
    if not roots:
        raise InputError(
            _("There is no root certificate in this file."),
            _("Give the authority's own root as a PEM file (-----BEGIN CERTIFICATE-----)."))
    return roots, tuple(one for one in found if one not in roots)


def root_ders(pem: bytes) -> list[bytes]:
    """The roots as DER: what an authority publishes the SHA-256 of. Empty when there is none that can be read."""
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return [one.public_bytes(Encoding.DER) for one in read_roots(pem)[0]]
    except InputError:
        return []


def to_pem(certificates: Sequence[Certificate]) -> bytes:
    """These certificates, and nothing else that was in the file."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


def check(raw: bytes, digest: bytes, roots: bytes, *, nonce: int | None = None, chain: bytes = b"") -> Stamp:
    """What this answer proves about `digest` (SHA-256) under these roots (PEM). Raises BadToken, InputError.

    `chain`: PEM of certificates that lie beside the token. `nonce`: what a fresh answer must repeat.
    """
    try:
        return _checked(raw, digest, roots, nonce, chain)
    except WorkstationError:
        raise
    except Exception as problem:  # the library reads parts when they are asked for, and raises as many kinds
        raise _formless() from problem


def _checked(raw: bytes, digest: bytes, roots: bytes, nonce: int | None, chain: bytes) -> Stamp:
    response, opened = _decoded(raw)
    _check_subject(response, digest, nonce)
    trusted, given = read_roots(roots)
    signer, others = _signer(response, opened)
    at = response.tst_info.gen_time
    _check_validity(signer, at)
    path = _path(signer, trusted, (*others, *given, *_loaded(chain)), at)
    _check_signature(opened, signer, trusted, path, digest)
    return _stamp(response, signer, path)


def _decoded(raw: bytes) -> tuple[TimeStampResponse, der.Answer]:
    from rfc3161_client import decode_timestamp_response

    if len(raw) > MOST_BYTES:
        raise _formless()
    _check_status(raw)
    try:
        opened = der.open_answer(raw)
        return decode_timestamp_response(der.with_certificates(opened, opened.certificates)), opened
    except ValueError as problem:
        raise _formless() from problem


def _check_status(raw: bytes) -> None:
    """A refusal holds no token: it is read before anything is expected of it."""
    from rfc3161_client import decode_timestamp_response

    try:
        parts = list(der.elements(next(der.elements(raw)).content))
        if len(parts) != 1:
            return
        refused = decode_timestamp_response(raw)
    except (ValueError, StopIteration) as problem:
        raise _formless() from problem
    if refused.status != 0:
        raise _rejected(refused)


def _check_subject(response: TimeStampResponse, digest: bytes, nonce: int | None) -> None:
    if response.status != 0:
        raise _rejected(response)
    info = response.tst_info
    if info.message_imprint.hash_algorithm.dotted_string != _SHA256 or info.message_imprint.message != digest:
        raise BadToken(_("The time-stamp authority signed something else than it was asked for."),
                       _("Nothing was kept. Ask again; if it stays so, choose another authority."), "imprint")
    if nonce is not None and _nonce(response) != nonce:
        raise BadToken(_("The time-stamp authority answered another question: its number is not ours."),
                       _("Nothing was kept. Somebody may be replaying old answers; check the address."), "nonce")


def _nonce(response: TimeStampResponse) -> int | None:
    return response.tst_info.nonce


def _signer(
    response: TimeStampResponse, opened: der.Answer
) -> tuple[Certificate, tuple[Certificate, ...]]:
    """The certificate that signed, and the others the answer brought along."""
    from cryptography import x509

    infos = list(response.signed_data.signer_infos)
    try:
        held = [x509.load_der_x509_certificate(one) for one in opened.certificates]
        signed = [one for one in held for info in infos
                  if one.issuer == info.issuer and one.serial_number == info.serial_number]
    except ValueError as problem:
        raise _formless() from problem
    if len(infos) != 1 or len(signed) != 1:
        raise BadToken(_("The time-stamp answer does not hold the certificate that signed it."),
                       _("Nothing was kept. Choose another authority."), "signer")
    return signed[0], tuple(one for one in held if one is not signed[0])


def _check_validity(signer: Certificate, at: datetime) -> None:
    if not signer.not_valid_before_utc <= at <= signer.not_valid_after_utc:
        raise BadToken(_("The time-stamp authority's certificate was not valid at the time it signed."),
                       _("Nothing was kept. Ask who runs the authority for a valid one, or choose another."), "expired")


def _path(
    signer: Certificate, roots: Sequence[Certificate], others: Sequence[Certificate], at: datetime
) -> tuple[Certificate, ...]:
    """Certificates between the signer and one of the roots, each issued by the next. Raises BadToken."""
    path: list[Certificate] = []
    last = signer
    for _step in range(_DEPTH):
        if any(_issued(last, root, at) for root in roots):
            return tuple(path)
        above = next((one for one in others if one not in path and _issued(last, one, at)), None)
        if above is None:
            break
        path.append(above)
        last = above
    raise BadToken(_("The time stamp was not signed by the authority whose root certificate is known here."),
                   _("Nothing was kept. Check the address, or add the authority's present root certificate."),
                   "authority")


def _issued(below: Certificate, above: Certificate, at: datetime) -> bool:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        below.verify_directly_issued_by(above)
        may_issue = above.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    return may_issue and above.not_valid_before_utc <= at <= above.not_valid_after_utc


def _check_signature(
    opened: der.Answer, signer: Certificate, roots: Sequence[Certificate], path: Sequence[Certificate], digest: bytes
) -> None:
    """The library's check of signature, purpose and validity: the signer's certificate alone inside the token."""
    from cryptography.hazmat.primitives.serialization import Encoding
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        alone = decode_timestamp_response(der.with_certificates(opened, [signer.public_bytes(Encoding.DER)]))
        verifier = VerifierBuilder(roots=list(roots), intermediates=list(path), tsa_certificate=signer).build()
        verifier.verify(alone, digest)
    except (ValueError, VerificationError) as problem:
        raise BadToken(_("The time stamp's signature does not hold."),
                       _("Nothing was kept. Ask again; if it stays so, choose another authority."),
                       "signature") from problem


def _stamp(response: TimeStampResponse, signer: Certificate, path: Sequence[Certificate]) -> Stamp:
    from cryptography.hazmat.primitives.serialization import Encoding

    info = response.tst_info
    accuracy = info.accuracy
    spread = timedelta(seconds=accuracy.seconds or 0, milliseconds=accuracy.millis or 0,
                       microseconds=accuracy.micros or 0) if accuracy else timedelta()
    return Stamp(
        from_datetime(info.gen_time), round(spread.total_seconds() * 1_000), signer.subject.rfc4514_string(),
        info.serial_number, tuple(one.public_bytes(Encoding.PEM) for one in path),
    )


def _signs_itself(one: Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    try:
        one.verify_directly_issued_by(one)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _loaded(pem: bytes) -> list[Certificate]:
    from cryptography import x509

    try:
        return [x509.load_pem_x509_certificate(one) for one in _PEM.findall(pem[:MOST_PEM])]
    except ValueError as problem:
        raise _formless() from problem


def _formless() -> BadToken:
    return BadToken(_("The answer is no time stamp that can be read."),
                    _("Nothing was kept. Check the authority's address."), "form")


def _rejected(response: TimeStampResponse) -> BadToken:
    said = in_a_line(" ".join(response.status_string), 120)
    sentence = _("The time-stamp authority refused: {why}.").format(why=said or _("it gave no reason"))
    return BadToken(sentence, _("Nothing was kept. Ask who runs the authority."), "rejected")
