"""The small things every layer stands on."""

from __future__ import annotations

import inspect
import json
import logging
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.kernel import clock, errors, i18n, ids, logs
from workstation.kernel.paths import resources
from workstation.kernel.settings import TABLE, Settings


@given(st.integers(0, 4_102_444_800_000))
def test_a_moment_survives_its_datetime(ms: int) -> None:
    assert clock.from_datetime(clock.to_datetime(ms)) == ms


def test_a_naive_datetime_is_not_a_moment() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.from_datetime(datetime(2026, 1, 1))  # noqa: DTZ001 — the mistake under test
    assert clock.iso(clock.from_datetime(datetime(2026, 1, 1, tzinfo=UTC))) == "2026-01-01T00:00:00.000Z"


def test_clocks_tell_milliseconds() -> None:
    before = time.time() * 1_000
    assert before - 1 <= clock.SystemClock().now() <= time.time() * 1_000
    fixed = clock.FixedClock(5)
    fixed.advance(clock.MINUTE)
    assert fixed.now() == 60_005


def test_ids_are_uuid7_and_sort_by_time() -> None:
    made = [ids.new_id() for _ in range(1_000)]
    assert {uuid.UUID(text).version for text in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == 1_000


def test_the_drawn_error_tree_is_the_real_one() -> None:
    """Habit 6: the tree is drawn in the docstring that defines it."""
    drawn: dict[str, str] = {}
    path: list[str] = ["WorkstationError"]
    for line in (errors.__doc__ or "").splitlines():
        if "── " in line:
            name = line.split("── ")[1].split()[0]
            depth = line.index("── ") // 4
            del path[depth:]
            drawn[name] = path[-1]
            path.append(name)
    real = {name: kind.__bases__[0].__name__ for name, kind in vars(errors).items()
            if inspect.isclass(kind) and issubclass(kind, errors.WorkstationError)
            and kind is not errors.WorkstationError}
    assert drawn == real


def test_an_error_is_its_sentence_and_its_remedy() -> None:
    assert str(errors.NotFound("Gone.", "Look elsewhere.")) == "Gone. Look elsewhere."
    assert str(errors.NotFound("Gone.")) == "Gone."
    assert errors.Ambiguous("Which?", candidates=["a/1", "b/1"]).candidates == ("a/1", "b/1")


@pytest.mark.parametrize("secret", [
    "anna.silva+shop@example.com", "+351 912 345 678", "0" * 64, "123-4567890",
])
def test_logs_hold_no_address_number_or_key(tmp_path: Path, secret: str) -> None:
    handler = logs.log_to(tmp_path)
    try:
        logging.getLogger("workstation.test").warning("failed for %s with password: hunter2", secret)
        try:
            raise ValueError(f"token={secret}")
        except ValueError:
            logging.getLogger("workstation.test").exception("a bug")
    finally:
        logging.getLogger("workstation").removeHandler(handler)
        handler.close()
    written = (tmp_path / "workstation.log").read_text()
    assert "WARNING workstation.test failed for" in written
    assert secret not in written
    assert "hunter2" not in written


def test_settings_keep_what_they_do_not_know_and_doubt_what_does_not_fit(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"theme": "purple", "undo_seconds": "15", "of_a_newer_version": [1]}))
    settings = Settings(file)
    assert settings.text("theme") == "system"
    assert settings.number("undo_seconds") == 15
    settings.set("theme", "dark")
    assert json.loads(file.read_text())["of_a_newer_version"] == [1]
    assert Settings(file).text("theme") == "dark"
    with pytest.raises(ValueError, match="does not fit"):
        settings.set("theme", "purple")
    with pytest.raises(ValueError, match="does not fit"):
        settings.set("undo_seconds", True)


def test_a_broken_settings_file_is_the_defaults(tmp_path: Path) -> None:
    for content in ("{", "[]", "\x00"):
        (tmp_path / "settings.json").write_text(content)
        assert Settings(tmp_path / "settings.json").text("theme") == "system"


def test_a_preference_that_cannot_be_saved_is_known(tmp_path: Path) -> None:
    with pytest.raises(errors.ReadOnly):
        Settings(tmp_path / "none" / "settings.json").set("theme", "dark")


def test_every_setting_is_declared_once_with_a_default_that_fits() -> None:
    assert len({setting.name for setting in TABLE}) == len(TABLE)
    assert all(setting.default in setting.choices for setting in TABLE if setting.choices)


def test_the_language_can_change_and_falls_back(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        i18n.use_language("tlh")
        assert i18n.language() == "en"
        assert i18n._("No such sentence anywhere") == "No such sentence anywhere"
        assert i18n._("") == ""
        monkeypatch.setenv("LANGUAGE", "zh_CN.UTF-8")
        i18n.use_language("")
        assert i18n.language() == "zh_CN"
    finally:
        i18n.use_language("en")


def test_resources_are_found_from_a_checkout() -> None:
    assert resources().name in ("resources", "_resources")
