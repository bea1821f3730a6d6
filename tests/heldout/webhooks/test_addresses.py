"""Nothing within the site's own network is called, by whatever name or number."""

import asyncio
import socket
from typing import Any

import httpx
import pytest

from heldout.events.rules import Refusal
from heldout.webhooks.addresses import Forbidden, checked, resolved

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
    "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_private_numbers_are_refused_when_they_are_typed_and_when_they_are_called(host: str) -> None:
    with pytest.raises(Refusal, match="private network"):
        checked(f"https://{host}/in")
    with pytest.raises(Forbidden):
        asyncio.run(resolved(httpx.URL(f"https://{host}/in")))


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/", "ftp://example.org/", "https:///x", "example.org", "", "https://user:pw@example.org/",
        "https://example.org/#part", "https://localhost/", "https://database/", "https://x.internal/",
        "https://example.org/" + "a" * 500, "https://[::1", "https://exa\x00mple.org/",
    ],
)  # fmt: skip
def test_what_is_no_public_https_address_is_refused(address: str) -> None:
    with pytest.raises(Refusal):
        checked(address)


def test_a_public_address_is_kept_as_it_is() -> None:
    assert checked(" https://hooks.example.org:8443/in?key=1 ") == "https://hooks.example.org:8443/in?key=1"


def test_a_name_is_refused_if_any_of_its_numbers_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    def lookup(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with pytest.raises(Forbidden, match="private network"):
        asyncio.run(resolved(httpx.URL("https://rebinding.example.org/")))


def test_a_public_name_leads_to_the_number_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", 443))],
    )
    assert asyncio.run(resolved(httpx.URL("https://example.org/"))) == "93.184.215.14"


def test_who_develops_may_call_the_same_machine_and_no_other(settings: Any) -> None:
    settings.DEBUG = True
    assert checked("http://127.0.0.1:9000/in") == "http://127.0.0.1:9000/in"
    for address in ("http://10.0.0.1/", "http://example.org/", "https://10.0.0.1/"):
        with pytest.raises(Refusal):
            checked(address)
