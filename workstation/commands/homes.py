"""init, doctor, sync, connect and mailbox: the home itself and what it is connected to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workstation import app as root
from workstation.commands.caller import caller, given
from workstation.commands.options import Debug, Home, Json, Passphrase, Wait, options
from workstation.commands.output import DONE, NO, emit, progress, say, tell
from workstation.commands.parts import spoken
from workstation.commands.session import WAIT, in_use, session
from workstation.domain.conversation import Channel
from workstation.inbox.model import AccountSettings, ConnectionReport, Provider, Security, ServerSettings
from workstation.kernel.errors import ConnectError, InputError
from workstation.kernel.i18n import _

MARKS = {True: "✓", False: "✕", None: "◌"}


def add_to(app: typer.Typer) -> None:
    app.command()(init)
    app.command()(doctor)
    app.command()(sync)
    mailbox = typer.Typer(help="Connect, list and remove mailboxes.")
    mailbox.command("add")(mailbox_add)
    mailbox.command("list")(mailbox_list)
    mailbox.command("remove")(mailbox_remove)
    app.add_typer(mailbox, name="mailbox")
    source = typer.Typer(help="Connect, list and remove shops and carriers that can be asked.")
    source.command("add")(source_add)
    source.command("list")(source_list)
    source.command("remove")(source_remove)
    app.add_typer(source, name="source")


def init(
    recovery_out: Annotated[Path | None, typer.Option(help="Where the recovery key is written.")] = None,
    keyring: Annotated[bool, typer.Option("--keyring", help="Keep the key in the system's keyring.")] = False,
    recover: Annotated[Path | None, typer.Option(help="Open an existing home again with its recovery key.")] = None,
    new_device: Annotated[bool, typer.Option("--new-device", help="With --recover: this home is a copy, and the "
                                             "original goes on being used; the copy gets an id of its own.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False,
) -> int:
    """Make a new home, or open one again with its recovery key."""
    place = options(home, passphrase_file, debug).place
    if recover is not None:
        for warning in root.recover_home(place, _text(recover), passphrase_file, new_device).warnings:
            tell(warning)
        tell(_("The home opens again. The recovery key stays as it is; keep it safe."))
        return DONE
    if new_device:
        raise InputError(_("A new home is a new device anyway."), _("Use --new-device with --recover FILE."))
    if recovery_out is None:
        raise InputError(_("A new home needs a place for its recovery key."), _("Add --recovery-out FILE."))
    if keyring and passphrase_file is not None:
        raise InputError(_("Choose one: the keyring or a passphrase file."), _("Leave one of the two options out."))
    opened = root.create_home(place, passphrase_file, recovery_out)
    for warning in opened.warnings:
        tell(warning)
    tell(_("The home is ready. The recovery key in {file} was read back and opens it; keep it safe.").format(
        file=recovery_out))
    return DONE


def doctor(
    net: Annotated[bool, typer.Option("--net", help="Also reach for the mail servers and the hub.")] = False,
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False,
) -> int:
    """Look at every part this program needs: ok, or the problem with its remedy."""
    from workstation.app.examine import examine

    place = options(home, passphrase_file, debug).place
    findings = examine(place, passphrase_file, net=net)
    if place.description.exists():
        findings += (in_use(place),)
    if json:
        emit([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            line = _("{name}: {text}").format(name=spoken(finding.name), text=f"{finding.detail} {finding.remedy}")
            say(f"{MARKS[finding.ok]} {line}".rstrip())
    return DONE if all(finding.ok for finding in findings) else NO


def sync(
    connect: Annotated[str, typer.Option(help="Enrol this home at a hub with an invite first.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Push what is queued, pull what is new, copy files, compare digests: one full cycle."""
    with session(options(home, passphrase_file, debug, wait), writes=True) as here, progress(_("Syncing")) as report:
        if connect:
            here.run(lambda core: core.sync.connect(connect))
        done = here.run(lambda core: core.sync.run(report))
    if json:
        emit(done)
    else:
        say(_("{pushed} pushed, {pulled} pulled, {blobs} files copied, {refused} refused.").format(
            pushed=done.pushed, pulled=done.pulled, blobs=done.blobs, refused=done.refused))
    return NO if done.refused or done.digest_equal is False else DONE


