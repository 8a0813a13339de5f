"""Delivery reports and read receipts (RFC 3464, RFC 8098): which mail they are about and what became of it.

A report names the mail it returns by its Message-ID, so it joins the conversation of the reply it is about. What it
says is a server's or a stranger's word and changes nothing by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workstation.connectors.email.headers import Headers, message_id, parse_headers, visible
from workstation.connectors.email.limits import MAX_REPORT
from workstation.connectors.email.mime import Part, content, split_head
from workstation.kernel.i18n import _

_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_QUOTED_ID = re.compile(rb"^[> \t]{0,8}Message-ID:[ \t]{0,8}(<[!-;=?-~]{1,900}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Report:
    """`kind`: failed, delayed, delivered, read, deleted or "" (unclear); `about` the Message-ID of the mail it is
    about, "" when it does not say; `reason` the server's own words."""

    kind: str
    about: str
    recipient: str
    reason: str

    @property
    def bad(self) -> bool:
        return self.kind == "failed"

    def sentence(self) -> str:
        who = self.recipient or _("the recipient")
        sentences = {
            "failed": _("A mail server reports that the mail to {who} was not delivered: {reason}."),
            "delayed": _("A mail server reports that the mail to {who} is delayed; it keeps trying: {reason}."),
            "delivered": _("A mail server reports that the mail to {who} was delivered."),
            "read": _("A read receipt: {who} opened the mail, or a program did."),
            "deleted": _("A read receipt: {who} deleted the mail without a word that it was read."),
        }
        said = sentences.get(self.kind, _("A report about the mail to {who}."))
        return said.format(who=who, reason=(self.reason or _("no reason given")).rstrip("."))


def read(root: Part) -> Report | None:
    """The report that this mail is; None when it is none."""
    if root.mime == "multipart/report":
        return _report(_leaves(root))
    failed = root.headers.text("x-failed-recipients")
    if failed:
        leaves = _leaves(root)
        return Report("failed", _about(leaves) or _quoted(leaves), visible(failed)[:200], "")
    return None


def _leaves(part: Part) -> list[Part]:
    return [leaf for child in part.children for leaf in _leaves(child)] if part.children else [part]


def _report(leaves: list[Part]) -> Report:
    kind = recipient = reason = original = ""
    for leaf in leaves:
        if leaf.mime in _STATUS:
            kind, recipient, reason = _status(_blocks(leaf))
        elif leaf.mime in _RECEIPT:
            fields = (_blocks(leaf) or [Headers()])[0]
            kind = _disposition(fields.text("disposition"))
            recipient = _address(fields.text("final-recipient"))
            original = message_id(fields.text("original-message-id"))
    return Report(kind, original or _about(leaves), recipient, reason)


def _blocks(part: Part) -> list[Headers]:
    blocks = _BLANK.split(content(part)[0][:MAX_REPORT])
    return [parse_headers(block.strip(b"\r\n")) for block in blocks if block.strip()]


def _status(blocks: list[Headers]) -> tuple[str, str, str]:
    """The worst that happened to any recipient."""
    worst = ("", "", "")
    ranks = ("", "delivered", "delayed", "failed")
    for fields in blocks:
        action = fields.text("action").lower()
        kind = {"failed": "failed", "delayed": "delayed"}.get(action, "delivered" if action else "")
        if ranks.index(kind) > ranks.index(worst[0]):
            who = fields.text("original-recipient") or fields.text("final-recipient")
            why = fields.text("diagnostic-code").partition(";")[2] or fields.text("status")
            worst = (kind, _address(who), visible(" ".join(why.split()))[:200])
    return worst


def _disposition(text: str) -> str:
    what = text.rpartition(";")[2].strip().lower().split("/")[0]
    return {"displayed": "read", "deleted": "deleted"}.get(what, "")


def _address(text: str) -> str:
    return visible(text.rpartition(";")[2] if ";" in text else text)[:200]


def _about(leaves: list[Part]) -> str:
    """The Message-ID of the mail that came back."""
    for leaf in leaves:
        if leaf.mime in _RETURNED:
            returned = content(leaf)[0] if leaf.headers.raw("content-transfer-encoding") else leaf.body
            found = message_id(parse_headers(split_head(returned[:MAX_REPORT])[0]).text("message-id"))
            if found:
                return found
    return ""


def _quoted(leaves: list[Part]) -> str:
    """Servers without standard reports repeat the mail's header in their text."""
    for leaf in leaves:
        found = _QUOTED_ID.search(leaf.body[:MAX_REPORT])
        if found:
            return found.group(1).decode("ascii")
    return ""
