"""The Chinese catalogue, kept true to the source.

    python .ci/catalogue.py            extract, bring workstation.po up to date, compile workstation.mo
    python .ci/catalogue.py --missing  print what has no translation yet, as a .po
    python .ci/catalogue.py --check    exit 1, saying why, when a text is missing, fuzzy or unused, or the .mo is old

Placeholders are named, `{n}`, and must be the same in both languages.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer.main import get_group

from workstation.commands.helping import texts
from workstation.commands.tree import whole

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "locale" / "zh_CN" / "LC_MESSAGES"
PO, MO = FOLDER / "workstation.po", FOLDER / "workstation.mo"
POLICY = "resources/policy/return_window.toml"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
FIXED = datetime(2026, 1, 1, tzinfo=UTC)  # dates in the file would change it when nothing did
HEADER = "# The words of Workstation in Simplified Chinese. Written by .ci/catalogue.py; translate below each msgid."


def extracted() -> Catalog:
    """Every text of the source, and whose rules the policy follows.

    Without line numbers, so that the file changes only when a text does.
    """
    found = Catalog(locale="zh_CN", charset="utf-8")
    for folder in ("workstation", "ui"):
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / folder, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",),
        ):
            found.add(message, locations=[(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    for text in texts(get_group(whole())):  # docstrings and options of the command line, which no keyword marks
        found.add(text, locations=[("workstation/commands", 0)])
    for rule in tomllib.loads((ROOT / POLICY).read_text(encoding="utf-8"))["rule"]:
        found.add(rule["source"], locations=[(POLICY, 0)])  # said beside the check that follows the rule
    return found


def stored() -> Catalog:
    if not PO.exists():
        return Catalog(locale="zh_CN", charset="utf-8")
    return read_po(io.BytesIO(PO.read_bytes()), locale="zh_CN")


def merged() -> Catalog:
    """The source's texts with the translations we have. Nothing is guessed: a changed text is a missing one."""
    old, new = stored(), Catalog(
        locale="zh_CN", charset="utf-8", project="workstation", version="1", header_comment=HEADER, fuzzy=False,
        creation_date=FIXED, revision_date=FIXED, msgid_bugs_address="Workstation",
        last_translator="Workstation", language_team="Workstation",
    )
    for message in extracted():
        if message.id:
            known = old.get(message.id, message.context)
            new.add(message.id, string=known.string if known else "", context=message.context,
                    locations=sorted(set(message.locations)), auto_comments=message.auto_comments)
    return new


def po_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, ignore_obsolete=True)
    return out.getvalue()


def mo_bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def problems() -> Iterator[str]:
    """What is wrong with the catalogue as it is in the repository."""
    source, kept = {m.id: m for m in extracted() if m.id}, stored()
    translated = {m.id: m for m in kept if m.id}
    for text in sorted(map(str, source.keys() - translated.keys())):
        yield f"not in the catalogue: {text}"
    for text in sorted(map(str, (translated.keys() - source.keys()) | set(kept.obsolete))):
        yield f"no longer in the source: {text}"
    for message in translated.values():
        yield from _faults(message)
    if MO.exists() is False or MO.read_bytes() != mo_bytes(kept):
        yield "workstation.mo is not what workstation.po compiles to"


def _faults(message: Message) -> Iterator[str]:
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    ids = message.id if isinstance(message.id, list | tuple) else (message.id,)
    if message.fuzzy:
        yield f"fuzzy: {ids[0]}"
    if not all(strings):
        yield f"no translation: {ids[0]}"
        return
    wanted = set(PLACEHOLDER.findall(ids[-1]))
    for text in strings:
        found = set(PLACEHOLDER.findall(text or ""))
        if found != wanted:
            yield f"placeholders differ: {ids[0]} → {text}"


def write() -> None:
    catalogue = merged()
    FOLDER.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po_bytes(catalogue))
    MO.write_bytes(mo_bytes(stored()))
    missing = sum(1 for m in catalogue if m.id and not _is_translated(m))
    print(f"{len(catalogue)} texts, {missing} without a translation")


def print_missing() -> None:
    catalogue = merged()
    for message in list(catalogue):
        if message.id and _is_translated(message):
            catalogue.delete(message.id, message.context)
    sys.stdout.write(po_bytes(catalogue).decode())


def _is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def main() -> int:
    if "--check" in sys.argv:
        found = list(problems())
        print("\n".join(found) or "The catalogue is complete.")
        return 1 if found else 0
    if "--missing" in sys.argv:
        print_missing()
    else:
        write()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
