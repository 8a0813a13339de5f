"""Policy packs: what ships is in bounds and says whose rule each is; what is out of bounds is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.kernel.clock import DAY, HOUR, MINUTE, iso
from workstation.kernel.errors import InputError
from workstation.kernel.paths import resources
from workstation.policy.model import Basis, ReturnRule
from workstation.policy.service import PolicyService

DELIVERED = 1_795_262_400_000  # 2026-11-21T12:00:00Z


@pytest.fixture
def policy() -> PolicyService:
    return PolicyService()


@pytest.mark.parametrize(
    ("platform", "country", "rule"),
    [
        ("amazon", "US", "amazon-returns"),
        ("amazon", "DE", "amazon-returns"),
        ("shopify", "DE", "eu-withdrawal"),
        ("generic", "GB", "uk-cancellation"),
        ("shopify", "BR", "brazil-regret"),
        ("shopify", "CN", "china-seven-days"),
        ("shopify", "US", None),
        ("shopify", "", None),
        ("generic", "JP", None),
    ],
)
def test_the_longest_rule_that_is_known(policy: PolicyService, platform: str, country: str, rule: str | None) -> None:
    found = policy.return_rule(platform, "any", country)
    assert (found.id if found else None) == rule


def test_every_rule_says_whose_it_is(policy: PolicyService) -> None:
    for rule in policy.returns.rules:
        assert len(rule.source) > 20
        assert (rule.basis is Basis.LAW) == bool(rule.countries), (
            "a law holds somewhere, a platform's policy by platform"
        )
    assert policy.returns.valid_from == "2026-11-01"


def test_a_window_counts_whole_days_after_delivery() -> None:
    rule = ReturnRule("r", Basis.LAW, 14, "s")
    assert iso(rule.closes_at(DELIVERED)) == "2026-12-05T23:59:59.999Z"


@given(st.integers(1, 60), st.integers(0, 4_000_000_000_000))
def test_a_window_is_never_shorter_than_its_days(days: int, delivered: int) -> None:
    closes = ReturnRule("r", Basis.LAW, days, "s").closes_at(delivered)
    assert delivered + days * DAY <= closes < delivered + (days + 1) * DAY


@pytest.mark.parametrize(
    ("service", "days"),
    [("DHL Express", 3), ("Expedited Delivery", 3), ("Royal Mail Standard", 7), ("ePacket", 14), ("", 7), ("???", 7)],
)
def test_how_long_a_service_may_be_silent(policy: PolicyService, service: str, days: int) -> None:
    assert policy.stale_days(service) == days


@pytest.mark.parametrize(
    ("kind", "part", "lasts"),
    [
        ("export", "refunds", DAY),
        ("api", "refunds", 15 * MINUTE),
        ("api", "identity", DAY),
        ("carrier", "tracking", 6 * HOUR),
    ],
)
def test_how_long_facts_last(policy: PolicyService, kind: str, part: str, lasts: int) -> None:
    assert policy.lasts_ms(kind, part) == lasts


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        ("return_window.toml", "days = 14", "days = 0", "greater than or equal to 1"),
        ("return_window.toml", "days = 14", "days = 9999", "less than or equal to 730"),
        ("return_window.toml", 'basis = "law"', 'basis = "hearsay"', "basis"),
        ("return_window.toml", 'counts_from = "delivery"', 'counts_from = "purchase"', "counts_from"),
        ("return_window.toml", '"AT"', '"Austria"', "countries"),
        ("return_window.toml", "days = 14", "days = 14\nsurprise = 1", "surprise"),
        ("tracking.toml", "days = 3", "days = -3", "days"),
        ("freshness.toml", "any = 15", 'any = "soon"', "any"),
        ("freshness.toml", "[carrier]", "[pigeon]", "carrier"),
        ("freshness.toml", "version", "version version", "freshness.toml"),
    ],
)
def test_packs_out_of_bounds_are_refused(tmp_path: Path, name: str, old: str, new: str, why: str) -> None:
    folder = Path(shutil.copytree(resources() / "policy", tmp_path / "policy"))
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        PolicyService(folder)
    assert why in caught.value.sentence
    assert name in caught.value.sentence


def test_a_missing_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"return_window\.toml"):
        PolicyService(tmp_path)
