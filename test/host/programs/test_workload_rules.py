from __future__ import annotations

import unittest

from support import PROGRAMS  # noqa: F401

from bastion_workloads.cache_rules import REBUILD, UPDATE, USE, decide
from bastion_workloads.moments import Moments, parse_moments, render_moments

NOW = 100_000.0


class Decide(unittest.TestCase):
    def test_age_of_rebuild_and_update_and_whether_the_key_is_known(self) -> None:
        for rebuilt_ago, updated_ago, is_known, expected in (
            (0, 0, True, USE),
            (0, 0, False, USE),
            (120, 120, False, USE),
            (120.001, 120.001, False, UPDATE),
            (120.001, 120.001, True, USE),
            (899, 119, False, USE),
            (899, 121, False, UPDATE),
            (900, 0, True, USE),
            (900, 120, False, USE),
            (900, 900, True, USE),
            (900, 900, False, UPDATE),
            (900.001, 0, True, REBUILD),
            (900.001, 0, False, REBUILD),
            (90_000, 90_000, True, REBUILD),
            # Of before the machine was started.
            (-0.001, 0, True, REBUILD),
            (0, -0.001, True, REBUILD),
        ):
            with self.subTest(rebuilt=rebuilt_ago, updated=updated_ago, is_known=is_known):
                moments = Moments(NOW - rebuilt_ago, NOW - updated_ago)
                self.assertEqual(decide(moments, is_known, NOW), expected)

    def test_without_a_cache_it_is_built(self) -> None:
        self.assertEqual(decide(None, False, NOW), REBUILD)

    def test_a_failure_is_not_followed_by_another_try_for_ten_seconds(self) -> None:
        fresh, old = Moments(NOW, NOW), Moments(NOW - 1000, NOW - 1000)
        for moments, is_known, failed_ago, expected in (
            (old, True, 0, USE),
            (old, True, 9.999, USE),
            (old, True, 10, REBUILD),
            (None, False, 9.999, USE),
            (None, False, 10, REBUILD),
            (Moments(NOW - 200, NOW - 200), False, 9.999, USE),
            (Moments(NOW - 200, NOW - 200), False, 10, UPDATE),
            (fresh, True, 1, USE),
            # Of before the machine was started.
            (old, True, -1, REBUILD),
        ):
            with self.subTest(failed_ago=failed_ago, is_known=is_known):
                self.assertEqual(decide(moments, is_known, NOW, NOW - failed_ago), expected)


class Header(unittest.TestCase):
    def test_what_is_written_is_read(self) -> None:
        line = render_moments(Moments(12.25, 1e-07))
        self.assertEqual(line, "# rebuilt 12.25 updated 1e-07\n")
        moments = parse_moments(line)
        assert moments is not None
        self.assertEqual((moments.rebuilt, moments.updated), (12.25, 1e-07))

    def test_anything_else_is_no_header(self) -> None:
        for line in ("", "# rebuilt 1 updated", "# rebuilt x updated 1", "rebuilt 1 updated 1 1"):
            self.assertIsNone(parse_moments(line), line)


if __name__ == "__main__":
    unittest.main()
