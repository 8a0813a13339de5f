"""Reading and answering in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from workstation.api.common import Progress
from workstation.drafts.model import Draft, DraftFile, Mode, Outgoing
from workstation.translation.model import Engine, LanguagePackage, Preview, Translation


class TranslationApi(Protocol):
    async def engines(self) -> tuple[Engine, ...]: ...

    async def packages(self) -> tuple[LanguagePackage, ...]: ...

    async def install(self, path: Path, progress: Progress | None = None) -> LanguagePackage:
        """Install a language package from a file (.argosmodel, zip) or folder, as a whole or not at all.

        Raises InputError when it is none, DiskFull, ReadOnly.
        """

    async def remove(self, source: str, target: str) -> None:
        """Remove the packages that were added for a pair. Raises NotFound."""

    async def translate(self, text: str, source: str, target: str) -> Translation:
        """Raises NoEngine when no installed engine has the pair, directly or through English."""

    async def preview(self, text: str, source: str, target: str) -> Preview: ...

    async def read_message(self, message_id: str) -> Translation | None:
        """A stored message in the agent's language, translated once and kept. None: already in that language.

        Raises NoEngine, NotFound.
        """


class DraftsApi(Protocol):
    async def load(self, conversation_id: str, mode: Mode) -> Draft: ...

    async def save(self, draft: Draft) -> Draft:
        """Keep the draft; returns it with its new revision. An older revision than the stored one is refused."""

    async def history(self, conversation_id: str, mode: Mode) -> tuple[Draft, ...]: ...

    async def attach(
        self, conversation_id: str, name: str, mime: str, content: bytes, record_id: str = ""
    ) -> DraftFile: ...

    async def detach(self, conversation_id: str, file_id: str) -> None: ...

    async def blockers(self, draft: Draft) -> tuple[str, ...]:
        """What stops this draft from being sent, in sentences; empty when nothing does."""

    async def send(self, draft: Draft) -> Outgoing:
        """Save, then hold for the undo time, then send. A note is added at once. Raises SendBlocked."""

    async def undo_send(self, outgoing_id: str) -> Draft:
        """Take a held or queued reply back: the exact draft returns. Raises NotFound when it is already on its way."""

    async def outgoing(self) -> tuple[Outgoing, ...]:
        """Everything that is not done."""

    async def retry(self, outgoing_id: str) -> None:
        """Try a failed or queued reply again now. Refused (SendBlocked) for an unknown outcome."""

    async def look_for(self, outgoing_id: str) -> Outgoing:
        """Look whether a reply of unknown outcome arrived."""
