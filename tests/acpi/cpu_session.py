# SPDX-License-Identifier: GPL-3.0-or-later
"""Processors: they come and go, rest, and run faster or slower."""

import os
import subprocess
import time

from machine import BOOT_SECONDS, LONG, TREE, Guest, Missing, expect, run_tests, session

CPUS = "/sys/devices/system/cpu"
CYCLES = 50 if LONG else 9
EJECT_SECONDS = 20
# Work on all CPUs, whose result is checked each time: a line for each that was wrong.
LOAD = """for i in 1 2 3 4; do (
    want=$(sha512sum </bin/busybox)
    while [ ! -e /tmp/end ]; do
        [ "$(sha512sum </bin/busybox)" = "$want" ] || echo wrong >>/tmp/wrong
        echo $i >>/tmp/rounds.$i
    done
) & done"""


class Pluggable(Guest):
    """A machine whose CPUs can be unplugged: QEMU needs help to survive that (keep_memory.c). It counts how
    many CPUs came in all, and asserts that they are not more than may be there at a time."""

    def __init__(self, machine):
        super().__init__(machine, options=["-smp", "1,maxcpus=64"])

    def _command(self, *arguments):
        command = super()._command(*arguments)
        library = os.path.join(self.folder, "keep_memory.so")
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library,
                        os.path.join(TREE, "tests/acpi/keep_memory.c")], check=True)
        return ["env", f"LD_PRELOAD={library}", *command]


def slot_of(guest, core):
    for slot in guest.command("query-hotpluggable-cpus"):
        if slot["props"]["core-id"] == core:
            return slot
    raise RuntimeError(f"no core {core}")


def plug(guest, core, name, cpus):
    """`cpus` are there then. What the guest reports (_OST) need not arrive: QEMU loses a guest's writes
    while its memory map changes."""
    slot = slot_of(guest, core)
    guest.command("device_add", driver=slot["type"], id=name, **slot["props"])
    guest.wait_for(f"cat {CPUS}/online", f"^{cpus}$")


def unplug(guest, name, cpus):
    """QEMU lets go of it last, and says so of what is in it. A write may be lost here, too; one may ask
    again."""
    place = f"/machine/peripheral/{name}/"
    end = time.monotonic() + BOOT_SECONDS
    guest.events = [event for event in guest.events if event["event"] != "DEVICE_DELETED"]
    while True:
        try:
            guest.command("device_del", id=name)
            guest.wait_event("DEVICE_DELETED", EJECT_SECONDS, lambda data: data["path"].startswith(place))
            break
        except RuntimeError as why:
            expect("not found" in str(why), str(why))
            break
        except Missing:
            if time.monotonic() > end:
                raise
    guest.wait_for(f"cat {CPUS}/present", f"^{cpus}$")


def expect_file(guest, name, content):
    got = guest.run(f"cat {CPUS}/{name}")
    expect(got == content, f"{name} is {got!r}, not {content!r}")


def test_before(guest):
    expect_file(guest, "possible", "0-63")
    expect_file(guest, "present", "0")
    expect_file(guest, "online", "0")


def test_comes(guest):
    plug(guest, 1, "one", "0-1")
    expect_file(guest, "present", "0-1")
    expect_file(guest, "online", "0-1")
    expect(guest.run("nproc") == "2", "nproc")
    expect(guest.run("grep -c ^processor /proc/cpuinfo") == "2", "/proc/cpuinfo")
    expect(guest.run("grep -c '^cpu[0-9]' /proc/stat") == "2", "/proc/stat")
    plug(guest, 3, "three", "0-2")
    plug(guest, 2, "two", "0-3")
    expect_file(guest, "online", "0-3")
    for cpu in range(4):
        guest.run(f"taskset -c {cpu} true")


def test_offline_and_online(guest):
    guest.run(f"echo 0 >{CPUS}/cpu2/online")
    expect_file(guest, "offline", "2")
    guest.run(f"echo 1 >{CPUS}/cpu2/online")
    expect_file(guest, "online", "0-3")


