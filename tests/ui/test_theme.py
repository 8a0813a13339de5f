"""Colours are readable in every theme, every icon draws, and views hear of a change."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from ui.shell.action_table import TABLE
from ui.theme import current, fonts, icons, style, theme
from ui.theme.tokens import THEMES, Tokens, contrast
from workstation.domain.conversation import Channel
from workstation.kernel.paths import resources

SURFACES = ("surface", "surface_raised", "surface_sunken", "surface_hover", "surface_selected",
            "bubble_in", "bubble_out")
MARKS = ("passed", "warn", "fail", "unknown", "pending", "failed", "focus", "line_strong")
each_theme = pytest.mark.parametrize("tokens", THEMES.values(), ids=THEMES.keys())


@each_theme
@pytest.mark.parametrize("text", ["text", "text_quiet"])
@pytest.mark.parametrize("surface", [*SURFACES, "note_surface"])
def test_text_is_readable(tokens: Tokens, text: str, surface: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= 4.5


@each_theme
@pytest.mark.parametrize(("text", "surface"), [
    ("accent_text", "accent"), ("accent_text", "accent_hover"), ("warn", "warn_surface"), ("fail", "fail_surface"),
    ("accent", "surface"), ("accent", "surface_raised"), ("fail", "surface"), ("warn", "surface"),
    ("fail", "surface_raised"), ("warn", "surface_selected"), ("fail", "surface_selected"), ("warn", "note_surface"),
])
def test_coloured_text_is_readable(tokens: Tokens, text: str, surface: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= 4.5


@each_theme
@pytest.mark.parametrize("mark", [*MARKS, *(f"channel_{channel}" for channel in Channel)])
@pytest.mark.parametrize("surface", ["surface", "surface_hover", "surface_selected", "surface_sunken"])
def test_marks_can_be_seen(tokens: Tokens, mark: str, surface: str) -> None:
    assert contrast(getattr(tokens, mark), getattr(tokens, surface)) >= 3.0


def test_contrast_knows_its_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@each_theme
def test_every_token_is_a_colour_and_every_channel_has_one(tokens: Tokens) -> None:
    for name, value in tokens.table().items():
        assert name == "name" or re.fullmatch(r"#[0-9a-f]{6}", value), name
    assert all(hasattr(tokens, f"channel_{channel}") for channel in Channel)
    assert tokens.channel("smoke-signals") == tokens.channel_email


@each_theme
def test_the_stylesheet_names_no_colour_of_its_own(tokens: Tokens) -> None:
    used = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", style.sheet(tokens)))
    assert used <= set(tokens.table().values())


def test_there_are_four_sizes_with_tabular_figures(qapp: object) -> None:
    assert (fonts.CAPTION, fonts.BODY, fonts.TITLE, fonts.DISPLAY) == (11, 13, 15, 20)
    made = fonts.font(fonts.BODY, bold=True)
    assert made.pixelSize() == 13
    assert made.featureTags()


def test_every_icon_is_ours_and_draws(qapp: object) -> None:
    names = {path.stem for path in (resources() / "icons").glob("*.svg")}
    assert {spec.icon for spec in TABLE if spec.icon} <= names
    for name in names:
        assert 'stroke-width="1.5"' in (resources() / "icons" / f"{name}.svg").read_text()
        image = icons.pixmap(name, "#ff0000", 20).toImage()
        assert any(image.pixelColor(x, y) != QColor(0, 0, 0, 0) for x in range(20) for y in range(20)), name


def test_views_hear_of_a_change_of_theme(qtbot: QtBot) -> None:
    with qtbot.waitSignal(theme().changed):
        theme().apply("dark")
    assert current().dark
    theme().apply("system")
    assert current().name in ("light", "dark")
