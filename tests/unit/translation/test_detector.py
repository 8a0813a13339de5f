"""Languages of the trade from short, real-sounding lines; nothing when it cannot be told."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from workstation.translation.detector import Detector

LINES = [
    ("en", "where is my parcel"), ("en", "I want a refund"), ("en", "The box was crushed and one glass is broken."),
    ("pt", "Onde está meu pacote"), ("pt", "cadê meu pedido 702-1234567-1234567???"), ("pt", "Obrigado"),
    ("es", "¿Dónde está mi paquete?"), ("es", "Quiero devolver la chaqueta, la talla no me queda bien."),
    ("de", "Wo ist mein Paket?"), ("de", "Das Ladegerät ist defekt."), ("fr", "Mon colis n'est pas arrivé"),
    ("it", "Dov'è il mio pacco"), ("nl", "Waar blijft mijn bestelling?"), ("pl", "Gdzie jest moja paczka?"),
    ("tr", "Kargom nerede, hala gelmedi"), ("id", "Paket saya belum sampai"), ("vi", "Đơn hàng của tôi ở đâu?"),
    ("ja", "注文番号 702-1234567-1234567 を返品したい"), ("zh", "我的包裹在哪里？"), ("ko", "제 택배가 어디에 있나요?"),
    ("ar", "أين طردي؟"), ("ru", "Где моя посылка?"), ("th", "พัสดุของฉันอยู่ที่ไหน"),
]


@pytest.mark.parametrize(("language", "text"), LINES)
def test_tells_the_language(language: str, text: str) -> None:
    assert Detector().detect(text) == language


@pytest.mark.parametrize("text", ["", "Hi", "ok", "702-1234567-1234567", "https://t.example/onde/esta/pacote", "?!"])
def test_says_nothing_when_it_cannot_tell(text: str) -> None:
    assert Detector().detect(text) == ""


def test_quoted_history_does_not_count() -> None:
    assert Detector().detect("Can you tell me what this means?\n> Olá, onde está o meu pedido?\n> Obrigado") == "en"


def test_any_thread_may_ask() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(Detector().detect, ["Das Ladegerät ist defekt."] * 8)) == ["de"] * 8


def test_scripts_need_no_model() -> None:
    program = ("import sys; from workstation.translation.detector import Detector;"
               "assert Detector().detect('我的包裹在哪里？') == 'zh'; sys.exit('lingua' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
