"""Delivery reports and read receipts (RFC 3464, RFC 8098): which mail they are about and what became of it.

A report names the mail it returns by its Message-ID, so it joins the conversation of the reply it is about. What it
says is a server's or a stranger's word: `bounces` gives on only what may change a reply, and whoever has the reply
looks whether it was sent to those people at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workstation.connectors.email.headers import Headers, message_id, parse_headers, visible
from workstation.connectors.email.limits import MAX_REPORT
from workstation.connectors.email.mime import Part, content, split_head
from workstation.domain.bounce import Bounce
from workstation.kernel.i18n import _

_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
_STATUS = ("message/delivery-status", "message/global-delivery-status")
_RECEIPT = ("message/disposition-notification", "message/global-disposition-notification")
_TOLD = ("failed", "delayed")
_DAEMONS = ("mailer-daemon", "postmaster")
MOST_RECIPIENTS = 100
"""Of one report that are looked at."""
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
    each: tuple[tuple[str, str, str], ...] = ()   # kind, recipient and reason of every one that a server tells of

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
    each: tuple[tuple[str, str, str], ...] = ()
    for leaf in leaves:
        if leaf.mime in _STATUS:
            each = _each(_blocks(leaf))
            kind, recipient, reason = _worst(each)
        elif leaf.mime in _RECEIPT:
            fields = (_blocks(leaf) or [Headers()])[0]
            kind = _disposition(fields.text("disposition"))
            recipient = _address(fields.text("final-recipient"))
            original = message_id(fields.text("original-message-id"))
    return Report(kind, original or _about(leaves), recipient, reason, each)


def _blocks(part: Part) -> list[Headers]:
    blocks = _BLANK.split(content(part)[0][:MAX_REPORT])
    return [parse_headers(block.strip(b"\r\n")) for block in blocks if block.strip()]


def _each(blocks: list[Headers]) -> tuple[tuple[str, str, str], ...]:
    found = []
    for fields in blocks[: MOST_RECIPIENTS + 1]:
        action = fields.text("action").lower()
        kind = {"failed": "failed", "delayed": "delayed"}.get(action, "delivered" if action else "")
        who = fields.text("original-recipient") or fields.text("final-recipient")
        why = fields.text("diagnostic-code").partition(";")[2] or fields.text("status")
        if kind:
            found.append((kind, _address(who), visible(" ".join(why.split()))[:200]))
    return tuple(found)


def _worst(each: tuple[tuple[str, str, str], ...]) -> tuple[str, str, str]:
    """The worst that happened to any recipient."""
    ranks = ("", "delivered", "delayed", "failed")
    return max(each, key=lambda one: ranks.index(one[0]), default=("", "", ""))


def bounces(report: Report | None, headers: Headers, author: str) -> tuple[Bounce, ...]:
    """What a report says that may change a reply: a mail server's own, none that a person wrote. A server's has no
    sender to be answered (RFC 5321, 4.5.5), or a daemon's address."""
    if report is None or not report.about or not _of_a_server(headers, author):
        return ()
    told = (Bounce(report.about, kind, who.strip("<>"), why) for kind, who, why in report.each)
    return tuple(one for one in told if one.kind in _TOLD and one.recipient.lower() != author.lower())


def _of_a_server(headers: Headers, author: str) -> bool:
    daemon = author.partition("@")[0].lower() in _DAEMONS
    if not headers.raw("return-path"):
        return daemon or not author
    back = _address(headers.text("return-path")).strip("<> ")
    return not back or (daemon and back.partition("@")[0].lower() in _DAEMONS)


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
