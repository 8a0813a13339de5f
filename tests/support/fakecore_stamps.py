"""An in-memory list of time-stamp authorities for tests of the window."""

from __future__ import annotations

from dataclasses import dataclass, field

from workstation.evidence.model import AuthorityTest, AuthorityView
from workstation.kernel.errors import NotFound, WorkstationError

AT = 1_790_000_000_000


def authority(name: str = "DigiStamp", **more: object) -> AuthorityView:
    values: dict[str, object] = {
        "id": name.lower(), "name": name, "url": "https://tsa.example/tsr", "root": f"CN={name} root",
        "root_sha256": "ab" * 32, "root_until": AT, "simulated": False, "stamped": 12, "waiting": 0, **more}
    return AuthorityView(**values)  # type: ignore[arg-type]


@dataclass
class FakeAuthorities:
    """`refuses` is raised by the next test."""

    known: list[AuthorityView] = field(default_factory=list)
    refuses: WorkstationError | None = None
    ahead: int = 0
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    async def list(self) -> tuple[AuthorityView, ...]:
        return tuple(self.known)

    async def add(self, name: str, url: str, roots: bytes, *, simulated: bool = False) -> AuthorityView:
        self.asked.append((name, url, roots))
        if self.refuses is not None:
            raise self.refuses
        self.known.append(authority(name, url=url, stamped=0, waiting=3, simulated=simulated))
        return self.known[-1]

    async def remove(self, authority_id: str) -> None:
        if all(one.id != authority_id for one in self.known):
            raise NotFound("There is no such time-stamp authority.", "Look at the list again.")
        self.known = [one for one in self.known if one.id != authority_id]

    async def test(self, name: str, url: str, roots: bytes) -> AuthorityTest:
        self.asked.append((name, url, roots))
        return await self.test_known(name)

    async def test_known(self, authority_id: str) -> AuthorityTest:
        if self.refuses is not None:
            raise self.refuses
        return AuthorityTest(AT, 1_000, "CN=DigiStamp", self.ahead)
