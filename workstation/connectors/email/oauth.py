"""Access tokens for mailboxes that are signed in to: asked for with the grant that the sign-in left, kept in memory,
made anew before they end or when a server refuses one.

A *grant* stands where a password would: it is the text that the keyring keeps for the mailbox. It holds the refresh
token, which some providers replace at every use; the newest is handed to `keep`, and an older one still leads to it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import ssl
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from urllib.parse import urlsplit

import httpx

from workstation.connectors.email.refusals import tidy
from workstation.connectors.email.tls import is_loopback
from workstation.inbox.model import AccountSettings
from workstation.kernel.clock import MINUTE, SECOND, Clock, SystemClock
from workstation.kernel.errors import (
    AuthFailed,
    BadAnswer,
    InputError,
    KeyringProblem,
    Offline,
    TimedOut,
    WorkstationError,
)
from workstation.kernel.i18n import _
from workstation.kernel.paths import resources

log = logging.getLogger(__name__)
EARLY = 2 * MINUTE
"""A token is made anew this long before it ends, so that none ends between login and use."""
TIMEOUT = 15.0
LARGEST = 64 * 1024

_OVER = ("invalid_grant", "interaction_required", "login_required", "consent_required", "access_denied")
_UNKNOWN_CLIENT = ("invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True)
class SignInProvider:
    """Where a provider is signed in to. Addresses are https, or http on this computer itself (for tests)."""

    key: str
    title: str
    authorize: str
    token: str
    scope: str
    redirect_host: str = "127.0.0.1"
    more: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for address in (self.authorize, self.token):
            parts = urlsplit(address)
            if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
                raise ValueError(f"signin.toml: {address} is neither https nor on this computer")


@cache
def providers() -> Mapping[str, SignInProvider]:
    """By their key, as resources/mail/signin.toml lists them."""
    loaded = tomllib.loads((resources() / "mail" / "signin.toml").read_text(encoding="utf-8"))
    return {entry["key"]: SignInProvider(**entry) for entry in loaded["provider"]}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a sign-in leaves: the refresh token, and the client's own secret where the provider wants one."""

    refresh: str
    secret: str = ""

    def text(self) -> str:
        return json.dumps({"refresh": self.refresh, "secret": self.secret})

    @staticmethod
    def read(text: str) -> Grant:
        """Raises AuthFailed for anything but a grant: a password, or nothing."""
        try:
            values = json.loads(text)
            return Grant(str(values["refresh"]), str(values.get("secret", "")))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise AuthFailed(_("This mailbox was not signed in to yet."), _("Sign in.")) from problem


