"""Names of languages for people, in the interface's language."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

from workstation.kernel.i18n import language


def language_name(code: str) -> str:
    """"pt" → "Portuguese". A code nobody knows is shown as it is."""
    try:
        return Locale.parse(code).get_display_name(language()) or code
    except (UnknownLocaleError, ValueError):
        return code
