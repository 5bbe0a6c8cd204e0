# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are wrong.

damage.py gpt FILE SECTOR SIZE START LENGTH
	a good one: a GPT in sectors of SECTOR bytes with one partition; sizes in bytes
damage.py all FOLDER
	damaged ones, and prints a line for each: its file's name, and what there must be of it:
	"part" (a partition that mounts and whose file /good is right), "none" (no partition), "any"
"""

import os
import struct
import subprocess
import sys
import uuid
import zlib

MIB = 1048576
START = MIB  # of the partition
LENGTHS = {16: 8 * MIB, 32: 40 * MIB}  # of it; a FAT32 needs 65525 clusters
LENGTH = LENGTHS[16]
SIZE = LENGTH + 4 * MIB
DATA = uuid.UUID("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7").bytes_le
GOOD = b"good contents\n" * 1000


# --- GPT -----------------------------------------------------------------------------------------

def gpt_entry(first, last, kind=DATA, name="data"):
    return struct.pack("<16s16sQQQ72s", kind, uuid.uuid4().bytes_le, first, last, 0,
                       name.encode("utf-16-le"))


class Gpt:
    """Fields of the header that a test may change before it is written."""

    def __init__(self, size, sector, entries):
        self.sector, self.sectors = sector, size // sector
        self.entries = b"".join(entries).ljust(128 * 128, b"\0")
        self.table_sectors = -(-len(self.entries) // sector)
        self.count, self.entry_size = 128, 128
        self.first, self.last = 2 + self.table_sectors, self.sectors - 2 - self.table_sectors
        self.signature, self.header_size, self.revision = b"EFI PART", 92, 0x10000
        self.wrong_header_crc = self.wrong_table_crc = ()  # "primary", "backup"
        self.own = None
        self.table = None

    def header(self, which):
        here, there = (1, self.sectors - 1) if which == "primary" else (self.sectors - 1, 1)
        table = 2 if which == "primary" else self.sectors - 1 - self.table_sectors
        crc = zlib.crc32(self.entries)
        if which in self.wrong_table_crc:
            crc ^= 1

        def pack(header_crc):
            return struct.pack("<8sIIIIQQQQ16sQIII", self.signature, self.revision,
                               self.header_size, header_crc, 0,
                               here if self.own is None else self.own, there, self.first,
                               self.last, b"D" * 16, table if self.table is None else self.table,
                               self.count, self.entry_size, crc)

        checked = pack(0).ljust(max(92, min(self.header_size, self.sector)), b"\0")
        return pack(zlib.crc32(checked[:self.header_size]) ^ (which in self.wrong_header_crc))

    def write(self, file, backup=True):
        mbr = bytearray(512)
        mbr[446:462] = struct.pack("<BBBBBBBBII", 0, 0, 2, 0, 0xee, 255, 255, 255, 1,
                                   min(self.sectors - 1, 0xffffffff))
        mbr[510:] = b"\x55\xaa"
        put(file, 0, mbr)
        put(file, self.sector, self.header("primary"))
        put(file, 2 * self.sector, self.entries)
        if backup:
            put(file, (self.sectors - 1) * self.sector, self.header("backup"))
            put(file, (self.sectors - 1 - self.table_sectors) * self.sector, self.entries)


def put(path, offset, data):
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def get(path, offset, length):
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(length)


def usual_entry(length=LENGTH):
    return gpt_entry(START // 512, (START + length) // 512 - 1)


def good_gpt(length=LENGTH):
    return Gpt(length + 4 * MIB, 512, [usual_entry(length)])


# Name, what there must be, and what is done to a good table before it is written.
def gpt_cases():
    def case(**changes):
        table = good_gpt()
        for name, value in changes.items():
            setattr(table, name, value)
        return table

    def entries(*list_of_entries):
        return b"".join(list_of_entries).ljust(128 * 128, b"\0")

    both = ("primary", "backup")
    last = SIZE // 512 - 34
    return [
        ("gpt_good", "part", case()),
        ("gpt_primary_header", "part", case(wrong_header_crc=("primary",))),
        ("gpt_primary_table", "part", case(wrong_table_crc=("primary",))),
        ("gpt_backup_header", "part", case(wrong_header_crc=("backup",))),
        ("gpt_both", "none", case(wrong_header_crc=both)),
        ("gpt_both_tables", "none", case(wrong_table_crc=both)),
        ("gpt_own_place", "none", case(own=7)),
        ("gpt_count_huge", "none", case(count=0xffffffff)),
        ("gpt_count_zero", "none", case(count=0)),
        ("gpt_entry_size_zero", "none", case(entry_size=0)),
        ("gpt_entry_size_huge", "none", case(entry_size=0xffffff80)),
        ("gpt_entry_size_odd", "none", case(entry_size=100)),
        ("gpt_header_size_huge", "none", case(header_size=0xffffffff)),
        ("gpt_header_size_small", "none", case(header_size=20)),
        ("gpt_table_far", "none", case(table=0xfffffffffffffff0)),
        ("gpt_table_here", "none", case(table=1)),
        ("gpt_past_end", "none", case(entries=entries(gpt_entry(2048, 1 << 40)))),
        ("gpt_backwards", "none", case(entries=entries(gpt_entry(4096, 2048)))),
        ("gpt_wraps", "none", case(entries=entries(gpt_entry(0xffffffffffffff00, 0x100)))),
        ("gpt_on_table", "any", case(entries=entries(gpt_entry(0, last)))),
        ("gpt_overlap", "any", case(entries=entries(usual_entry(), gpt_entry(4096, 8191)))),
        ("gpt_name", "part", case(entries=entries(gpt_entry(
            START // 512, (START + LENGTH) // 512 - 1, name="\x01\n\ud7ff\ufffe/.."[:6])))),
        ("gpt_usable", "any", case(first=5000, last=20)),
    ]


# --- MBR -----------------------------------------------------------------------------------------

def mbr(*partitions):
    table = bytearray(512)
    for i, (kind, start, size) in enumerate(partitions):
        table[446 + 16 * i:462 + 16 * i] = struct.pack("<BBBBBBBBII", 0, 1, 1, 1, kind, 1, 1, 1,
                                                       start & 0xffffffff, size & 0xffffffff)
    table[510:] = b"\x55\xaa"
    return table


def mbr_cases():
    usual = (6, START // 512, LENGTH // 512)
    extended = 20000
    return [
        ("mbr_good", "part", {0: mbr(usual)}),
        ("mbr_zero_size", "part", {0: mbr(usual, (6, 20000, 0))}),
        ("mbr_past_end", "any", {0: mbr((6, 2048, 0xffffffff))}),
        ("mbr_far", "none", {0: mbr((6, 0xfffffff0, 0x100))}),
        ("mbr_start_zero", "any", {0: mbr((6, 0, 0xffffffff))}),
        ("mbr_overlap", "any", {0: mbr(usual, (6, 3000, 9000), (6, 2048, 16384))}),
        ("mbr_loop", "part", {0: mbr(usual, (5, extended, 2000)),
                              extended: mbr((6, 16, 16), (5, 0, 100))}),
        ("mbr_loop_of_two", "part", {0: mbr(usual, (5, extended, 2000)),
                                     extended: mbr((6, 16, 16), (5, 100, 100)),
                                     extended + 100: mbr((6, 16, 16), (5, 0, 100))}),
        ("mbr_extended_far", "part", {0: mbr(usual, (5, 0xfffffff0, 0xfffffff0))}),
        ("mbr_extended_wraps", "part", {0: mbr(usual, (5, extended, 2000)),
                                        extended: mbr((6, 0xffffffff, 0xffffffff),
                                                      (5, 0xfffffffe, 0xffffffff))}),
        ("mbr_extended_twice", "part", {0: mbr(usual, (5, extended, 2000), (15, extended, 2000))}),
        ("mbr_chain_long", "part", dict(
            [(0, mbr(usual, (5, extended, 4000)))] +
            [(extended + 2 * i, mbr((6, 1, 1), (5, 2 * i + 2, 2))) for i in range(1000)])),
        ("mbr_noise", "any", {0: os.urandom(510) + b"\x55\xaa"}),
        ("mbr_protective_only", "none", {0: mbr((0xee, 1, 0xffffffff))}),
    ]


# --- FAT -----------------------------------------------------------------------------------------

class Fat:
    """The partition's FAT16 in an image, and places in it. Fields are changed where they lie."""

    def __init__(self, path, kind):
        self.path, self.kind = path, kind
        boot = get(path, START, 512)
        self.cluster_size = boot[13] * 512
        reserved, = struct.unpack_from("<H", boot, 14)
        root_entries, = struct.unpack_from("<H", boot, 17)
        size, = struct.unpack_from("<H", boot, 22)
        if kind == 32:
            size, = struct.unpack_from("<I", boot, 36)
        self.fats = [START + reserved * 512 + i * size * 512 for i in range(boot[16])]
        self.root = START + (reserved + boot[16] * size) * 512
        self.data = self.root + root_entries * 32
        self.clusters = (LENGTHS[kind] - (self.data - START)) // self.cluster_size

    def boot(self, offset, form, value):
        put(self.path, START + offset, struct.pack("<" + form, value))

    def link(self, cluster, value):
        width, form = (4, "<I") if self.kind == 32 else (2, "<H")
        for fat in self.fats:
            put(self.path, fat + cluster * width, struct.pack(form, value))

    def place_of(self, cluster):
        return self.data + (cluster - 2) * self.cluster_size

    def entry(self, name, folder=None):
        """Where the short entry lies, in the root or in the folder's first cluster."""
        place = self.root if folder is None else self.place_of(folder)
        for offset in range(place, place + 4096, 32):
            if get(self.path, offset, 11) == name:
                return offset
        raise KeyError(name)

    def cluster(self, name):
        return struct.unpack("<H", get(self.path, self.entry(name) + 26, 2))[0]

    def change_entry(self, name, offset, form, value, folder=None):
        put(self.path, self.entry(name, folder) + offset, struct.pack("<" + form, value))


