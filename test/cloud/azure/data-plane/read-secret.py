"""read-secret.py VAULT SECRET [API_VERSION]: reads a secret as a machine does; prints the answer.

A client that shares no code with any other here, so that the stand-in is not judged by itself. The
status is on the first line, what proves who is asked on the second where it is asked for, the body
on the last. TOKEN in the environment is used instead of one of the machine's identity, and RESOURCE
is what the token is asked for; with an empty TOKEN the request goes without.
"""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

TOKEN = "http://169.254.169.254/metadata/identity/oauth2/token?"


def ask(url: str, headers: dict[str, str]) -> tuple[int, str, str]:
    try:
        request = urllib.request.Request(url, headers=headers)
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, "", answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("WWW-Authenticate", ""), error.read().decode()
    except OSError as error:
        return 0, "", str(error)


def identity_token() -> tuple[int, str, str]:
    resource = os.environ.get("RESOURCE", "https://vault.azure.net")
    query = urllib.parse.urlencode({"api-version": "2018-02-01", "resource": resource})
    return ask(TOKEN + query, {"Metadata": "true"})


def read_secret(vault: str, secret: str, version: str = "7.4") -> tuple[int, str, str]:
    token = os.environ.get("TOKEN")
    if token is None:
        answer = identity_token()
        if answer[0] != 200:
            return answer
        token = json.loads(answer[2])["access_token"]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    query = f"?api-version={version}" if version else ""
    return ask(f"https://{vault}.vault.azure.net/secrets/{secret}{query}", headers)


print(*(str(part) for part in read_secret(*sys.argv[1:]) if part != ""), sep="\n")
