# SPDX-License-Identifier: GPL-3.0-or-later
"""What objects see of the driver kit, as the compiler lays it out: exports with their prototypes, structures, numbers.
Two versions of the kit are compared by the promise of docs/ddk.md: what was there stays as it was; structures
that are passed with their size, or that only the kit makes, may grow at their ends."""

import os
import re
import subprocess
import tempfile

from machine import TREE

KIT_OF_BASE = ("types", "errno", "string", "format", "checked", "bits", "list", "ring", "rbtree", "hash")

# What the driver has an object of (in its own memory, in arrays, within others) may not even grow.
MAY_GROW = {
    "driver", "driver_match", "ddk_object_header",
    "ddk_disk_description", "ddk_disk_ops", "ddk_disk_request", "ddk_disk_health",
    "ddk_display_description", "ddk_display_ops",
    "ddk_input_ops", "ddk_serial_ops", "ddk_stream_ops",
    "ddk_net_description", "ddk_net_ops", "ddk_net_frame",
}


class Kit:
    """The kit whose headers are in the folders `ddk` (with ddk/ in it) and `base` (with base/)."""

    def __init__(self, ddk, base):
        self.include = ["-I", ddk, "-I", base]
        self.folder = os.path.join(ddk, "ddk")
        text = open(os.path.join(self.folder, "exports.def")).read()
        found = re.findall(r"^DDK_EXPORT(?:_OWN)?\((\d+), (\d+), (\w+)\)$", text, re.M)
        self.exports = {name: (int(major), int(minor)) for major, minor, name in found}
        self.numbers, self.structures, self.prototypes = {}, {}, {}
        with tempfile.TemporaryDirectory(prefix="cryptos.") as work:
            self.read_macros(work)
            self.read_types(work)

    def write_source(self, work):
        path = os.path.join(work, "all.c")
        headers = sorted(name for name in os.listdir(self.folder) if name.endswith(".h"))
        with open(path, "w") as file:
            for name in KIT_OF_BASE:
                file.write(f"#include <base/{name}.h>\n")
            for name in headers:
                file.write(f"#include <ddk/{name}>\n")
            for name in self.exports:
                file.write(f"__typeof__({name}) *abi_{name};\n")
        return path

    def compile(self, work, *options):
        path = self.write_source(work)
        return subprocess.run(["gcc", "-std=gnu11", "-ffreestanding", "-g", "-gdwarf-4",
                               "-fno-eliminate-unused-debug-types", *self.include, *options, path],
                              check=True, capture_output=True, text=True).stdout

    def declared(self):
        """The functions that the headers declare and do not define."""
        with tempfile.TemporaryDirectory(prefix="cryptos.") as work:
            out = os.path.join(work, "declared")
            self.compile(work, "-fsyntax-only", "-aux-info", out)
            lines = open(out).read()
        return set(re.findall(r"^/\* \S*/(?:ddk|base)/\w+\.h:\S+ \*/ extern .*?\b(\w+) \(", lines, re.M))

    def read_macros(self, work):
        """Those that are numbers, or something made of numbers."""
        for line in self.compile(work, "-E", "-dM").splitlines():
            found = re.match(r"#define ((?:DDK|MATCH|DRIVER|KEY|BUTTON)_\w+) (.*[0-9].*)$", line)
            if found:
                self.numbers[found[1]] = found[2]

    def read_types(self, work):
        out = os.path.join(work, "all.o")
        self.compile(work, "-c", "-o", out)
        said = subprocess.run(["readelf", "-wi", out], check=True, capture_output=True, text=True).stdout
        Entries(said).describe(self)


