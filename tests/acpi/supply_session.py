# SPDX-License-Identifier: GPL-3.0-or-later
"""Batteries and AC adapters, as the tables of supply.asl have them: the device pc-testdev keeps what the
monitor writes to its ports, and firmware's methods read it."""

import os
import re
import shutil
import subprocess

from machine import TREE, Guest, expect, run_tests, session

PORT = 0xE0
CLASS = "/sys/class/power_supply"
UNKNOWN, DISCHARGING, CHARGING, CRITICAL = 0, 1, 2, 4


def set_state(guest, percent, state=DISCHARGING, online=False, batteries=3):
    guest.monitor(f"o /b {PORT:#x} {percent}")
    guest.monitor(f"o /b {PORT + 1:#x} {state << 4 | batteries << 1 | online:#x}")


def wait_value(guest, file, pattern):
    """Values are read anew at most once a second."""
    return guest.wait_for(f"cat {CLASS}/{file}", pattern)


def program_files(name):
    """A program of this machine's and its libraries, for a guest."""
    path = shutil.which(name)
    expect(path, f"{name} is not installed")
    libraries = subprocess.run(["ldd", path], stdout=subprocess.PIPE, text=True, check=True).stdout
    files = {f"/usr/bin/{name}": os.path.realpath(path)}
    for library in re.findall(r"(/\S+) \(", libraries):
        files[library] = os.path.realpath(library)
    return files


def test_absent(guest):
    expect(guest.run(f"ls {CLASS}").split() == ["AC", "BAT0", "BAT1"], "the three are there")
    expect(guest.run(f"cat {CLASS}/*/type").split() == ["Mains", "Battery", "Battery"], "types")
    wait_value(guest, "BAT0/present", r"^0$")
    _, status = guest.try_run(f"cat {CLASS}/BAT0/status")
    expect(status != 0, "an absent battery has a status")
    wait_value(guest, "AC/online", r"^0$")
    event = guest.run(f"cat {CLASS}/BAT0/uevent")
    expect("PRESENT=0" in event and "STATUS" not in event, f"uevent: {event}")


def test_energy(guest):
    set_state(guest, 60)
    wait_value(guest, "BAT0/capacity", r"^60$")
    for file, value in {"status": "Discharging", "technology": "Li-ion", "energy_now": "30000000",
                        "energy_full": "50000000", "energy_full_design": "60000000",
                        "power_now": "10000000", "voltage_now": "11800000",
                        "voltage_min_design": "11100000", "model_name": "Model 1",
                        "manufacturer": "Maker", "serial_number": "4711", "cycle_count": "0",
                        "capacity_level": "Normal", "alarm": "5000000"}.items():
        got = guest.run(f"cat {CLASS}/BAT0/{file}")
        expect(got == value, f"{file} is {got!r}, not {value!r}")
    event = guest.run(f"cat {CLASS}/BAT0/uevent")
    expect("POWER_SUPPLY_NAME=BAT0\nPOWER_SUPPLY_TYPE=Battery\nPOWER_SUPPLY_STATUS=Discharging\n"
           in event + "\n", f"uevent: {event}")


def test_charge(guest):
    set_state(guest, 60)
    wait_value(guest, "BAT1/capacity", r"^60$")
    for file, value in {"charge_now": "2400000", "charge_full": "4000000", "current_now": "800000",
                        "cycle_count": "123", "technology": "Li-poly"}.items():
        got = guest.run(f"cat {CLASS}/BAT1/{file}")
        expect(got == value, f"{file} is {got!r}, not {value!r}")
    names = guest.run(f"ls {CLASS}/BAT1").split()
    expect("energy_now" not in names and "alarm" not in names, f"BAT1 has {names}")


def test_states(guest):
    for state, online, percent, wanted in ((CHARGING, True, 70, "Charging"), (UNKNOWN, True, 100, "Full"),
                                           (UNKNOWN, True, 90, "Not charging"),
                                           (DISCHARGING, False, 90, "Discharging")):
        set_state(guest, percent, state, online)
        wait_value(guest, "BAT0/status", f"^{wanted}$")
        wait_value(guest, "AC/online", f"^{int(online)}$")


def test_alarm(guest):
    guest.run(f"echo 20000000 >{CLASS}/BAT0/alarm")
    expect(guest.run(f"cat {CLASS}/BAT0/alarm") == "20000000", "the alarm is set")
    for wrong in ("x", "-1", "99999999999999999999", ""):
        _, status = guest.try_run(f"echo '{wrong}' >{CLASS}/BAT0/alarm")
        expect(status != 0, f"alarm {wrong!r} was taken")
    set_state(guest, 30)
    wait_value(guest, "BAT0/capacity_level", "^Low$")


def test_hostile_amounts(guest):
    """More in it than it can hold."""
    set_state(guest, 255)
    wait_value(guest, "BAT0/capacity", "^100$")


def test_debian_acpi(guest):
    set_state(guest, 60)
    wait_value(guest, "BAT0/capacity", "^60$")
    text = guest.run("acpi -b -a -i")
    for wanted in (r"Battery \d: Discharging, 60%, 03:00:00 remaining",
                   r"design capacity 5000 mAh, last full capacity 4000 mAh = 80%",
                   r"design capacity 5084 mAh, last full capacity 4237 mAh = 83%",
                   r"Adapter 0: off-line"):
        expect(re.search(wanted, text), f"acpi prints no {wanted!r}, but {text!r}")


def test_low_and_critical(guest):
    set_state(guest, 9)
    wait_value(guest, "BAT0/capacity", "^9$")
    guest.wait_log(r"the battery runs low: 9 %")
    # One odd reading does nothing.
    set_state(guest, 60)
    wait_value(guest, "BAT0/capacity", "^60$")


def q35():
    with Guest("q35", options=["-device", "pc-testdev"], files=program_files("acpi"),
               tables=[os.path.join(TREE, "tests/acpi/supply.asl")]) as guest:
        run_tests("supply", guest, [test_absent, test_energy, test_charge, test_states, test_alarm,
                                    test_hostile_amounts, test_debian_acpi, test_low_and_critical])


def test_controller_is_served(guest):
    guest.wait_log(r"embedded controller \\_SB_.EC0_ at ports e0 and e1, event 28")
    # Only with its regions connected the battery says that it is there.
    guest.wait_for(f"ls {CLASS}", "^BAT0$")


def test_controller_without_answers(guest):
    """Waiting ends, and is not begun again and again; it is logged once."""
    for status in (0x00, 0x02, 0x01, 0xFF, 0x20, 0x21):
        guest.monitor(f"o /b {PORT + 1:#x} {status}")
        for _ in range(3):
            _, failed = guest.try_run(f"cat {CLASS}/BAT0/capacity")
            expect(failed, f"a controller of status {status:#x} answered")
    guest.wait_log("embedded controller .* does not answer")
    guest.run(f"for i in 1 2 3 4 5 6 7 8 9; do cat {CLASS}/BAT0/capacity; done 2>/dev/null || true")
    for line in ("does not answer", "_BST: error"):
        count = guest.dmesg().count(line)
        expect(count == 1, f"{line!r} was logged {count} times")


def controller():
    with Guest("q35", options=["-device", "pc-testdev"],
               tables=[os.path.join(TREE, "tests/acpi/ec.asl")]) as guest:
        run_tests("supply", guest, [test_controller_is_served, test_controller_without_answers])


if __name__ == "__main__":
    session({"q35": q35, "controller": controller})
