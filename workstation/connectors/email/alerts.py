"""Sentences about senders and links that are not what they look like. They tell; nothing is held back."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import SplitResult, parse_qs, urlsplit

from workstation.connectors.email.limits import MAX_LINKS
from workstation.domain.clues import is_relay_alias
from workstation.domain.conversation import Address
from workstation.domain.lookalikes import ascii_host, host_in, imitates, readable, same_organisation
from workstation.kernel.i18n import _, ngettext

SHOWN = 3   # links that are told one by one

_ANCHOR = re.compile(r'<a [^<>]*?href="([^"]{1,4000})"[^<>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# Shops whose contact forms hand on a buyer's words in their own name; the answer belongs to the Reply-To.
_FORMS = frozenset({"mailer@shopify.com"})   # help.shopify.com, "Add a contact page": who sends the form's mails
# Links that a mail program or a filter put in place of the sender's own: host, and the field that holds that one.
_WRAPPERS = ((".safelinks.protection.outlook.com", "url"), (".www.google.com", "q"))
_PLAIN_LINK = re.compile(r"https?://([^\s/?#<>\"'@]{1,253})", re.IGNORECASE)


def sender(author: Address, reply_to: Address | None) -> list[str]:
    """About the addresses a mail names. Marketplace aliases are what they are and are not spoken of."""
    found = []
    host = author.email.rpartition("@")[2]
    named = _ADDRESS.search(author.name) if "@" in author.name else None
    if named and named.group(0).lower() != author.email.lower():
        found.append(_("The sender's name shows {shown}, but the mail comes from {real}.").format(
            shown=named.group(0), real=author.email))
    found += _imitation(host)
    if reply_to is None or not author.email or is_relay_alias(author.email) or is_relay_alias(reply_to.email):
        return found
    if author.email.lower() in _FORMS:
        return found + _imitation(reply_to.email.rpartition("@")[2])
    other = reply_to.email.rpartition("@")[2]
    if not same_organisation(host, other):
        found.append(_("An answer would go to {other}, another place than the mail comes from ({real}).").format(
            other=reply_to.email, real=author.email))
        found += _imitation(other)
    return found


def links(html: str, text: str) -> list[str]:
    """About links whose words name another place than they lead to, and hosts that imitate others."""
    found: dict[str, None] = {}
    for count, anchor in enumerate(_ANCHOR.finditer(html) if "<a " in html else ()):
        if count >= MAX_LINKS:
            break
        found.update(dict.fromkeys(_link(unescape(anchor.group(1)), unescape(_TAG.sub("", anchor.group(2)[:2_000])))))
    if "://" in text and ("xn--" in text or not text.isascii()):
        for count, plain in enumerate(_PLAIN_LINK.finditer(text)):
            if count >= MAX_LINKS:
                break
            found.update(dict.fromkeys(_imitation(plain.group(1))))
    more = len(found) - SHOWN
    told = list(found)[:SHOWN]
    if more > 0:
        told.append(ngettext("{n} more link is not what it looks like.", "{n} more links are not what they look like.",
                             more).format(n=more))
    return told


def _link(target: str, words: str) -> list[str]:
    if target.lower().startswith("mailto:"):
        said, real = _ADDRESS.search(words), target[7:].partition("?")[0]
        if said and said.group(0).lower() != real.lower():
            return [_("A link says {said} but writes to {real}.").format(said=said.group(0), real=real[:200])]
        return []
    try:
        parts = _meant(urlsplit(target))
        host = parts.hostname or ""
    except ValueError:
        return []
    found = _imitation(host)
    if "@" in parts.netloc:
        found.append(_("A link begins with {said} but leads to {real}.").format(
            said=parts.netloc.partition("@")[0][:100], real=host))
    said_host = host_in(words)
    if host and said_host and not same_organisation(said_host, host):
        found.append(_("A link says {said} but leads to {real}.").format(said=said_host, real=host))
    return found


def _meant(link: SplitResult) -> SplitResult:
    """The link inside one that Outlook or Gmail wrapped when it was sent on or quoted; any other as it is. Raises
    ValueError."""
    for host, field in _WRAPPERS:
        if f".{link.hostname}".endswith(host):
            inner = parse_qs(link.query[:4_000], max_num_fields=20).get(field, [""])[0]
            return urlsplit(inner) if inner.startswith(("http://", "https://")) else link
    return link


def _imitation(host: str) -> list[str]:
    like = imitates(host) if host else ""
    if not like:
        return []
    wire = ascii_host(host)
    name = f"{readable(host)} ({wire})" if wire and wire != readable(host) else host
    return [_("{host} is made to look like {like}.").format(host=name, like=like)]
