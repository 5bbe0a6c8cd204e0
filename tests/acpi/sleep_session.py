# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines that sleep with their memory kept (S3): they wake by QEMU's doing or by their clock's alarm, and
programs, clocks, disks, CPUs and screens are as they were."""

import os
import shutil
import subprocess
import tempfile
import time

from machine import LONG, TREE, Guest, Missing, expect, run_tests, session
from picture import Picture

ALARM = "/sys/class/rtc/rtc0/wakealarm"
ALARM_SECONDS = 60  # for what is not the alarm's time
PICTURE_SECONDS = 60
QUIET_SECONDS = 2  # so long it does not change
CYCLES = 20 if LONG else 6
# Writes random data all over a disk and compares what it reads past the cache, until there is /tmp/stop.
LOAD = """n=0
while [ ! -e /tmp/stop ]; do
	head -c 262144 /dev/urandom >/tmp/want.$1
	dd if=/tmp/want.$1 of=$2 bs=4096 seek=$((n % 60 * 64)) conv=notrunc 2>/dev/null || echo "no write"
	sync
	dd if=$2 bs=4096 count=64 skip=$((n % 60 * 64)) iflag=direct 2>/dev/null >/tmp/got.$1
	cmp /tmp/want.$1 /tmp/got.$1 || echo "round $n differs"
	n=$((n + 1))
	echo $n >/tmp/round.$1