class Entries:
    """The entries of debug information, by their offsets."""

    def __init__(self, text):
        self.all = {}
        parents = {}
        entry = None
        for line in text.splitlines():
            begin = re.match(r" <(\d+)><([0-9a-f]+)>: Abbrev Number: \d+ \(DW_TAG_(\w+)\)", line)
            field = re.match(r"    <[0-9a-f]+>\s+DW_AT_(\w+)\s*: (.*)$", line)
            if begin:
                depth = int(begin[1])
                entry = {"tag": begin[3], "children": []}
                self.all[int(begin[2], 16)] = entry
                parents[depth] = entry
                if depth > 0:
                    parents[depth - 1]["children"].append(entry)
            elif field and entry is not None:
                entry[field[1]] = field[2].split("): ", 1)[-1].strip() if "indirect" in field[2] else field[2].strip()

    def type_of(self, entry):
        reference = entry.get("type")
        return self.all[int(re.match(r"<0x([0-9a-f]+)>", reference)[1], 16)] if reference else None

    def words(self, entry):
        """A type in words, structures by name alone."""
        if entry is None:
            return "void"
        tag, target = entry["tag"], self.type_of(entry)
        if tag == "base_type":
            return entry["name"]
        if tag == "typedef":
            return self.words(target)
        if tag == "pointer_type":
            return self.words(target) + " *"
        if tag in ("const_type", "volatile_type", "restrict_type"):
            return f"{tag[:-5]} {self.words(target)}"
        if tag == "array_type":
            bounds = [child.get("upper_bound", "?") for child in entry["children"]]
            return f"{self.words(target)}[{']['.join(bounds)}]"
        if tag == "subroutine_type":
            kinds = [self.words(self.type_of(child)) if child["tag"] == "formal_parameter" else "..."
                     for child in entry["children"]]
            return f"{self.words(target)} ({', '.join(kinds)})"
        if "name" in entry:
            return f"{tag[:-5]} {entry['name']}"
        inside = ", ".join(f"{child.get('name')} {self.words(self.type_of(child))} {child.get('data_member_location')}"
                           for child in entry["children"])
        return f"{tag[:-5]} {{{inside}}}"

    def describe(self, kit):
        for entry in self.all.values():
            if entry["tag"] == "enumeration_type":
                for child in entry["children"]:
                    kit.numbers[child["name"]] = child["const_value"].split()[0]
            elif entry["tag"] == "structure_type" and "name" in entry and "byte_size" in entry:
                kit.structures[entry["name"]] = (int(entry["byte_size"]), {
                    child["name"]: (int(child["data_member_location"]), self.words(self.type_of(child)))
                    for child in entry["children"] if child["tag"] == "member" and "name" in child})
            elif entry["tag"] == "variable" and entry.get("name", "").startswith("abi_"):
                kit.prototypes[entry["name"][4:]] = self.words(self.type_of(entry))


def kit_of_tree():
    return Kit(os.path.join(TREE, "ddk/include"), os.path.join(TREE, "lib/base/include"))


def kit_of_version(version):
    folder = os.path.join(TREE, "tests/drivers/ddk-" + version)
    return Kit(folder, folder)


def differences(old, new):
    """What breaks objects that were built with `old`, as lines."""
    found = []
    for name, version in old.exports.items():
        if new.exports.get(name) != version:
            found.append(f"export {name} was there")
        elif new.prototypes[name] != old.prototypes[name]:
            found.append(f"{name} was {old.prototypes[name]}, is {new.prototypes[name]}")
    newest = max(old.exports.values())
    for name, version in new.exports.items():
        if name not in old.exports and version <= newest:
            found.append(f"export {name} is new, and says that it was in {version[0]}.{version[1]}")
    for name, value in old.numbers.items():
        if name != "DDK_VERSION_MINOR" and new.numbers.get(name) != value:
            found.append(f"{name} was {value}, is {new.numbers.get(name)}")
    for name, (size, members) in old.structures.items():
        now = new.structures.get(name)
        if now is None:
            found.append(f"struct {name} was there")
            continue
        if now[0] < size or (now[0] > size and name not in MAY_GROW):
            found.append(f"struct {name} was {size} bytes long, is {now[0]}")
        for member, place in members.items():
            if now[1].get(member) != place:
                found.append(f"struct {name}: {member} was {place}, is {now[1].get(member)}")
        if any(place[0] < size for member, place in now[1].items() if member not in members):
            found.append(f"struct {name} has a member where others were")
    return found
