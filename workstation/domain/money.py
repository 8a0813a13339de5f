"""Money as integer minor units and an ISO 4217 code. Never a float."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

# ISO 4217 lists two decimals for every other currency in use.
_NONE = ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_EXPONENTS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3)}


def exponent(currency: str) -> int:
    """Decimals of `currency` by ISO 4217."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (cents for EUR, yen for JPY) of `currency`."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: str, currency: str) -> Money:
        """A plain decimal number with a point ("129.90"). Raises ValueError for anything else."""
        code = currency.strip().upper()
        try:
            scaled = Decimal(amount.strip()).scaleb(exponent(code))
        except InvalidOperation as problem:
            raise ValueError(f"not an amount: {amount!r}") from problem
        if len(code) != 3 or not code.isalpha() or scaled != scaled.to_integral_value():
            raise ValueError(f"not an amount in {currency!r}: {amount!r}")
        return cls(int(scaled), code)

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    @property
    def decimal(self) -> str:
        """The amount as a plain number: "129.90"."""
        digits = exponent(self.currency)
        return f"{Decimal(self.minor).scaleb(-digits):.{digits}f}"

    def __str__(self) -> str:
        return f"{self.currency} {self.decimal}"