done
echo "rounds $n"
"""


def wake(guest, seconds):
    """The machine is about to sleep, and does so for `seconds`, unless its alarm is faster."""
    guest.wait_event("SUSPEND")
    time.sleep(seconds)
    try:
        guest.command("system_wakeup")
    except RuntimeError:
        pass
    guest.wait_event("WAKEUP")


def forget_events(guest):
    guest.command("query-status")
    guest.events.clear()


def sleep(guest, seconds=0):
    """Has the machine sleep for so long."""
    forget_events(guest)
    guest.begin("echo mem >/sys/power/state")
    wake(guest, seconds)
    output, status = guest.finish()
    expect(status == 0, f"the sleep ended with {status}: {output!r}")


def read_clocks(guest):
    """Seconds of the monotonic clock, since boot, and real time."""
    return [int(ns) / 1e9 for ns in guest.run("sleepers").split()]


def test_sleeps_and_wakes(guest):
    expect(guest.run("cat /sys/power/state").split()[-1] == "mem", "there is no such state")
    count = int(guest.run("cat /sys/power/suspend_stats/success"))
    sleep(guest)
    sleep(guest)
    expect(int(guest.run("cat /sys/power/suspend_stats/success")) == count + 2, "miscounted")
    expect("awake after" in guest.dmesg(), "the log says nothing")


def test_bad_words_are_refused(guest):
    for words in ("echo disk >/sys/power/state", "echo >/sys/power/state",
                  "echo memory >/sys/power/state", "echo s3 >/sys/power/mem_sleep",
                  "echo x >/sys/class/rtc/rtc0/wakealarm", "echo + >/sys/class/rtc/rtc0/wakealarm",
                  "echo +18446744073709551615 >/sys/class/rtc/rtc0/wakealarm",
                  "echo +100000 >/sys/class/rtc/rtc0/wakealarm"):
        expect(guest.try_run(words)[1] != 0, f"{words!r} was taken")
    expect(guest.try_run("su nobody -s /bin/sh -c 'echo mem >/sys/power/state' 2>&1")[1] != 0,
           "anybody may have the machine sleep")


def test_clocks_go_on(guest):
    """The monotonic clock stands still, the others do not."""
    before = read_clocks(guest)
    sleep(guest, 2)
    after = read_clocks(guest)
    monotonic, boot, real = (late - early for early, late in zip(before, after))
    expect(boot - monotonic > 0.9, f"the machine slept 2 s, and since boot it is {boot} s, {monotonic} "
           "by the monotonic clock")
    expect(abs(real - boot) < 0.1, f"real time went {real} s further, boot time {boot} s")
    clock = int(guest.run("cat /sys/class/rtc/rtc0/since_epoch"))
    expect(abs(clock - after[2]) < 30, "the battery-backed clock tells another time")
    expect(float(guest.run("cat /proc/uptime").split()[0]) >= after[1] - 0.1, "the uptime is less than it was")


def test_programs_wait_on(guest):
    guest.run("sleepers 2 >/tmp/waits 2>&1 &")
    guest.wait_for("cat /tmp/waits", "^waiting$")
    sleep(guest, 1)
    sleep(guest)
    said = guest.wait_for("cat /tmp/waits", r"^(fine|failed)$")
    expect(said[1] == "fine", guest.run("cat /tmp/waits"))


def wake_by_alarm(guest, awaken):
    """Sleeps until the alarm. One that comes before the machine is asleep does not wake it, or keeps it from
    sleeping: the next one has more time. `awaken`: the command that wakes it then."""
    for seconds in (2, 10, 30, 60):
        forget_events(guest)
        guest.begin(f"echo +{seconds} >{ALARM}; echo mem >/sys/power/state")
        try:
            if guest.finish(seconds + ALARM_SECONDS)[1] == 0:
                return
        except Missing:
            guest.command(awaken)
            guest.finish()
    raise Missing("no alarm wakes it")


def test_the_alarm_wakes(guest):
    wake_by_alarm(guest, "system_wakeup")
    guest.wait_event("WAKEUP")
    expect(guest.run(f"cat {ALARM}") == "", "the alarm is still set")
    # Woken by something else, it comes all the same.
    guest.run("head -c 8 /dev/rtc0 | od -An -tx1 >/tmp/alarm &")
    guest.run(f"echo +8 >{ALARM}")
    sleep(guest)
    guest.wait_for("cat /tmp/alarm", r"^ a0 01 00 00 00 00 00 00")
    expect(guest.run(f"cat {ALARM}") == "", "the alarm is still set")


def test_freezing(guest):
    """Programs and devices rest, and the machine does not."""
    guest.run("echo s2idle >/sys/power/mem_sleep")
    wake_by_alarm(guest, "system_powerdown")
    guest.command("query-status")
    expect(not [event for event in guest.events if event["event"] == "SUSPEND"],
           "the machine went to sleep")
    expect(guest.run(f"cat {ALARM}") == "", "the alarm has not come")
    guest.run("echo deep >/sys/power/mem_sleep")
    expect(guest.run("cat /sys/power/mem_sleep") == "s2idle [deep]", "another way to sleep")


def test_cpus_are_as_before(guest):
    guest.run("echo 0 >/sys/devices/system/cpu/cpu1/online")
    sleep(guest)
    expect(guest.run("cat /sys/devices/system/cpu/online") == "0,2", "other CPUs than before")
    guest.run("echo 1 >/sys/devices/system/cpu/cpu1/online; taskset 2 true")
    # The one that wakes may be away, too.
    guest.run("echo 0 >/sys/devices/system/cpu/cpu0/online")
    sleep(guest)
    guest.run("for cpu in 1 2 4; do taskset $cpu md5sum /bin/busybox; done >/tmp/sums; "
              "[ $(sort -u /tmp/sums | wc -l) = 1 ]")


def test_no_device_was_lost(guest):
    log = guest.dmesg()
    for words in ("cannot go on", "not there any more", "given up", "not come back", "not start"):
        expect(words not in log, f"the log says {words!r}")


def test_disks_under_load(guest):
    guest.put("/tmp/load", LOAD.encode())
    guest.run("mkdir -p /mnt/hmfs; mkfs.hmfs -q -f /dev/sdb; mount -t hmfs /dev/sdb /mnt/hmfs; "
              "dd if=/dev/urandom of=/mnt/hmfs/file bs=65536 count=256 2>/dev/null")
    places = {"nvme": "/dev/nvme0n1", "ahci": "/dev/sda", "hmfs": "/mnt/hmfs/file"}
    for name, place in places.items():
        guest.run(f"sh /tmp/load {name} {place} >/tmp/said.{name} 2>&1 &")
    for _ in range(CYCLES):
        sleep(guest)
    # All of them get on still.
    for name in places:
        round_now = int(guest.wait_for(f"cat /tmp/round.{name}", r"^(\d+)$")[1])
        guest.wait_for(f"[ $(cat /tmp/round.{name}) -gt {round_now} ] && echo further", "^further$")
    guest.run("touch /tmp/stop")
    rounds = {}
    for name in places:
        rounds[name] = int(guest.wait_for(f"cat /tmp/said.{name}", r"^rounds (\d+)$")[1])
        said = guest.run(f"cat /tmp/said.{name}")
        expect(said.startswith("rounds"), f"{name}: {said[:200]!r}")
    guest.run("umount /mnt/hmfs && mount -t hmfs /dev/sdb /mnt/hmfs && dd if=/mnt/hmfs/file bs=4096 count=64 "
              f"skip={(rounds['hmfs'] - 1) % 60 * 64} 2>/dev/null | cmp - /tmp/want.hmfs")


def look(guest):
    """What is on the screen, without the clock in its corner."""
    picture = Picture(guest.dump())
    return picture.crop(0, 0, picture.width, picture.height - 100)


def settle(guest):
    """Waits until the screen does not change for a while; what is on it."""
    end = time.monotonic() + PICTURE_SECONDS
    before, since = None, 0
    while True:
        now = look(guest)
        if now != before or len(set(now)) == 1:
            before, since = now, time.monotonic()
        elif time.monotonic() - since > QUIET_SECONDS:
            return now
        expect(time.monotonic() < end, "the screen does not come to rest")
        time.sleep(0.3)


def wait_picture(guest, wanted, what):
    """Waits until `wanted` holds for what is on the screen."""
    end = time.monotonic() + PICTURE_SECONDS
    while not wanted(look(guest)):
        expect(time.monotonic() < end, what)
        time.sleep(0.3)


def test_the_desktop_is_as_before(guest):
    before = settle(guest)
    sleep(guest)
    wait_picture(guest, lambda picture: picture == before, "the screen shows something else")
    # It takes keys: the launcher opens.
    guest.command("send-key", keys=[{"type": "qcode", "data": "meta_l"}])
    wait_picture(guest, lambda picture: picture != before, "no key comes")


def q35():
    folder = tempfile.mkdtemp(prefix="cryptos.")
    try:
        program = os.path.join(folder, "sleepers")
        subprocess.run(["cc", "-static", "-O1", "-pthread", "-o", program,
                        os.path.join(TREE, "tests/acpi/sleepers.c")], check=True)
        with Guest("q35", cpus=3, files={"/usr/bin/sleepers": program}) as guest:
            run_tests("sleep", guest, [
                test_sleeps_and_wakes, test_bad_words_are_refused, test_clocks_go_on,
                test_programs_wait_on, test_the_alarm_wakes, test_freezing, test_cpus_are_as_before,
                test_no_device_was_lost])
    finally:
        shutil.rmtree(folder)


def load():
    folder = tempfile.mkdtemp(prefix="cryptos.")
    runner = []
    try:
        for name in ("nvme", "ahci", "ahci2"):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.truncate(64 << 20)
            runner += ["--disk", f"{name.rstrip('2')}:{path}"]
        with Guest("q35", cpus=2, runner=runner) as guest:
            run_tests("sleep.load", guest, [test_disks_under_load, test_no_device_was_lost])
    finally:
        shutil.rmtree(folder)


def pc():
    with Guest("pc", cpus=2, options=["-device", "virtio-rng-pci"]) as guest:
        run_tests("sleep.pc", guest, [test_sleeps_and_wakes, test_no_device_was_lost])


def uefi():
    with Guest("q35", cpus=2, runner=["--firmware", "uefi"]) as guest:
        run_tests("sleep.uefi", guest, [test_sleeps_and_wakes, test_no_device_was_lost])


def desktop():
    for device in ("bochs-display", "virtio-vga"):
        with Guest("q35", cpus=2, desktop=True, options=["-device", device]) as guest:
            run_tests(f"sleep.{device}", guest, [test_the_desktop_is_as_before,
                                                 test_no_device_was_lost])


session({"q35": q35, "load": load, "pc": pc, "uefi": uefi, "desktop": desktop})
