"""What an erasure takes beside evidence, in plain words, for the window and the command line. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from workstation.kernel.i18n import _, ngettext

_SAID: Mapping[str, Callable[[int], str]] = {
    "messages": lambda n: ngettext(
        "{n} message: text, subject, raw mail, names and addresses",
        "{n} messages: texts, subjects, raw mails, names and addresses", n),
    "attachments": lambda n: ngettext("{n} file that came with a message", "{n} files that came with messages", n),
    "names": lambda n: ngettext(
        "the buyer's name and address in {n} conversation", "the buyers' names and addresses in {n} conversations", n),
    "translations": lambda n: ngettext("{n} translation", "{n} translations", n),
    "drafts": lambda n: ngettext("{n} draft with its history", "{n} drafts with their histories", n),
    "replies": lambda n: ngettext("{n} reply as it was sent", "{n} replies as they were sent", n),
    "captions": lambda n: ngettext(
        "{n} caption or text for a claim", "{n} captions, translations and texts for claims", n),
    "orders": lambda n: ngettext("the buyer of {n} order", "the buyers of {n} orders", n),
    "answers": lambda n: ngettext(
        "{n} answer of a shop or carrier, word for word", "{n} answers of shops and carriers, word for word", n),
    "customers": lambda n: ngettext(
        "{n} customer, with all names and addresses", "{n} customers, with all names and addresses", n),
}


def counted(counts: Mapping[str, int]) -> tuple[str, ...]:
    """A line for each kind of which there is something (`evidence.erasure.model.KINDS`)."""
    lines = [say(counts[kind]).format(n=counts[kind]) for kind, say in _SAID.items() if counts.get(kind)]
    return (*lines, _("the words of messages in the search")) if counts.get("messages") else tuple(lines)


def shared(n: int) -> str:
    """Why orders stay."""
    return ngettext("{n} order stays: another case is about it, too.",
                    "{n} orders stay: other cases are about them, too.", n).format(n=n)


def held(n: int) -> str:
    """Why cases stay."""
    return ngettext("{n} case stays: it is held.", "{n} cases stay: they are held.", n).format(n=n)
