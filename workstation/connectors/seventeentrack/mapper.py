"""17TRACK's v2.2 answers as parcels. Statuses, codes and field names from its API documentation."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict

from workstation.connectors.shapes import changed, parse
from workstation.domain.order import Parcel, ParcelState, TrackingEvent
from workstation.kernel.actions import Action
from workstation.kernel.clock import from_datetime
from workstation.kernel.errors import AuthFailed, Refused
from workstation.kernel.i18n import _

ALREADY_REGISTERED = -18019901
NOT_REGISTERED = -18019902
NO_INFORMATION = -18019909
_AUTH = frozenset({-18010001, -18010002, -18010004, -18010005})
"""Address not allowed, wrong key, account disabled, no right. (-18010003 is their own failure.)"""
_STATES = {
    "NotFound": ParcelState.UNKNOWN,
    "InfoReceived": ParcelState.LABEL,
    "InTransit": ParcelState.IN_TRANSIT,
    "Expired": ParcelState.EXCEPTION,
    "AvailableForPickup": ParcelState.OUT_FOR_DELIVERY,
    "OutForDelivery": ParcelState.OUT_FOR_DELIVERY,
    "DeliveryFailure": ParcelState.EXCEPTION,
    "Delivered": ParcelState.DELIVERED,
    "Exception": ParcelState.EXCEPTION,
}
_SUB_STATES = {
    "InTransit_CustomsProcessing": ParcelState.CUSTOMS,
    "InTransit_CustomsRequiringInformation": ParcelState.CUSTOMS,
    "Exception_Returned": ParcelState.RETURNED,
    "Exception_Returning": ParcelState.RETURNED,
}
_MOST_EVENTS = 500


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Status(_Wire):
    status: str
    sub_status: str | None = None


class _Event(_Wire):
    time_utc: AwareDatetime | None
    description: str
    location: str | None = None
    stage: str | None = None
    sub_status: str | None = None


class _Provider(_Wire):
    service_type: str | None = None
    events: list[_Event]


class _Tracking(_Wire):
    providers: list[_Provider]


class _TrackInfo(_Wire):
    latest_status: _Status
    tracking: _Tracking


class _Accepted(_Wire):
    number: str
    track_info: _TrackInfo


class _Registered(_Wire):
    number: str


class _Error(_Wire):
    code: int
    message: str = ""


class _Rejected(_Wire):
    number: str = ""
    error: _Error


class _Tracked(_Wire):
    accepted: list[_Accepted]
    rejected: list[_Rejected]


class _Registrations(_Wire):
    accepted: list[_Registered]
    rejected: list[_Rejected]


class _Head(_Wire):
    """Read first: with a code other than 0 `data` holds errors of another shape."""

    code: int


class _Reply(_Wire):
    data: _Tracked


class _RegisterReply(_Wire):
    data: _Registrations


def read_parcel(body: bytes, number: str, carrier: str, source: str) -> Parcel | None:
    """The parcel in the answer to gettrackinfo; None when the number must be registered first or is unknown.

    Raises BadAnswer, AuthFailed, Refused.
    """
    _check(parse(_Head, body, source).code, source)
    reply = parse(_Reply, body, source)
    found = next((item for item in reply.data.accepted if item.number == number), None)
    if found is not None:
        return _parcel(found, carrier, source)
    rejected = _rejection(reply.data.rejected, number)
    if rejected is None:
        raise changed(source, "accepted")
    return _nothing_yet(number, carrier) if rejected == NO_INFORMATION else None


def read_registered(body: bytes, number: str, source: str) -> bool:
    """Whether the number is registered now. Raises BadAnswer, AuthFailed, Refused."""
    _check(parse(_Head, body, source).code, source)
    reply = parse(_RegisterReply, body, source)
    known = any(item.number == number for item in reply.data.accepted)
    return known or _rejection(reply.data.rejected, number) == ALREADY_REGISTERED


def _parcel(item: _Accepted, carrier: str, source: str) -> Parcel:
    status = item.track_info.latest_status
    state = _state(status.status, status.sub_status)
    if state is None:
        raise changed(source, "latest_status")
    providers = item.track_info.tracking.providers
    events = [event for provider in providers for event in provider.events[:_MOST_EVENTS]]
    told = sorted((e for each in events if (e := _event(each, state)) is not None), key=lambda event: event.at)
    service = next((provider.service_type for provider in providers if provider.service_type), "")
    delivered = [event.at for event in told if event.state is ParcelState.DELIVERED]
    return Parcel(item.number, carrier, service, state, tuple(told),
                  max(delivered, default=None) if state is ParcelState.DELIVERED else None)


def _event(event: _Event, latest: ParcelState) -> TrackingEvent | None:
    if event.time_utc is None:
        return None
    state = _state(event.stage or "", event.sub_status) or (
        ParcelState.LABEL if latest is ParcelState.LABEL else ParcelState.IN_TRANSIT)
    return TrackingEvent(from_datetime(event.time_utc), state, event.description, event.location or "")


def _state(status: str, sub_status: str | None) -> ParcelState | None:
    return _SUB_STATES.get(sub_status or "") or _STATES.get(status)


def _rejection(rejected: list[_Rejected], number: str) -> int | None:
    return next((item.error.code for item in rejected if item.number in (number, "")), None)


def _nothing_yet(number: str, carrier: str) -> Parcel:
    return Parcel(number, carrier)


def _check(code: int, source: str) -> None:
    if code == 0:
        return
    if code in _AUTH:
        raise AuthFailed(_("{source} refused our access key.").format(source=source),
                         _("Enter a new key in the settings."), action=Action.CONNECT_SOURCE)
    raise Refused(_("{source} refused the question with code {code}.").format(source=source, code=code),
                  _("Try again later."))
