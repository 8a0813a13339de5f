"""Mailboxes: their settings, their threads, and mail handed from those threads to the store."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from functools import partial

from sqlalchemy import Connection, delete, insert, select, update

from workstation.domain.conversation import Channel
from workstation.domain.events import AccountsChanged, AccountStatusChanged, ConversationsChanged
from workstation.inbox import flags, intake, slumber
from workstation.inbox.intake import MailIntake, Receiver
from workstation.inbox.model import (
    Account,
    AccountSettings,
    ConnectionReport,
    ConnectionStep,
    MailFolder,
    Provider,
    Security,
    ServerSettings,
)
from workstation.inbox.ports import Mailbox, MailboxFactory, Providers
from workstation.kernel.actions import Action
from workstation.kernel.clock import Clock
from workstation.kernel.errors import InputError, KeyringProblem, NotFound
from workstation.kernel.events import Event
from workstation.kernel.i18n import _
from workstation.kernel.ids import derived_id
from workstation.kernel.secrets import Secrets
from workstation.store import meta
from workstation.store.database import Database
from workstation.store.unit import Unit

ACCOUNT, FOLDER = intake.ACCOUNT, intake.FOLDER

QUIET = 3.0
"""Seconds without a change before marks are written back: a person opens one conversation after the other."""


class AccountsService(MailIntake):
    """Fulfils `api.AccountsApi` and, for mailbox threads, `inbox.ports.Intake`."""

    def __init__(
        self, database: Database, secrets: Secrets, factory: MailboxFactory, receiver: Receiver, clock: Clock,
        publish: Callable[[Event], None], providers: Providers | None = None,
    ) -> None:
        super().__init__(database, receiver, clock)
        self._providers = providers
        self._secrets = secrets
        self._factory = factory
        self._publish = publish
        self._mailboxes: dict[str, Mailbox] = {}
        self._status: dict[str, tuple[str, str, str]] = {}
        self._nudge: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._slumber: asyncio.Task[None] | None = None
        self._ids: dict[str, str] = {}    # address → mailbox, of those that were watched
        self._changing = asyncio.Lock()   # one mailbox has one thread, whatever is asked for at the same time

    async def list(self) -> tuple[Account, ...]:
        found = await self._database.read(accounts)
        return tuple(self._with_status(account) for account in found)

    async def preset(self, address: str) -> Provider | None:
        """The servers of a common provider; None when this address's is not known."""
        return await asyncio.to_thread(self._providers, address) if self._providers else None

    async def test(
        self, settings: AccountSettings, password: str | None, account_id: str = "",
        step: Callable[[ConnectionStep], None] | None = None,
    ) -> ConnectionReport:
        """Try every step. None: with the password that is kept for `account_id`. `step`: see `api.AccountsApi`."""
        return await self._factory.test(settings, await self._password(settings, password, account_id), step)

    async def folders(
        self, settings: AccountSettings, password: str | None, account_id: str = ""
    ) -> tuple[MailFolder, ...]:
        """The folders of a mailbox, the inbox first. None: with the password that is kept for `account_id`."""
        return await self._factory.folders(settings, await self._password(settings, password, account_id))

    async def sign_in(self, settings: AccountSettings, opened: Callable[[str], None], secret: str = "") -> str:
        return await self._factory.sign_in(settings, opened, secret)

    async def add(self, settings: AccountSettings, password: str) -> Account:
        """Save a mailbox and start watching it. The same address again replaces its settings and password."""
        if "@" not in settings.address:
            raise InputError(_("This is not a mail address."), _("Write it like name@example.com."))
        async with self._changing:
            known = await self._database.read(lambda c: account_named(c, settings.address))
            if known:
                account_id = known
                await self._replace(known, settings, password, lambda unit: self._save(unit, settings))
            else:
                account_id = await self._add(settings, password)
            self._begin(account_id, settings, password)
        return self._with_status(Account(account_id, settings))

    async def update(self, account_id: str, settings: AccountSettings, password: str | None = None) -> Account:
        """Change a mailbox, or give it a new password. None: it keeps the one it has. Raises NotFound, InputError."""
        if "@" not in settings.address:
            raise InputError(_("This is not a mail address."), _("Write it like name@example.com."))
        async with self._changing:
            known = await self._password(settings, password, account_id)
            await self._replace(account_id, settings, password, lambda unit: _change(unit, account_id, settings))
            self._begin(account_id, settings, known)
        return self._with_status(Account(account_id, settings))

    async def _add(self, settings: AccountSettings, password: str) -> str:
        """A new mailbox: its password first, so that none is there without one."""
        account_id = await self._database.read(lambda c: _id_for(c, settings.address))
        await asyncio.to_thread(self._secrets.set, _secret_name(account_id), password.encode())
        try:
            await self._database.write(lambda unit: self._save(unit, settings))
        except BaseException:
            await asyncio.to_thread(self._secrets.delete, _secret_name(account_id))
            raise
        return account_id

    async def _replace(
        self, account_id: str, settings: AccountSettings, password: str | None, save: Callable[[Unit], object]
    ) -> None:
        """Of a mailbox that is there its servers first, so that a new password never goes to the old ones. Where that
        password cannot be kept it is what it was before."""
        before = await self._database.read(lambda c: account_settings(c, account_id))
        async with self._put_aside(account_id, settings):
            await self._database.write(save)
            if password is None:
                return
            try:
                await asyncio.to_thread(self._secrets.set, _secret_name(account_id), password.encode())
            except BaseException:
                if before is not None:
                    await self._database.write(lambda unit: _change(unit, account_id, before))
                raise

    @asynccontextmanager
    async def _put_aside(self, account_id: str, settings: AccountSettings) -> AsyncIterator[None]:
        """Nothing reads a mailbox while it changes: what is under way would be taken for the new server's.

        Where it will be at other servers its password is forgotten first, so that these never get the old one, however
        the change ends. What fails leaves the mailbox watched as it is kept then.
        """
        before = await self._database.read(lambda c: account_settings(c, account_id)) if account_id else None
        watched = account_id in self._mailboxes
        if before is not None and _whom(before) != _whom(settings):
            await asyncio.to_thread(self._secrets.delete, _secret_name(account_id))
        await self._stop(account_id)
        try:
            yield
        except BaseException:
            if watched:
                await self._watch(account_id)
            raise

    async def _password(self, settings: AccountSettings, password: str | None, account_id: str) -> str:
        """The password to use. One that is kept goes only to the servers it was entered for."""
        if password is not None:
            return password
        before, kept = await self.resolve(account_id)
        if _whom(before) != _whom(settings):
            raise InputError(
                _("The kept password goes only to the servers it was entered for."), _("Enter the password again."))
        return kept

    async def remove(self, account_id: str) -> None:
        """Stop watching a mailbox and forget its password. Its conversations stay."""
        async with self._changing:
            await self._remove(account_id)

    async def _remove(self, account_id: str) -> None:
        await self._stop(account_id)
        await asyncio.to_thread(self._secrets.delete, _secret_name(account_id))

        def work(unit: Unit) -> None:
            settings = account_settings(unit.conn, account_id)
            if settings is not None:  # connected again it is the same mailbox, or its conversations had none
                meta.put(unit.conn, _former(settings.address), account_id)
            unit.conn.execute(delete(ACCOUNT).where(ACCOUNT.c.id == account_id))
            unit.emit(AccountsChanged())

        await self._database.write(work)

    async def fetch_now(self) -> None:
        """Look for mail at once, also where the keyring was locked when the mailbox should have started."""
        await self.start()
        for mailbox in self._mailboxes.values():
            mailbox.fetch_now()

    def woken(self) -> None:
        """The computer slept: every connection is made anew, at once."""
        for mailbox in self._mailboxes.values():
            mailbox.woken()

    def on_changed(self, _event: ConversationsChanged) -> None:
        """Something may have been read here. Once it is quiet, mailboxes with something to mark are woken."""
        self.changed_here()
        if self._nudge is not None:
            self._nudge.cancel()
        self._nudge = self._loop.call_later(QUIET, self._begin_nudging)

    def _begin_nudging(self) -> None:
        task = asyncio.ensure_future(self._write_marks())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _write_marks(self) -> None:
        """Only where the mailbox is online: one that was refused, or is away, keeps its pause."""
        for account_id in await self._database.read(flags.waiting_accounts):
            settings = await self._database.read(partial(account_settings, account_id=account_id))
            mailbox = self._mailboxes.get(account_id)
            online = self._status.get(account_id, ("", "", ""))[0] == "online"
            if settings is not None and settings.mark_seen and mailbox is not None and online:
                mailbox.fetch_now()

    def keep_grant(self, settings: AccountSettings, grant: str, replaces: Callable[[str], bool]) -> None:
        """Keep the newest sign-in of a mailbox where `replaces` agrees to what is kept: a password or another sign-in
        that was entered meanwhile stays. Blocks; from worker threads, also while the core closes.

        Raises KeyringProblem.
        """
        address = settings.address.lower()
        account_id = self._ids.get(address) or self._read(lambda c: account_named(c, address))
        if account_id and replaces((self._secrets.get(_secret_name(account_id)) or b"").decode()):
            self._secrets.set(_secret_name(account_id), grant.encode())

    async def start(self) -> None:
        """Watch every saved mailbox that is not watched yet. One without its password does not keep the others away."""
        if self._slumber is None:
            self._slumber = asyncio.ensure_future(slumber.watch(self._clock, self.woken))
            self._tasks.add(self._slumber)
        async with self._changing:
            for account in await self._database.read(accounts):
                if account.id not in self._mailboxes:
                    await self._watch(account.id)

    async def _watch(self, account_id: str) -> None:
        try:
            settings, password = await self.resolve(account_id)
        except KeyringProblem as problem:
            self._tell(account_id, "refused", str(problem), "keyring")
            return
        self._begin(account_id, settings, password)

    async def shutdown(self) -> None:
        if self._nudge is not None:
            self._nudge.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._changing:
            for account_id in tuple(self._mailboxes):
                await self._stop(account_id)

    async def resolve(self, account_id: str) -> tuple[AccountSettings, str]:
        """Settings and password of a mailbox. Raises NotFound, KeyringProblem."""
        settings = await self._database.read(lambda c: account_settings(c, account_id))
        if settings is None:
            sentence = _("This conversation's mailbox is not connected.")
            raise NotFound(sentence, _("Connect the mailbox, then try again."), action=Action.OPEN_MAILBOX)
        password = await asyncio.to_thread(self._secrets.get, _secret_name(account_id))
        return settings, (password or b"").decode()

    def status(self, account_id: str, state: str, sentence: str, trouble: str = "") -> None:
        """Called from mailbox threads; see `inbox.ports.Intake`."""
        self._loop.call_soon_threadsafe(self._tell, account_id, state, sentence, trouble)

    # -- inner ------------------------------------------------------------------------------------------------------

    def _tell(self, account_id: str, state: str, sentence: str, trouble: str) -> None:
        if self._status.get(account_id) != (state, sentence, trouble):
            self._status[account_id] = (state, sentence, trouble)
            self._publish(AccountStatusChanged(account_id, state, sentence, trouble))

    def _save(self, unit: Unit, settings: AccountSettings) -> str:
        known = account_named(unit.conn, settings.address)
        text = json.dumps(asdict(settings), ensure_ascii=False)
        account_id = _id_for(unit.conn, settings.address)
        if known:
            _forget_position(unit.conn, account_id, settings)
            unit.conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == known).values(settings=text))
        else:
            unit.conn.execute(insert(ACCOUNT).values(
                id=account_id, address=settings.address.lower(), settings=text, created_at=self._clock.now(),
            ))
        unit.emit(AccountsChanged())
        return account_id

    def _begin(self, account_id: str, settings: AccountSettings, password: str) -> None:
        mailbox = self._factory.mailbox(account_id, settings, password, self)
        self._mailboxes[account_id] = mailbox
        self._ids[settings.address.lower()] = account_id
        mailbox.start()

    async def _stop(self, account_id: str) -> None:
        mailbox = self._mailboxes.pop(account_id, None)
        if mailbox is not None:
            await asyncio.to_thread(mailbox.stop)

    def _with_status(self, account: Account) -> Account:
        state, sentence, trouble = self._status.get(account.id, ("offline", "", ""))
        return replace(account, state=state, sentence=sentence, trouble=trouble)


