"""An invite is read strictly, because a token follows it."""

from __future__ import annotations

import pytest

from workstation.kernel.errors import InputError
from workstation.sync.invite import Invite, read_invite

TOKEN = "t" * 43


@pytest.mark.parametrize(("text", "url"), [
    (f"http://127.0.0.1:8787/#{TOKEN}", "http://127.0.0.1:8787"),
    (f"  http://localhost:1/#{TOKEN}\n", "http://localhost:1"),
    (f"http://[::1]:8787/#{TOKEN}", "http://[::1]:8787"),
    (f"https://hub.example/#{TOKEN}", "https://hub.example"),
    (f"https://hub.example:8443/team/#{TOKEN}", "https://hub.example:8443/team"),
])
def test_good_invites(text: str, url: str) -> None:
    assert read_invite(text) == Invite(url, TOKEN)


def test_an_invite_names_the_key_of_the_hubs_log() -> None:
    assert read_invite(f"https://hub.example/#{TOKEN}.{'0f' * 32}") == Invite("https://hub.example", TOKEN, "0f" * 32)


@pytest.mark.parametrize("text", [
    f"https://hub.example/#{TOKEN}.", f"https://hub.example/#{TOKEN}.0f", f"https://hub.example/#{TOKEN}.{'0F' * 32}",
    f"https://hub.example/#{TOKEN}.{'0f' * 33}", f"https://hub.example/#.{'0f' * 32}",
    "", "hello", f"ftp://127.0.0.1/#{TOKEN}", "http://127.0.0.1:8787/", "http://127.0.0.1:8787/#short",
    f"http://127.0.0.1:99999/#{TOKEN}", f"https://user:pw@hub.example/#{TOKEN}", f"https://hub.example/?a=b#{TOKEN}",
    f"http://[::1/#{TOKEN}", "https://hub.example/#" + "t" * 201,
])
def test_what_is_no_invite(text: str) -> None:
    with pytest.raises(InputError):
        read_invite(text)


@pytest.mark.parametrize("host", ["hub.example", "192.0.2.7", "10.0.0.1", "[fe80::1]", "127.0.0.1.example"])
def test_a_token_never_crosses_a_network_in_the_clear(host: str) -> None:
    with pytest.raises(InputError, match="encrypt"):
        read_invite(f"http://{host}:8787/#{TOKEN}")
