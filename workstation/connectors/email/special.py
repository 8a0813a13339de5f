"""Parts that are neither text nor just files: what they are, said in words."""

from __future__ import annotations

from collections.abc import Callable

from workstation.connectors.email import invitation, kinds, tnef
from workstation.connectors.email.attachments import safe_name
from workstation.inbox.model import IncomingAttachment
from workstation.kernel.i18n import _

TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
Say = Callable[[str], None]

_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature")
_VCARDS = ("text/vcard", "text/x-vcard", "text/directory")


def note_multipart(mime: str, problem: Say, note: Say) -> None:
    """About a container: encrypted or signed."""
    if mime == "multipart/encrypted":
        problem(_("The mail is encrypted (OpenPGP); its text cannot be read here."))
    elif mime == "multipart/signed":
        note(_("The mail is signed. The signature was not checked."))


def note_file(file: IncomingAttachment, declared: str, charset: str, problem: Say, note: Say) -> None:
    """About a part that became a file. `declared` is the name as the sender wrote it."""
    if file.mime in _SMIME:
        if b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in file.content[:64]:   # OID 1.2.840.113549.1.7.2, signedData
            problem(_("The mail's text is inside its signature (S/MIME) and cannot be read here."))
        else:
            problem(_("The mail is encrypted (S/MIME); its text cannot be read here."))
    elif file.mime in _SIGNATURES:
        note(_("The mail is signed. The signature was not checked."))
    elif file.mime == "text/calendar":
        event = invitation.read(file.content, charset)
        note(invitation.sentence(event) if event else _("The mail brings a calendar file without an appointment."))
    elif file.mime in _VCARDS:
        note(_("The mail brings a contact card, “{name}”.").format(name=file.name))
    elif file.mime == "message/rfc822":
        note(_("The mail brings another mail, “{name}”.").format(name=file.name))
    for sentence in kinds.problems(file.name, declared, file.mime, file.content):
        problem(sentence)
    for sentence in kinds.notes(file.name, file.content):
        note(sentence)


def unpacked(file: IncomingAttachment, problem: Say, note: Say) -> list[IncomingAttachment]:
    """The files inside a winmail.dat; what only Outlook can open is named."""
    found, whole = tnef.files(file.content)
    good = [packed for packed in found if packed.complete]
    lost = [packed.name or _("a file without a name") for packed in found if not packed.complete]
    files = []
    for number, packed in enumerate(good, start=1):
        name = safe_name(packed.name, f"winmail-{number}.bin")
        inside = IncomingAttachment(name, _mime(packed.mime), packed.content)
        files.append(inside)
        note_file(inside, packed.name, "", problem, note)
    if good:
        note(_("Outlook packed the attachments into winmail.dat; they were taken out of it."))
    if lost:
        problem(_("These files in winmail.dat can be opened only with Outlook: {names}. Ask for them as plain files.")
                .format(names=", ".join(lost[:10])))
    elif not whole or not found:
        problem(_("The sender's Outlook packed the attachments into winmail.dat, which cannot be read to its end; ask "
                  "for them as plain files."))
    return files


def _mime(text: str) -> str:
    kind, slash, sub = text.lower().partition("/")
    usual = slash and kind in ("image", "text", "application", "audio", "video") and sub.replace("-", "").replace(
        ".", "").replace("+", "").isalnum()
    return text.lower()[:100] if usual else "application/octet-stream"
