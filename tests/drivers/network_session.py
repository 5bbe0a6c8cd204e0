# SPDX-License-Identifier: GPL-3.0-or-later
"""The network driver and its class: a peer of the machine's controller, here, sends frames and checks what comes."""

import os
import select
import shutil
import socket
import tempfile
import time

from guest import PROGRAMS, Drivers, expect, run_tests, session

GUEST = bytes.fromhex("525400c0ffee")
PEER = bytes.fromhex("525400000001")
OTHER = bytes.fromhex("525400000002")
GROUP = bytes.fromhex("333300000001")
ALL = b"\xff" * 6
TYPE = b"\x88\xb5"  # for experiments
NET = "/scheme/network/eth0"
SYS = "/sys/class/net/eth0"
SECONDS = 60


def make_frame(length, to=GUEST, by=PEER, seed=0):
    data = bytes((place + length + seed) & 0xff for place in range(14, length))
    return to + by + TYPE + data


class Peer:
    """The other end of the cable: whole frames as datagrams, of which none is lost."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="cryptos.")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(os.path.join(self.folder, "peer"))
        self.guest = os.path.join(self.folder, "guest")
        self.options = ["-netdev", f"dgram,id=cable,local.type=unix,local.path={self.guest},"
                        f"remote.type=unix,remote.path={self.folder}/peer",
                        "-device", f"e1000e,id=card,netdev=cable,mac={GUEST.hex(':')}"]

    def close(self):
        self.socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def can_send(self):
        return bool(select.select([], [self.socket], [], 0)[1])

    def send(self, frame):
        self.socket.settimeout(SECONDS)
        self.socket.sendto(frame, self.guest)

    def receive(self, seconds=SECONDS):
        """The next frame of the tests' type; None: none came."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                return None
            frame = self.socket.recv(65536)
            if frame[12:14] == TYPE:
                return frame

    def expect_echo(self, frame, what):
        got = self.receive()
        wanted = frame[6:12] + frame[:6] + frame[12:]
        # What is shorter than Ethernet allows is padded.
        expect(got is not None, f"{what}: nothing came")
        expect(got[:len(wanted)] == wanted and len(got) <= max(len(wanted), 60),
               f"{what}: {got[:20].hex()} of {len(got)} bytes, not {wanted[:20].hex()} of {len(wanted)}")

    def forget(self):
        while self.receive(0.05) is not None:
            pass


def start_echo(guest):
    guest.run(f"frames echo {NET}/frames >/tmp/echo 2>&1 & echo $! >/tmp/echo.pid")
    guest.wait_for("cat /tmp/echo", "^listening$")


def stop_echo(guest):
    guest.run("kill -TERM $(cat /tmp/echo.pid)")
    return int(guest.wait_for("cat /tmp/echo", r"^echoed (\d+)$")[1])


def counter(guest, name):
    return int(guest.run(f"cat {SYS}/statistics/{name}"))


def wait_link(guest, state):
    guest.wait_for(f"cat {NET}/link", f"^{state}")


def test_appears(guest):
    expect(guest.run(f"cat {NET}/address") == GUEST.hex(":"), "another address")
    expect(guest.run(f"cat {SYS}/address {SYS}/mtu {SYS}/type {SYS}/ifindex {SYS}/operstate") ==
           f"{GUEST.hex(':')}\n1500\n1\n2\ndown", "not as Linux has it")
    expect("eth0:" in guest.run("cat /proc/net/dev"), "not in /proc/net/dev")
    _, status = guest.try_run(f"cat {SYS}/carrier")
    expect(status != 0, "a carrier though it is off")


def test_is_silent_while_it_is_off(guest):
    output, status = guest.try_run(f"frames send {NET}/frames 60 60")
    expect(status != 0 and "Network is down" in output, f"{output!r}")
    guest.peer.send(make_frame(100, ALL))
    expect(guest.peer.receive(0.2) is None and counter(guest, "rx_packets") == 0, "it is not off")


def test_is_switched_on(guest):
    guest.run(f"echo 1 >{NET}/up")
    wait_link(guest, "up 1000 full")
    expect(guest.run(f"cat {SYS}/carrier {SYS}/speed {SYS}/duplex {SYS}/operstate {SYS}/flags") ==
           "1\n1000\nfull\nup\n0x1043", "not as Linux has it")


def test_refuses_what_is_wrong(guest):
    guest.run(f"frames check {NET}/frames")
    for name, value in (("mtu", "67"), ("mtu", "1501"), ("mtu", "many"), ("up", "2"), ("filter", "all")):
        _, status = guest.try_run(f"echo {value} >{NET}/{name}")
        expect(status != 0, f"{value} was taken as {name}")


