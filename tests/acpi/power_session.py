# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching off and restarting: by programs, the power button, keys, with and without an init that
does its part; and that what was written is on the disks then."""

import os
import subprocess
import sys
import tempfile
import time

from machine import BOOT_SECONDS, TREE, Guest, Missing, expect, report, run_tests, session

QUICK = 3  # seconds of patience with init
HOST = os.path.join(TREE, "build/host/bin")
# One that handles the signal, and then does nothing.
HUNG_INIT = b"""#!/bin/busybox sh
trap 'while :; do busybox sleep 1; done' USR2 TERM
busybox mount -t proc none /proc
echo hung >/dev/console
while :; do busybox sleep 1; done
"""
# One that does not.
DEAF_INIT = b"""#!/bin/busybox sh
trap '' USR1 TERM
echo deaf >/dev/console
while :; do busybox sleep 1; done
"""
# Debian's, with a table of its own.
INITTAB = b"""::sysinit:/bin/busybox mount -t devtmpfs none /dev
::sysinit:/bin/busybox mount -t vfat /dev/nvme0n1 /mnt
::sysinit:/bin/busybox sh -c 'echo by busybox >/mnt/init; echo ready >/dev/console'
::once:/bin/busybox sleep 10000
::shutdown:/bin/busybox umount -a -r
"""


def run_tool(*command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    expect(result.returncode == 0, f"{' '.join(command)}: {result.stdout.strip()[-300:]}")
    return result.stdout


class Disks:
    """A FAT volume and an HMFS volume."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="cryptos.")
        self.fat = os.path.join(self.folder.name, "fat")
        self.hmfs = os.path.join(self.folder.name, "hmfs")
        run_tool("mkfs.fat", "-C", self.fat, "32768")
        run_tool(os.path.join(HOST, "mkfs.hmfs"), "-q", "-f", "-s", "64M", self.hmfs)
        self.runner = ["--disk", f"nvme:{self.fat}", "--disk", f"nvme:{self.hmfs}"]

    def fill(self, guest):
        """Writes without syncing; some files stay open and are written to until the end."""
        guest.run("mkdir -p /mnt/fat /mnt/hmfs; mount -t vfat /dev/nvme0n1 /mnt/fat; "
                  "mount -t hmfs /dev/nvme1n1 /mnt/hmfs")
        for folder in ("fat", "hmfs"):
            guest.run(f"seq 1 20000 >/mnt/{folder}/numbers")
            guest.say(f"(trap '' TERM; while :; do echo more; done) >/mnt/{folder}/open & :")

    def check(self):
        numbers = "".join(f"{number}\n" for number in range(1, 20001))
        run_tool("fsck.fat", "-n", self.fat)
        expect(run_tool("mtype", "-i", self.fat, "::numbers") == numbers, "the file on FAT is cut")
        run_tool(os.path.join(HOST, "fsck.hmfs"), "-n", "-d", "-q", self.hmfs)
        expect(run_tool(os.path.join(HOST, "hmfs"), "cat", self.hmfs, "/numbers") == numbers,
               "the file on HMFS is cut")


def ends(wanted, act, **options):
    """Boots, has `act` do something, and the machine must end as wanted."""
    with Guest(**options) as guest:
        act(guest)
        why = guest.wait_end()
        expect(why == wanted, f"the machine ended by {why}, not {wanted}")


def press(guest):
    try:
        guest.command("system_powerdown")
    except (OSError, RuntimeError, ValueError):
        guest.process.wait(BOOT_SECONDS)  # it is about to go


def keys(*names):
    return lambda guest: guest.command(
        "send-key", keys=[{"type": "qcode", "data": name} for name in names])


def test_button_writes_disks():
    disks = Disks()

    def act(guest):
        disks.fill(guest)
        press(guest)
    ends("guest-shutdown", act, cpus=2, runner=disks.runner)
    disks.check()


