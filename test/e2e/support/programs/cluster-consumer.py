"""A consumer in a pod: `echo HOST PORT TEXT` or `query HOST PORT SQL`; prints what it met."""

import socket
import struct
import sys

LIMIT_SECONDS = 5


def echo(connection: socket.socket, text: str) -> str:
    connection.sendall(text.encode())
    answered = connection.recv(65536)
    return f"answered {answered.decode()}" if answered else "closed"


def query(connection: socket.socket, sql: str) -> str:
    """PostgreSQL's protocol, version 3, as far as one row without a password needs it."""
    stream = connection.makefile("rwb")
    startup = b"user\0postgres\0database\0postgres\0\0"
    stream.write(struct.pack("!ii", len(startup) + 8, 196608) + startup)
    stream.flush()
    values: list[str] = []
    asked = False
    while True:
        head = stream.read(5)
        if len(head) < 5:
            return "closed"
        body = stream.read(struct.unpack("!i", head[1:])[0] - 4)
        kind = head[:1]
        if kind == b"E":
            return f"error {body!r}"
        if kind == b"D":
            length = struct.unpack("!i", body[2:6])[0]
            values.append(body[6 : 6 + length].decode())
        if kind == b"Z" and asked:
            return f"rows {' '.join(values)}"
        if kind == b"Z":
            text = sql.encode() + b"\0"
            stream.write(b"Q" + struct.pack("!i", len(text) + 4) + text)
            stream.flush()
            asked = True


def main(what: str, host: str, port: str, text: str) -> str:
    try:
        with socket.create_connection((host, int(port)), LIMIT_SECONDS) as connection:
            return {"echo": echo, "query": query}[what](connection, text)
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return type(error).__name__


print(main(*sys.argv[1:]))
