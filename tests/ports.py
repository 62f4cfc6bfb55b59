"""Ports for programs that are told their port before they listen."""

from __future__ import annotations

import itertools
import os
import socket

#: below those that systems give to whoever asks for any port: no connection of another test can sit on it meanwhile
FIRST, COUNT = 12_000, 8_000
_next = itertools.count(os.getpid() * 61)


def free_port() -> int:
    """A port on loopback that nobody listens on. Each process tries others first, and none twice in a row."""
    for number in itertools.islice(_next, COUNT):
        port = FIRST + number % COUNT
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port")
