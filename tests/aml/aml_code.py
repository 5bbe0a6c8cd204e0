# SPDX-License-Identifier: GPL-3.0-or-later
"""An assembler of ACPI's byte code (ACPI 6.5, chapter 20): functions that give the bytes of a term.

It checks nothing, so that programs can be made that iasl refuses.
"""

import struct

ZERO, ONE, ONES = b"\x00", b"\x01", b"\xff"
NULL_TARGET = b"\x00"
DEBUG = b"\x5b\x31"
LOCALS = [bytes([0x60 + number]) for number in range(8)]
ARGUMENTS = [bytes([0x68 + number]) for number in range(7)]

BINARY = {"Add": 0x72, "Subtract": 0x74, "Multiply": 0x77, "ShiftLeft": 0x79, "ShiftRight": 0x7a, "And": 0x7b,
          "NAnd": 0x7c, "Or": 0x7d, "NOr": 0x7e, "XOr": 0x7f, "Mod": 0x85, "Concatenate": 0x73,
          "ConcatenateResTemplate": 0x84, "Index": 0x88, "ToString": 0x9c}
UNARY = {"Not": b"\x80", "FindSetLeftBit": b"\x81", "FindSetRightBit": b"\x82", "FromBCD": b"\x5b\x28",
         "ToBCD": b"\x5b\x29", "ToBuffer": b"\x96", "ToDecimalString": b"\x97", "ToHexString": b"\x98",
         "ToInteger": b"\x99"}
LOGIC = {"LAnd": b"\x90", "LOr": b"\x91", "LEqual": b"\x93", "LGreater": b"\x94", "LLess": b"\x95",
         "LNotEqual": b"\x92\x93", "LLessEqual": b"\x92\x94", "LGreaterEqual": b"\x92\x95"}


def package_length(length):
    """A PkgLength that counts itself."""
    if length + 1 < 0x40:
        return bytes([length + 1])
    for more in (1, 2, 3):
        total = length + 1 + more
        if total < 1 << (4 + 8 * more):
            return bytes([more << 6 | total & 0xf]) + (total >> 4).to_bytes(more, "little")
    raise ValueError("too long")


def enclosed(opcode, contents):
    return opcode + package_length(len(contents)) + contents


def segment(name):
    return name.ljust(4, "_").encode()


def integer(value):
    if value in (0, 1):
        return bytes([value])
    for prefix, width in ((0x0a, 1), (0x0b, 2), (0x0c, 4), (0x0e, 8)):
        if value < 1 << 8 * width:
            return bytes([prefix]) + value.to_bytes(width, "little")
    raise ValueError("too wide")


def string(text):
    return b"\x0d" + text.encode("latin-1") + b"\0"


def buffer(data, size=None):
    return enclosed(b"\x11", integer(len(data) if size is None else size) + data)


def package(elements, count=None):
    return enclosed(b"\x12", bytes([len(elements) if count is None else count]) + b"".join(elements))


def name(path, value):
    return b"\x08" + path + value


def method(path, arguments, body, serialized=False):
    return enclosed(b"\x14", path + bytes([arguments | serialized << 3]) + body)


def binary(operator, first, second, target=NULL_TARGET):
    return bytes([BINARY[operator]]) + first + second + target


def unary(operator, value, target=NULL_TARGET):
    return UNARY[operator] + value + target


def divide(first, second, remainder=NULL_TARGET, quotient=NULL_TARGET):
    return b"\x78" + first + second + remainder + quotient


def logic(operator, first, second):
    return LOGIC[operator] + first + second


def logical_not(value):
    return b"\x92" + value


def mid(value, index, length, target=NULL_TARGET):
    return b"\x9e" + value + index + length + target


def match(searched, operator1, operand1, operator2, operand2, start):
    return b"\x89" + searched + bytes([operator1]) + operand1 + bytes([operator2]) + operand2 + start


def store(value, target):
    return b"\x70" + value + target


def copy_object(value, target):
    return b"\x9d" + value + target


def increment(target):
    return b"\x75" + target


def decrement(target):
    return b"\x76" + target


def ref_of(value):
    return b"\x71" + value


def deref_of(value):
    return b"\x83" + value


def cond_ref_of(value, target=NULL_TARGET):
    return b"\x5b\x12" + value + target


def size_of(value):
    return b"\x87" + value


def object_type(value):
    return b"\x8e" + value


def if_else(condition, then, otherwise=None):
    code = enclosed(b"\xa0", condition + then)
    return code if otherwise is None else code + enclosed(b"\xa1", otherwise)


def while_loop(condition, body):
    return enclosed(b"\xa2", condition + body)


def return_value(value):
    return b"\xa4" + value


def create_field(kind, source, index, path, length=None):
    """`kind`: Bit, Byte, Word, DWord, QWord, or Field, which takes a length in bits too."""
    if kind == "Field":
        return b"\x5b\x13" + source + index + length + path
    return bytes([{"Bit": 0x8d, "Byte": 0x8c, "Word": 0x8b, "DWord": 0x8a, "QWord": 0x8f}[kind]]) + source + index + path


def region(path, space, offset, length):
    return b"\x5b\x80" + path + bytes([space]) + offset + length


def field_length(bits):
    """As PkgLength, but does not count itself."""
    if bits < 0x40:
        return bytes([bits])
    return bytes([0x80 | bits & 0xf]) + (bits >> 4).to_bytes(2, "little")


def field(region_path, flags, units):
    """`units`: [(name or None for what is left out, bits)...]"""
    listed = b"".join((segment(unit) if unit else b"\0") + field_length(bits) for unit, bits in units)
    return enclosed(b"\x5b\x81", region_path + bytes([flags]) + listed)


def table(signature, revision, code, table_id="GENERATE"):
    """With header and checksum."""
    header = struct.pack("<4sIBB6s8sI4sI", signature.encode(), 36 + len(code), revision, 0, b"CRYPT",
                         table_id.encode(), 1, b"CRYP", 1)
    data = bytearray(header + code)
    data[9] = -sum(data) & 0xff
    return bytes(data)
