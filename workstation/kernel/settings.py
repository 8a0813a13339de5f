"""Every preference, declared once. Kept in `settings.json` beside the store, because the window needs them
before the store is open; nothing secret and no buyer's data is ever a setting."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from workstation.kernel.errors import ReadOnly
from workstation.kernel.i18n import N_, _

Value = str | int | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One preference: its name in the file, its default, and what it is for."""

    name: str
    default: Value
    meaning: str
    choices: tuple[str, ...] = ()


TABLE = (
    Setting("language", "", N_("Interface language"), ("", "en", "zh_CN")),
    Setting("theme", "system", N_("Colours"), ("system", "light", "dark", "contrast")),
    Setting("agent_language", "en", N_("Language you read and write")),
    Setting("undo_seconds", 15, N_("Seconds a sent reply can be taken back")),
    Setting("notifications", True, N_("Notify on the desktop when a message arrives")),
    Setting("notification_shows", "nothing", N_("What a notification shows"), ("subject", "sender", "nothing")),
    Setting("clear_clipboard", True, N_("Clear what was copied from a conversation after 60 seconds")),
    Setting("first_sync_days", 30, N_("Days of mail to fetch at first")),
    Setting("translate_side_by_side", False, N_("Show original and translation side by side")),
    Setting("read_pictures", True, N_("Read text in captures and pictures, so that it can be searched")),
    Setting("translation_server", "", N_("Address of a translation server (LibreTranslate), empty for none")),
    Setting("capture_key", "", N_("Key that captures a region while another program is in front")),
    Setting("hub_url", "", N_("Address of the hub")),
    Setting("setup", "", N_("Where the first steps continue")),
    Setting("window", "", N_("Window size and columns")),
    Setting("keys", "", N_("Changed keys")),
    Setting("folded", "", N_("Groups of queues that are folded")),
)
_BY_NAME = {setting.name: setting for setting in TABLE}


class Settings:
    """The preferences of one home. Unknown names in the file are kept, wrong values fall back to the default."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values = _load(path)

    @property
    def folder(self) -> Path:
        """The home these preferences are of."""
        return self._path.parent

    def get(self, name: str) -> Value:
        setting = _BY_NAME[name]
        value = self._values.get(name, setting.default)
        return value if _fits(setting, value) else setting.default

    def text(self, name: str) -> str:
        return str(self.get(name))

    def number(self, name: str) -> int:
        return int(self.get(name))

    def flag(self, name: str) -> bool:
        return bool(self.get(name))

    def set(self, name: str, value: Value) -> None:
        """Change one preference and write the file. Raises ReadOnly when the folder cannot be written."""
        setting = _BY_NAME[name]
        if not _fits(setting, value):
            raise ValueError(f"{value!r} does not fit the setting {name}")
        self._values[name] = value
        _save(self._path, self._values)


def _fits(setting: Setting, value: object) -> bool:
    same_type = type(value) is type(setting.default)
    return same_type and (not setting.choices or value in setting.choices)


def _load(path: Path) -> dict[str, Value]:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _save(path: Path, values: dict[str, Value]) -> None:
    temporary = path.with_suffix(".tmp")
    try:
        temporary.write_text(json.dumps(values, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        temporary.replace(path)
    except OSError as problem:
        raise ReadOnly(_("The preference could not be saved."), _("Make the folder writable.")) from problem
