"""What reading a mail put off, done when somebody opens it: its HTML made harmless, and its files.

Most mails of a long history are never opened, and cleaning their HTML is the largest part of reading them. The raw mail
is kept, so nothing is lost by waiting.
"""

from __future__ import annotations

from collections.abc import Sequence

from workstation.connectors.email import alerts
from workstation.connectors.email.body import gather
from workstation.connectors.email.mime import Tree
from workstation.inbox.model import Formatted, IncomingAttachment


class Opener:
    """Fulfils `inbox.ports.MailOpener`."""

    def formatted(self, raw: bytes) -> Formatted:
        """The cleaned HTML, and the sentences that only a look at it gives. Never raises on any bytes."""
        root = Tree(raw).read()
        body, before = gather(root), gather(root, later=True)
        problems = [sentence for sentence in body.problems if sentence not in before.problems]
        notes = [sentence for sentence in body.notes if sentence not in before.notes]
        html = body.html()
        return Formatted(html, (*problems, *alerts.links(html, body.text())), tuple(notes))

    def files(self, raw: bytes) -> Sequence[IncomingAttachment]:
        """The mail's files in their order, decoded."""
        return gather(Tree(raw).read(), later=True).files
