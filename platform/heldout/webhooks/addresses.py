"""Which addresses the site calls for others: public ones by https, and nothing within its own network.

A name is looked up once for each message, every address that it has must be public, and the connection then
goes to one of those. So a name that changes its mind in between leads nowhere.
"""

import asyncio
import ipaddress
import socket

import httpx
from django.conf import settings

from heldout.events.rules import Refusal

LONGEST = 500
NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Forbidden(Exception):
    """An address that is not called; the text says why."""


def checked(raw: str) -> str:
    """`raw` as an address that may be called, as far as can be told without looking it up. Raises Refusal."""
    try:
        url = httpx.URL(raw.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise Refusal("That is no address.", "Write it as https://example.org/path.") from error
    if len(str(url)) > LONGEST:
        raise Refusal("That address is too long.", f"It may have {LONGEST} characters.")
    if url.userinfo or url.fragment:
        raise Refusal("The address holds a name, a password or a #.", "Leave those out.")
    try:
        refuse_scheme(url)
        refuse_private_name(url.host)
    except Forbidden as error:
        raise Refusal("That address is not called.", str(error)) from error
    return str(url)


def refuse_scheme(url: httpx.URL) -> None:
    """Forbidden for all but https; where one develops, http to the same machine will do."""
    if url.scheme == "https" and url.host:
        return
    if url.scheme == "http" and settings.DEBUG and url.host in ("127.0.0.1", "localhost", "::1"):
        return
    raise Forbidden("It must begin with https:// and name a host.")


def refuse_private_name(host: str) -> None:
    """Forbidden for what is plainly not public: a private number, a name of this machine."""
    try:
        numbers = [ipaddress.ip_address(host)]
    except ValueError:
        numbers = []
        if not settings.DEBUG and ("." not in host or host.endswith((".localhost", ".local", ".internal"))):
            raise Forbidden("Its host is a name within a private network.") from None
    refuse_private(numbers)


def refuse_private(numbers: list[Address]) -> None:
    """Forbidden if any of them is not public."""
    for number in numbers:
        if not is_public(number) and not (settings.DEBUG and number.is_loopback):
            raise Forbidden("Its host is within a private network.")


def is_public(number: Address) -> bool:
    """Whether it is an address of the public Internet, also in the forms that wrap another one."""
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is None and number in NAT64:
            inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return number.is_global and not number.is_multicast and not number.is_reserved


async def resolved(url: httpx.URL) -> str:
    """A number of the host to connect to, all of whose numbers are public. Raises Forbidden."""
    refuse_scheme(url)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Forbidden("Its host is not found.") from error
    numbers = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not numbers:
        raise Forbidden("Its host is not found.")
    refuse_private(numbers)
    return str(numbers[0])