FILE, FOLDER, INNER = b"FILE    BIN", b"FOLDER     ", b"INNER   TXT"


def folder_in_itself(fat):
    folder = fat.cluster(FOLDER)
    put(fat.path, fat.entry(INNER, folder),
        struct.pack("<11sB14xHI", b"ITSELF     ", 0x10, folder, 0))


def folder_is_root(fat):
    folder = fat.cluster(FOLDER)
    put(fat.path, fat.entry(INNER, folder), struct.pack("<11sB14xHI", b"ROOT       ", 0x10, 0, 0))


def long_names(fat):
    pieces = b""
    for i, (order, checksum) in enumerate([(0x43, 1), (0x02, 2), (0x7f, 3), (0x00 | 0x40, 4),
                                           (0x41, 5), (0x3f, 6)] * 8):
        pieces += struct.pack("<B10sBBB12sH4s", order or 1, b"/\0.\0.\0/\0\0\0", 0x0f, i & 1,
                              checksum, b"a\0" * 6, 7, b"\xff\xff\0\0")
    put(fat.path, fat.place_of(fat.cluster(FOLDER)) + 64, pieces)


def short_names(fat):
    names = [b"../../../..", b"A/B     C/D", b"\0\0\0\0\0\0\0\0\0\0\0", b"\x05\xff\xfe\x01\x02   ...",
             b".          ", b"..         ", b"           ", b"\n\n\n\n\n\n\n\n\n\n\n"]
    data = b"".join(struct.pack("<11sB14xHI", name, 0x20, 0, 100) for name in names)
    put(fat.path, fat.place_of(fat.cluster(FOLDER)) + 64, data)


