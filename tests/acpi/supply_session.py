# SPDX-License-Identifier: GPL-3.0-or-later
"""Batteries, AC adapters, thermal zones and fans, as the tables of supply.asl have them: the device
pc-testdev keeps what the monitor writes to its ports, and firmware's methods read it."""

import os
import re
import shutil
import struct
import subprocess
import tempfile
import time

from machine import COMMAND_SECONDS, TREE, Guest, Missing, expect, run_tests, session
from picture import Picture

PORT = 0xE0
CLASS = "/sys/class/power_supply"
THERMAL = "/sys/class/thermal"
UNKNOWN, DISCHARGING, CHARGING, CRITICAL = 0, 1, 2, 4


def set_state(guest, percent, state=DISCHARGING, online=False, batteries=3):
    guest.monitor(f"o /b {PORT:#x} {percent}")
    guest.monitor(f"o /b {PORT + 1:#x} {state << 4 | batteries << 1 | online:#x}")


def port(guest, number):
    return int(guest.monitor(f"i /b {number:#x}").split("=")[1], 16)


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


def set_degrees(guest, degrees):
    guest.monitor(f"o /b {PORT + 2:#x} {degrees}")
    guest.wait_for(f"cat {THERMAL}/thermal_zone0/temp", f"^{degrees}000$")


def wait_fans(guest, *levels):
    """The levels of the three fans, and what firmware was told."""
    guest.wait_for(f"cat {THERMAL}/cooling_device[012]/cur_state | tr '\\n' ' '",
                   "^" + " ".join(str(level) for level in levels))
    shared, control = int(bool(levels[0] or levels[1])), (0, 4, 9)[levels[2]]
    end = time.monotonic() + COMMAND_SECONDS
    while port(guest, PORT + 3) != control << 4 | shared:
        expect(time.monotonic() < end, f"fans were told {port(guest, PORT + 3):#x} for {levels}")
        time.sleep(0.1)


def test_zone(guest):
    set_degrees(guest, 40)
    text = guest.run(f"cd {THERMAL}/thermal_zone0; cat type trip_point_*_type trip_point_*_temp")
    expect(text.split() == ["acpitz", "critical", "hot", "passive", "active", "active", "100000",
                            "95000", "80000", "70000", "60000"], f"zone: {text!r}")
    guest.run(f"grep -q Fan {THERMAL}/thermal_zone0/cdev2/type")
    expect(guest.run(f"cat {THERMAL}/cooling_device*/max_state").split()[:3] == ["1", "1", "2"],
           "maxima of fans")


def test_fan_that_was_on(guest):
    set_degrees(guest, 40)
    guest.wait_for("cat /scheme/acpi/namespace/_SB_/PFAD/SPIN", r"\b0(x0)?\b")


def test_fans(guest):
    set_degrees(guest, 40)
    wait_fans(guest, 0, 0, 0)
    set_degrees(guest, 65)
    wait_fans(guest, 0, 1, 0)
    set_degrees(guest, 72)
    wait_fans(guest, 1, 1, 2)
    # The two that share their current let go of it together.
    set_degrees(guest, 62)
    wait_fans(guest, 0, 1, 0)
    set_degrees(guest, 30)
    wait_fans(guest, 0, 0, 0)


def test_user_cools(guest):
    guest.run(f"echo 1 >{THERMAL}/cooling_device2/cur_state")
    wait_fans(guest, 0, 0, 1)
    for wrong in ("3", "x", "-1", ""):
        _, status = guest.try_run(f"echo '{wrong}' >{THERMAL}/cooling_device2/cur_state")
        expect(status != 0, f"level {wrong!r} was taken")
    guest.run(f"echo 0 >{THERMAL}/cooling_device2/cur_state")
    wait_fans(guest, 0, 0, 0)


def test_hot(guest):
    set_degrees(guest, 96)
    guest.wait_log(r"TZ00 is hot: 96 degrees")
    set_degrees(guest, 30)


def test_odd_sensor(guest):
    """Neither its temperature nor its trip points can be."""
    _, status = guest.try_run(f"cat {THERMAL}/thermal_zone1/temp")
    expect(status != 0, "a sensor's nonsense is a temperature")
    expect("trip" not in guest.run(f"ls {THERMAL}/thermal_zone1"), "it has trip points")
    count = guest.dmesg().count("TZ01: no temperature")
    expect(count == 1, f"it was logged {count} times")


