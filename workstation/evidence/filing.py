"""A picture on its way to the disk: one thread hashes its pixels, another packs and keeps it; both share the packing.

What the file is called is known before it is down, so that its record is written meanwhile. The order of writing is as
ever: the record's transaction waits for `down` before it commits (`sealer.append`).
"""

from __future__ import annotations

import hashlib
from concurrent.futures import Future

from workstation.evidence import imaging, png
from workstation.evidence.model import Picture
from workstation.store.blobs import BlobFiles, SealedFile


class Filing:
    """One picture. `look` and `keep` run on a worker thread each; neither needs the other one."""

    def __init__(self, files: BlobFiles, record_id: str, picture: Picture) -> None:
        self._files, self._record_id, self._picture = files, record_id, picture
        self._packing = png.Packing(picture.width, picture.height, picture.rgba)
        self.known: Future[tuple[bytes, SealedFile]] = Future()
        """The PNG, and its ciphertext's name and key; nothing of it need be on the disk yet."""
        self.down: Future[None] = Future()
        """The ciphertext is on the disk for good. Fails as `BlobFiles.keep`."""

    def look(self) -> tuple[str, bytes]:
        """The hash of the pixels, hex, and the thumbnail's PNG; then help with the packing."""
        digest = hashlib.sha256(self._picture.rgba).hexdigest()
        small = imaging.thumbnail(self._picture)
        found = digest, png.encode(small.width, small.height, small.rgba)
        self._packing.work()
        return found

    def keep(self) -> None:
        """Both futures end in any case."""
        try:
            self._packing.work()
            content = self._packing.content()
            encrypted = self._files.encrypt(self._record_id, content)
            self.known.set_result((content, encrypted.file))
            self._files.keep(encrypted)
            self.down.set_result(None)
        except BaseException as problem:  # noqa: BLE001 - raised again by whoever waits
            for waiting in (self.known, self.down):
                if not waiting.done():
                    waiting.set_exception(problem)