def accounts(connection: Connection) -> tuple[Account, ...]:
    """Every saved mailbox, oldest first."""
    query = select(ACCOUNT.c.id, ACCOUNT.c.settings, ACCOUNT.c.last_sync_at).order_by(ACCOUNT.c.created_at)
    found = connection.execute(query)
    return tuple(Account(i, _settings(text), last_sync_at=synced) for i, text, synced in found)


def account_settings(connection: Connection, account_id: str) -> AccountSettings | None:
    text = connection.execute(select(ACCOUNT.c.settings).where(ACCOUNT.c.id == account_id)).scalar()
    return _settings(text) if text is not None else None


def account_named(connection: Connection, address: str) -> str:
    """The id of the mailbox with this address; "" when none is connected."""
    return str(connection.execute(select(ACCOUNT.c.id).where(ACCOUNT.c.address == address.lower())).scalar() or "")


def _change(unit: Unit, account_id: str, settings: AccountSettings) -> None:
    if account_named(unit.conn, settings.address) not in ("", account_id):
        raise InputError(_("Another mailbox has this address already."), _("Change that one instead."))
    _forget_position(unit.conn, account_id, settings)
    values = {"address": settings.address.lower(), "settings": json.dumps(asdict(settings), ensure_ascii=False)}
    unit.conn.execute(update(ACCOUNT).where(ACCOUNT.c.id == account_id).values(**values))
    unit.emit(AccountsChanged())


