"""Who asks: the address of a client, also behind proxies of ours, and the key its requests are counted under."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: a connection gives a customer a whole network of this size; counting single addresses would count nobody
V6_PREFIX = 64
#: of requests whose peer is unknown (a closed connection, a local socket)
NOBODY = "?"

_WITH_PORT = re.compile(r"^(?:\[(?P<v6>[0-9A-Fa-f:.]+)\](?::\d{1,5})?|(?P<v4>\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$")


def networks(values: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks ("127.0.0.1", "10.0.0.0/8") as networks. Raises `ValueError`."""
    return tuple(ipaddress.ip_network(value.strip()) for value in values)


def client_key(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """What the requests of one client are counted under: its IPv4 address, or the /64 network of its IPv6 address.

    `forwarded`: the values of all X-Forwarded-For headers, in order. Each proxy appends the address it was called from,
    so they are read from the right, only as long as the one who wrote them is a `trusted` proxy: what stands further
    left, anybody can have made up.
    """
    address = _address(peer or "")
    if address is None:
        return NOBODY
    hops = [part for value in forwarded for part in value.split(",")]
    while hops and _is_in(address, trusted):
        told = _address(hops.pop())
        if told is None:
            break
        address = told
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, V6_PREFIX), strict=False))


def _address(text: str) -> Address | None:
    bare = text.strip()
    if (match := _WITH_PORT.match(bare)) is not None:
        bare = match["v6"] or match["v4"]
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _is_in(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
