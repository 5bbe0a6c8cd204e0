# SPDX-License-Identifier: GPL-3.0-or-later
"""Random programs: methods that compute with values of all kinds, and return what their variables hold."""

import random

import aml_code as aml

STRINGS = ["", "0", "7", "12", "1F", "0x1F", "abc", "DEADBEEF", "xyz", " 12", "12 34", "-5", "0012", "0x", "FFFFFFFF",
           "123456789ABCDEF0", "123456789abcdef01", "99999999999999999999", "a longer text, with a comma", "\x01\x7f\"\\",
           "4294967296", "0xG", "1F ", "\t3"]
INTEGERS = [0, 1, 2, 3, 5, 7, 8, 15, 16, 31, 32, 33, 63, 64, 65, 100, 127, 128, 255, 256, 0x1234, 0x7fff, 0xffff, 0x10000,
            0x12345678, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x123456789abcdef0, 0x7fffffffffffffff,
            0x8000000000000000, 0xfffffffffffffffe, 0xffffffffffffffff, 0x99, 0x1234567890]
# Objects of the table itself, whose types are told by ObjectType and named by Concatenate.
OBJECTS = ["DEV0", "EVT0", "MTX0", "REGN", "MTHD", "PWR0", "THRM"]
FIELDS = [("FLA0", 3), (None, 2), ("FLA1", 8), ("FLA2", 16), ("FLA3", 27), ("FLA4", 64), (None, 5), ("FLA5", 70),
          ("FLA6", 1), ("FLA7", 32)]


def prologue():
    """What all methods of a table share. (MTHD gives 7, WRIT stores to what its argument refers to.)"""
    code = (b"\x5b\x82\x05DEV0" + b"\x5b\x02EVT0" + b"\x5b\x01MTX0\x00" + b"\x5b\x84\x08PWR0\x00\x00\x00"
            + b"\x5b\x85\x05THRM")
    code += aml.method(b"MTHD", 0, aml.return_value(aml.integer(7)))
    code += aml.method(b"WRIT", 2, aml.store(aml.ARGUMENTS[1], aml.ARGUMENTS[0]) + aml.return_value(aml.ARGUMENTS[1]))
    code += aml.method(b"PLUS", 2, aml.return_value(aml.binary("Add", *aml.ARGUMENTS[:2])))
    for number, access in enumerate((1, 2, 3, 4, 0x21, 0x43)):
        path = f"REG{number}" if number else "REGN"
        code += aml.region(path.encode(), 0, aml.integer(0x10000 + 0x100 * number), aml.integer(64))
        code += aml.field(path.encode(), access, [(f"F{number}" + unit[2:] if unit else None, bits)
                                                 for unit, bits in FIELDS])
    return code