def test_debian_sensors(guest):
    set_state(guest, 60)
    set_degrees(guest, 45)
    wait_fans(guest, 0, 0, 0)
    wait_value(guest, "BAT0/capacity", "^60$")
    text, _ = guest.try_run("sensors")
    for wanted in (r"temp1: +\+45\.0.*crit = \+100\.0", r"BAT0-", r"in0: +11\.80 V", r"power1: +10\.00 W",
                   r"curr1: +800\.00 mA"):
        expect(re.search(wanted, text), f"sensors prints no {wanted!r}, but {text!r}")
    text = guest.run("acpi -t -c -i")
    for wanted in ("ok, 45.0 degrees C", "switches to mode critical at temperature 100.0", "Fan 0 of 2"):
        expect(wanted in text, f"acpi prints no {wanted!r}, but {text!r}")


def call(guest, path, value):
    guest.run(f"echo '{path} {value:#x}' >/scheme/acpi/call")


def test_notifications(guest):
    """On mains firmware is asked once in two minutes."""
    set_state(guest, 50, CHARGING, True)
    call(guest, r"\_SB.BAT0.TELL", 0x80)
    wait_value(guest, "BAT0/status", "^Charging$")
    call(guest, r"\_SB.BAT0.TELL", 0x81)
    set_state(guest, 7)
    call(guest, r"\_SB.BAT0.TELL", 0x80)
    guest.wait_log(r"the battery runs low: 7 %", 60)
    set_state(guest, 50, CHARGING, True)
    wait_value(guest, "BAT0/status", "^Charging$")


def test_trip_points_move(guest):
    trip = f"cat {THERMAL}/thermal_zone0/trip_point_4_temp"
    set_degrees(guest, 55)
    wait_fans(guest, 0, 0, 0)
    call(guest, r"\_SB.TZ00.MOVE", 3232)
    guest.wait_for(trip, "^50000$")
    wait_fans(guest, 0, 1, 0)
    # Where it cannot be, there is none.
    call(guest, r"\_SB.TZ00.MOVE", 0)
    guest.wait_for(f"ls {THERMAL}/thermal_zone0 | grep -c _temp", "^4$")
    wait_fans(guest, 0, 0, 0)
    call(guest, r"\_SB.TZ00.MOVE", 3332)
    guest.wait_for(trip, "^60000$")
    set_degrees(guest, 30)
    wait_fans(guest, 0, 0, 0)


def test_low(guest):
    set_state(guest, 9)
    wait_value(guest, "BAT0/capacity", "^9$")
    guest.wait_log(r"the battery runs low: 9 %")
    set_state(guest, 60)
    wait_value(guest, "BAT0/capacity", "^60$")


def test_too_hot(guest):
    guest.monitor(f"o /b {PORT + 2:#x} 101")
    guest.wait_line("TZ00 is too hot: 101 degrees")
    reason = guest.wait_end()
    expect(reason == "guest-shutdown", f"the machine ended by {reason}")


def test_after_sleep(guest):
    """Everything may be different, and fans have forgotten what they were told."""
    set_degrees(guest, 65)
    wait_fans(guest, 0, 1, 0)
    set_state(guest, 50, CHARGING, True)
    wait_value(guest, "BAT0/status", "^Charging$")
    guest.begin("echo mem >/sys/power/state")
    guest.wait_event("SUSPEND")
    guest.monitor(f"o /b {PORT + 3:#x} 0")
    set_state(guest, 7)
    guest.command("system_wakeup")
    output, status = guest.finish()
    expect(status == 0, f"the machine did not sleep: {output}")
    guest.wait_log(r"the battery runs low: 7 %", 60)
    wait_fans(guest, 0, 1, 0)


def test_empty(guest):
    set_state(guest, 60)
    wait_value(guest, "BAT0/capacity", "^60$")
    set_state(guest, 2)
    wait_value(guest, "BAT0/capacity", "^2$")
    guest.wait_line("the battery is empty")
    reason = guest.wait_end()
    expect(reason == "guest-shutdown", f"the machine ended by {reason}")


RED, GREEN, TEXT = (0xE5, 0x48, 0x4D), (0x4C, 0xC3, 0x8A), (0xF2, 0xF4, 0xF8)
DIM = (0x9A, 0xA1, 0xAF)  # a plug without current
PANEL = 42  # its height


