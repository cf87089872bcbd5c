"""What the programs of the guest environment ask the metadata service, and how they wait for it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from typing import Any

URL = "http://169.254.169.254/computeMetadata/v1/"
_RETRY_SECONDS = 1.0


def get(path: str, timeout_seconds: float = 10.0) -> tuple[str, str]:
    """What is at a path, with its etag; raises HTTPError where nothing is."""
    request = urllib.request.Request(URL + path, headers={"Metadata-Flavor": "Google"})
    with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:
        return answer.read().decode(), answer.headers.get("ETag", "")


def get_once_it_answers(path: str) -> str | None:
    """What is at a path, or None where nothing is; a service that does not answer is waited for."""
    while True:
        try:
            return get(path)[0]
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
        except OSError:
            pass
        time.sleep(_RETRY_SECONDS)


def changes() -> Any:
    """All of the metadata, again after each change."""
    etag = "0"
    while True:
        query = f"?recursive=true&wait_for_change=true&timeout_sec=60&last_etag={etag}"
        try:
            text, etag = get(query, timeout_seconds=90.0)
        except OSError:
            time.sleep(_RETRY_SECONDS)
            continue
        yield json.loads(text)
