"""read-secret.py PROJECT SECRET [VERSION]: reads a secret as an instance does; prints the answer.

A client that shares no code with any other here, so that the stand-in is not judged by itself. The
status is on the first line, the body on the second. TOKEN in the environment is used instead of the
metadata service's; with an empty one the request goes without.
"""

import json
import os
import sys
import urllib.error
import urllib.request

TOKEN = "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token"


def metadata_token() -> str:
    request = urllib.request.Request(TOKEN, headers={"Metadata-Flavor": "Google"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["access_token"]


def read_secret(project: str, secret: str, version: str = "latest") -> tuple[int, str]:
    name = f"projects/{project}/secrets/{secret}/versions/{version}"
    url = f"https://secretmanager.googleapis.com/v1/{name}:access"
    token = os.environ["TOKEN"] if "TOKEN" in os.environ else metadata_token()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


print(*read_secret(*sys.argv[1:]), sep="\n")
