"""The guide's table of keys, kept equal to the table of actions.

    python .ci/keys.py                   print the English table
    python .ci/keys.py --write           put it into docs/user-guide.md and docs/zh/user-guide.md
    python .ci/keys.py --check           exit 1, saying which lines differ, when a guide is not up to date

Chinese words come from the catalogue; a text that has no translation yet stands in English until it has one.
"""

from __future__ import annotations

import gettext
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from ui.shell.action_table import GROUPS, TABLE, ActionSpec  # noqa: E402 - run from anywhere

Words = Callable[[str], str]
LOCALE = ROOT / "resources" / "locale"
RULE = "|---|---|---|"
GUIDES = {
    "docs/user-guide.md": ("| group | action | keys |", " or ", "—"),
    "docs/zh/user-guide.md": ("| 分组 | 操作 | 按键 |", " 或 ", "无"),
}


def chinese() -> Words:
    """The catalogue as it is written in the .po's compiled form."""
    return gettext.translation("workstation", LOCALE, ["zh_CN"]).gettext


def words_of(guide: str) -> Words:
    return chinese() if "/zh/" in guide else str


def table(guide: str) -> list[str]:
    """The lines of a guide's table, its head first."""
    head, alternative, none = GUIDES[guide]
    words = words_of(guide)
    return [head, RULE, *(_line(spec, words, alternative, none) for spec in TABLE)]


def written(text: str, head: str) -> tuple[int, list[str]]:
    """Where a guide's table begins, and its lines. Raises ValueError when it has none."""
    lines = text.splitlines()
    begin = lines.index(head)
    end = next(at for at in range(begin, len(lines)) if not lines[at].startswith("|"))
    return begin, lines[begin:end]


def differences(guide: str) -> Iterator[str]:
    """What is in one and not in the other, each as a sentence."""
    _begin, there = written((ROOT / guide).read_text(encoding="utf-8"), GUIDES[guide][0])
    wanted = table(guide)
    yield from (f"{guide} lacks {line}" for line in wanted if line not in there)
    yield from (f"{guide} has {line}" for line in there if line not in wanted)
    if sorted(there) == sorted(wanted) and there != wanted:
        yield f"{guide}: the order differs from the table of actions"


def write(guide: str) -> None:
    file = ROOT / guide
    text = file.read_text(encoding="utf-8")
    begin, there = written(text, GUIDES[guide][0])
    lines = text.splitlines()
    lines[begin:begin + len(there)] = table(guide)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _line(spec: ActionSpec, words: Words, alternative: str, none: str) -> str:
    keys = alternative.join(_keys(one) for one in spec.keys) or none
    return f"| {words(GROUPS[spec.group])} | {words(spec.text)} | {keys} |"


def _keys(sequence: str) -> str:
    """ "G, I" as two keys, one after the other."""
    return " ".join(f"`{key}`" for key in sequence.split(", ")) if ", " in sequence else f"`{sequence}`"


def main() -> int:
    if "--write" in sys.argv:
        for guide in GUIDES:
            write(guide)
    elif "--check" in sys.argv:
        found = [line for guide in GUIDES for line in differences(guide)]
        sys.stdout.write("".join(f"{line}\n" for line in found))
        return bool(found)
    else:
        sys.stdout.write("\n".join(table("docs/user-guide.md")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
