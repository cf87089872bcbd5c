"""The kernel's TCP tables, with what /proc/net/tcp lacks: bytes received and sent, and silence.

Asked through NETLINK_SOCK_DIAG, which any user may do. Sockets of other processes are listed
without their owner's process id, so sessions are recognised by their addresses.
"""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

Endpoint = tuple[str, int]
"""A numeric address, always in its shortest form, and a port."""

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST_DUMP = 0x301
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_INET_DIAG_INFO = 2
_TCP_ESTABLISHED = 1
_TCP_LISTEN = 10

_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
# family, state, timer, retransmits | ports | source | destination | interface, cookie |
# expires, receive queue, send queue, uid, inode
_MESSAGE = struct.Struct("=BBBB2s2s16s16sIQIIIII")
_Fields = tuple[Any, ...]
_ATTRIBUTE = struct.Struct("=HH")
_LAST_DATA_RECV_OFFSET = 52
_BYTES_ACKED_OFFSET = 120
_BYTES_RECEIVED_OFFSET = 128

_RECEIVE_SECONDS = 5.0


class TcpDiagUnavailable(Exception):
    """This system has no such tables (macOS), or does not show them (a locked-down container)."""


class Connection(NamedTuple):
    """An established connection, seen from this host."""

    local: Endpoint
    remote: Endpoint
    silent_seconds: float
    """Since the last byte of payload came in. Acknowledgements do not count: the kernel of a
    frozen client goes on sending those."""
    bytes_received: int
    bytes_sent: int
    """Those that the other side's kernel has acknowledged."""
    uid: int
    inode: int


class Listener(NamedTuple):
    """A listening socket."""

    endpoint: Endpoint
    uid: int
    inode: int


def established(local_port: int) -> list[Connection]:
    """All established connections to one local port, or of this host if that is 0."""
    connections: list[Connection] = []
    for fields, information in _dump(_TCP_ESTABLISHED, local_port):
        # Older kernels than any supported one end the structure before bytes_received.
        if len(information) < _BYTES_RECEIVED_OFFSET + 8:
            continue
        (silent,) = struct.unpack_from("=I", information, _LAST_DATA_RECV_OFFSET)
        (acked,) = struct.unpack_from("=Q", information, _BYTES_ACKED_OFFSET)
        (received,) = struct.unpack_from("=Q", information, _BYTES_RECEIVED_OFFSET)
        connections.append(
            Connection(
                local=_endpoint(fields[0], fields[6], fields[4]),
                remote=_endpoint(fields[0], fields[7], fields[5]),
                silent_seconds=silent / 1000,
                bytes_received=received,
                bytes_sent=acked,
                uid=fields[13],
                inode=fields[14],
            )
        )
    return connections


def listening(uid: int) -> list[Listener]:
    """All listening sockets of one user's processes."""
    listeners = (
        Listener(_endpoint(fields[0], fields[6], fields[4]), uid=fields[13], inode=fields[14])
        for fields, _ in _dump(_TCP_LISTEN, 0)
    )
    return [listener for listener in listeners if listener.uid == uid]


def _dump(state: int, local_port: int) -> Iterator[tuple[_Fields, bytes]]:
    """Yields the fields of each socket in that state, and its tcp_info (empty if not given)."""
    if not hasattr(socket, "AF_NETLINK"):
        raise TcpDiagUnavailable("no netlink on this system")
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _NETLINK_SOCK_DIAG) as netlink:
            netlink.settimeout(_RECEIVE_SECONDS)
            for family in (socket.AF_INET, socket.AF_INET6):
                netlink.send(_request(family, state, local_port))
                yield from _answers(netlink)
    except OSError as error:
        raise TcpDiagUnavailable(f"sock_diag: {error}") from error


def _request(family: int, state: int, local_port: int) -> bytes:
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 1 << (_INET_DIAG_INFO - 1), 0, 1 << state)
    # A socket id of zeros but for the local port: the kernel filters by it.
    body += local_port.to_bytes(2, "big") + bytes(46)
    length = _HEADER.size + len(body)
    return _HEADER.pack(length, _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST_DUMP, 0, 0) + body


def _answers(netlink: socket.socket) -> Iterator[tuple[_Fields, bytes]]:
    while True:
        data = netlink.recv(1 << 18)
        position = 0
        while position + _HEADER.size <= len(data):
            length, kind, _, _, _ = _HEADER.unpack_from(data, position)
            body = data[position + _HEADER.size : position + length]
            if kind == _NLMSG_DONE:
                return
            if kind == _NLMSG_ERROR:
                (code,) = struct.unpack_from("=i", body)
                raise OSError(-code, os.strerror(-code))
            yield _MESSAGE.unpack_from(body), _tcp_info(body[_MESSAGE.size :])
            position += (length + 3) & ~3


def _tcp_info(attributes: bytes) -> bytes:
    position = 0
    while position + _ATTRIBUTE.size <= len(attributes):
        length, kind = _ATTRIBUTE.unpack_from(attributes, position)
        if kind == _INET_DIAG_INFO:
            return attributes[position + _ATTRIBUTE.size : position + length]
        # A length of zero would repeat for ever.
        position += max((length + 3) & ~3, _ATTRIBUTE.size)
    return b""


def _endpoint(family: int, address: bytes, port: bytes) -> Endpoint:
    if family == socket.AF_INET:
        text = socket.inet_ntop(socket.AF_INET, address[:4])
    elif address.startswith(bytes(10) + b"\xff\xff"):
        # An IPv4 client of an IPv6 socket; sshd logs it as what it is.
        text = socket.inet_ntop(socket.AF_INET, address[12:])
    else:
        text = socket.inet_ntop(socket.AF_INET6, address)
    return text, int.from_bytes(port, "big")
