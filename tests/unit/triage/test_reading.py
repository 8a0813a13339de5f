"""What the classifier makes of single messages: words written together, risks of every kind, ratings that are good."""

from __future__ import annotations

import tomllib

import pytest

from tests.support.triage import LEARNED
from workstation.kernel.paths import resources
from workstation.triage.classify import Classifier, shipped
from workstation.triage.concepts import Concepts
from workstation.triage.model import Issue, Risk
from workstation.triage.phrases import Phrases
from workstation.triage.text import bare, content, looked_at

FOLDER = resources() / "triage"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return shipped(FOLDER)


@pytest.mark.parametrize(("word", "stem"), [
    ("والجمارك", "جمارك"), ("بالبطاقة", "بطاق"), ("شحنتكم", "شحنت"), ("لم", "لم"), ("customs", "customs"),
    ("税関", "税関"), ("", ""),
])
def test_arabic_words_are_bared_and_others_left(word: str, stem: str) -> None:
    assert bare(word) == stem


def test_a_meaning_is_found_with_the_article_and_without() -> None:
    concepts = Concepts(FOLDER / "concepts.toml")
    for text in ("جمارك", "الجمارك", "بالجمارك", "للجمارك"):
        assert "=customs" in concepts.names(looked_at(text)), text


def test_corrections_that_were_stored_still_fit() -> None:
    """Their numbers were made of words, pairs and beginnings; a bared word was none of them."""
    assert len(content(looked_at("والجمارك"))) == 3


def test_a_question_means_something_by_its_mark_alone() -> None:
    concepts = Concepts(FOLDER / "concepts.toml")
    assert "=?" in concepts.names("xyz?") & concepts.names("xyz؟") & concepts.names("これですか。")
    assert "=?" not in concepts.names("xyz.")


@pytest.mark.parametrize(("text", "words"), [
    ("I filed an A-to-Z yesterday", "a-to-z"), ("Je n'ai rien acheté chez vous", "n'ai rien achete chez vous"),
    ("返事がなければPayPalに言います", "paypalに"), ("去PayPal申诉", "去paypal"),
    ("通过PayPal投诉", "paypal投诉"),
])
def test_phrases_are_found_wherever_their_letters_begin(text: str, words: str) -> None:
    assert words in {hit.words for hit in Phrases(FOLDER / "words").find(looked_at(text))}


@pytest.mark.parametrize("text", [
    "Please pay the refund into my cousin's account, not mine, it is a different bank account.",
    "Geht das auch an der Plattform vorbei? Ich überweise direkt.",
    "Je supprime mon avis si vous m'envoyez 30 euros.",
    "Mándenme uno gratis a cambio de una reseña de cinco estrellas.",
    "Usaram meu cartão, eu nunca fiz esse pedido.",
    "能不能不走平台，加微信直接转给你们？",
    "サイトを通さず直接振り込みでお願いできますか。",
    "حولوا المال إلى حساب صديقي وليس إلى بطاقتي",
])
def test_fraud_is_told_in_every_language_and_says_why(classifier: Classifier, text: str) -> None:
    found = classifier.read(text)
    assert found.risk is Risk.FRAUD
    assert found.risk_words
    assert all(words in looked_at(text) for words in found.risk_words)


@pytest.mark.parametrize("text", [
    "Do you want to promote my brand?", "Estou de férias até segunda.", "Il est ouvert les jours fériés ?",
    "Die Anzeige am Gerät bleibt dunkel.", "One of the burners is loose.", "勝手に電源が切れます。", "水烧开之后滴水",
    "Trae un golpe en la esquina.",
])
def test_harmless_words_that_look_like_a_risk_are_none(classifier: Classifier, text: str) -> None:
    assert classifier.read(text).risk is Risk.NONE


@pytest.mark.parametrize(("text", "risk"), [
    ("I left you a review today: five stars, you earned it.", Risk.NONE),
    ("I left you a review today: one star, you earned it.", Risk.REVIEW),
    ("Minha avaliação de cinco estrelas não aparece na página.", Risk.NONE),
])
def test_a_good_rating_is_no_risk(classifier: Classifier, text: str, risk: Risk) -> None:
    found = classifier.read(text)
    assert found.issue is Issue.REVIEW
    assert found.risk is risk


@pytest.mark.parametrize("text", [
    "Thanks a lot!", "ok", "Vielen Dank, alles gut.", "Merci, bonne journée", "ありがとうございます。", "谢谢",
    "شكرا لكم", "Gracias, todo perfecto.", "Obrigada!", "I am out of the office until Monday.",
    "Could you resend the invoice?",
])
def test_what_asks_for_nothing_is_no_issue(classifier: Classifier, text: str) -> None:
    assert classifier.read(text).issue is Issue.NONE


def test_every_learned_label_is_one_there_is() -> None:
    for path in sorted(LEARNED.glob("*.toml")):
        for issue, texts in tomllib.loads(path.read_text("utf-8"))["issue"].items():
            assert issue == "none" or Issue(issue)
            for text, risk, urgency in (each for each in texts if not isinstance(each, str)):
                assert text.strip()
                assert risk in set(Risk)
                assert urgency in (0, 1, 2)
