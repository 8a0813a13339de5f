"""The script's messages as mails (RFC 5322 and MIME), as a mail server would hold them."""

from __future__ import annotations

import html
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from workstation.demo.script.dates import fill, local, written
from workstation.demo.script.loader import scripts
from workstation.demo.script.model import Letter, Script
from workstation.demo.script.photo import damaged_box
from workstation.kernel.clock import HOUR

_ATTRIBUTIONS = {
    "en": "On {day} at {time}, {who} wrote:", "pt": "Em {day} às {time}, {who} escreveu:",
    "es": "El {day} a las {time}, {who} escribió:", "de": "Am {day} um {time} schrieb {who}:",
    "fr": "Le {day} à {time}, {who} a écrit :", "ja": "{year}年{day} {time} {who}:",
    "zh": "{who} 于{year}年{day} {time} 写道：", "ar": "في {day} {time}، كتب {who}:",
}


def mails(now: int, mailbox: str = "") -> list[tuple[bytes, str]]:
    """Every mail with its folder ("INBOX" or "Sent"), oldest first; of one mailbox ("amazon", "shop") when named.

    `now` is milliseconds since the epoch. The same `now` gives the same mails.
    """
    dated = [
        (now - round(letter.hours_ago * HOUR), made, "Sent" if letter.author == "store" else "INBOX")
        for script in scripts() if mailbox in ("", script.mailbox.key)
        for letter, made in zip(script.letters, conversation(script, now), strict=True)
    ]
    return [(made, folder) for _at, made, folder in sorted(dated)]


def conversation(script: Script, now: int) -> tuple[bytes, ...]:
    """The mails of one conversation, in order, each answering the one before."""
    return tuple(_mail(script, number, now) for number in range(len(script.letters)))


def message_id(script: Script, number: int, now: int) -> str:
    """The Message-ID of a conversation's message, counted from 0."""
    sender = script.address if script.letters[number].author == "buyer" else script.mailbox.address
    return f"<{script.id}.{number}.{now}@{sender.rpartition('@')[2]}>"


def _mail(script: Script, number: int, now: int) -> bytes:
    letter = script.letters[number]
    message = EmailMessage(policy=SMTP)
    _head(message, script, number, now)
    message.set_content(_body(script, number, now) + "\n", cte="base64")
    if letter.html:
        message.add_alternative(_html(_body(script, number, now)), subtype="html", cte="base64")
    if letter.attachment:
        message.add_attachment(damaged_box(), "image", "png", filename=letter.attachment)
    if message.is_multipart():
        message.set_boundary(f"=_{script.id}.{number}")  # not a random one: the same demo gives the same bytes
    return bytes(message)


def _head(message: EmailMessage, script: Script, number: int, now: int) -> None:
    letter = script.letters[number]
    buyer = Address(script.buyer, addr_spec=script.address)
    store = Address(script.mailbox.name, addr_spec=script.mailbox.address)
    message["From"], message["To"] = (buyer, store) if letter.author == "buyer" else (store, buyer)
    if script.cc:
        message["Cc"] = [Address(addr_spec=address) for address in script.cc]
    message["Subject"] = ("Re: " if number else "") + script.subject
    message["Date"] = format_datetime(local(now - round(letter.hours_ago * HOUR), script.language))
    message["Message-ID"] = message_id(script, number, now)
    if number:
        message["In-Reply-To"] = message_id(script, number - 1, now)
        message["References"] = " ".join(message_id(script, earlier, now) for earlier in range(number))


def _body(script: Script, number: int, now: int) -> str:
    letter = script.letters[number]
    text = fill(letter.text, now, script.language)
    if not (letter.quote and number):
        return text
    history = "\n".join(f"> {line}".rstrip() for line in _body(script, number - 1, now).splitlines())
    return f"{text}\n\n{_attribution(script, script.letters[number - 1], now)}\n{history}"


def _attribution(script: Script, before: Letter, now: int) -> str:
    when = local(now - round(before.hours_ago * HOUR), script.language)
    name, address = (script.buyer, script.address) if before.author == "buyer" else (
        script.mailbox.name, script.mailbox.address)
    return _ATTRIBUTIONS[script.language].format(
        year=when.year, day=written(when, script.language), time=f"{when:%H:%M}", who=f"{name} <{address}>")


def _html(text: str) -> str:
    """As a phone's mail program writes it, with a logo from afar that must not be fetched."""
    paragraphs = "".join(f"<p>{html.escape(part).replace(chr(10), '<br>')}</p>" for part in text.split("\n\n"))
    return f'<html><body><div>{paragraphs}<img src="https://logo.mailer.example/1.png" alt=""></div></body></html>'
