"""How the window looks: one table of colours, one stylesheet, four font sizes, our own icons."""

from ui.theme.state import current, theme
from ui.theme.tokens import Tokens

__all__ = ["Tokens", "current", "theme"]
