"""Prints what is in an image: `sbom.py <name of the image>`, run by the image's own Python.

One SPDX 2.3 document in JSON: each Debian package with its version, its source package (which
Debian's security tracker goes by) and its package URL.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from typing import Any, NamedTuple

_FIELDS = ("Package", "Version", "Architecture", "source:Package", "source:Version", "Maintainer")
_NOWHERE = "NOASSERTION"


class Package(NamedTuple):
    """What dpkg says of a package that is installed."""

    name: str
    version: str
    architecture: str
    source: str
    source_version: str
    maintainer: str


def parse_packages(listing: str) -> list[Package]:
    return sorted(Package(*line.split("\t")) for line in listing.splitlines())


def render_document(
    image: str, release: str, packages: list[Package], now: float
) -> dict[str, Any]:
    """The document. Its name space is different for different packages, as SPDX wants it."""
    content = hashlib.sha256(repr((image, packages)).encode()).hexdigest()
    entries = [_render_package(package, release) for package in packages]
    root = {
        "SPDXID": "SPDXRef-image",
        "name": image,
        "downloadLocation": _NOWHERE,
        "filesAnalyzed": False,
        "primaryPackagePurpose": "CONTAINER",
    }
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": image,
        "documentNamespace": f"https://spdx.org/spdxdocs/reverse-bastion-{content}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
            "creators": ["Tool: reverse-bastion-sbom"],
        },
        "packages": [root, *entries],
        "relationships": [
            _relationship("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-image"),
            *(_relationship("SPDXRef-image", "CONTAINS", entry["SPDXID"]) for entry in entries),
        ],
    }


def _render_package(package: Package, release: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{_identifier(package)}",
        "name": package.name,
        "versionInfo": package.version,
        "supplier": f"Person: {package.maintainer.replace(' <', ' (').replace('>', ')')}",
        "sourceInfo": f"built from {package.source} {package.source_version}",
        "downloadLocation": _NOWHERE,
        "filesAnalyzed": False,
        "licenseConcluded": _NOWHERE,
        "licenseDeclared": _NOWHERE,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": _package_url(package, release),
            }
        ],
    }


def _identifier(package: Package) -> str:
    """Letters, digits, dots and hyphens are all that SPDX allows."""
    return f"{package.name}-{package.architecture}".replace("+", ".")


def _package_url(package: Package, release: str) -> str:
    version = package.version.replace("+", "%2B").replace(":", "%3A")
    name = package.name.replace("+", "%2B")
    return f"pkg:deb/debian/{name}@{version}?arch={package.architecture}&distro={release}"


def _relationship(one: str, kind: str, other: str) -> dict[str, str]:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def main(image: str) -> None:
    form = "\t".join(f"${{{field}}}" for field in _FIELDS) + "\n"
    listing = subprocess.run(
        ["/usr/bin/dpkg-query", "--show", f"--showformat={form}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    with open("/etc/debian_version", encoding="ascii") as file:
        release = f"debian-{file.read().strip()}"
    document = render_document(image, release, parse_packages(listing), time.time())
    print(json.dumps(document, indent=2))


if __name__ == "__main__":
    main(sys.argv[1])
