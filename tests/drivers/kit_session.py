# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver kit goes on serving the drivers that were built for it: version 1.0's headers are compared with those
of now."""

import copy

import abi
from guest import expect, report, session


def test_keeps_what_1_0_had():
    old, new = abi.kit_of_version("1.0"), abi.kit_of_tree()
    expect(len(old.exports) > 120 and len(old.structures) > 30 and len(old.numbers) > 200, "the kit was not read")
    found = abi.differences(old, new)
    expect(not found, "; ".join(found))


def test_exports_what_it_declares():
    kit = abi.kit_of_tree()
    declared = kit.declared()
    expect(len(declared) > 120, f"only {len(declared)} functions are declared")
    expect(declared == set(kit.exports) - {"ddk_module"}, f"{sorted(declared ^ set(kit.exports))} differ")


def test_notices_changes():
    """What the comparison is for: each of these breaks drivers."""
    old = abi.kit_of_version("1.0")

    def change(what):
        new = copy.deepcopy(old)
        what(new)
        return abi.differences(old, new)

    def member(kit, name, field, place):
        kit.structures[name][1][field] = place

    def grow(kit, name):
        kit.structures[name] = (kit.structures[name][0] + 8, kit.structures[name][1])

    breaks = {
        "an export that is gone": lambda kit: kit.exports.pop("ddk_log"),
        "an export of another version": lambda kit: kit.exports.update(ddk_log=(1, 1)),
        "a new export of the old version": lambda kit: kit.exports.update(ddk_new=(1, 0)),
        "another prototype": lambda kit: kit.prototypes.update(ddk_time="unsigned int () *"),
        "another number": lambda kit: kit.numbers.update(DDK_DISK_WRITE="2"),
        "a structure that is gone": lambda kit: kit.structures.pop("ddk_dma"),
        "a driver's structure that grew": lambda kit: grow(kit, "ddk_lock"),
        "a member at another place": lambda kit: member(kit, "driver", "probe", (48, "int (structure device *) *")),
        "a new member in a gap": lambda kit: member(kit, "ddk_disk_description", "new", (12, "unsigned int")),
    }
    for name, what in breaks.items():
        expect(change(what), f"it does not notice {name}")

    def extend(kit):
        grow(kit, "driver")
        member(kit, "driver", "new", (kit.structures["driver"][0] - 8, "int"))
        kit.exports["ddk_new"] = (1, 1)
        kit.numbers["DDK_NEW"] = "1"

    expect(not change(extend), "it does not allow what may be")


def host():
    report("kit.keeps_what_1_0_had", test_keeps_what_1_0_had)
    report("kit.exports_what_it_declares", test_exports_what_it_declares)
    report("kit.notices_changes", test_notices_changes)


session({"host": host})
