"""The metrics of a bastion, in Prometheus' text format 0.0.4. Pure.

All of one name stand together behind their HELP and TYPE. What is not known, or is not there, has
no line: a zero would be a measurement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Union

from .liveness import by_session
from .observation import Observation

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX = "reverse_bastion_"

_Number = Union[int, float, bool]
_Labels = Mapping[str, object]
_Sample = tuple[_Labels, Union[_Number, None]]

_NO_LABELS: _Labels = {}


def render_metrics(seen: Observation) -> str:
    return "".join(
        (
            *_of_tunnels(seen),
            *_of_sessions(seen),
            *_of_keys(seen),
            *_of_the_bastion(seen),
        )
    )


def _of_tunnels(seen: Observation) -> Iterable[str]:
    states = [(state, {"tunnel": state.tunnel.name}) for state in seen.tunnels]
    yield _gauge(
        "tunnel_up",
        "Whether a client holds the bind port and has been heard of.",
        (
            ({**labels, "bind_port": state.tunnel.bind_port}, state.state == "up")
            for state, labels in states
        ),
    )
    yield _gauge(
        "tunnel_silent_seconds",
        "Time since the client that holds the bind port has sent a byte.",
        ((labels, state.reading and state.reading.silent_seconds) for state, labels in states),
    )
    yield _gauge(
        "tunnel_open_connections",
        "Connections to the bind port.",
        ((labels, state.open_connections) for state, labels in states),
    )
    yield _gauge(
        "tunnel_up_since_timestamp_seconds",
        "When the bind port of a tunnel that is up was opened.",
        ((labels, state.since if state.state == "up" else None) for state, labels in states),
    )


def _of_sessions(seen: Observation) -> Iterable[str]:
    readings = by_session(seen.connections or ())
    received: Counter[tuple[object, ...]] = Counter()
    sent: Counter[tuple[object, ...]] = Counter()
    for session in seen.sessions:
        reading = readings.get((session.server, session.client))
        if reading is not None:
            key = (session.user, session.comment, session.fingerprint)
            received[key] += reading.bytes_received
            sent[key] += reading.bytes_sent
    for name, what, counted in (
        ("session_received_bytes", "Bytes received", received),
        ("session_sent_bytes", "Bytes sent", sent),
    ):
        yield _gauge(
            name,
            f"{what} on the SSH connections of a key that are open.",
            (
                ({"user": user, "name": comment, "fingerprint": fingerprint}, count)
                for (user, comment, fingerprint), count in counted.items()
            ),
        )
    # Whoever has a key is there with a zero: what has never happened can be asked about.
    names = dict.fromkeys((key.user, key.name) for key in seen.keys)
    open_now = Counter((session.user, session.comment) for session in seen.sessions)
    logins: Counter[tuple[str, str]] = Counter()
    for key in seen.keys:
        logins[key.user, key.name] += key.logins
    yield _gauge(
        "sessions",
        "SSH connections that are open.",
        (({"user": user, "name": name}, open_now[user, name]) for user, name in names),
    )
    yield _counter(
        "logins_total",
        "Logins since the supervisor began.",
        (({"user": user, "name": name}, logins[user, name]) for user, name in names),
    )


def _of_keys(seen: Observation) -> Iterable[str]:
    keys = [
        (key, {"user": key.user, "name": key.name, "fingerprint": key.fingerprint})
        for key in seen.keys
    ]
    yield _gauge(
        "key_expires_timestamp_seconds",
        "When a key stops working.",
        ((labels, key.expires_at) for key, labels in keys),
    )
    yield _gauge(
        "key_last_login_timestamp_seconds",
        "When a key was last logged in with.",
        ((labels, key.last_login_at) for key, labels in keys),
    )


def _of_the_bastion(seen: Observation) -> Iterable[str]:
    yield _one("sshd_up", "Whether sshd accepts logins.", seen.sshd.is_listening)
    yield _counter(
        "sshd_restarts_total",
        "How often sshd was started again since the supervisor began.",
        [(_NO_LABELS, seen.sshd.restarts)],
    )
    yield _one(
        "supervisor_start_timestamp_seconds", "When the supervisor began.", seen.started_at
    )
    yield _one(
        "key_set_refused",
        "Whether the last key set that was delivered is not in force.",
        seen.refused is not None,
    )
    yield _one(
        "key_set_installed_timestamp_seconds",
        "When the key set in force was installed.",
        seen.installed_at,
    )
    delivery = seen.delivery
    problem = None if delivery is None else delivery.get("problem") is not None
    yield _one("mailbox_problem", "Whether the mailbox could not be filled.", problem)
    yield _one(
        "mailbox_checked_timestamp_seconds",
        "When it was last asked what is to be in the mailbox.",
        _epoch_seconds(delivery.get("checkedAt")) if delivery else None,
    )


def _one(name: str, help_text: str, value: _Number | None) -> str:
    return _gauge(name, help_text, [(_NO_LABELS, value)])


def _gauge(name: str, help_text: str, samples: Iterable[_Sample]) -> str:
    return _family(name, "gauge", help_text, samples)


def _counter(name: str, help_text: str, samples: Iterable[_Sample]) -> str:
    return _family(name, "counter", help_text, samples)


def _family(name: str, kind: str, help_text: str, samples: Iterable[_Sample]) -> str:
    full_name = _PREFIX + name
    lines = [
        f"{full_name}{_render_labels(labels)} {_render_number(value)}\n"
        for labels, value in samples
        if value is not None
    ]
    if not lines:
        return ""
    return f"# HELP {full_name} {help_text}\n# TYPE {full_name} {kind}\n" + "".join(lines)


def _render_labels(labels: _Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escape(str(value))}"' for name, value in labels.items()) + "}"


def _escape(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _render_number(value: _Number) -> str:
    return str(int(value)) if value == int(value) else str(round(value, 3))


def _epoch_seconds(text: object) -> float | None:
    try:
        moment = datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None
    return moment.replace(tzinfo=timezone.utc).timestamp()
