"""Has the newest checkpoint of the log stamped by an authority (RFC 3161), where the hub's file names one.

Every stamp bounds the time of all records in the log, of every desktop: it is worth one question a minute. What fails
is logged and asked again; a checkpoint without a stamp is a checkpoint all the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging

from workstation.connectors.http import make_client
from workstation.connectors.timestamp.client import TimeStampClient
from workstation.evidence import tokens
from workstation.evidence.ports import AskAuthority
from workstation.hub.config import HubConfig, HubFolder
from workstation.hub.service import HubService
from workstation.kernel.errors import InputError, WorkstationError
from workstation.kernel.i18n import _

log = logging.getLogger(__name__)
PAUSE = 60.0
_NAME = "time-stamp authority"


def roots_of(folder: HubFolder, config: HubConfig) -> bytes:
    """The roots the hub's file names. Blocks. Raises InputError."""
    try:
        content = (folder.root / config.authority_roots).read_bytes()
    except OSError as problem:
        raise InputError(
            _("The root certificate of the hub's time-stamp authority cannot be read."),
            _("Name a PEM file in hub.json, as authority_roots.")) from problem
    trusted, given = tokens.read_roots(content)
    return tokens.to_pem((*trusted, *given))


async def stamp(hub: HubService, url: str, roots: bytes, ask: AskAuthority) -> bool:
    """Stamp the newest checkpoint if it has none. Whether one was stamped. Raises ConnectError's relatives."""
    note = await hub.log_unstamped()
    if note is None:
        return False
    asked = await asyncio.to_thread(tokens.question, note.encode())
    raw = await ask(_NAME, url, asked.body)
    digest = hashlib.sha256(note.encode()).digest()
    await asyncio.to_thread(lambda: tokens.check(raw, digest, roots, nonce=asked.nonce))
    await hub.log_keep_stamp(note, raw, roots.decode())
    return True


async def keep_stamping(hub: HubService, folder: HubFolder) -> None:
    """For ever, or not at all when no authority is named."""
    config = folder.load()
    if not config.authority:
        return
    async with make_client() as http:
        ask = TimeStampClient(http)
        while True:
            try:
                roots = await asyncio.to_thread(roots_of, folder, config)
                await stamp(hub, config.authority, roots, ask)
            except WorkstationError as problem:
                log.warning("time stamp of the log: %s", problem.sentence)
            await asyncio.sleep(PAUSE)