def mailbox_add(
    address: str,
    imap: Annotated[str, typer.Option(help="host:port of the IMAP server; known for common providers.")] = "",
    smtp: Annotated[str, typer.Option(help="host:port of the SMTP server; known for common providers.")] = "",
    user: Annotated[str, typer.Option(help="User name, when it is not the address.")] = "",
    name: Annotated[str, typer.Option(help="Sender's name that buyers see.")] = "",
    security: Annotated[Security, typer.Option(help="tls, starttls, or plain (loopback only).")] = Security.TLS,
    channel: Annotated[Channel, typer.Option(help="amazon for a mailbox of Amazon's buyer messages.")] = Channel.EMAIL,
    store: Annotated[str, typer.Option(help="Name of the store.")] = "",
    market: Annotated[str, typer.Option(help="Country code of the market.")] = "",
    days: Annotated[int, typer.Option(help="Days of mail to fetch at first.")] = 30,
    ca_file: Annotated[str, typer.Option(help="Certificate authority of your own (PEM).")] = "",
    sent_folder: Annotated[str, typer.Option(help="The folder of sent mail, where the server does not mark it.")] = "",
    self_bcc: Annotated[bool, typer.Option(help="Prove sends by a copy to yourself.")] = False,
    password_file: Annotated[Path | None, typer.Option(help="File with the password; asked for otherwise.")] = None,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Test a mailbox step by step and, when every step works, connect it."""
    named = [_server(text, security) if text else None for text in (imap, smtp)]
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        provider = here.run(lambda core: core.accounts.preset(address))
        receiving, sending = _servers(address, provider, *named)
        settings = AccountSettings(
            address=address, user=user or address, imap=receiving, smtp=sending, name=name, channel=channel,
            store=store, market=market.upper(), first_sync_days=days, sent_folder=sent_folder,
            self_bcc=self_bcc, ca_file=str(given(Path(ca_file)).absolute()) if ca_file else "",
        )
        password = _password(password_file)
        report = here.run(lambda core: core.accounts.test(settings, password))
        for step in report.steps:
            line = _("{name}: {text}").format(name=step.name, text=f"{step.sentence} {step.remedy}")
            say(f"{MARKS[step.ok]} {line}".rstrip())
        if not report.ok:
            raise _not_connected(report)
        here.run(lambda core: core.accounts.add(settings, password))
    return DONE


def _servers(
    address: str, provider: Provider | None, imap: ServerSettings | None, smtp: ServerSettings | None
) -> tuple[ServerSettings, ServerSettings]:
    """What was named, else the provider's. Raises InputError when neither tells."""
    if imap is not None and smtp is not None:
        return imap, smtp
    if provider is None:
        raise InputError(_("The mail servers of {address} are not known.").format(address=address),
                         _("Name them with --imap HOST:PORT and --smtp HOST:PORT."))
    if provider.hint:
        tell(f"{provider.name}: {provider.hint}")
    return imap or provider.imap, smtp or provider.smtp


def _not_connected(report: ConnectionReport) -> ConnectError:
    """The first step that failed, as the reason why nothing was saved."""
    step = next(step for step in report.steps if step.ok is False)
    return ConnectError(_("The mailbox was not connected; nothing was saved: {reason}").format(reason=step.sentence),
                        step.remedy)


def mailbox_list(
    home: Home = None, passphrase_file: Passphrase = None, json: Json = False, debug: Debug = False
) -> int:
    """List the connected mailboxes."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        accounts = here.run(lambda core: core.accounts.list())
    if json:
        emit([asdict(account) for account in accounts])
    else:
        for account in accounts:
            say(f"{account.id}  {account.settings.address}  {account.settings.channel}")
    return DONE


def mailbox_remove(
    account_id: str,
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Stop watching a mailbox and forget its password. Its conversations stay."""
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        here.run(lambda core: core.accounts.remove(account_id))
    return DONE


def source_add(
    kind: Annotated[str, typer.Argument(help="shopify or 17track")],
    token_file: Annotated[Path, typer.Option(help="File with the access token.")],
    store: Annotated[str, typer.Option(help="The shop's address, such as my-shop.myshopify.com.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Let a shop or a tracking service be asked by the checks."""
    token = _password(token_file)
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        here.run(lambda core: core.sources.connect(kind, store, token))
    return DONE


def source_remove(
    kind: Annotated[str, typer.Argument(help="shopify or 17track")],
    store: Annotated[str, typer.Argument(help="The shop's address, as source list shows it.")] = "",
    home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False, wait: Wait = WAIT,
) -> int:
    """Ask a shop or a tracking service no more, and forget its token. What it answered stays."""
    with session(options(home, passphrase_file, debug, wait), writes=True) as here:
        here.run(lambda core: core.sources.remove(kind, store))
    return DONE


def source_list(home: Home = None, passphrase_file: Passphrase = None, debug: Debug = False) -> int:
    """List what is connected."""
    with session(options(home, passphrase_file, debug), writes=False) as here:
        for source in here.run(lambda core: core.sources.list()):
            say(f"{source.kind} {source.store}".rstrip())
    return DONE


def _server(text: str, security: Security) -> ServerSettings:
    host, _sep, port = text.rpartition(":")
    if not host or not port.isdigit():
        raise InputError(_("{text} is not host:port.").format(text=text), _("Write it like imap.example.com:993."))
    return ServerSettings(host.strip("[]"), int(port), security)


def _password(file: Path | None) -> str:
    return caller().ask(_("Password: ")) if file is None else _text(given(file))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, ValueError) as problem:
        sentence = _("{file} cannot be read.").format(file=file)
        raise InputError(sentence, _("Name a readable text file.")) from problem