def test_leaves_and_returns(guest):
    # The second to come got number 2, whichever place it has.
    unplug(guest, "three", "0-1,3")
    output, status = guest.try_run(f"echo 1 >{CPUS}/cpu2/online")
    expect(status != 0, f"what is gone goes online: {output!r}")
    guest.run(f"echo 0 >{CPUS}/cpu1/online")
    unplug(guest, "one", "0,3")
    plug(guest, 1, "one", "0-1,3")
    plug(guest, 3, "three", "0-3")
    outcomes = [event["data"]["info"] for event in guest.events
                if event["event"] == "ACPI_DEVICE_OST"]
    expect(outcomes and all(outcome["status"] == 0 for outcome in outcomes),
           f"the guest reports {outcomes}")


def test_cycles_under_load(guest):
    guest.say(LOAD)
    for cycle in range(CYCLES):
        name, core, rest = (("one", 1, "0,2-3"), ("two", 2, "0-2"), ("three", 3, "0-1,3"))[cycle % 3]
        unplug(guest, name, rest)
        plug(guest, core, name, "0-3")
    guest.run("touch /tmp/end")
    expect_file(guest, "online", "0-3")
    guest.run("[ ! -e /tmp/wrong ]")
    for process in range(1, 5):
        guest.run(f"[ -s /tmp/rounds.{process} ]")
    # Not that a CPU stood still for a while: the host may not have let it run.
    complaints = guest.run("dmesg | grep 'does not' | sed 's/^/ /'; true")
    expect(not complaints, complaints)


def hotplug():
    with Pluggable("q35") as guest:
        run_tests("cpu-hotplug", guest, [test_before, test_comes, test_offline_and_online,
                                         test_leaves_and_returns, test_cycles_under_load])


def hotplug_pc():
    with Pluggable("pc") as guest:
        run_tests("cpu-hotplug-pc", guest, [test_before, test_comes, test_leaves_and_returns])


# --- Idle states: idle.asl ---

IDLE = f"{CPUS}/cpu0/cpuidle"


def read_state(guest, state, name):
    return guest.run(f"cat {IDLE}/state{state}/{name}")


def test_states(guest):
    expect(guest.run(f"ls {IDLE}").split() == ["state0", "state1", "state2"], "the states")
    names = [read_state(guest, state, "name") for state in range(3)]
    expect(names == ["C1", "C2", "C3"], f"names {names}")
    expect(read_state(guest, 1, "desc") == "port 0x608", "the port")
    expect(read_state(guest, 2, "latency") == "300", "the latency")
    expect(read_state(guest, 2, "power") == "100", "the power")
    expect("cpuidle" not in guest.run(f"ls {CPUS}/cpu1"), "nonsense became states")


def test_rests_in_the_deepest(guest):
    before = int(read_state(guest, 2, "time"))
    guest.run("sleep 2")
    rested = int(read_state(guest, 2, "time")) - before
    expect(rested > 500000, f"{rested} us in the deepest state in two seconds")
    expect(int(read_state(guest, 2, "usage")) > 0, "it was never entered")


def test_disabled_is_not_entered(guest):
    guest.run(f"echo 1 >{IDLE}/state2/disable")
    guest.run("sleep 0.2")
    before = read_state(guest, 2, "usage")
    lighter = int(read_state(guest, 1, "time"))
    guest.run("sleep 1")
    expect(read_state(guest, 2, "usage") == before, "it was entered")
    expect(int(read_state(guest, 1, "time")) > lighter, "the lighter one was not")
    guest.run(f"echo 0 >{IDLE}/state2/disable")
    _, status = guest.try_run(f"echo 1 >{IDLE}/state0/disable")
    expect(status != 0, "the halt can be switched off")


def test_nothing_is_lost(guest):
    # Timers and wake-ups from the other CPU, to and fro: one that is lost stops it.
    guest.run("i=0; while [ $i -lt 200 ]; do usleep 2000; i=$((i + 1)); done")
    guest.run("mkfifo /tmp/to /tmp/fro; (taskset -c 1 sh -c 'while read x; do echo $x; done' "
              "</tmp/to >/tmp/fro) & exec 3>/tmp/to 4</tmp/fro; i=0; "
              "while [ $i -lt 500 ]; do echo $i >&3; read y <&4; [ $y = $i ] || exit 1; "
              "i=$((i + 1)); done; exec 3>&-")


