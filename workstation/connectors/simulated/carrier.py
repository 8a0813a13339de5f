"""A simulated carrier: parcels given as data, answered over HTTP by the 17TRACK v2.2 contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workstation.connectors.base import Capability, Metadata
from workstation.connectors.simulated.faults import Fault
from workstation.connectors.simulated.server import Question, Response, Simulated
from workstation.domain.order import Parcel, ParcelState, TrackingEvent
from workstation.kernel.clock import iso

METADATA = Metadata(
    name="simulated.carrier", title="Simulated carrier", capabilities=(Capability.CARRIER,),
    documentation="the 17TRACK v2.2 contract, on loopback", simulated=True,
)
_STATUS = {
    ParcelState.LABEL: ("InfoReceived", "InfoReceived"),
    ParcelState.IN_TRANSIT: ("InTransit", "InTransit_Other"),
    ParcelState.CUSTOMS: ("InTransit", "InTransit_CustomsProcessing"),
    ParcelState.OUT_FOR_DELIVERY: ("OutForDelivery", "OutForDelivery_Other"),
    ParcelState.DELIVERED: ("Delivered", "Delivered_Other"),
    ParcelState.EXCEPTION: ("Exception", "Exception_Other"),
    ParcelState.RETURNED: ("Exception", "Exception_Returned"),
    ParcelState.UNKNOWN: ("NotFound", "NotFound_Other"),
}


class SimulatedCarrier(Simulated):
    """Speaks 17TRACK's contract for `parcels`. `faults` maps tracking numbers to how they misbehave."""

    def __init__(self, parcels: Iterable[Parcel], faults: Mapping[str, Fault] | None = None, token: str = "") -> None:
        self._parcels = {parcel.tracking_number: parcel for parcel in parcels}
        self._registered: set[str] = set()
        self._token = token
        self.faults = dict(faults or {})
        super().__init__()

    def put(self, parcel: Parcel) -> None:
        """Add a parcel, or move one on: the next answer tells it."""
        self._parcels[parcel.tracking_number] = parcel

    def _answer(self, question: Question) -> Response:
        if self._token and question.headers.get("17token") != self._token:
            return Response(200, {"code": -18010002, "data": {}})
        numbers = [str(item.get("number", "")) for item in question.body]
        faults = {self.faults.get(number) for number in numbers}
        if Fault.TIMEOUT in faults:
            return Response(hang=True)
        if Fault.ERROR in faults:
            return Response(500, {})
        answer = self._register if question.path.endswith("/register") else self._info
        items = [answer(number) for number in numbers]
        accepted = "results" if Fault.SHAPE in faults else "accepted"
        data = {accepted: [i for i in items if "error" not in i], "rejected": [i for i in items if "error" in i]}
        return Response(200, {"code": 0, "data": data})

    def _register(self, number: str) -> dict[str, Any]:
        if number in self._registered:
            return _rejected(number, -18019901, "is already registered")
        if number not in self._parcels or self.faults.get(number) is Fault.ABSENT:
            return _rejected(number, -18010012, "format is invalid")
        self._registered.add(number)
        return {"number": number, "carrier": 3011, "origin": 1}

    def _info(self, number: str) -> dict[str, Any]:
        if number not in self._registered or self.faults.get(number) is Fault.ABSENT:
            return _rejected(number, -18019902, "does not register, please register first")
        return _tracked(self._parcels[number])


def _rejected(number: str, code: int, why: str) -> dict[str, Any]:
    return {"number": number, "error": {"code": code, "message": f"The tracking number '{number}' {why}."}}


def _tracked(parcel: Parcel) -> dict[str, Any]:
    status, sub_status = _STATUS[parcel.state]
    events = [_event(event) for event in reversed(parcel.events)]
    provider = {"provider": {"key": 3011, "name": parcel.carrier}, "service_type": parcel.service or None,
                "latest_sync_status": "Success", "events": events}
    info = {"latest_status": {"status": status, "sub_status": sub_status, "sub_status_descr": None},
            "latest_event": events[0] if events else None, "tracking": {"providers_hash": 1, "providers": [provider]}}
    return {"number": parcel.tracking_number, "carrier": 3011, "param": None, "tag": "", "track_info": info}


def _event(event: TrackingEvent) -> dict[str, Any]:
    status, sub_status = _STATUS[event.state]
    return {"time_iso": iso(event.at), "time_utc": iso(event.at), "description": event.text,
            "location": event.place or None, "stage": status, "sub_status": sub_status}
