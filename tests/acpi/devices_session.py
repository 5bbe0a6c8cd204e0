# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices that sleep: pci:suspend_test resets them, and the buses that they are on, and takes their
addresses, while the machine is awake. One CPU: where several use devices while addresses change, QEMU 7.2
crashes now and then."""

import os
import shutil
import tempfile
import time

from machine import Guest, Missing, expect, run_tests, session
from picture import Picture

SUSPEND = "echo 1 >/scheme/pci/suspend_test"
PICTURE_SECONDS = 30
DISKS = ("nvme0n1", "sda")

# Writes all over a disk and reads it past the cache, until there is a file /tmp/stop.
WORK = """n=0
want=$(head -c 262144 /bin/busybox | md5sum)
while [ ! -e /tmp/stop ]; do
	dd if=/bin/busybox of=/dev/$1 bs=4096 count=64 seek=$((n % 60 * 64)) 2>/dev/null || echo "no write"
	sync
	got=$(dd if=/dev/$1 bs=4096 count=64 skip=$((n % 60 * 64)) iflag=direct 2>/dev/null | md5sum)
	[ "$got" = "$want" ] || echo "round $n differs"
	n=$((n + 1))
done
echo "rounds $n"
"""


def behind_port(number, *device):
    """A device behind a port of its own, so that its bus can be reset."""
    return ["-device", f"pcie-root-port,id=port{number},chassis={number}",
            "-device", ",".join([*device, f"bus=port{number}"])]


def suspend(guest, times=1):
    for _ in range(times):
        guest.run(SUSPEND)


def test_disks_under_load(guest):
    guest.put("/tmp/work", WORK.encode())
    for disk in DISKS:
        guest.run(f"sh /tmp/work {disk} >/tmp/{disk} 2>&1 &")
    suspend(guest, 6)
    guest.run("touch /tmp/stop")
    for disk in DISKS:
        said = guest.wait_for(f"cat /tmp/{disk}", r"rounds (\d+)")
        output = guest.run(f"cat /tmp/{disk}")
        expect(output.startswith("rounds") and int(said[1]) > 0, f"{disk}: {output[:200]!r}")


def test_devices_are_the_same(guest):
    """No driver had to begin anew."""
    before = guest.run("cat /proc/partitions; lspci -v 2>/dev/null || lspci")
    suspend(guest)
    after = guest.run("cat /proc/partitions; lspci -v 2>/dev/null || lspci")
    expect(before == after, f"not as before: {after[:300]!r}")
    log = guest.dmesg()
    for words in ("let go of it", "cannot go on", "given up", "is gone"):
        expect(words not in log, f"the log says {words!r}")


def test_a_port_to_the_host(guest):
    for number in range(3):
        guest.run(f"echo line {number} >/dev/virtio-ports/probe")
        suspend(guest)
    guest.run("exec 5>/dev/virtio-ports/probe; echo before >&5; " + SUSPEND + "; echo after >&5")
    with open(guest.port_file, encoding="utf-8") as file:
        text = file.read()
    expect(text == "line 0\nline 1\nline 2\nbefore\nafter\n", f"the host has {text!r}")


def test_keys_come_after_waking(guest):
    suspend(guest)
    guest.run("for f in /dev/input/event*; do (timeout 20 head -c 24 $f | wc -c >>/tmp/keys) & done; sleep 0.5")
    for _ in range(20):
        guest.command("send-key", keys=[{"type": "qcode", "data": "a"}])
        if guest.try_run("sleep 0.5; grep -q 24 /tmp/keys")[1] == 0:
            return
    raise Missing("no key comes")


def test_a_disk_pulled_out_asleep(guest):
    """Its driver lets go of it; the others go on."""
    guest.run("ls /dev/nvme0n1")
    guest.begin("for i in 1 2 3 4 5 6 7 8; do " + SUSPEND + "; done")
    guest.command("device_del", id="card")
    guest.finish()
    guest.wait_event("DEVICE_DELETED", where=lambda data: data.get("device") == "card")
    guest.wait_for("ls /dev", r"\A(?!.*nvme0n1)")
    suspend(guest)
    guest.run("dd if=/dev/sda of=/dev/null bs=4096 count=10 iflag=direct")


def test_the_picture_is_as_before(guest):
    before = Picture(guest.dump())
    expect(len(set(before.pixels)) > 1, "the screen is empty")
    suspend(guest)
    end = time.monotonic() + PICTURE_SECONDS
    while Picture(guest.dump()).pixels != before.pixels:
        if time.monotonic() > end:
            raise Missing("the screen shows something else")
        time.sleep(0.1)


def with_disks():
    folder = tempfile.mkdtemp(prefix="cryptos.")
    images = [os.path.join(folder, name) for name in ("nvme", "ahci")]
    port = os.path.join(folder, "port")
    try:
        for image in images:
            with open(image, "wb") as file:
                file.truncate(32 << 20)
        options = [
            # The port's own registers serve its slot.
            "-global", "ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off",
            "-drive", f"if=none,id=one,format=raw,file={images[0]}",
            "-drive", f"if=none,id=two,format=raw,file={images[1]}",
            "-chardev", f"file,id=probe,path={port}",
            *behind_port(1, "nvme", "id=card", "serial=one", "drive=one"),
            *behind_port(2, "virtio-serial-pci", "id=ports"),
            "-device", "virtserialport,bus=ports.0,chardev=probe,name=probe",
            "-device", "pcie-pci-bridge,id=bridge",
            "-device", "ahci,id=adapter,bus=bridge,addr=3",
            "-device", "ide-hd,drive=two,bus=adapter.0",
        ]
        with Guest("q35", options=options) as guest:
            guest.port_file = port
            run_tests("devices", guest, [
                test_disks_under_load, test_devices_are_the_same, test_a_port_to_the_host,
                test_keys_come_after_waking, test_a_disk_pulled_out_asleep])
    finally:
        shutil.rmtree(folder)


def with_display(name, *device):
    with Guest("q35", options=behind_port(1, *device)) as guest:
        run_tests(f"devices.{name}", guest, [test_the_picture_is_as_before])


if __name__ == "__main__":
    session({
        "disks": with_disks,
        "bochs": lambda: with_display("bochs", "bochs-display"),
        "virtio": lambda: with_display("virtio", "virtio-gpu-pci"),
    })