@dataclass(slots=True)
class _State:
    grant: Grant
    token: str = ""
    until: int = 0
    unkept: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class TokenBook:
    """Implements `means.Tokens`. Every call may come from any thread."""

    def __init__(
        self, clock: Clock | None = None, known: Mapping[str, SignInProvider] | None = None,
        keep: Callable[[AccountSettings, str, Callable[[str], bool]], None] | None = None,
    ) -> None:
        """`keep` stores a mailbox's new grant where the last argument agrees to what is kept now; it blocks and may
        raise KeyringProblem."""
        self._clock = clock or SystemClock()
        self._known = known
        self.keep = keep
        self._states: dict[str, _State] = {}
        self._lock = threading.Lock()

    def provider(self, settings: AccountSettings) -> SignInProvider:
        """Raises InputError for an unknown one, or when this program's client id was not entered."""
        found = (self._known if self._known is not None else providers()).get(settings.sign_in)
        if found is None:
            raise InputError(_("This provider cannot be signed in to."), _("Use a password instead."))
        if not settings.client_id.strip():
            raise InputError(
                _("No client id for {provider} is entered; the program comes without one.").format(
                    provider=found.title),
                _("Register the program with {provider} as the guide says, and enter the client id.").format(
                    provider=found.title))
        return found

    def first(self, settings: AccountSettings, form: Mapping[str, str], secret: str) -> str:
        """Exchange what the browser brought for a grant. Raises ConnectError."""
        provider = self.provider(settings)
        answer = self._ask(provider, settings, form, secret)
        refresh = answer.get("refresh_token")
        if not isinstance(refresh, str) or not refresh:
            raise BadAnswer(
                _("{provider} gave no lasting sign-in.").format(provider=provider.title),
                _("Sign in again and allow access to the mail while you are away."))
        grant = Grant(refresh, secret)
        self._take(self._state(grant), answer)
        return grant.text()

    def token(self, settings: AccountSettings, grant: str, refused: str = "") -> str:
        """See `means.Tokens`."""
        state = self._state(Grant.read(grant))
        with state.lock:
            if state.unkept:
                self._keep(settings, state)
            if state.token and state.token != refused and self._clock.now() < state.until - EARLY:
                return state.token
            provider = self.provider(settings)
            form = {"grant_type": "refresh_token", "refresh_token": state.grant.refresh, "scope": provider.scope}
            answer = self._ask(provider, settings, form, state.grant.secret)
            replaced = answer.get("refresh_token")
            if isinstance(replaced, str) and replaced and replaced != state.grant.refresh:
                state.grant = Grant(replaced, state.grant.secret)
                self._file(state)
                self._keep(settings, state)
            self._take(state, answer)
            return state.token

    def _take(self, state: _State, answer: Mapping[str, object]) -> None:
        lasts = answer.get("expires_in", 3_600)
        state.token = str(answer["access_token"])
        state.until = self._clock.now() + (int(lasts) if isinstance(lasts, int | float | str) else 3_600) * SECOND

    def _keep(self, settings: AccountSettings, state: _State) -> None:
        """A keyring that is locked now is asked again with the next token; until then the grant is in memory."""
        if self.keep is None:
            return
        try:
            self.keep(settings, state.grant.text(), partial(self._leads_to, state))
            state.unkept = False
        except KeyringProblem as problem:
            log.info("a renewed sign-in is not kept yet: %s", type(problem).__name__)
            state.unkept = True

    def _leads_to(self, state: _State, kept: str) -> bool:
        """Whether what is kept is an earlier grant of the same sign-in, and not what a person entered since."""
        try:
            grant = Grant.read(kept)
        except AuthFailed:
            return False
        with self._lock:
            return self._states.get(_digest(grant)) is state

    def _state(self, grant: Grant) -> _State:
        with self._lock:
            return self._states.setdefault(_digest(grant), _State(grant))

    def _file(self, state: _State) -> None:
        with self._lock:
            self._states[_digest(state.grant)] = state

    def _ask(
        self, provider: SignInProvider, settings: AccountSettings, form: Mapping[str, str], secret: str
    ) -> Mapping[str, object]:
        asked = {**form, "client_id": settings.client_id.strip(), **({"client_secret": secret} if secret else {})}
        try:
            with httpx.Client(
                timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=_authorities()
            ) as client:
                return _answer(provider, client, asked)
        except httpx.TimeoutException as problem:
            raise TimedOut(
                _("{provider} did not answer in time.").format(provider=provider.title),
                _("It is tried again by itself.")) from problem
        except httpx.HTTPError as problem:
            raise Offline(
                _("{provider} cannot be reached to sign in.").format(provider=provider.title),
                _("Check that this computer is on the network.")) from problem


def _answer(provider: SignInProvider, client: httpx.Client, form: Mapping[str, str]) -> Mapping[str, object]:
    content = bytearray()
    with client.stream("POST", provider.token, data=dict(form), headers={"Accept": "application/json"}) as response:
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > LARGEST:
                raise _unusable(provider)
        status = response.status_code
    try:
        values = json.loads(content)
    except ValueError:
        values = None
    if status == 200 and isinstance(values, dict) and isinstance(values.get("access_token"), str):
        return values
    raise _problem(provider, status, values if isinstance(values, dict) else {})


def _problem(provider: SignInProvider, status: int, values: Mapping[str, object]) -> WorkstationError:
    error = str(values.get("error", ""))
    if error in _OVER:
        return AuthFailed(
            _("The sign-in at {provider} is over: it was revoked, or not used for long.").format(
                provider=provider.title), _("Sign in again."))
    if error in _UNKNOWN_CLIENT:
        return AuthFailed(
            _("{provider} does not know this client id, or wants its secret too.").format(provider=provider.title),
            _("Check the client id and its secret in the settings of the mailbox."))
    if status == 429 or status >= 500:
        return Offline(
            _("{provider} cannot sign anyone in now.").format(provider=provider.title),
            _("It is tried again by itself."))
    if error:
        return AuthFailed(
            _("{provider} refused the sign-in: {words}").format(
                provider=provider.title, words=tidy(values.get("error_description", error))),
            _("Sign in again."))
    return _unusable(provider)


def _unusable(provider: SignInProvider) -> BadAnswer:
    return BadAnswer(
        _("{provider} answered something that cannot be used.").format(provider=provider.title),
        _("It is tried again by itself."))


@cache
def _authorities() -> ssl.SSLContext:
    """Made once: reading all authorities takes a quarter of a second."""
    return ssl.create_default_context()


def _digest(grant: Grant) -> str:
    return hashlib.sha256(grant.refresh.encode()).hexdigest()
