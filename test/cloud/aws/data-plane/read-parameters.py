"""read-parameters.py REGION NAME...: reads parameters of SSM as an instance's role does, and prints the answer.

A client that shares no code with any other here, so that the stand-in is not judged by itself. The status is on the
first line, the body on the second. SKEW in the environment is by how many seconds the clock is wrong.
"""

import datetime
import hashlib
import hmac
import json
import os
import sys
import urllib.error
import urllib.request

METADATA = "http://169.254.169.254/latest/"
ROLES = "meta-data/iam/security-credentials/"


def metadata(path: str, method: str = "GET", **headers: str) -> str:
    sent = {f"X-aws-ec2-metadata-{name.replace('_', '-')}": value for name, value in headers.items()}
    request = urllib.request.Request(METADATA + path, method=method, headers=sent)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


def read_parameters(region: str, names: list[str]) -> tuple[int, str]:
    token = metadata("api/token", "PUT", token_ttl_seconds="60")
    role = metadata(ROLES, token=token)
    keys = json.loads(metadata(ROLES + role, token=token))
    body = json.dumps({"Names": names, "WithDecryption": True})
    host = f"ssm.{region}.amazonaws.com"
    skew = datetime.timedelta(seconds=int(os.environ.get("SKEW", "0")))
    stamp = (datetime.datetime.now(datetime.UTC) + skew).strftime("%Y%m%dT%H%M%SZ")
    signed = "host;x-amz-date;x-amz-security-token;x-amz-target"
    target = "AmazonSSM.GetParameters"
    canonical = (
        f"POST\n/\n\nhost:{host}\nx-amz-date:{stamp}\nx-amz-security-token:{keys['Token']}\nx-amz-target:{target}\n\n"
        f"{signed}\n{hashlib.sha256(body.encode()).hexdigest()}"
    )
    scope = f"{stamp[:8]}/{region}/ssm/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + keys["SecretAccessKey"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Date": stamp,
        "X-Amz-Security-Token": keys["Token"],
        "X-Amz-Target": target,
        "Authorization": f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/{scope}, "
        f"SignedHeaders={signed}, Signature={signature}",
    }
    request = urllib.request.Request(f"https://{host}/", body.encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError as failure:
        return 0, str(failure)


print(*read_parameters(sys.argv[1], sys.argv[2:]), sep="\n")