def test_forced_off_writes_disks():
    disks = Disks()

    def act(guest):
        disks.fill(guest)
        guest.say("poweroff -f")
    ends("guest-shutdown", act, machine="pc", cpus=2, runner=disks.runner)
    disks.check()


def test_button_on_pc():
    ends("guest-shutdown", press, machine="pc")


def test_button_with_desktop():
    ends("guest-shutdown", press, desktop=True, cpus=2,
         options=["-device", "VGA"])


def test_button_of_event_device():
    """A machine without fixed hardware: the button is an interrupt of its event device."""
    ends("guest-shutdown", press, machine="microvm,acpi=on,pcie=on,rtc=on")


def test_power_key():
    ends("guest-shutdown", keys("power"))


def test_control_alt_delete():
    ends("guest-reset", keys("ctrl", "alt", "delete"))


def test_restart():
    ends("guest-reset", lambda guest: guest.say("reboot"))


def test_restart_of_reduced_machine():
    ends("guest-reset", lambda guest: guest.say("reboot"), machine="microvm,acpi=on,pcie=on,rtc=on")


def test_without_interpreter():
    ends("guest-shutdown", lambda guest: guest.say("poweroff"), cmdline="acpi=off")


def test_stop_file():
    def act(guest):
        _, status = guest.try_run("echo nonsense >/scheme/sys/kstop")
        expect(status != 0, "kstop takes nonsense")
        _, status = guest.try_run("su nobody -s /bin/sh -c 'echo shutdown >/scheme/sys/kstop'")
        expect(status != 0, "kstop is for everybody")
        guest.say("echo reset >/scheme/sys/kstop")
    ends("guest-reset", act)


def wait_status(guest, wanted):
    for _ in range(600):
        if guest.command("query-status")["status"] == wanted:
            return
        time.sleep(0.1)
    raise Missing(f"the machine is never {wanted}")


def test_sleep_key():
    """It sleeps, and what the button does after waking is as ever; while it wakes, nothing."""
    def act(guest):
        keys("sleep")(guest)
        wait_status(guest, "suspended")
        guest.command("system_wakeup")
        wait_status(guest, "running")
        # What is pressed while it wakes is not heard.
        end = time.monotonic() + BOOT_SECONDS
        while guest.process.poll() is None and time.monotonic() < end:
            press(guest)
            time.sleep(0.5)
    ends("guest-shutdown", act, cpus=2)


def call(guest, method, argument):
    guest.run(f"echo '{method} {argument}' >/scheme/acpi/call")


def wake(guest):
    """Wakes it, and waits until the serial line takes what is typed, of which some may be lost."""
    wait_status(guest, "suspended")
    guest.command("system_wakeup")
    for _ in range(60):
        guest.say("echo sync$((40+2))")
        try:
            guest.wait_line("sync42", 2)
            guest.say("echo settled$((40+2))")
            guest.wait_line("settled42")
            return
        except Missing:
            pass
    raise Missing("the shell does not answer after waking")


DOWN, UP, SYNC = "01000000", "00000000", "00000000" + "00000000"


