"""An answer that only greets is told from one that says something, in the languages buyers write."""

from __future__ import annotations

import pytest

from workstation.inbox.greetings import only_greets


@pytest.mark.parametrize("text", [
    "Hi", "Hi Ana!", "Hello dear customer,", "您好", "你好，亲亲~", "Olá, bom dia!", "¡Hola! Buenas tardes",
    "Guten Tag", "こんにちは。", "สวัสดีค่ะ", "Xin chào bạn", "Bonjour Ana 😊",
])
def test_a_greeting_is_one(text: str) -> None:
    assert only_greets(text, "Ana Souza")


@pytest.mark.parametrize("text", [
    "", " \n", "Hi, your parcel left today.", "您好，包裹今天发出", "Hello, order 702-1234567-1234567", "Hi 24",
    "refunded", "Olá, já enviamos", "hello " * 40, "Hi Boris",
])
def test_what_says_something_is_none(text: str) -> None:
    assert not only_greets(text, "Ana Souza")
