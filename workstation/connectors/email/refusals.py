"""Why a mail server refused a login, told from its own words: what a person must do differs from case to case."""

from __future__ import annotations

import re
import unicodedata

from workstation.inbox.model import AccountSettings, ServerSettings
from workstation.kernel.errors import AuthFailed, ConnectError, Offline
from workstation.kernel.i18n import _

LONGEST = 200
SHORTEST_WAIT, LONGEST_WAIT = 30, 4 * 3_600   # seconds of a server's patience that are believed

# RFC 5530: a login refused with one of these is not about the password.
_TEMPORARY = ("[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[CONTACTADMIN]")
_APP_PASSWORD = re.compile(
    r"application[- ]specific password|app(?:lication)?[- ]?password|app-specific|5\.7\.9|authori[sz]ation code|授权码",
    re.IGNORECASE)
_SWITCHED_OFF = re.compile(
    r"not enabled for (?:imap|pop|smtp)|(?:imap|smtp)[^.]{0,40}(?:disabled|switched off|not enabled|not activated)"
    r"|smtpclientauthentication is disabled|5\.7\.139|service is not open|authenticated but not connected",
    re.IGNORECASE)
_BROWSER = re.compile(
    r"web ?login required|log ?in via your web browser|\[WEBALERT|5\.7\.14|unsafe login", re.IGNORECASE)
_WAIT = re.compile(
    r"(?:\bin|after|for|wait|within|next)\s+(?:about\s+|at least\s+)?(\d{1,5})\s*"
    r"(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b", re.IGNORECASE)
_NO_PASSWORDS = re.compile(r"basic ?auth(?:entication)? is disabled|5\.7\.3\b|oauth.{0,20}required", re.IGNORECASE)


def tidy(words: object) -> str:
    """A server's own words: on one line, short, without control characters or marks that turn text around."""
    text = str(words)
    if text.startswith(("b'", 'b"')):
        text = text[2:-1]
    seen = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") else char for char in text[:2_000])
    return " ".join(seen.split())[:LONGEST]


def seconds_asked(words: str) -> int:
    """How long a server asks to wait, from its own words ("try again in 300 seconds"); 0 when it does not say."""
    match = _WAIT.search(words[:1_000])
    if match is None:
        return 0
    unit = {"s": 1, "m": 60, "h": 3_600}[match[2][0].lower()]
    return max(SHORTEST_WAIT, min(LONGEST_WAIT, int(match[1]) * unit))


def refused(settings: AccountSettings, server: ServerSettings, words: str) -> ConnectError:
    """The failure that a refused login is. `words`: what the server said."""
    host = server.host
    if any(mark in words.upper() for mark in _TEMPORARY):
        return Offline(
            _("{host} cannot log anyone in now: {words}").format(host=host, words=words),
            _("It is tried again by itself."))
    if _SWITCHED_OFF.search(words):
        return AuthFailed(
            _("{host} does not let mail programs in: {words}").format(host=host, words=words),
            _("Switch IMAP and SMTP on in the web mail's settings, or ask who runs it."))
    if settings.sign_in:
        return AuthFailed(
            _("{host} does not accept the sign-in any more.").format(host=host), _("Sign in again."))
    if _APP_PASSWORD.search(words):
        return AuthFailed(
            _("{host} wants an app password, not the usual one.").format(host=host),
            _("Make an app password in your account's security settings and use it here."))
    if _BROWSER.search(words):
        return AuthFailed(
            _("{host} wants you to log in with a browser first: {words}").format(host=host, words=words),
            _("Open the web mail in a browser, follow what it asks, then try again."))
    if _NO_PASSWORDS.search(words):
        return AuthFailed(
            _("{host} lets no mail program in with a password: {words}").format(host=host, words=words),
            _("Sign in with the provider instead."))
    return AuthFailed(
        _("{host} refused the name or the password.").format(host=host),
        _("Check both. Many providers want an app password instead of the usual one."))
