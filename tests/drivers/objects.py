# SPDX-License-Identifier: GPL-3.0-or-later
"""Driver objects taken apart, changed and damaged: relocatable ELF64 files."""

import random
import struct

SECTION = struct.Struct("<IIQQQQIIQQ")  # name type flags address offset size link info alignment entry_size
SYMBOL = struct.Struct("<IBBHQQ")  # name info other section value size
RELOCATION = struct.Struct("<QQq")  # offset info addend
HEADER = struct.Struct("<QHHHHH")  # of .ddk: magic major minor header_size driver_size match_size
FIELDS = ["name", "type", "flags", "address", "offset", "size", "link", "info", "alignment", "entry_size"]
PROGBITS, SYMTAB, RELA, NOBITS = 1, 2, 4, 8
WRITE, ALLOC, EXECUTE, TLS = 1, 2, 4, 0x400


class Object:
    """A file that can be changed. Sections are numbers; find() looks one up by name."""

    def __init__(self, content):
        self.bytes = bytearray(content)
        self.table, = struct.unpack_from("<Q", self.bytes, 40)
        self.count, self.names = struct.unpack_from("<HH", self.bytes, 60)

    def get(self, section, field):
        return SECTION.unpack_from(self.bytes, self.table + section * SECTION.size)[FIELDS.index(field)]

    def set(self, section, field, value):
        values = list(SECTION.unpack_from(self.bytes, self.table + section * SECTION.size))
        values[FIELDS.index(field)] = value
        SECTION.pack_into(self.bytes, self.table + section * SECTION.size, *values)

    def name(self, section):
        start = self.get(self.names, "offset") + self.get(section, "name")
        return self.bytes[start:self.bytes.index(0, start)].decode()

    def find(self, name):
        return next(number for number in range(self.count) if self.name(number) == name)

    def of_type(self, kind):
        return [number for number in range(self.count) if self.get(number, "type") == kind]

    def rename(self, section, name):
        start = self.get(self.names, "offset") + self.get(section, "name")
        self.bytes[start:start + len(name)] = name.encode()

    def replace(self, old, new):
        """Puts a text in the place of a longer one."""
        place = self.bytes.index(old.encode() + b"\0")
        self.bytes[place:place + len(old)] = new.encode().ljust(len(old), b"\0")

    # --- Symbols and relocations: by index. ---

    def symbol_place(self, index):
        return self.get(self.of_type(SYMTAB)[0], "offset") + index * SYMBOL.size

    def symbols(self):
        table = self.of_type(SYMTAB)[0]
        return [(index, SYMBOL.unpack_from(self.bytes, self.symbol_place(index)))
                for index in range(self.get(table, "size") // SYMBOL.size)]

    def set_symbol(self, index, **fields):
        names = ["name", "info", "other", "section", "value", "size"]
        values = list(SYMBOL.unpack_from(self.bytes, self.symbol_place(index)))
        for name, value in fields.items():
            values[names.index(name)] = value
        SYMBOL.pack_into(self.bytes, self.symbol_place(index), *values)

    def undefined(self):
        """A symbol that the object needs from outside."""
        return next(index for index, symbol in self.symbols() if symbol[3] == 0 and symbol[0])

    def set_relocation(self, section, index, offset=None, kind=None, symbol=None, addend=None):
        place = self.get(section, "offset") + index * RELOCATION.size
        old_offset, info, old_addend = RELOCATION.unpack_from(self.bytes, place)
        kind = info & 0xffffffff if kind is None else kind
        symbol = info >> 32 if symbol is None else symbol
        RELOCATION.pack_into(self.bytes, place, old_offset if offset is None else offset, symbol << 32 | kind,
                             old_addend if addend is None else addend)

    # --- The record ---

    def set_header(self, **fields):
        names = ["magic", "major", "minor", "header_size", "driver_size", "match_size"]
        place = self.get(self.find(".ddk"), "offset")
        values = list(HEADER.unpack_from(self.bytes, place))
        for name, value in fields.items():
            values[names.index(name)] = value
        HEADER.pack_into(self.bytes, place, *values)

    def record_word(self, offset, value):
        """Sets a word of struct driver that is no pointer."""
        struct.pack_into("<Q", self.bytes, self.get(self.find(".drivers"), "offset") + offset, value)

    def record_relocation(self, offset):
        """The section and index of the relocation of a pointer of struct driver."""
        for section in self.of_type(RELA):
            if self.get(section, "info") != self.find(".drivers"):
                continue
            for index in range(self.get(section, "size") // RELOCATION.size):
                place = self.get(section, "offset") + index * RELOCATION.size
                if RELOCATION.unpack_from(self.bytes, place)[0] == offset:
                    return section, index
        raise KeyError(offset)


# --- What can be wrong with one. Each function changes an Object; those with a value return other bytes. ---

def poke(offset, code, value):
    return lambda object: struct.pack_into("<" + code, object.bytes, offset, value)


def section(name, field, value):
    def change(object):
        object.set(object.find(name) if isinstance(name, str) else object.of_type(name)[0], field, value)
    return change


def symbol(**fields):
    return lambda object: object.set_symbol(object.undefined(), **fields)


def relocation(**fields):
    return lambda object: object.set_relocation(object.of_type(RELA)[0], 0, **fields)


def header(**fields):
    return lambda object: object.set_header(**fields)


def drop_relocation(offset):
    """A pointer of the record that is NULL."""
    return lambda object: object.set_relocation(*object.record_relocation(offset), kind=0, symbol=0, addend=0)


def aim_relocation(offset, **fields):
    return lambda object: object.set_relocation(*object.record_relocation(offset), **fields)


def cut(length):
    return lambda object: object.bytes[:length]


def cut_part(part):
    return lambda object: object.bytes[:int(len(object.bytes) * part)]


DAMAGE = {
    "empty": cut(0), "one-byte": cut(1), "header-cut": cut(40), "header-only": cut(64),
    "half": cut_part(0.5), "nearly-all": cut_part(0.98),
    "magic": poke(0, "B", 0x7e), "class-32": poke(4, "B", 1), "big-endian": poke(5, "B", 2),
    "elf-version": poke(6, "B", 9), "program": poke(16, "H", 2), "library": poke(16, "H", 3),
    "core": poke(16, "H", 4), "machine": poke(18, "H", 183),
    "table-far": poke(40, "Q", 1 << 40), "table-wraps": poke(40, "Q", (1 << 64) - 64),
    "entry-size": poke(58, "H", 8), "no-sections": poke(60, "H", 0), "many-sections": poke(60, "H", 0xfff0),
    "no-names": poke(62, "H", 0xfffe),
    "section-far": section(".text", "offset", 1 << 32), "section-long": section(".text", "size", 1 << 40),
    "section-wraps": section(".text", "size", (1 << 64) - 16),
    "alignment": section(".text", "alignment", 3), "alignment-huge": section(".text", "alignment", 1 << 40),
    "write-execute": section(".text", "flags", WRITE | ALLOC | EXECUTE),
    "thread-local": section(".drivers", "flags", WRITE | ALLOC | TLS),
    "type": section(".text", "type", 0x60000001), "constructors": section(".text", "type", 14),
    "symbols-entry": section(SYMTAB, "entry_size", 7), "symbols-link": section(SYMTAB, "link", 0xffff),
    "symbols-odd": section(SYMTAB, "size", 25),
    "relocations-entry": section(RELA, "entry_size", 16), "relocations-link": section(RELA, "link", 0),
    "relocations-target": section(RELA, "info", 0xffff), "relocations-odd": section(RELA, "size", 23),
    "symbol-name": symbol(name=1 << 30), "symbol-common": symbol(section=0xfff2),
    "relocation-far": relocation(offset=1 << 40), "relocation-end": relocation(offset=(1 << 64) - 4),
    "relocation-kind": relocation(kind=99), "relocation-thread": relocation(kind=19),
    "relocation-copy": relocation(kind=5), "relocation-symbol": relocation(symbol=0xffffff),
    "no-record": lambda object: object.rename(object.find(".ddk"), ".dda"),
    "record-magic": header(magic=1), "kit-2": header(major=2), "kit-0": header(major=0),
    "kit-later": header(minor=999), "header-small": header(header_size=8),
    "record-small": header(driver_size=8), "match-small": header(match_size=4),
    "match-zero": header(match_size=0), "no-name": drop_relocation(0),
    "name-outside": aim_relocation(0, addend=1 << 40),
    "no-matches": drop_relocation(24), "many-matches": lambda object: object.record_word(32, 1 << 60),
    "more-matches": lambda object: object.record_word(32, 250), "no-probe": drop_relocation(40),
    "probe-outside": aim_relocation(40, addend=1 << 40),
}


def unknown_function(object):
    """It needs what the kit does not have."""
    index = object.undefined()
    name = SYMBOL.unpack_from(object.bytes, object.symbol_place(index))[0]
    strings = object.get(object.get(object.of_type(SYMTAB)[0], "link"), "offset")
    object.bytes[strings + name] ^= 0x20


DAMAGE["unknown-function"] = unknown_function


def damaged(content):
    """Objects by name, each wrong in its own way."""
    results = {}
    for name, change in DAMAGE.items():
        object = Object(content)
        other = change(object)
        results[name] = bytes(object.bytes if other is None else other)
    return results


def shaken(content, count, seed):
    """Objects with some bytes changed at random: some of them may be in order."""
    results = {}
    source = random.Random(seed)
    for number in range(count):
        changed = bytearray(content)
        for _ in range(source.choice([1, 1, 2, 8, 40])):
            changed[source.randrange(len(changed))] = source.choice([0, 0xff, source.randrange(256)])
        results[f"shaken{number}"] = bytes(changed)
    return results
