"""Where the keys of a pod are: in the pod's annotation, in an object it names, or in the pod."""

from __future__ import annotations

import base64
import binascii
import time
from typing import Any, Protocol

from . import settings as kinds
from .api import Api, ApiError, object_path
from .pods import Pod, annotation_of, is_object_name
from .problems import quote
from .public_keys import LONGEST_TEXT_BYTES
from .settings import WorkloadSettings
from .timed_http import NoAnswer, TimedConnection, TooLong

_POD_SECONDS = 2.0
_PLACE_LENGTH = 80


class NoKeys(Exception):
    """It is certain that the pod has no keys; the message says why."""


class KeysUnavailable(Exception):
    """Nobody knows whether the pod has keys; what was known before still holds."""

    def __init__(self, message: str, is_api: bool = False) -> None:
        super().__init__(message)
        self.is_api = is_api
        """It is the API server that does not say, and not a single pod."""


Place = tuple[str, ...]
"""Where keys are. Pods with the same place have the same keys."""


class KeySource(Protocol):
    """One kind of place."""

    threads: int
    """How many places are asked at a time."""

    def place(self, pod: Pod, document: Any) -> Place:
        """The place for a pod, by its description; raises NoKeys."""

    def read(self, place: Place) -> str:
        """The lines there; raises NoKeys or KeysUnavailable."""


class ObjectKeys:
    """In a Secret or a ConfigMap of the pod's namespace, which the pod's annotation names."""

    threads = 8

    def __init__(self, api: Api, settings: WorkloadSettings) -> None:
        self._api = api
        self._annotation = settings.annotation
        self._data_key = settings.data_key
        self._is_secret = settings.key_source == kinds.SECRET
        self._kind = "secrets" if self._is_secret else "configmaps"

    def place(self, pod: Pod, document: Any) -> Place:
        name = listed_text(document, self._annotation).strip()
        if not is_object_name(name):
            shown = quote(name, _PLACE_LENGTH)
            raise NoKeys(f"its annotation {self._annotation} names no object: {shown!r}")
        return pod.namespace, name

    def read(self, place: Place) -> str:
        namespace, name = place
        path = object_path(namespace, self._kind, name)
        try:
            data = self._api.get(path).get("data")
        except ApiError as error:
            if error.is_definite:
                raise NoKeys(str(error)) from None
            raise KeysUnavailable(str(error), is_api=True) from None
        text = data.get(self._data_key) if isinstance(data, dict) else None
        if not isinstance(text, str):
            raise NoKeys(f"GET {path}: it has no {self._data_key}")
        return _decode_base64(text, path) if self._is_secret else text


class HttpKeys:
    """The pod gives them itself."""

    threads = 32

    def __init__(self, settings: WorkloadSettings, deadline: float) -> None:
        self._port = settings.http_port
        self._path = settings.http_path
        self._deadline = deadline

    def place(self, pod: Pod, document: Any) -> Place:
        return (pod.address,)

    def read(self, place: Place) -> str:
        (address,) = place
        url = f"http://{address}:{self._port}{self._path}"
        connection = TimedConnection(address, self._port)
        deadline = min(self._deadline, time.monotonic() + _POD_SECONDS)
        headers = {"Connection": "close", "User-Agent": "reverse-bastion"}
        try:
            answer = connection.get(self._path, headers, deadline, LONGEST_TEXT_BYTES)
        except TooLong as error:
            raise NoKeys(f"GET {url}: {error}") from None
        except NoAnswer as error:
            raise KeysUnavailable(f"GET {url}: {error}") from None
        finally:
            connection.close()
        if answer.status >= 500:
            raise KeysUnavailable(f"GET {url}: HTTP {answer.status}")
        if answer.status != 200:
            raise NoKeys(f"GET {url}: HTTP {answer.status}")
        return answer.body.decode("utf-8", "replace")


def remote_source(settings: WorkloadSettings, api: Api, deadline: float) -> KeySource | None:
    """None if the pods' descriptions have the keys themselves."""
    if settings.key_source == kinds.ANNOTATION:
        return None
    if settings.key_source == kinds.HTTP:
        return HttpKeys(settings, deadline)
    return ObjectKeys(api, settings)


def listed_text(document: Any, annotation: str) -> str:
    """What the annotation of a pod says; raises NoKeys."""
    text = annotation_of(document, annotation)
    if text is None:
        raise NoKeys(f"it has no annotation {annotation}")
    return text


def _decode_base64(text: str, path: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise NoKeys(f"GET {path}: the answer is not base64") from None
