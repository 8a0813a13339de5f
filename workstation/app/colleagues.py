"""The way to colleagues' desktops, put together: every collection that is told over a hub, and who this device is."""

from __future__ import annotations

import socket

import httpx

from workstation.app.erasing import erasure_collections
from workstation.app.forgetting.hearing import erased_there
from workstation.app.ground import Ground
from workstation.app.playbooks import playbook_collections
from workstation.app.upstream import assigning_collections, heard, inbox_collections, team_collections, told
from workstation.customers.service import CustomersService
from workstation.evidence.signing import DeviceKey
from workstation.inbox import sharedviews
from workstation.inbox.assigning import Assigning
from workstation.inbox.shared import SharedInbox
from workstation.kernel.secrets import Secrets
from workstation.sync.client import HttpHubs
from workstation.sync.service import SyncService
from workstation.sync.wire import DeviceCard
from workstation.triage.service import TriageService


def upstream(
    on: Ground, http: httpx.AsyncClient, customers: CustomersService, assigning: Assigning, triage: TriageService
) -> SyncService:
    shared = SharedInbox(on.rules, heard=heard, corrected=triage.hear, erased_there=erased_there, told=told)
    device_id = on.opened.vault.device_id
    return SyncService(
        on.database, on.files, HttpHubs(http, on.clock), on.secrets, on.clock, on.jobs, on.bus.publish,
        lambda: device_card(on.secrets, device_id),
        [*inbox_collections(shared), *team_collections(customers), *assigning_collections(assigning),
         *erasure_collections(device_id), *playbook_collections()],
        offers=shared, belongs=on.member.told, private=sharedviews.apply,
    )


def device_card(secrets: Secrets, device_id: str) -> DeviceCard:
    """Who this device is to a hub. Blocks on the keyring."""
    key = DeviceKey.load(secrets)
    return DeviceCard(device_id, socket.gethostname(), key.public.public_bytes_raw())
