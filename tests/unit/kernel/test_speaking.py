"""A piece of work for somebody else speaks that person's language, and what it leaves behind speaks the usual one."""

from __future__ import annotations

import contextvars

from workstation.kernel import i18n
from workstation.kernel.i18n import _

TEXT, CHINESE = "Stopped. What was finished is kept.", "已停止。"


def test_the_callers_language_holds_for_its_work_alone() -> None:
    assert _(TEXT) == TEXT
    with i18n.speaking("zh_CN"):
        assert _(TEXT).startswith(CHINESE)
        began = contextvars.copy_context()     # as a task or a thread takes it along
        assert began.run(_, TEXT).startswith(CHINESE)
        with i18n.speaking("en"):
            assert _(TEXT) == TEXT
        assert i18n.language() == "en", "the window's own stays"
    assert _(TEXT) == TEXT
    assert began.run(_, TEXT) == TEXT


def test_an_unknown_language_is_english() -> None:
    i18n.use_language("zh_CN")
    with i18n.speaking("xx"):
        assert _(TEXT) == TEXT
    assert _(TEXT).startswith(CHINESE)
