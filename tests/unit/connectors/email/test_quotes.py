"""New text and history apart, in the languages of our buyers; every line ends up on one of the two sides."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.email.quotes import fold

HISTORY = "> Dear customer,\n> we sent it on Monday.\n>> Hello?"
ATTRIBUTIONS = [
    "On Tue, 3 Nov 2026 at 10:00, Shop <help@shop.example> wrote:",
    "On Tue, 3 Nov 2026 at 10:00, The Very Long Name of a Shop\n<help@shop.example> wrote:",
    "Em ter., 3 de nov. de 2026 às 10:00, Loja <help@shop.example>\nescreveu:",
    "A terça-feira, 3/11/2026, 10:00, Loja escreveu",
    "El mar, 3 nov 2026 a las 10:00, Tienda (<help@shop.example>) escribió:",
    "Am Di., 3. Nov. 2026 um 10:00 Uhr schrieb Laden <help@shop.example>:",
    "Am 03.11.26 um 10:00 schrieb Laden:",
    "Le mar. 3 nov. 2026 à 10:00, Boutique <help@shop.example> a écrit :",
    "Il giorno mar 3 nov 2026 alle ore 10:00 Negozio <help@shop.example> ha scritto:",
    "2026年11月3日(火) 10:00 お店 <help@shop.example>:",
    "2026/11/03 10:00、お店のメール:",
    "在 2026年11月3日，10:00，店铺 <help@shop.example> 写道：",
    "店铺 <help@shop.example> 于2026年11月3日周二 10:00写道：",
    "في الثلاثاء، 3 نوفمبر 2026 في 10:00 ص، كتب Shop <help@shop.example>:",
    "Op di 3 nov 2026 om 10:00 schreef Winkel <help@shop.example>:",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_the_line_that_says_who_wrote_goes_with_the_history(attribution: str) -> None:
    new, quoted = fold(f"Where is it?\n\nMaria\n\n{attribution}\n\n{HISTORY}\n")
    assert new == "Where is it?\n\nMaria"
    assert quoted == f"{attribution}\n\n{HISTORY}"


@pytest.mark.parametrize(
    "heading",
    [
        "-----Original Message-----",
        "----- Mensagem original -----",
        "-----Mensaje original-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "-----Messaggio originale-----",
        "------------------ 原始邮件 ------------------",
        "-----元のメッセージ-----",
        "-----الرسالة الأصلية-----",
    ],
)
def test_everything_under_a_ruled_heading_is_history(heading: str) -> None:
    new, quoted = fold(f"Where is it?\n\n{heading}\nFrom: Shop\nold words")
    assert new == "Where is it?"
    assert quoted == f"{heading}\nFrom: Shop\nold words"


@pytest.mark.parametrize(
    "block",
    [
        "From: Shop <help@shop.example>\nSent: Tuesday, 3 November 2026 10:00\nTo: Maria\nSubject: RE: Parcel",
        "De: Loja <help@shop.example>\nEnviado: terça-feira, 3 de novembro de 2026\nPara: Maria\nAssunto: Re",
        "Von: Laden <help@shop.example>\nGesendet: Dienstag, 3. November 2026\nAn: Maria\nBetreff: AW",
        "De : Boutique <help@shop.example>\nEnvoyé : mardi 3 novembre 2026\nÀ : Maria\nObjet : RE",
        "Da: Negozio <help@shop.example>\nInviato: martedì 3 novembre 2026\nA: Maria\nOggetto: R",
        "发件人: 店铺 <help@shop.example>\n发送时间: 2026年11月3日\n收件人: 王\n主题: 回复",
        "差出人: お店 <help@shop.example>\n送信日時: 2026年11月3日\n宛先: 山田\n件名: RE",
        "*From:* Shop <help@shop.example>\n*Sent:* Tuesday\n*To:* Maria",
    ],
)
def test_a_repeated_header_begins_the_history_with_the_rule_above_it(block: str) -> None:
    new, quoted = fold(f"Where is it?\n\n________________________________\n{block}\n\nold words")
    assert new == "Where is it?"
    assert quoted == f"________________________________\n{block}\n\nold words"


def test_a_marketplace_envelope_leaves_the_buyers_words() -> None:
    text = (
        "You have received a message.\nOrder 702-1234567-1234567\n------------- Begin message -------------\n\n"
        "My parcel is late.\n\n------------- End message -------------\nTo reply, answer this mail."
    )
    new, quoted = fold(text)
    assert new == "My parcel is late."
    assert "702-1234567-1234567" in quoted
    assert "To reply" in quoted


@pytest.mark.parametrize(
    "text",
    [
        "> Did it arrive?\nNo.\n> And the second?\nYes.",  # answered between the lines
        "> only history\n> and nothing else",
        "From: the bottom of my heart, thank you.",
        "On Monday my neighbour wrote: thanks.\nBye",
        "Price is 5 > 3 here",
        "",
    ],
)
def test_what_is_not_plainly_history_stays(text: str) -> None:
    assert fold(text) == (text, "")


def test_an_answer_below_its_quote_is_found() -> None:
    new, quoted = fold(f"{ATTRIBUTIONS[0]}\n{HISTORY}\n\nIt came today.\nThank you")
    assert new == "It came today.\nThank you"
    assert quoted == f"{ATTRIBUTIONS[0]}\n{HISTORY}"


PIECES = st.sampled_from(
    [
        *ATTRIBUTIONS,
        HISTORY,
        "",
        "words",
        ">",
        "-----Original Message-----",
        "From: a\nSent: b\nTo: c",
        "--- Begin message ---",
        "--- End message ---",
        "____________",
        "> x",
    ]
)


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=10).map("\n".join))
def test_no_line_is_dropped_or_doubled(text: str) -> None:
    new, quoted = fold(text)
    kept = Counter(line for line in (new + "\n" + quoted).split("\n") if line.strip())
    assert kept == Counter(line for line in text.split("\n") if line.strip())
