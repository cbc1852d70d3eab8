"""Whether an address can be listened on, asked before anything is built that would be thrown away."""

from __future__ import annotations

import contextlib
import errno
import socket

from cli.exits import CommandError

LAST = 65535
_REASONS = {
    errno.EADDRINUSE: ("the port is taken", "Stop the program that has it, or choose another with --port"),
    errno.EACCES: ("this account may not listen there", "Choose a port above 1023 with --port"),
    errno.EADDRNOTAVAIL: ("this machine has no such address", "Give one of its own with --host, or 127.0.0.1"),
}


def require_free(host: str, port: int) -> None:
    """Raise `CommandError`, naming host and port, when a server could not listen there. Port 0 is any free one."""
    try:
        # As the server does it: every address of the name, and "*" is all of this machine.
        found = socket.getaddrinfo(
            None if host == "*" else host.strip("[]"),
            port,
            type=socket.SOCK_STREAM,
            proto=socket.IPPROTO_TCP,
            flags=socket.AI_PASSIVE,
        )
    except (socket.gaierror, UnicodeError) as error:
        remedy = "Correct --host or server.host; 127.0.0.1 is this machine"
        raise _refusal(host, port, "no such host is known", remedy) from error
    for family, kind, protocol, _, address in found:
        with contextlib.closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
                # Two sockets may share a port they only bound; listening tells.
                probe.listen(1)
            except OSError as error:
                other = (error.strerror or "it cannot be listened on", "Choose another address with --host and --port")
                raise _refusal(host, port, *_REASONS.get(error.errno or 0, other)) from error


def _refusal(host: str, port: int, reason: str, remedy: str) -> CommandError:
    return CommandError(f"cannot listen on {host}, port {port}: {reason}. {remedy}.")
