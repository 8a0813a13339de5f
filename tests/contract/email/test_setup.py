"""The connection test of the form: each step, and a sentence and a remedy for each way it fails."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support import mail_dovecot
from tests.support.mail import ADDRESS, PASSWORD, RecordingIntake, account, free_port, make_certificate, until
from tests.support.mail_scripted import ScriptedImap
from workstation.connectors.email.presets import preset_for, presets
from workstation.connectors.email.setup import MailSetup
from workstation.connectors.simulated.mail import MailServers
from workstation.inbox.model import AccountSettings, ConnectionReport, ConnectionStep, Security, ServerSettings


@pytest.fixture(scope="module")
def servers() -> Iterator[MailServers]:
    running = MailServers({ADDRESS: PASSWORD})
    running.start()
    yield running
    running.stop()


def verdicts(report: ConnectionReport) -> list[bool | None]:
    return [step.ok for step in report.steps]


async def test_every_step_passes_on_working_servers(servers: MailServers) -> None:
    report = await MailSetup().test(account(servers.imap_port, servers.smtp_port), PASSWORD)
    assert report.ok, report
    assert len(report.steps) == 7
    assert "sent mail is in “Sent”" in report.steps[3].sentence


async def test_a_wrong_password_fails_at_both_logins_only(servers: MailServers) -> None:
    report = await MailSetup().test(account(servers.imap_port, servers.smtp_port), "wrong")
    assert verdicts(report) == [True, True, False, None, True, True, False]
    assert all("app password" in step.remedy for step in report.steps if step.ok is False)


async def test_nobody_listening_stops_at_the_first_step(servers: MailServers) -> None:
    report = await MailSetup().test(account(free_port(), servers.smtp_port), PASSWORD)
    assert verdicts(report)[:4] == [False, None, None, None]
    assert "does not answer at port" in report.steps[0].sentence
    assert report.steps[0].remedy
    assert verdicts(report)[4:] == [True, True, True]


async def test_an_unknown_host_is_named(servers: MailServers) -> None:
    settings = replace(account(1, servers.smtp_port), imap=ServerSettings("mail.nowhere.invalid", 993, Security.TLS))
    report = await MailSetup().test(settings, PASSWORD)
    assert "mail.nowhere.invalid was not found" in report.steps[0].sentence


async def test_clear_text_to_another_computer_is_refused_without_trying() -> None:
    settings = account(143, 25, host="192.0.2.7")
    report = await MailSetup().test(settings, PASSWORD)
    assert verdicts(report) == [False, None, None, None, False, None, None]
    assert "without encryption" in report.steps[0].sentence


async def test_a_silent_server_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        report = await MailSetup(timeout=0.3).test(account(port, port), PASSWORD)
    assert verdicts(report) == [True, False, None, None, True, False, None]
    assert "did not answer in time" in report.steps[1].sentence


async def test_starttls_that_was_stripped_and_tls_on_a_clear_port_are_told_apart() -> None:
    scripted = ScriptedImap()
    scripted.start()
    try:
        stripped = await MailSetup().test(account(scripted.port, scripted.port, security=Security.STARTTLS), PASSWORD)
        mistaken = await MailSetup().test(account(scripted.port, scripted.port, security=Security.TLS), PASSWORD)
    finally:
        scripted.stop()
    assert "does not offer encryption" in stripped.steps[1].sentence
    assert "does not speak TLS" in mistaken.steps[1].sentence
    assert scripted.logins == 0


@pytest.mark.skipif(not mail_dovecot.BINARY, reason=mail_dovecot.MISSING)
async def test_certificates_of_a_real_tls_server() -> None:
    dovecot = mail_dovecot.Dovecot()
    try:
        dovecot.start()
        settings = account(dovecot.tls_port, free_port(), security=Security.TLS)
        trusted = await MailSetup().test(replace(settings, ca_file=str(dovecot.certificate)), PASSWORD)
        unknown = await MailSetup().test(settings, PASSWORD)
        missing = await MailSetup().test(replace(settings, ca_file="/nowhere/ca.pem"), PASSWORD)
        other, _key = make_certificate(dovecot.root, name="other.example")
        wrong = await MailSetup().test(replace(settings, ca_file=str(other)), PASSWORD)
    finally:
        dovecot.stop()
    assert verdicts(trusted)[:4] == [True, True, True, True]
    assert "Gesendete Post" in trusted.steps[3].sentence
    assert "not signed by an authority" in unknown.steps[1].sentence
    assert "not signed by an authority" in wrong.steps[1].sentence
    assert "/nowhere/ca.pem" in missing.steps[1].sentence


async def test_a_missing_authority_file_in_a_watched_mailbox_is_a_refusal_not_a_loop(servers: MailServers) -> None:
    intake = RecordingIntake()
    settings: AccountSettings = account(servers.imap_port, security=Security.TLS, ca_file="/nowhere/ca.pem")
    box = MailSetup().mailbox("acc", settings, PASSWORD, intake)
    box.start()
    assert until(lambda: intake.states == ["connecting", "refused"])
    box.stop()


def test_presets_are_sound_and_found_by_domain() -> None:
    domains = [domain for preset in presets() for domain in preset.domains]
    assert len(domains) == len(set(domains))
    assert all(preset.imap.security is not Security.PLAIN for preset in presets())
    assert all(preset.smtp.security is not Security.PLAIN for preset in presets())
    found = preset_for("Somebody@GMX.de")
    assert found is not None
    assert found.imap == ServerSettings("imap.gmx.net", 993, Security.TLS)
    assert "IMAP" in found.hint
    assert preset_for("help@shop.example") is None


async def test_each_step_is_told_as_soon_as_it_was_tried(servers: MailServers) -> None:
    """Mixed between the two servers, in order for each; what was not tried is in the report alone."""
    told: list[ConnectionStep] = []
    report = await MailSetup().test(account(servers.imap_port, servers.smtp_port), "wrong", told.append)
    tried = [step for step in report.steps if step.ok is not None]
    order = [next(at for at, step in enumerate(report.steps) if step is one) for one in told]
    assert len(told) == len(tried) == 6
    assert [at for at in order if at < 4] == [0, 1, 2]
    assert [at for at in order if at >= 4] == [4, 5, 6]
