"""What somebody else wrote stands in our line, and does nothing to the rest of it."""

from __future__ import annotations

from workstation.kernel.told import in_a_line


def test_control_characters_and_marks_of_direction_part_words() -> None:
    assert in_a_line(" no\u202e such\r\nuser\x00\x07 ", 100) == "no such user"
    assert in_a_line("李伟 · שלום", 100) == "李伟 · שלום"
    assert in_a_line("abcdef", 3) == "abc"
