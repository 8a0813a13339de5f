"""Money and days as a person reads them, in one form everywhere: checks, facts and titles must not contradict by form.

Babel is loaded when the first one is said, not when the window starts.
"""

from __future__ import annotations

from functools import lru_cache

from workstation.domain.money import Money
from workstation.kernel.clock import to_datetime
from workstation.kernel.i18n import language

_FORMS = {"en": "en_GB", "zh_CN": "zh_Hans_CN"}
"""English days are written "20 Nov 2026": agents read orders of every market, and month first misleads most of them."""


def reader() -> str:
    """The locale whose forms the interface's language is written in."""
    return _FORMS.get(language(), language())


def money(amount: Money) -> str:
    """With its ISO code, because "$" alone does not say whose: "BRL 1,129.90"."""
    from babel.numbers import format_currency

    return format_currency(amount.decimal, amount.currency, "¤¤\u00a0#,##0.00", locale=reader())


def day(at: int) -> str:
    """The day of a moment (milliseconds UTC). Days are UTC, as the rules count them."""
    from babel.dates import format_date

    return format_date(to_datetime(at).date(), "medium", locale=reader())


def language_name(code: str) -> str:
    """ "pt" → "Portuguese", in the interface's language; the code itself when nobody knows it."""
    return _language_name(code, language())


@lru_cache(maxsize=256)
def _language_name(code: str, shown_in: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        name = Locale.parse(code.replace("-", "_")).get_display_name(shown_in)
    except (UnknownLocaleError, ValueError, TypeError):
        return code
    return str(name) if name else code
