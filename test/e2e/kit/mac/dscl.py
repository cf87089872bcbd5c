#!/usr/bin/python3
"""A stand-in for `dscl .`: users and groups, which this machine's own programs then know as well."""

import json
import os
import sys
from pathlib import Path

RECORDS = Path("/stand-in/records.json")
NOT_FOUND = 56
# Somebody else's, at the first number that the installer would take.
FOREIGN = {"/Users/_other": {"UniqueID": "450", "PrimaryGroupID": "450"}}


def main(arguments):
    place, command, path, *rest = arguments
    if place != ".":
        return 2
    records = json.loads(RECORDS.read_text()) if RECORDS.exists() else dict(FOREIGN)
    if command == "-list":
        (key,) = rest
        for record, values in records.items():
            if record.startswith(path + "/") and key in values:
                print("%-24s %s" % (os.path.basename(record), values[key]))
        return 0
    if command == "-create":
        values = records.setdefault(path, {})
        if rest:
            key, value = rest
            values[key] = value
    elif path not in records:
        print("<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)", file=sys.stderr)
        return NOT_FOUND
    elif command == "-delete":
        del records[path]
    elif command == "-read":
        for key in rest:
            print("dsAttrTypeNative:%s: %s" % (key, records[path][key]) if key in records[path] else "No such key: %s" % key)
    else:
        return 2
    if command != "-read":
        RECORDS.write_text(json.dumps(records))
        make_known(records)
    return 0


def make_known(records):
    users, groups = [], []
    for path, values in records.items():
        name = os.path.basename(path)
        if path.startswith("/Groups/") and "PrimaryGroupID" in values:
            groups.append("%s:x:%s:" % (name, values["PrimaryGroupID"]))
        if path.startswith("/Users/") and {"UniqueID", "PrimaryGroupID", "UserShell", "NFSHomeDirectory"} <= values.keys():
            numbers = "%(UniqueID)s:%(PrimaryGroupID)s::%(NFSHomeDirectory)s:%(UserShell)s" % values
            users.append("%s:%s:%s" % (name, values.get("Password", ""), numbers))
    replace_ours("/etc/passwd", users)
    replace_ours("/etc/group", groups)


def replace_ours(file, lines):
    others = [line for line in Path(file).read_text().splitlines() if not line.startswith("_reverse")]
    Path(file).write_text("".join(line + "\n" for line in others + lines))


sys.exit(main(sys.argv[1:]))
