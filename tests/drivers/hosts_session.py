# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk's driver in a driver host, behind an IOMMU: moved there and back, and its host killed, under a workload that
verifies what it reads. Without an IOMMU it does not leave the kernel."""

from guest import LONG, Drivers, expect, run_tests, session

HOST = "for p in /proc/[0-9]*; do [ \"$(cat $p/comm)\" = driver:nvme ] && echo ${p#/proc/}; done 2>/dev/null"


def test_moves_under_load(guest):
    guest.start_verifying("/dev/nvme0n1")
    for _ in range(10 if LONG else 3):
        for place in ("user", "kernel"):
            guest.wait_progress(by=20)
            guest.move("nvme", place)
    guest.wait_progress(by=20)
    guest.finish_verifying()


def test_kills_under_load(guest):
    guest.move("nvme", "user")
    guest.start_verifying("/dev/nvme0n1")
    last = None
    for _ in range(100 if LONG else 10):
        guest.wait_progress(by=20)
        host = guest.wait_for(HOST, r"^(\d+)$")[1]
        expect(host != last, "the host that was killed is still there")
        guest.run(f"kill -9 {host}")
        last = host
    guest.wait_progress(by=20)
    guest.finish_verifying()
    guest.move("nvme", "kernel")
    expect(guest.try_run(HOST)[0].strip() == "", "a host is left")


def test_kernel_is_as_loaded(guest):
    guest.run("drivers check")


def test_not_without_iommu(guest):
    said, status = guest.try_run("drivers move nvme user")
    expect(status != 0, f"it was moved: {said!r}")
    expect("no IOMMU confines it" in guest.dmesg(), "the log does not say why")
    expect(guest.driver("nvme")["place"] == "kernel", "it is not where it was")
    guest.run("head -c 1048576 /dev/nvme0n1 >/dev/null")


def behind():
    # One CPU: QEMU before 8 does not survive that a device loses its way to memory while another CPU runs.
    with Drivers(disks=["nvme"], runner=["--iommu"], cpus=1) as guest:
        run_tests("hosts", guest, [test_moves_under_load, test_kills_under_load, test_kernel_is_as_loaded])


def without():
    with Drivers(disks=["nvme"], cpus=2) as guest:
        run_tests("hosts", guest, [test_not_without_iommu])


session({"behind": behind, "without": without})