class Program:
    """One method. Locals 0 to 3 and 7 and the names hold values, local 4 counts loops, local 6 is the result."""

    def __init__(self, seed, is_small):
        self.random = random.Random(seed)
        self.is_small = is_small
        self.created = 0
        self.fields = []
        self.loops = 0

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def pick(self, *choices):
        return self.random.choice(choices)

    # --- Values ---

    def integer(self):
        if self.chance(25):
            return aml.integer(self.random.getrandbits(self.pick(4, 8, 16, 32, 64)))
        value = self.random.choice(INTEGERS)
        return aml.ONES if value == 0xffffffffffffffff and self.chance(50) else aml.integer(value)

    def buffer(self):
        data = bytes(self.random.getrandbits(8) for _ in range(self.pick(1, 1, 2, 3, 4, 5, 7, 8, 9, 12, 17)))
        if self.chance(4):
            data = b""
        if self.chance(15):
            data = bytes(self.random.choice(b"abcXYZ019 \0") for _ in data)
        size = len(data) + self.pick(0, 0, 0, 0, 1, 3)
        return aml.buffer(data, size)

    def constant(self):
        return self.pick(self.integer, self.integer, self.string, self.buffer)()

    def string(self):
        return aml.string(self.random.choice(STRINGS))

    def package(self, depth=0):
        elements = [self.package(depth + 1) if depth < 2 and self.chance(4) else self.constant()
                    for _ in range(self.pick(5, 6, 7) if self.chance(80) else self.random.randrange(5))]
        return aml.package(elements, len(elements) + (1 if self.chance(8) else 0))

    # --- Variables ---

    def variable(self):
        choices = [*aml.LOCALS[:4], b"NUM0", b"STR0", b"BUF0"]
        if self.chance(25):
            choices = [f"F{self.random.randrange(6)}{self.random.choice([u for u, _ in FIELDS if u])[2:]}".encode()]
        elif self.fields and self.chance(40):
            choices = self.fields
        return self.random.choice(choices)

    def small(self):
        return aml.integer(self.random.randrange(5)) if self.chance(97) else self.expression(2)

    def element(self):
        """A reference to a part. (Most are there.)"""
        parts = self.random.choices([b"PKG0", b"BUF0", b"STR0", *aml.LOCALS[:4]], [10, 10, 5, 1, 1, 1, 1])[0]
        return aml.binary("Index", parts, self.small())

    def place(self):
        """The same, to store there. (Not in strings: acpiexec takes a zero in them for their end, but not always.)"""
        return aml.binary("Index", self.pick(b"PKG0", b"BUF0"), aml.integer(self.random.randrange(6)))

    def plain(self):
        """A variable that may be written within an expression, and that others of its operands do not read: acpiexec
        reads some of them early and others late."""
        return aml.LOCALS[7]

    def target(self):
        if self.chance(55):
            return aml.NULL_TARGET
        return aml.binary("Index", b"PKG0", aml.integer(self.random.randrange(6))) if self.chance(15) else self.plain()

    # --- Expressions ---

    def expression(self, depth):
        if depth <= 0 or self.chance(12):
            return self.variable() if self.chance(60) else self.constant()
        kinds = [(30, self.binary), (12, self.unary), (10, self.logic), (10, self.concatenate), (5, self.mid),
                 (5, self.match), (8, self.dereference), (4, self.size), (4, self.type), (4, self.step), (4, self.call),
                 (3, self.divide), (4, self.assign), (2, self.exists), (3, self.to_string)]
        return self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0](depth - 1)

    def binary(self, depth):
        operator = self.pick("Add", "Subtract", "Multiply", "ShiftLeft", "ShiftRight", "And", "NAnd", "Or", "NOr", "XOr")
        if self.chance(6):
            return aml.binary("Mod", self.expression(depth), aml.integer(self.random.getrandbits(9) + 1), self.target())
        return aml.binary(operator, self.expression(depth), self.expression(depth), self.target())

    def divide(self, depth):
        divisor = aml.integer(self.random.getrandbits(12) + 1) if self.chance(80) else self.expression(depth)
        return aml.divide(self.expression(depth), divisor, self.target(), self.target())

    def unary(self, depth):
        operator = self.random.choice(list(aml.UNARY))
        if operator.endswith("BCD") and self.chance(85):
            # Digits, or few enough.
            value = aml.integer(int(str(self.random.getrandbits(self.pick(8, 16, 31))), 16) & 0xffffffff)
            return aml.unary("FromBCD", value, self.target())
        return self.explicit(aml.unary, operator, depth)

    def explicit(self, make, operator, depth, *more):
        """What is of the wanted type already, acpiexec does not copy into its target: that is seen only where both
        are names."""
        target = self.target()
        value = self.constant() if target[:1].isalpha() else self.expression(depth)
        return make(operator, value, *more, target)

    def to_string(self, depth):
        length = aml.ONES if self.chance(50) else aml.integer(self.random.randrange(20))
        return self.explicit(aml.binary, "ToString", depth, length)

    def logic(self, depth):
        if self.chance(15):
            return aml.logical_not(self.expression(depth))
        return aml.logic(self.random.choice(list(aml.LOGIC)), self.expression(depth), self.expression(depth))

    def concatenate(self, depth):
        if self.chance(12):
            other = self.random.choice(OBJECTS[:6]).encode() if self.chance(70) else b"PKG0"
            pair = [self.expression(depth), other]
            if self.chance(30):
                pair.reverse()
            return aml.binary("Concatenate", *pair, self.target())
        if self.chance(6):
            return aml.binary("ConcatenateResTemplate", self.resources(), self.resources(), self.target())
        return aml.binary("Concatenate", self.expression(depth), self.expression(depth), self.target())

    def resources(self):
        if self.chance(8):
            return self.expression(1)
        data = b"".join(self.random.choice((b"\x22\x02\x00", b"\x47\x01\x60\x00\x60\x00\x01\x01", b"\x86\x09\x00" + bytes(9)))
                        for _ in range(self.random.randrange(3)))
        return aml.buffer(data + b"\x79\x00")

    def mid(self, depth):
        # (Lengths near 2^64 crash acpiexec.)
        return aml.mid(self.expression(depth), self.small(), aml.integer(self.random.randrange(12)), self.target())

    def match(self, depth):
        searched = b"PKG0" if self.chance(60) else self.package()
        operand = self.integer if self.chance(60) else self.constant
        return aml.match(searched, self.random.randrange(6), operand(), self.random.randrange(6), operand(),
                         aml.integer(self.random.randrange(3)) if self.chance(90) else self.expression(depth))

    def dereference(self, depth):
        if self.chance(25):
            # (Not of fields, which acpiexec reads later.)
            return aml.deref_of(aml.ref_of(self.pick(*aml.LOCALS[:4], b"NUM0", b"STR0", b"BUF0")))
        if self.chance(2):
            return aml.deref_of(self.expression(depth))
        return aml.deref_of(self.element())

    def size(self, depth):
        return aml.size_of(self.pick(self.variable(), b"PKG0", b"STR0", b"BUF0"))

    def type(self, depth):
        if self.chance(30):
            return aml.object_type(self.random.choice(OBJECTS).encode())
        return aml.object_type(self.element() if self.chance(25) else self.variable())

    def step(self, depth):
        return self.pick(aml.increment, aml.decrement)(self.plain())

    def call(self, depth):
        if self.chance(40):
            return b"WRIT" + aml.ref_of(self.plain()) + self.expression(depth)
        if self.chance(20):
            return b"WRIT" + aml.binary("Index", b"PKG0", self.small()) + self.expression(depth)
        return b"PLUS" + self.expression(depth) + self.expression(depth)

    def assign(self, depth):
        return self.assign_to(self.plain(), depth)

    def assign_to(self, target, depth):
        # (A copy changes the type of a name: what follows fails more often.)
        value = self.expression(1 if self.is_small else depth)
        return (aml.copy_object if self.chance(12) else aml.store)(value, target)

    def exists(self, depth):
        return aml.cond_ref_of(self.pick(self.variable(), b"\\NONE"))

    # --- Statements ---

    def statement(self, depth):
        kinds = [(50, self.put), (3, self.put_package), (10, self.branch), (5, self.loop), (12, self.create), (8, self.poke)]
        return self.random.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])[0](depth)

    def put(self, depth):
        if self.chance(8):
            return self.pick(aml.increment, aml.decrement)(self.variable())
        if self.chance(10):
            return aml.binary("Add", self.integer(), self.integer(), self.variable())
        if self.chance(8):
            return b"WRIT" + aml.ref_of(self.variable()) + self.constant()
        if self.chance(15):
            return aml.unary(self.random.choice(list(aml.UNARY)), self.constant(), self.variable())
        if self.chance(10):
            return aml.binary("Concatenate", self.expression(1), self.expression(1), self.variable())
        return self.assign_to(self.place() if self.chance(15) else self.variable(), 3)

    def put_package(self, depth):
        return aml.store(self.package(), self.random.choices([b"PKG0", *aml.LOCALS[:4]], [12, 1, 1, 1, 1])[0])

    def poke(self, depth):
        return aml.store(self.expression(2), self.place())

    def block(self, depth):
        # What is created in a branch may not be there after it.
        fields = list(self.fields)
        code = b"".join(self.statement(depth) for _ in range(self.random.randrange(1, 3)))
        self.fields = fields
        return code

    def branch(self, depth):
        if depth <= 0:
            return self.put(depth)
        otherwise = self.block(depth - 1) if self.chance(50) else None
        return aml.if_else(self.expression(3), self.block(depth - 1), otherwise)

    def loop(self, depth):
        if depth <= 0 or self.loops:
            return self.put(depth)
        self.loops += 1
        body = b"".join(self.pick(self.put, self.poke)(0) for _ in range(self.random.randrange(1, 3)))
        if self.chance(20):
            body += aml.if_else(self.expression(2), self.pick(b"\xa5", b"\x9f"))
        turns = aml.integer(self.random.randrange(5))
        return (aml.store(aml.ZERO, aml.LOCALS[4])
                + aml.while_loop(aml.logic("LLess", aml.LOCALS[4], turns), aml.increment(aml.LOCALS[4]) + body))

    def create(self, depth):
        path = f"CF{self.created:02}".encode()
        self.created += 1
        kind = self.pick("Bit", "Byte", "Word", "DWord", "QWord", "Field", "Field")
        length = aml.integer(self.pick(1, 3, 8, 12, 16, 31, 32, 33, 64, 65, 80)) if kind == "Field" else None
        source = b"BUF0" if self.chance(80) else self.random.choice(aml.LOCALS[:4])
        code = aml.create_field(kind, source, aml.integer(self.random.randrange(9)), path, length)
        self.fields.append(path)
        return code + aml.store(self.expression(2), path)

    def code(self):
        body = (aml.name(b"NUM0", self.integer()) + aml.name(b"STR0", self.string() if self.chance(20) else aml.string("1234567"))
                + aml.name(b"BUF0", aml.buffer(bytes(range(0x11, 0x11 + 12)))) + aml.name(b"PKG0", self.package()))
        body += b"".join(aml.store(self.constant(), local) for local in (*aml.LOCALS[:4], aml.LOCALS[7]))
        if self.is_small:
            body += self.put(0)
        else:
            body += b"".join(self.statement(2) for _ in range(self.random.randrange(1, 5)))
        body += aml.store(self.expression(1 if self.is_small else 3), aml.LOCALS[5])
        body += aml.store(aml.package([], 10), aml.LOCALS[6])
        values = [*aml.LOCALS[:4], aml.LOCALS[5], b"NUM0", b"STR0", b"BUF0", b"PKG0",
                  aml.LOCALS[7]]
        for number, value in enumerate(values):
            body += aml.store(value, aml.binary("Index", aml.LOCALS[6], aml.integer(number)))
        return body + aml.return_value(aml.LOCALS[6])


def generate_table(seed, count):
    """A table whose methods \\T000 ... do something else each; every third one has integers of 32 bits, and the
    methods of every second one do little."""
    code = prologue()
    paths = []
    for number in range(count):
        path = f"T{number:03X}"
        code += aml.method(path.encode(), 0, Program(f"{seed}.{number}", seed % 2 == 0).code())
        paths.append("\\" + path)
    return aml.table("DSDT", 1 if seed % 3 == 2 else 2, code), paths
