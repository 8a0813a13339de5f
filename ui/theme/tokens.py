"""Every colour of the window, once, for light, dark and high contrast. Nothing else in `ui` names a colour.

Text colours keep WCAG 2.2 contrast of at least 4.5:1 on the surfaces they are used on, marks and channel bars 3:1;
a test computes it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, eq=False, repr=False)
class Tokens:
    """The colours of one theme, as "#rrggbb"."""

    name: str
    dark: bool
    surface: str            # lists, conversation, panels
    surface_raised: str     # menus, dialogs, bubbles of ours
    surface_sunken: str     # queues, status line, fields at rest
    surface_hover: str
    surface_selected: str
    line: str               # hairlines between areas
    line_strong: str        # borders of fields and buttons
    text: str
    text_quiet: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_text: str        # on accent
    focus: str
    passed: str
    warn: str
    fail: str
    unknown: str
    pending: str
    failed: str
    warn_surface: str
    fail_surface: str
    note_surface: str       # the composer and bubbles of a note
    note_line: str
    bubble_in: str
    bubble_out: str
    channel_email: str
    channel_amazon: str
    channel_ebay: str
    channel_shopee: str
    channel_lazada: str
    channel_tiktok: str
    channel_shopify: str
    channel_whatsapp: str
    channel_line: str
    channel_messenger: str
    channel_instagram: str
    channel_phone: str

    def channel(self, channel: str) -> str:
        """The bar's colour of a channel ("amazon"); of mail for one we do not know."""
        return str(getattr(self, f"channel_{channel}", self.channel_email))

    def table(self) -> dict[str, str]:
        """The colours by name, for the stylesheet."""
        return {field.name: str(getattr(self, field.name)) for field in fields(self) if field.name != "dark"}


LIGHT = Tokens(
    name="light", dark=False,
    surface="#ffffff", surface_raised="#ffffff", surface_sunken="#f4f5f7", surface_hover="#f0f2f5",
    surface_selected="#e4ecf8", line="#e1e4e8", line_strong="#7d8691",
    text="#1b1f24", text_quiet="#59626d", text_disabled="#8a929c",
    accent="#2358b0", accent_hover="#1c4a96", accent_text="#ffffff", focus="#2f6fd6",
    passed="#1a7a43", warn="#8f5a00", fail="#bd2828", unknown="#6a4fb3", pending="#3f6588", failed="#bd2828",
    warn_surface="#fdf0d8", fail_surface="#fce6e4",
    note_surface="#fdf6df", note_line="#a88a2c", bubble_in="#f1f3f6", bubble_out="#e6eefa",
    channel_email="#6b7683", channel_amazon="#b26a00", channel_ebay="#3f63c9", channel_shopee="#d3492a",
    channel_lazada="#8a3f9e", channel_tiktok="#23282e", channel_shopify="#4f8a3c", channel_whatsapp="#1f8f5f",
    channel_line="#2c9a3f", channel_messenger="#2f76d8", channel_instagram="#c23a78", channel_phone="#52708a",
)

DARK = Tokens(
    name="dark", dark=True,
    surface="#1c1f23", surface_raised="#25292e", surface_sunken="#16181b", surface_hover="#23272c",
    surface_selected="#26364d", line="#30353b", line_strong="#808996",
    text="#e4e7ea", text_quiet="#a0a8b2", text_disabled="#717a85",
    accent="#7fabf0", accent_hover="#9bbdf4", accent_text="#0e141c", focus="#8fb6f5",
    passed="#62c48a", warn="#e0ab4e", fail="#f2837b", unknown="#b3a0ef", pending="#8fb4d4", failed="#f2837b",
    warn_surface="#3a2f17", fail_surface="#432422",
    note_surface="#2e2a1b", note_line="#a08a45", bubble_in="#282c32", bubble_out="#23324a",
    channel_email="#8b97a5", channel_amazon="#d9953a", channel_ebay="#7d9bf0", channel_shopee="#ec7658",
    channel_lazada="#c184d4", channel_tiktok="#c9d0d8", channel_shopify="#86bd74", channel_whatsapp="#4fc08f",
    channel_line="#62c873", channel_messenger="#6ea6f2", channel_instagram="#e87bab", channel_phone="#8fadc6",
)

CONTRAST = Tokens(
    name="contrast", dark=True,
    surface="#000000", surface_raised="#000000", surface_sunken="#000000", surface_hover="#262626",
    surface_selected="#003c8f", line="#ffffff", line_strong="#ffffff",
    text="#ffffff", text_quiet="#ffffff", text_disabled="#bdbdbd",
    accent="#ffe14d", accent_hover="#fff0a0", accent_text="#000000", focus="#ffe14d",
    passed="#5dff9e", warn="#ffc94d", fail="#ff9d94", unknown="#d9c7ff", pending="#a9dbff", failed="#ff9d94",
    warn_surface="#000000", fail_surface="#000000",
    note_surface="#1f1a00", note_line="#ffe14d", bubble_in="#000000", bubble_out="#001b40",
    channel_email="#ffffff", channel_amazon="#ffb84d", channel_ebay="#9db8ff", channel_shopee="#ff9d80",
    channel_lazada="#ecb0ff", channel_tiktok="#ffffff", channel_shopify="#b6f09f", channel_whatsapp="#6ff0b5",
    channel_line="#8dff9e", channel_messenger="#9cc8ff", channel_instagram="#ffabd0", channel_phone="#bfe0ff",
)

THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK, CONTRAST)}


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[i:i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
