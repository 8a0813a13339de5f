"""Text a person sees: English source, looked up when used, so a language can change while the window is open."""

from __future__ import annotations

import gettext
import os

from workstation.kernel.paths import resources

DOMAIN = "workstation"
LANGUAGES = {"en": "English", "zh_CN": "简体中文"}

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def use_language(language: str) -> None:
    """Switch to `language` ("en", "zh_CN", or "" for the system's). Unknown languages fall back to English."""
    global _current, _language
    wanted = language or system_language()
    _language = wanted if wanted in LANGUAGES else "en"
    folder = str(resources() / "locale")
    _current = gettext.translation(DOMAIN, folder, languages=[_language], fallback=True)


def language() -> str:
    """The interface language in use."""
    return _language


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
    return _current.gettext(text) if text else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a sentence that counts."""
    return _current.ngettext(one, many, n)


def N_(text: str) -> str:
    """Mark a constant for translation where it is declared; translate it with _() where it is shown."""
    return text