def test_buttons_of_tables(guest):
    """A program that reads a button has it for itself; else it does what it stands for."""
    before = set(guest.run("ls /dev/input").split())
    expect({"event2", "event3", "event4", "event5"} <= before and "event6" not in before,
           f"input devices are {before}")
    nodes = " ".join(f"/dev/input/event{number}" for number in range(2, 6))
    guest.run(f"for node in {nodes}; do (dd if=$node bs=24 count=4 of=/tmp/${{node##*/}} &) done")
    # A program opens its input before its output.
    guest.wait_for("ls /tmp/event? | wc -l", r"^4$")
    call(guest, r"\_SB.PWRB.PUSH", "0x80")
    call(guest, r"\_SB.SLPB.PUSH", "0x02")  # it woke the machine: no press
    call(guest, r"\_SB.SLPB.PUSH", "0x80")
    call(guest, r"\_SB.LID0.MOVE", "0")
    call(guest, r"\_SB.LID0.TELL", "0x80")  # where it was
    # The kernel asks later where it is: each button has been heard, and the lid's first move.
    guest.wait_for("cat /tmp/event? | wc -c", r"^240$")
    call(guest, r"\_SB.LID0.MOVE", "1")
    press(guest)
    guest.wait_for("cat /tmp/event? | wc -c", r"^384$")
    got = {}
    for number in range(2, 6):
        text = guest.run(f"hexdump -v -e '24/1 \"%02x\" \"\\n\"' /tmp/event{number}")
        got[number] = [line[32:] for line in text.split()]
    pressed = {name: ["0100" + code + DOWN, SYNC, "0100" + code + UP, SYNC]
               for name, code in (("power", "7400"), ("sleep", "8e00"))}
    lid = ["05000000" + DOWN, SYNC, "05000000" + UP, SYNC]
    expect(sorted(got.values()) == sorted([pressed["power"], pressed["power"], pressed["sleep"], lid]),
           f"read {got}")


def test_lid_and_sleep_button_suspend(guest):
    # The shell may stand still before it says that the method has run.
    guest.say(r"echo '\_SB.LID0.MOVE 0' >/scheme/acpi/call")
    wake(guest)
    call(guest, r"\_SB.LID0.MOVE", "1")
    guest.say(r"echo '\_SB.SLPB.PUSH 0x80' >/scheme/acpi/call")
    wake(guest)


def test_power_button_of_tables(guest):
    guest.say("echo '\\_SB.PWRB.PUSH 0x80' >/scheme/acpi/call")
    why = guest.wait_end()
    expect(why == "guest-shutdown", f"the machine ended by {why}")


def boots(line, wanted, act, says=None, **options):
    with Guest(shell=False, loglevel=5, **options) as guest:
        guest.wait_line(line)
        act(guest)
        if says:
            guest.wait_line(says)
        why = guest.wait_end()
        expect(why == wanted, f"the machine ended by {why}, not {wanted}")


def test_hung_init():
    boots("hung", "guest-shutdown", press, f"init has not done so within {QUICK} s", cpus=2,
          files={"/hung": HUNG_INIT}, cmdline=f"init=/hung power-patience={QUICK}")


def test_deaf_init():
    boots("deaf", "guest-shutdown", press, "init does not listen", files={"/deaf": DEAF_INIT},
          cmdline="init=/deaf")


def test_busybox_init():
    disks = Disks()
    boots("ready", "guest-shutdown", press, runner=disks.runner, cmdline="init=/bb/init",
          files={"/bb/init": "/bin/busybox", "/etc/inittab": INITTAB})
    run_tool("fsck.fat", "-n", disks.fat)
    expect(run_tool("mtype", "-i", disks.fat, "::init") == "by busybox\n", "the file is not there")


def run_group(tests):
    for test in tests:
        report(f"power.{test.__name__[len('test_'):]}", test)


def buttons():
    run_group([test_button_writes_disks, test_button_on_pc, test_button_with_desktop,
               test_button_of_event_device, test_power_key,
               test_sleep_key,
               test_control_alt_delete])


def tables():
    with Guest("q35", cpus=2, tables=[os.path.join(TREE, "tests/acpi/buttons.asl")]) as guest:
        run_tests("power", guest, [test_buttons_of_tables, test_lid_and_sleep_button_suspend,
                                   test_power_button_of_tables])


def programs():
    run_group([test_forced_off_writes_disks, test_restart, test_restart_of_reduced_machine,
               test_without_interpreter, test_stop_file])


def inits():
    run_group([test_hung_init, test_deaf_init, test_busybox_init])


if __name__ == "__main__":
    sys.exit(session({"buttons": buttons, "tables": tables, "programs": programs, "inits": inits}))
