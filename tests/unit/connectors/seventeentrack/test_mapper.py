"""A recorded answer of 17TRACK v2.2 (written by us after its documentation) and what may be wrong with one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.connectors.seventeentrack.mapper import read_parcel, read_registered
from workstation.domain.order import Parcel, ParcelState
from workstation.kernel.clock import iso
from workstation.kernel.errors import AuthFailed, BadAnswer, ConnectError, Refused

NUMBER = "RB123456785GB"


def event(time: str | None, stage: str | None, sub: str | None, text: str) -> dict[str, Any]:
    return {
        "time_iso": time,
        "time_utc": time,
        "description": text,
        "location": "Lisboa",
        "stage": stage,
        "sub_status": sub,
    }


def tracked(status: str, sub: str, *events: dict[str, Any]) -> dict[str, Any]:
    provider = {"provider": {"key": 12021, "name": "CTT"}, "service_type": "Registered", "events": list(events)}
    return {
        "number": NUMBER,
        "carrier": 12021,
        "tag": "",
        "track_info": {
            "latest_status": {"status": status, "sub_status": sub},
            "tracking": {"providers_hash": 3, "providers": [provider]},
        },
    }


def answer(*accepted: dict[str, Any], rejected: list[dict[str, Any]] | None = None, code: int = 0) -> bytes:
    return json.dumps({"code": code, "data": {"accepted": list(accepted), "rejected": rejected or []}}).encode()


def read(body: bytes) -> Parcel | None:
    return read_parcel(body, NUMBER, "CTT", "17track")


def test_the_recorded_answer() -> None:
    parcel = read(
        answer(
            tracked(
                "Delivered",
                "Delivered_Other",
                event("2026-11-08T15:30:00Z", "Delivered", "Delivered_Other", "Entregue"),
                event("2026-11-05T08:00:00Z", None, "InTransit_CustomsProcessing", "Customs"),
                event("2026-11-02T08:00:00Z", "InfoReceived", "InfoReceived", "Announced"),
                event(None, None, None, "no time, not shown"),
            )
        )
    )
    assert parcel is not None
    assert [(each.state, each.text) for each in parcel.events] == [
        (ParcelState.LABEL, "Announced"),
        (ParcelState.CUSTOMS, "Customs"),
        (ParcelState.DELIVERED, "Entregue"),
    ]
    assert (parcel.state, iso(parcel.delivered_at or 0), parcel.service) == (
        ParcelState.DELIVERED,
        "2026-11-08T15:30:00.000Z",
        "Registered",
    )


@pytest.mark.parametrize(
    ("status", "sub", "state"),
    [
        ("NotFound", "NotFound_Other", ParcelState.UNKNOWN),
        ("InfoReceived", "InfoReceived", ParcelState.LABEL),
        ("InTransit", "InTransit_Other", ParcelState.IN_TRANSIT),
        ("Expired", "Expired_Other", ParcelState.EXCEPTION),
        ("InTransit", "InTransit_CustomsProcessing", ParcelState.CUSTOMS),
        ("AvailableForPickup", "AvailableForPickup_Other", ParcelState.OUT_FOR_DELIVERY),
        ("OutForDelivery", "OutForDelivery_Other", ParcelState.OUT_FOR_DELIVERY),
        ("DeliveryFailure", "DeliveryFailure_NoBody", ParcelState.EXCEPTION),
        ("Exception", "Exception_Returned", ParcelState.RETURNED),
        ("Exception", "Exception_Lost", ParcelState.EXCEPTION),
    ],
)
def test_every_documented_status(status: str, sub: str, state: ParcelState) -> None:
    parcel = read(answer(tracked(status, sub)))
    assert parcel is not None
    assert parcel.state is state


def test_a_status_nobody_documented_is_a_changed_shape() -> None:
    with pytest.raises(BadAnswer, match="latest_status"):
        read(answer(tracked("Teleported", "Teleported_Other")))


@pytest.mark.parametrize(("code", "known"), [(-18019902, False), (-18010012, False), (-18019909, True)])
def test_numbers_it_rejects(code: int, known: bool) -> None:
    parcel = read(answer(rejected=[{"number": NUMBER, "error": {"code": code, "message": "x"}}]))
    assert (parcel is not None) is known
    assert parcel is None or parcel.state is ParcelState.UNKNOWN


def test_registering() -> None:
    again = [{"number": NUMBER, "error": {"code": -18019901, "message": "is already registered"}}]
    assert read_registered(answer({"number": NUMBER, "carrier": 1}), NUMBER, "17track")
    assert read_registered(answer(rejected=again), NUMBER, "17track")
    assert not read_registered(answer(rejected=[{"number": NUMBER, "error": {"code": -18010012}}]), NUMBER, "17track")


@pytest.mark.parametrize(("code", "kind"), [(-18010002, AuthFailed), (-18019908, Refused)])
def test_refusals(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read(answer(code=code))


@given(
    st.dictionaries(
        st.sampled_from(["code", "data", "accepted", "rejected", "number", "track_info"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["accepted", "rejected", "number", "error", "code", "track_info"]),
                    inner,
                    max_size=3,
                )
            ),
        ),
    )
)
@settings(max_examples=80)
def test_any_answer_is_read_or_refused(value: dict[str, Any]) -> None:
    try:
        parcel = read(json.dumps(value).encode())
    except ConnectError:
        return
    assert parcel is None or parcel.tracking_number == NUMBER