def wait_panel(guest, what, wanted):
    """Waits until wanted(counts) holds for how often RED, GREEN and TEXT are where the battery is shown, and
    RED above the panel."""
    end = time.monotonic() + COMMAND_SECONDS
    while True:
        picture = Picture(guest.dump())
        pixels = [picture.pixel(x, y) for y in range(picture.height - PANEL, picture.height)
                  for x in range(picture.width - 260, picture.width - 160)]
        above = [picture.pixel(x, y) for y in range(picture.height - PANEL - 100, picture.height - PANEL)
                 for x in range(picture.width - 330, picture.width - 10)]
        counts = tuple(pixels.count(colour) for colour in (RED, GREEN, TEXT)) + (above.count(RED),)
        if wanted(*counts):
            return
        if time.monotonic() > end:
            raise Missing(f"{what}: the panel has {counts}")
        time.sleep(0.2)


def test_panel_at_boot(guest):
    """The adapter, without current, has been there from the start, and nothing of it changes."""
    end = time.monotonic() + COMMAND_SECONDS
    while True:
        picture = Picture(guest.dump())
        count = [picture.pixel(x, y) for y in range(picture.height - PANEL, picture.height)
                 for x in range(picture.width - 184, picture.width - 168)].count(DIM)
        if count > 20:
            return
        expect(time.monotonic() < end, f"no plug in the panel: {count}")
        time.sleep(0.2)


def test_panel_shows_battery(guest):
    set_state(guest, 0, batteries=0)
    wait_value(guest, "BAT0/present", "^0$")
    set_state(guest, 60, batteries=1)
    wait_value(guest, "BAT0/capacity", "^60$")
    wait_panel(guest, "a battery", lambda red, green, text, _: green > 30 and text > 30 and not red)


def test_panel_warns(guest):
    set_state(guest, 8, batteries=1)
    wait_value(guest, "BAT0/capacity", "^8$")
    wait_panel(guest, "a low battery",
               lambda red, green, _, above: red > 30 and not green and above > 20)
    set_state(guest, 8, CHARGING, True, batteries=1)
    wait_value(guest, "BAT0/status", "^Charging$")
    wait_panel(guest, "charging", lambda red, green, _, above: not red and green and not above)


def test_panel_shows_plug(guest):
    set_state(guest, 0, UNKNOWN, True, batteries=0)
    wait_value(guest, "BAT0/present", "^0$")
    wait_panel(guest, "a plug", lambda red, green, text, _: not red and not green and 20 < text < 200)


TABLES = [os.path.join(TREE, "tests/acpi/supply.asl")]
CONTROLLER_TABLES = [os.path.join(TREE, "tests/acpi/ec.asl")]


def q35():
    with Guest("q35", options=["-device", "pc-testdev"], files=program_files("acpi") | program_files("sensors"),
               tables=TABLES, loglevel=3) as guest:
        run_tests("supply", guest, [test_absent, test_energy, test_charge, test_states, test_alarm,
                                    test_hostile_amounts, test_debian_acpi, test_zone, test_fan_that_was_on,
                                    test_fans, test_user_cools, test_hot, test_odd_sensor, test_debian_sensors,
                                    test_notifications, test_trip_points_move,
                                    test_low, test_too_hot])


def empty():
    with Guest("pc", options=["-device", "pc-testdev", "-global", "PIIX4_PM.disable_s3=0"],
               tables=TABLES, loglevel=3) as guest:
        run_tests("supply", guest, [test_after_sleep, test_empty])


DATA, COMMAND = PORT, PORT + 1
NOTHING = 0xEE  # in the data port: no address


def set_port(guest, number, value):
    guest.monitor(f"o /b {number:#x} {value:#x}")


def answer(guest, command, value, seconds):
    """Is the controller for one command, with an address if it reads; False: nothing was asked."""
    end = time.monotonic() + seconds
    while port(guest, COMMAND) != command or (command == 0x80 and port(guest, DATA) == NOTHING):
        if time.monotonic() > end:
            return False
    set_port(guest, DATA, value)
    set_port(guest, COMMAND, 0x01)
    # The guest waits for no more than half a second; this may have come too late.
    time.sleep(0.1)
    set_port(guest, COMMAND, 0)
    set_port(guest, DATA, NOTHING)
    return True


def wait_reading(guest, percent):
    """Reads the battery, and answers for the controller, until that worked."""
    for _ in range(20):
        set_port(guest, COMMAND, 0)
        set_port(guest, DATA, NOTHING)
        guest.begin(f"sleep 1.2; cat {CLASS}/BAT0/capacity")
        while answer(guest, 0x80, percent, 3):
            pass
        if guest.finish()[0] == str(percent):
            return
        time.sleep(3)  # it may be taken for silent
    raise Missing(f"the battery is never {percent} % full")


def test_controller_is_served(guest):
    guest.wait_log(r"embedded controller \\_SB_.EC0_ at ports e0 and e1, event 1")
    # Only with its regions connected the battery says that it is there.
    guest.wait_for(f"ls {CLASS}", "^BAT0$")