def _whom(settings: AccountSettings) -> tuple[object, ...]:
    """Who gets to see the password."""
    servers = ((one.host.lower(), one.port, one.security, one.pin) for one in (settings.imap, settings.smtp))
    return (settings.user, settings.sign_in, settings.client_id, settings.ca_file, *servers)


def _forget_position(connection: Connection, account_id: str, new: AccountSettings) -> None:
    """Another server's UIDs mean other mails even when its UIDVALIDITY happens to be the same, and a deeper first
    reading begins at the beginning. Mails that are known are recognised."""
    old = account_settings(connection, account_id)
    deeper = old is not None and old.first_sync_days > 0 and not 0 < new.first_sync_days <= old.first_sync_days
    if old is None or deeper or _mailbox(old) != _mailbox(new):
        connection.execute(delete(FOLDER).where(FOLDER.c.account_id == account_id))
        if old is None or _mailbox(old) != _mailbox(new):
            flags.forget_account(connection, account_id)


def _mailbox(settings: AccountSettings) -> tuple[str, int, str]:
    return settings.imap.host, settings.imap.port, settings.user


def _settings(text: str) -> AccountSettings:
    values = json.loads(text)
    for side in ("imap", "smtp"):
        server = values[side]
        values[side] = ServerSettings(**{**server, "security": Security(server["security"])})
    known = {**values, "channel": Channel(values["channel"]), "folders": tuple(values.get("folders", ()))}
    return AccountSettings(**known)


def account_id_of(address: str) -> str:
    """The same mailbox has the same id in every home, so that two desktops that read it name its mails alike."""
    return derived_id(0, "account", "email", address.strip().lower())


def _id_for(connection: Connection, address: str) -> str:
    """The id that the mailbox with this address has, had, or gets."""
    known = account_named(connection, address)
    return str(known or meta.get(connection, _former(address)) or account_id_of(address))


def _former(address: str) -> str:
    """The fact that keeps the id of a mailbox that was removed."""
    return f"account {address.lower()}"


def _secret_name(account_id: str) -> str:
    return f"mailbox {account_id}"
