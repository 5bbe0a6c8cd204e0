# SPDX-License-Identifier: GPL-3.0-or-later
"""The workload that the other sessions trust: it finds what is wrong on a disk that somebody else writes to."""

from guest import Drivers, expect, run_tests, session


def test_finds_nothing_on_a_sound_disk(guest):
    guest.start_verifying("/dev/nvme0n1")
    guest.wait_progress(by=100)
    guest.finish_verifying()


def test_finds_what_others_write(guest):
    guest.start_verifying("/dev/nvme0n1")
    guest.wait_progress()
    guest.run("dd if=/dev/zero of=/dev/nvme0n1 bs=65536 count=64 conv=notrunc oflag=direct 2>/dev/null")
    guest.wait_for("cat /tmp/verify.said", "^wrong data")
    output, status = guest.try_run("kill -TERM $(cat /tmp/verify.pid); sleep 1; cat /tmp/verify.said")
    expect(status == 0 and "errors 0" not in output, "it saw nothing")


def sound():
    with Drivers(disks=["nvme"], cpus=2) as guest:
        run_tests("workload", guest, [test_finds_nothing_on_a_sound_disk, test_finds_what_others_write])


session({"sound": sound})
