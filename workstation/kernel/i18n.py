"""Text a person sees: English source, looked up when used, so a language can change while the window is open."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from workstation.kernel.paths import resources

DOMAIN = "workstation"
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


class _Spoken:
    """The language of whoever asked for a piece of work, until it is done: what it began lives on in the usual one."""

    def __init__(self, catalogue: gettext.NullTranslations, language: str) -> None:
        self.catalogue: gettext.NullTranslations | None = catalogue
        self.language = language


_caller: ContextVar[_Spoken | None] = ContextVar("_caller", default=None)


def use_language(language: str) -> None:
    """Switch to `language` ("en", "zh_CN", or "" for the system's). Unknown languages fall back to English."""
    global _current, _language
    wanted = language or system_language()
    _language = wanted if wanted in LANGUAGES else "en"
    _current = _catalogue(_language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak another language in this context and in what it starts, until it is left: a command that another process
    handed over. Unknown languages fall back to English."""
    known = language if language in LANGUAGES else "en"
    spoken = _Spoken(_catalogue(known), known)
    before = _caller.set(spoken)
    try:
        yield
    finally:
        spoken.catalogue = None
        _caller.reset(before)


def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, str(resources() / "locale"), languages=[language], fallback=True)


def _spoken() -> gettext.NullTranslations:
    spoken = _caller.get()
    return _current if spoken is None or spoken.catalogue is None else spoken.catalogue


def language() -> str:
    """The interface language in use."""
    return _language


def spoken_language() -> str:
    """The language of whoever asked for the work at hand, which `_` speaks."""
    spoken = _caller.get()
    return _language if spoken is None or spoken.catalogue is None else spoken.language


def system_language() -> str:
    """The system's interface language, reduced to one we have."""
    name = os.environ.get("LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or _locale_name()
    return "zh_CN" if name.lower().startswith("zh") else "en"


def _locale_name() -> str:
    import locale  # takes 7 ms, and the environment has mostly said it

    try:
        return locale.getlocale()[0] or "en"
    except ValueError:
        return "en"


def _(text: str) -> str:
    """Translate a sentence. Fill placeholders after, by name: _("{n} kept").format(n=3)."""
    return _spoken().gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a sentence that counts."""
    return _spoken().ngettext(one, many, n)


def N_(text: str) -> str:
    """Mark a constant for translation where it is declared; translate it with _() where it is shown."""
    return text