def test_controller_answers(guest):
    wait_reading(guest, 0x25)
    wait_reading(guest, 0x2A)


def test_controller_has_events(guest):
    """The interrupt, the question what happened, and firmware's method for it."""
    count = "cat /scheme/acpi/namespace/_SB_/EC0_/ASKD"
    before = guest.run(count)
    for attempt in range(12):
        set_port(guest, COMMAND, 0x20)
        # Which raises the event; its own method, which would tell of the card, is the controller's now.
        guest.command("device_add", driver="virtio-rng-pci", id=f"card{attempt}", addr=f"{attempt + 8:x}")
        if answer(guest, 0x84, 0x42, 5):
            # The answer may have come too late.
            for _ in range(20):
                if guest.run(count) != before:
                    return
                time.sleep(0.2)
        time.sleep(3)
    raise Missing(f"_Q42 never ran: {guest.run(count)}")


def test_controller_without_answers(guest):
    """Waiting ends, and is not begun again and again; it is logged once."""
    for status in (0x00, 0x02, 0x01, 0xFF, 0x20, 0x21):
        guest.monitor(f"o /b {PORT + 1:#x} {status}")
        # By a method of its own: a battery that takes long is not asked again soon.
        for _ in range(3):
            said = guest.run("exec 3<>/scheme/acpi/call; echo '\\_SB.EC0.READ' >&3; cat <&3")
            expect(said.startswith("Error"), f"a controller of status {status:#x} answered: {said}")
        _, failed = guest.try_run(f"cat {CLASS}/BAT0/capacity")
        expect(failed, f"a battery of a controller of status {status:#x} answered")
    guest.wait_log("embedded controller .* does not answer")
    logged = guest.dmesg().count("_BST: error")
    guest.run(f"for i in 1 2 3 4 5 6 7 8 9; do cat {CLASS}/BAT0/capacity; done 2>/dev/null || true")
    count = guest.dmesg().count("does not answer")
    expect(count == 1, f"its silence was logged {count} times")
    count = guest.dmesg().count("_BST: error")
    expect(1 <= logged == count <= 4, f"errors were logged {logged}, then {count} times")


def panel():
    with Guest("q35", options=["-device", "pc-testdev", "-device", "VGA,vgamem_mb=64"], tables=TABLES,
               desktop=True) as guest:
        run_tests("supply", guest, [test_panel_at_boot, test_panel_shows_battery, test_panel_warns,
                                    test_panel_shows_plug])


def controller():
    with Guest("pc", options=["-device", "pc-testdev"], tables=CONTROLLER_TABLES) as guest:
        run_tests("supply", guest, [test_controller_is_served, test_controller_answers,
                                    test_controller_has_events, test_controller_without_answers])


def make_controller_table(folder, path):
    """What follows the header of an ECDT: two addresses of ports, a number, an event, a path."""
    data = b"".join(struct.pack("<BBBBQ", 1, 8, 0, 1, port) for port in (PORT + 1, PORT))
    file = os.path.join(folder, "ecdt")
    with open(file, "wb") as table:
        table.write(data + struct.pack("<IB", 0, 0x1C) + path)
    return ["-acpitable", f"sig=ECDT,rev=1,data={file}"]


def test_early_controller(guest):
    log = guest.dmesg()
    early = log.find(r"embedded controller \_SB.EC0 at ports e0 and e1")
    expect(0 <= early < log.find("embedded controller \\_SB_.EC0_ at"), "it is not served early")
    guest.wait_for(f"ls {CLASS}", "^BAT0$")


def test_damaged_controller_table(guest):
    guest.wait_log("ECDT is damaged")
    guest.wait_for(f"ls {CLASS}", "^BAT0$")


def early_controller():
    with tempfile.TemporaryDirectory() as folder:
        table = make_controller_table(folder, b"\\_SB.EC0\0")
        with Guest("q35", options=["-device", "pc-testdev", *table],
                   tables=CONTROLLER_TABLES) as guest:
            run_tests("supply", guest, [test_early_controller])
        # Cut off in the addresses.
        with open(os.path.join(folder, "ecdt"), "r+b") as file:
            file.truncate(20)
        with Guest("q35", options=["-device", "pc-testdev", *table],
                   tables=CONTROLLER_TABLES) as guest:
            run_tests("supply", guest, [test_damaged_controller_table])


if __name__ == "__main__":
    session({"q35": q35, "empty": empty, "panel": panel, "controller": controller,
             "early_controller": early_controller})
