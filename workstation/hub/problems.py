"""What the hub answers instead of doing it: a status of HTTP, a word for programs and a sentence for people."""

from __future__ import annotations

from workstation.kernel.errors import WorkstationError
from workstation.kernel.i18n import _


class HubProblem(WorkstationError):
    """A request that is not carried out. `status` is HTTP's, `code` is one word that never changes."""

    def __init__(self, status: int, code: str, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence, remedy)
        self.status = status
        self.code = code


def not_enrolled() -> HubProblem:
    return HubProblem(401, "not-enrolled", _("This device is not known to the hub."), _("Enrol it with a new invite."))


def bad_invite() -> HubProblem:
    return HubProblem(403, "bad-invite", _("The invite is wrong, used or too old."), _("Ask for a new invite."))


def not_allowed() -> HubProblem:
    return HubProblem(403, "not-allowed", _("Only an owner invites colleagues."),
                      _("Ask an owner, or whoever runs the hub."))


def forked() -> HubProblem:
    return HubProblem(409, "forked", _("A copy of this home, or a newer state of it, has spoken to the hub since."),
                      _("Make the copy a device of its own: workstation init --recover --new-device."))


def bad_request(what: str) -> HubProblem:
    return HubProblem(400, "bad-request", _("The request could not be understood: {what}.").format(what=what))


def cursor_expired() -> HubProblem:
    return HubProblem(410, "cursor-expired", _("The hub does not know this position in its feed."),
                      _("Rebuild from its entities and keep the outbox."))


def too_large() -> HubProblem:
    return HubProblem(413, "too-large", _("That is more than the hub takes at once."))


def no_room() -> HubProblem:
    return HubProblem(507, "no-room", _("The hub's disk is full; what it had is kept."), _("Free space on the hub."))


def no_upload() -> HubProblem:
    return HubProblem(404, "no-upload", _("The hub has no such upload and no such file."))


def upload_expired() -> HubProblem:
    return HubProblem(410, "upload-expired", _("The upload was left alone too long and is gone."), _("Start it again."))


def erased() -> HubProblem:
    return HubProblem(451, "erased", _("This file was erased; the hub does not take it again."))


def wrong_offset(offset: int) -> HubProblem:
    return HubProblem(409, "wrong-offset", _("The upload stands at {offset} bytes.").format(offset=offset))


def upload_busy() -> HubProblem:
    return HubProblem(423, "upload-busy", _("Another request is writing this upload."),
                      _("Wait, then ask where it stands."))


def wrong_checksum() -> HubProblem:
    return HubProblem(460, "wrong-checksum", _("The bytes that came do not match their checksum and were not kept."))


def wrong_content() -> HubProblem:
    return HubProblem(460, "wrong-content", _("The whole file does not match its address and was not kept."),
                      _("Upload it again."))