def test_sends_all_lengths(guest):
    before = counter(guest, "tx_packets")
    guest.begin(f"frames send {NET}/frames 14 1514")
    for length in range(14, 1515):
        got = guest.peer.receive()
        wanted = make_frame(length, ALL)
        expect(got is not None and got[:length] == wanted and len(got) <= max(length, 60),
               f"the frame of {length} bytes is {got and got[:20].hex()}")
    _, status = guest.finish()
    expect(status == 0 and counter(guest, "tx_packets") - before == 1501, "not all were sent")


def test_receives_all_lengths(guest):
    start_echo(guest)
    for length in range(60, 1515):
        frame = make_frame(length)
        guest.peer.send(frame)
        guest.peer.expect_echo(frame, f"{length} bytes")
    expect(stop_echo(guest) == 1455, "not each once")


def test_keeps_up_with_bursts(guest):
    """More than the ring holds, as fast as the machine takes them, with as many not echoed yet as the queue of a
    reader holds."""
    count, window = 4000, 200
    start_echo(guest)
    for number in range(count + window):
        if number >= window:
            guest.peer.expect_echo(make_frame(60 + (number - window) % 1400, seed=number - window),
                                   f"frame {number - window}")
        if number < count:
            guest.peer.send(make_frame(60 + number % 1400, seed=number))
    expect(stop_echo(guest) == count, "not each once")


def test_filters(guest):
    start_echo(guest)
    for mode, passes in (("own", (GUEST, ALL)), ("groups", (GUEST, ALL, GROUP)),
                         ("everything", (GUEST, ALL, GROUP, OTHER)), ("own", (GUEST, ALL))):
        guest.run(f"echo {mode} >{NET}/filter")
        for to in (OTHER, GROUP, ALL, GUEST):
            frame = make_frame(80, to)
            guest.peer.send(frame)
            if to in passes:
                guest.peer.expect_echo(frame, f"{mode}: to {to.hex()}")
    stop_echo(guest)
    expect(guest.peer.receive(0.1) is None, "more came")


def test_sees_the_link(guest):
    guest.monitor("set_link card off")
    wait_link(guest, "down")
    expect(guest.run(f"cat {SYS}/carrier {SYS}/operstate") == "0\ndown", "not as Linux has it")
    # What is sent meanwhile waits.
    guest.run(f"frames send {NET}/frames 70 79 & echo $! >/tmp/send.pid")
    expect(guest.peer.receive(0.2) is None, "it left without a link")
    guest.monitor("set_link card on")
    wait_link(guest, "up")
    for length in range(70, 80):
        got = guest.peer.receive()
        expect(got == make_frame(length, ALL), f"{length} bytes: {got and got[:20].hex()}")


def test_goes_on_after_sleep(guest):
    start_echo(guest)
    guest.run("echo 1 >/scheme/pci/suspend_test")
    wait_link(guest, "up")
    frame = make_frame(300)
    guest.peer.send(frame)
    guest.peer.expect_echo(frame, "after sleep")
    stop_echo(guest)


def test_is_switched_off_and_on(guest):
    for _ in range(10):
        guest.run(f"echo 0 >{NET}/up; echo 1 >{NET}/up")
    wait_link(guest, "up")
    start_echo(guest)
    frame = make_frame(90)
    guest.peer.send(frame)
    guest.peer.expect_echo(frame, "after it was off")
    stop_echo(guest)


def test_goes_and_comes(guest):
    start_echo(guest)
    place = guest.run("grep -l 0x10d3 /scheme/pci/devices/*/device").rsplit("/", 1)[0]
    guest.run(f"echo 1 >{place}/remove")
    guest.wait_for("cat /tmp/echo", "No such device")
    _, status = guest.try_run(f"ls {NET}")
    expect(status != 0, "the interface is still there")
    guest.run("echo 1 >/scheme/pci/rescan")
    guest.wait_for("ls /scheme/network", "^eth0$")
    guest.run(f"echo 1 >{NET}/up")
    wait_link(guest, "up")
    start_echo(guest)
    frame = make_frame(61)
    guest.peer.send(frame)
    guest.peer.expect_echo(frame, "of the new one")
    stop_echo(guest)
    guest.expect_sound()


class Networked(Drivers):
    def __init__(self, **others):
        self.peer = Peer()
        try:
            super().__init__(options=self.peer.options, cpus=2,
                             files={"/usr/bin/frames": os.path.join(PROGRAMS, "frames")}, **others)
        except BaseException:
            self.peer.close()
            raise

    def stop(self):
        super().stop()
        self.peer.close()


def kernel():
    with Networked() as guest:
        run_tests("network", guest, [
            test_appears, test_is_silent_while_it_is_off, test_is_switched_on, test_refuses_what_is_wrong,
            test_sends_all_lengths, test_receives_all_lengths, test_keeps_up_with_bursts, test_filters,
            test_sees_the_link, test_goes_on_after_sleep, test_is_switched_off_and_on, test_goes_and_comes])


session({"kernel": kernel})
