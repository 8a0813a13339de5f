"""Looking at a case asks its sources by itself, but not again and again."""

from __future__ import annotations

from pathlib import Path

from tests.support.demo import walking
from workstation.inbox.model import ListQuery
from workstation.kernel.clock import MINUTE
from workstation.verification.service import VerificationService


def test_a_case_asks_once_in_five_minutes_and_a_refresh_always(tmp_path: Path) -> None:
    with walking(tmp_path) as walked:
        walked.walk.connect()
        core, do = walked.walk._core, walked.walk._do
        rows = do(core.inbox.page(ListQuery(queue="all", search="#1042"))).rows
        before = walked.world.shop.requests
        panel = do(core.verification.freshen(rows[0].id))
        asked = walked.world.shop.requests
        do(core.verification.freshen(rows[0].id))
        again = walked.world.shop.requests
        do(core.verification.refresh(rows[0].id))
        service = core.verification
        assert isinstance(service, VerificationService)
        service._asked = {key: at - 6 * MINUTE for key, at in service._asked.items()}
        do(core.verification.freshen(rows[0].id))
    assert asked == before + 1
    assert (again, walked.world.shop.requests) == (asked, asked + 2)
    assert panel.order is not None
    assert panel.checks[0].verdict == "pass"
