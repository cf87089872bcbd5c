from __future__ import annotations

import json
import unittest

from support import PROGRAMS  # noqa: F401
from vm_support import MemoryStore, digest_of, host_files, pack

from bastion_vm.document import (
    LONGEST_BYTES,
    DocumentError,
    Manifest,
    parse_files,
    parse_manifest,
    read_document,
    unpack,
)


class Manifests(unittest.TestCase):
    def test_a_good_one(self) -> None:
        text = '{"version":1,"digest":"ab","parts":3}'
        self.assertEqual(parse_manifest("x", text), Manifest("ab", 3))

    def test_what_is_wrong_with_the_others(self) -> None:
        for text, reason in (
            (None, "x: not in the store yet"),
            ("{", "x: the manifest cannot be read"),
            ("[]", "x: the manifest cannot be read"),
            ('{"version":1}', "x: the manifest cannot be read"),
            ('{"version":2,"digest":"ab","parts":3}', "x: version 2 is not known here, only 1"),
            ('{"version":1,"digest":"ab","parts":0}', "x: the manifest makes no sense"),
            ('{"version":1,"digest":"ab","parts":513}', "x: the manifest makes no sense"),
            ('{"version":1,"digest":7,"parts":1}', "x: the manifest makes no sense"),
        ):
            with self.assertRaises(DocumentError) as caught:
                parse_manifest("x", text)
            self.assertEqual(str(caught.exception), reason)


class Documents(unittest.TestCase):
    def test_are_put_together_from_their_parts_and_no_others(self) -> None:
        store = MemoryStore()
        document = "ä".encode() + bytes(range(256)) * 9
        digest = store.put("key-set", document, part_bytes=50)
        manifest = parse_manifest("m", store.texts["key-set/manifest"])
        store.texts[f"key-set/{manifest.parts + 1}"] = "left over"
        self.assertGreater(manifest.parts, 2)
        self.assertEqual(read_document(store, "key-set", manifest), document)
        self.assertEqual(manifest.digest, digest)
        del store.texts["key-set/2"]
        with self.assertRaisesRegex(DocumentError, "^key-set/2: not in the store yet$"):
            read_document(store, "key-set", manifest)

    def test_what_is_wrong_with_a_bad_one(self) -> None:
        packed, digest = pack(b"good" * 100), digest_of(b"good" * 100)
        for parts, wanted, reason in (
            ([packed], digest_of(b"other"), "the parts are not those of the manifest"),
            ([packed[:-8]], digest, "cut off after 400 bytes"),
            ([packed[:20]], digest, "cut off after"),
            ([""], digest, "cut off after 0 bytes"),
            ([packed[:-1]], digest, "cannot be unpacked"),
            (["!" + packed], digest, "cannot be unpacked"),
            (["AAAA" + packed], digest, "cannot be unpacked"),
            ([pack(bytes(LONGEST_BYTES + 1))], digest, f"longer than {LONGEST_BYTES} bytes"),
        ):
            with self.assertRaisesRegex(DocumentError, f"^x: {reason}"):
                unpack("x", parts, wanted)


class Files(unittest.TestCase):
    def test_with_modes_that_give_nobody_else_a_right_to_write(self) -> None:
        entries = [{"path": "lib/a/b.py", "mode": 0o4777, "content": "ä"}]
        document = json.dumps({"version": 1, "files": entries}).encode()
        self.assertEqual(parse_files(document), {"lib/a/b.py": (0o755, "ä".encode())})

    def test_paths_that_would_leave_their_folders(self) -> None:
        for path in ("/etc/passwd", "etc/../x", "lib//x", "lib/./x", "lib", "etc/", "run/x", ""):
            with self.assertRaisesRegex(DocumentError, "is not allowed"):
                parse_files(host_files({path: ""}))

    def test_what_is_no_such_document(self) -> None:
        for document in (b"{", b"[]", b'{"version":1,"files":[{}]}', b'{"version":1,"files":[1]}'):
            with self.assertRaisesRegex(DocumentError, "^host-files: not as expected"):
                parse_files(document)
        with self.assertRaisesRegex(DocumentError, "version 2 is not known"):
            parse_files(host_files({}, version=2))


if __name__ == "__main__":
    unittest.main()