def noise(fat, place, length):
    put(fat.path, place, os.urandom(length))


def fat_cases():
    return [
        ("good", "part", lambda f: None),
        ("file_loop", "any", lambda f: f.link(f.cluster(FILE) + 3, f.cluster(FILE))),
        ("file_loop_to_self", "any", lambda f: f.link(f.cluster(FILE), f.cluster(FILE))),
        ("folder_loop", "any", lambda f: f.link(f.cluster(FOLDER), f.cluster(FOLDER))),
        ("folder_in_itself", "any", folder_in_itself),
        ("folder_is_root", "any", folder_is_root),
        ("file_too_long", "any", lambda f: f.change_entry(FILE, 28, "I", 0xffffffff)),
        ("file_longer", "any", lambda f: f.change_entry(FILE, 28, "I", 5000000)),
        ("file_cluster_far", "any", lambda f: f.change_entry(FILE, 26, "H", 0xfff0)),
        ("file_cluster_one", "any", lambda f: f.change_entry(FILE, 26, "H", 1)),
        ("file_cluster_none", "any", lambda f: f.change_entry(FILE, 26, "H", 0)),
        ("chain_far", "any", lambda f: f.link(f.cluster(FILE) + 1, 0xffe0)),
        ("chain_free", "any", lambda f: f.link(f.cluster(FILE) + 1, 0)),
        ("chain_bad", "any", lambda f: f.link(f.cluster(FILE) + 1, 0xfff7)),
        ("chain_crossed", "any", lambda f: f.link(f.cluster(FILE) + 1, f.cluster(FOLDER))),
        ("folder_size", "any", lambda f: f.change_entry(FOLDER, 28, "I", 12345)),
        ("folder_as_file", "any", lambda f: f.change_entry(FOLDER, 11, "B", 0x20)),
        ("file_as_folder", "any", lambda f: f.change_entry(FILE, 11, "B", 0x10)),
        ("attributes", "any", lambda f: f.change_entry(FILE, 11, "B", 0xff)),
        ("times", "part", lambda f: f.change_entry(FILE, 13, "Q", 0xffffffffffffffff)),
        ("long_names", "part", long_names),
        ("short_names", "any", short_names),
        ("sector_zero", "no", lambda f: f.boot(11, "H", 0)),
        ("sector_three", "no", lambda f: f.boot(11, "H", 3)),
        ("sector_huge", "no", lambda f: f.boot(11, "H", 32768)),
        ("cluster_zero", "no", lambda f: f.boot(13, "B", 0)),
        ("cluster_three", "no", lambda f: f.boot(13, "B", 3)),
        ("reserved_zero", "no", lambda f: f.boot(14, "H", 0)),
        ("reserved_huge", "any", lambda f: f.boot(14, "H", 0xffff)),
        ("no_fats", "no", lambda f: f.boot(16, "B", 0)),
        ("fats_255", "any", lambda f: f.boot(16, "B", 255)),
        ("root_huge", "any", lambda f: f.boot(17, "H", 0xfff0)),
        ("root_zero", "any", lambda f: f.boot(17, "H", 0)),
        ("size_larger", "any", lambda f: (f.boot(19, "H", 0), f.boot(32, "I", 0x7fffffff))),
        ("size_max", "any", lambda f: (f.boot(19, "H", 0), f.boot(32, "I", 0xffffffff))),
        ("size_zero", "any", lambda f: (f.boot(19, "H", 0), f.boot(32, "I", 0))),
        ("size_small", "any", lambda f: (f.boot(19, "H", 3), f.boot(32, "I", 0))),
        ("fat_zero", "any", lambda f: f.boot(22, "H", 0)),
        ("fat_small", "any", lambda f: f.boot(22, "H", 1)),
        ("fat_huge", "any", lambda f: f.boot(22, "H", 0xffff)),
        ("fat_noise", "any", lambda f: [noise(f, fat, 8192) for fat in f.fats]),
        ("root_noise", "any", lambda f: noise(f, f.root, 8192)),
        ("all_noise", "any", lambda f: noise(f, START + 512, 200000)),
        ("boot_noise", "any", lambda f: noise(f, START + 11, 40)),
        ("no_signature", "any", lambda f: f.boot(510, "H", 0)),
    ]


