from __future__ import annotations

import os
import sys
import time
import unittest
from unittest import mock

from support import BastionTest, wait_until

from bastion_host.process import descendants, end, is_running, look


class Looking(BastionTest):
    def test_a_running_process_has_a_parent_and_a_start(self) -> None:
        child, process = self.child("sleep", "60")
        self.assertEqual((process.pid, process.parent), (child.pid, os.getpid()))
        self.assertTrue(is_running(process))

    def test_another_start_is_another_process(self) -> None:
        _, process = self.child("sleep", "60")
        self.assertFalse(is_running(process._replace(start="1@00000000")))

    def test_a_zombie_is_gone(self) -> None:
        child, process = self.child("sleep", "0.1")
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.assertIsNone(look(child.pid))
        self.assertFalse(is_running(process))

    def test_a_name_with_parentheses_and_spaces(self) -> None:
        os.symlink("/bin/sleep", self.path("a) S 1 (b"))
        _, process = self.child(self.path("a) S 1 (b"), "60")
        self.assertEqual(process.parent, os.getpid())

    def test_ps_tells_the_same_on_systems_without_proc(self) -> None:
        child, process = self.child("sleep", "60")
        with mock.patch.object(sys, "platform", "darwin"):
            told = look(child.pid)
            self.assertIsNotNone(told)
            self.assertEqual(told and told.parent, process.parent)
            self.assertIn(child.pid, [below.pid for below in descendants([os.getpid()])])
            self.assertIsNone(look(2**22 - 1))


class Ending(BastionTest):
    def test_a_process_and_its_children(self) -> None:
        child, process = self.child("sh", "-c", "sleep 60 & echo; wait")
        child.stdout and child.stdout.readline()
        family = descendants([child.pid])
        self.assertEqual(len(family), 1)
        end([process], patience=0.1)
        self.assertFalse(is_running(process) or is_running(family[0]))

    def test_one_that_ignores_sigterm(self) -> None:
        child, process = self.child("sh", "-c", 'trap "" TERM; echo; exec sleep 60')
        child.stdout and child.stdout.readline()
        end([process], patience=0.1)
        self.assertEqual(child.wait(), -9)

    def test_never_one_that_was_not_meant(self) -> None:
        child, process = self.child("sleep", "60")
        end([process._replace(start="1@00000000")], patience=0.1)
        time.sleep(0.05)
        self.assertIsNone(child.poll())

    def test_several_at_once_take_no_longer_than_one(self) -> None:
        children = [self.child("sleep", "60") for _ in range(5)]
        end([process for _, process in children], patience=1)
        self.assertEqual([child.wait() for child, _ in children], [-15] * 5)
        wait_until(lambda: not descendants([os.getpid()]))


if __name__ == "__main__":
    unittest.main()
