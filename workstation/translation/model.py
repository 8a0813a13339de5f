"""Values of translation. Languages are ISO 639-1 codes ("pt", "en", "zh")."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine and a pair it can translate."""

    name: str                      # "firefox", "argos", "http"
    source: str
    target: str
    ready: bool = True


@dataclass(frozen=True, slots=True)
class LanguagePackage:
    """A model on this computer and the pair it translates."""

    engine: str                    # "firefox" or "argos"
    source: str
    target: str
    size: int                      # bytes on the disk
    shipped: bool = False          # came with the program; it cannot be removed


@dataclass(frozen=True, slots=True)
class Translation:
    """A text in another language, and what did not survive."""

    source: str
    target: str
    source_language: str
    target_language: str
    engine: str
    pivot: str = ""                # the language in between, "" when direct
    memory: bool = False           # taken from what was sent before
    terms: tuple[str, ...] = ()    # glossary terms applied
    survived: tuple[str, ...] = () # ids, amounts, dates, links, names found unchanged in the target
    lost: tuple[str, ...] = ()     # those that are missing or changed


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft in the buyer's language, and independently translated back so its writer can judge it."""

    forward: Translation
    back: str                      # "" when there is no engine for the way back
    back_engine: str = ""


@dataclass(frozen=True, slots=True)
class StoredTranslation:
    """A kept translation of a message, as the inbox shows it. `source_hash` is the SHA-256 of what was translated."""

    language: str
    text: str
    engine: str
    lost: tuple[str, ...] = ()
    source_hash: str = ""