def test_states_change(guest):
    # As with a laptop's supply, which comes and goes for as long as the machine runs.
    for _ in range(10):
        guest.run("echo '\\_SB.CPUS.C000.CHNG 1' >/scheme/acpi/call")
        guest.wait_for(f"cat {IDLE}/state2/desc", "port 0x60a")
        expect(read_state(guest, 2, "latency") == "400", "the latency")
        guest.run("echo '\\_SB.CPUS.C000.CHNG 0' >/scheme/acpi/call")
        guest.wait_for(f"cat {IDLE}/state2/desc", "port 0x609")


def idle():
    with Guest("q35", cpus=2,
               tables=[os.path.join(TREE, "tests/acpi/idle.asl")]) as guest:
        run_tests("cpu-idle", guest, [test_states, test_rests_in_the_deepest,
                                      test_disabled_is_not_entered, test_nothing_is_lost,
                                      test_states_change])


# --- Performance states: frequency.asl, whose register is pc-testdev's ---

SPEED = f"{CPUS}/cpu0/cpufreq"


def expect_speed(guest, khz, control):
    guest.wait_for(f"cat {SPEED}/scaling_cur_freq", f"^{khz}$")
    said = guest.monitor("i /b 0xe0")
    expect(f"0x{control:02x}" in said.lower(), f"the register: {said!r}")


def test_speeds(guest):
    for name, content in {"scaling_available_frequencies": "3000000 2000000 1000000 ",
                          "cpuinfo_max_freq": "3000000", "cpuinfo_min_freq": "1000000",
                          "cpuinfo_transition_latency": "10000", "bios_limit": "3000000",
                          "scaling_driver": "acpi-cpufreq"}.items():
        got = guest.run(f"cat {SPEED}/{name}").strip("\n")
        expect(got.strip() == content.strip(), f"{name} is {got!r}")
    expect("cpufreq" not in guest.run(f"ls {CPUS}/cpu1"), "firmware may write to any port")


def test_governors(guest):
    guest.run(f"echo performance >{SPEED}/scaling_governor")
    expect_speed(guest, 3000000, 0x11)
    guest.run(f"echo powersave >{SPEED}/scaling_governor")
    expect_speed(guest, 1000000, 0x33)
    guest.run(f"echo 1500000 >{SPEED}/scaling_min_freq")
    expect_speed(guest, 2000000, 0x22)
    guest.run(f"echo 1000000 >{SPEED}/scaling_min_freq")
    _, status = guest.try_run(f"echo faster >{SPEED}/scaling_governor")
    expect(status != 0, "a governor that is none")


def test_follows_the_load(guest):
    guest.run(f"echo schedutil >{SPEED}/scaling_governor")
    guest.run("taskset -c 0 sh -c 'while [ ! -e /tmp/rest ]; do :; done' & "
              f"until [ $(cat {SPEED}/scaling_cur_freq) = 3000000 ]; do sleep 0.1; done")
    guest.run("touch /tmp/rest")
    guest.wait_for(f"sleep 3; cat {SPEED}/scaling_cur_freq", "^1000000$")


def test_limits(guest):
    guest.run(f"echo performance >{SPEED}/scaling_governor")
    guest.run("echo '\\_SB.SLOW 1' >/scheme/acpi/call")
    expect_speed(guest, 2000000, 0x22)
    guest.run("echo '\\_SB.SLOW 0' >/scheme/acpi/call")
    expect_speed(guest, 3000000, 0x11)
    cooling = "/sys/class/thermal/cooling_device0"
    expect(guest.run(f"cat {cooling}/type") == "Processor", "the cooling device")
    guest.run(f"echo 2 >{cooling}/cur_state")
    expect_speed(guest, 1000000, 0x33)
    guest.run(f"echo 0 >{cooling}/cur_state")
    expect_speed(guest, 3000000, 0x11)


def frequency():
    with Guest("q35", cpus=2, options=["-device", "pc-testdev"],
               tables=[os.path.join(TREE, "tests/acpi/frequency.asl")]) as guest:
        run_tests("cpu-frequency", guest, [test_speeds, test_governors, test_follows_the_load,
                                           test_limits])


if __name__ == "__main__":
    session({"hotplug": hotplug, "hotplug-pc": hotplug_pc, "idle": idle,
             "frequency": frequency})