def fat32_cases():
    return [
        ("good", "part", lambda f: None),
        ("root_one", "any", lambda f: f.boot(44, "I", 1)),
        ("root_far", "any", lambda f: f.boot(44, "I", 0x0fffffff)),
        ("root_loop", "any", lambda f: f.link(2, 2)),
        ("root_free", "any", lambda f: f.link(2, 0)),
        ("info_noise", "part", lambda f: noise(f, START + 512 + 484, 24)),
        ("info_far", "part", lambda f: f.boot(48, "H", 0xfffe)),
        ("fat_zero", "any", lambda f: f.boot(36, "I", 0)),
        ("fat_huge", "any", lambda f: f.boot(36, "I", 0xffffffff)),
        ("version", "any", lambda f: f.boot(42, "H", 0x7777)),
        ("flags", "any", lambda f: f.boot(40, "H", 0x8f)),
        ("high_bits", "any", lambda f: f.link(2, 0xffffffff)),
    ]


# --- all -----------------------------------------------------------------------------------------

def run(*command, data=None):
    subprocess.run(command, input=data, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_fat(folder, kind):
    """The bytes of a partition with a good FAT."""
    path = os.path.join(folder, f"fat{kind}")
    with open(path, "wb") as file:
        file.truncate(LENGTHS[kind])
    run("mkfs.fat", "-F", str(kind), "-s", "1", path)
    run("mcopy", "-i", path, "-", "::good", data=GOOD)
    run("mcopy", "-i", path, "-", "::file.bin", data=os.urandom(20000))
    run("mmd", "-i", path, "::folder")
    run("mcopy", "-i", path, "-", "::folder/inner.txt", data=b"inner")
    with open(path, "rb") as file:
        contents = file.read().rstrip(b"\0")
    os.unlink(path)
    return contents


def make_all(folder):
    partitions = {16: make_fat(folder, 16), 32: make_fat(folder, 32)}

    def make(name, wanted, kind=16):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.truncate(LENGTHS[kind] + 4 * MIB)
        put(path, START, partitions[kind])
        print(name, wanted)
        return path

    for name, wanted, table in gpt_cases():
        table.write(make(name, wanted))
    good_gpt().write(make("gpt_no_backup", "part"), backup=False)
    for name, wanted, sectors in mbr_cases():
        path = make(name, wanted)
        for sector, data in sectors.items():
            put(path, sector * 512, data)
    for kind, cases in ((16, fat_cases()), (32, fat32_cases())):
        for name, wanted, change in cases:
            path = make(f"fat{kind}_{name}", wanted, kind)
            good_gpt(LENGTHS[kind]).write(path)
            change(Fat(path, kind))


def main():
    if sys.argv[1] == "gpt":
        path, numbers = sys.argv[2], [int(word) for word in sys.argv[3:]]
        sector, size, start, length = numbers
        with open(path, "wb") as file:
            file.truncate(size)
        Gpt(size, sector, [gpt_entry(start // sector, (start + length) // sector - 1)]).write(path)
    else:
        make_all(sys.argv[2])


main()
