# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine with a desktop: the pointer goes in, the screen and the probe (probe.c) answer."""

import os
import socket
import time

from machine import Machine, Missing
from picture import Picture

POINTER_MAX = 0x7FFF
BUTTONS = {"left": "left", "right": "right", "middle": "middle"}
# What events are, see abi/redox/orbital.h.
KEY, MOUSE, BUTTON, SCROLL, QUIT, FOCUS, MOVE, RESIZE, TEXT = 1, 2, 3, 4, 5, 6, 7, 8, 13
RESIZABLE = 8


class Desktop(Machine):
    def __init__(self, command, work, font, seconds):
        path = os.path.join(work, "probe")
        super().__init__(command + [
            "-device", "virtio-serial-pci", "-chardev",
            f"socket,id=probe,path={path},server=on,wait=off",
            "-device", "virtserialport,chardev=probe,name=probe"], work, font)
        self.probe = socket.socket(socket.AF_UNIX)
        self.probe.connect(path)
        self.probe.settimeout(seconds)
        self.answers = self.probe.makefile("r")
        self.place = (0, 0)
        self.width = self.height = 0

    # --- the probe ---

    def hear(self):
        try:
            line = self.answers.readline()
        except OSError:
            line = ""
        if not line:
            raise Missing("the probe does not answer")
        return line.strip()

    def tell(self, line):
        self.probe.sendall(line.encode() + b"\n")

    def ask(self, line):
        self.tell(line)
        answer = self.hear()
        if answer.startswith("error"):
            raise Missing(f"{line!r}: {answer}")
        return answer

    def numbers(self, line):
        """An answer of names and numbers."""
        words = self.ask(line).split()
        return dict(zip(words[::2], map(int, words[1::2])))

    def events(self):
        """(window, code, a, b) of all events since the last time."""
        return [(name, int(code), int(a), int(b)) for name, code, a, b in
                (event.split(":") for event in self.ask("events").split())]

    def wait_event(self, what, wanted, seconds=20):
        """Waits for an event for which wanted() holds; all that came."""
        end, came = time.monotonic() + seconds, []
        while True:
            came += self.events()
            if any(wanted(event) for event in came):
                return came
            if time.monotonic() > end:
                raise Missing(f"{what} does not come, but {came[-6:]}")
            time.sleep(0.05)

    def where(self, name):
        """x, y, width, height of a window of the probe."""
        words = self.ask(f"where {name}").split("/")
        at = words.index(name)
        return tuple(map(int, words[at - 4 : at]))

    def open(self, name, x, y, width, height, colour, flags=0):
        self.ask(f"open {name} {x} {y} {width} {height} {flags} {colour:06x}")
        return self.where(name)

    def wait_answer(self, what, line, wanted, seconds=20):
        """Waits until the probe answers so (None: anything)."""
        end = time.monotonic() + seconds
        while True:
            try:
                answer = self.ask(line)
                if answer == wanted or (answer and wanted is None):
                    return answer
            except Missing:
                answer = "nothing"
            if time.monotonic() > end:
                raise Missing(f"{what}: {answer!r}")
            time.sleep(0.1)

    # --- keyboard and pointer ---

    def hold(self, key, down):
        """A key by QEMU's name, until it is let go of."""
        self.command("input-send-event", events=[
            {"type": "key", "data": {"key": {"type": "qcode", "data": key}, "down": down}}])
        time.sleep(0.05)

    def move(self, x, y):
        """To a pixel of the plane: 0 is the first, POINTER_MAX the last."""
        self.place = (x, y)
        self.command("input-send-event", events=[
            {"type": "abs", "data": {"axis": axis, "value": min(
                POINTER_MAX, (2 * at + 1) * POINTER_MAX // (2 * (size - 1)))}}
            for axis, at, size in (("x", x, self.width), ("y", y, self.height))])

    def button(self, down, button="left"):
        self.command("input-send-event", events=[
            {"type": "btn", "data": {"button": BUTTONS[button], "down": down}}])

    def click(self, x, y, button="left", times=1):
        self.move(x, y)
        time.sleep(0.05)
        for _ in range(times):
            self.button(True, button)
            time.sleep(0.03)
            self.button(False, button)
            time.sleep(0.03)

    def drag(self, start, end, steps=8):
        self.move(*start)
        time.sleep(0.05)
        self.button(True)
        for step in range(1, steps + 1):
            self.move(*(a + (b - a) * step // steps for a, b in zip(start, end)))
            time.sleep(0.03)
        time.sleep(0.05)
        self.button(False)

    # --- the screen ---

    def picture(self):
        return Picture(self.dump())

    def has_window(self, before, after):
        """Whether much of the screen has changed, and one colour fills some of that."""
        if differing(before, after) < 0.02:
            return False
        changed = [after.pixel(x, y) for y in range(20, self.height - 80, 20)
                   for x in range(20, self.width, 20)
                   if before.pixel(x, y) != after.pixel(x, y)]
        return len(changed) > 30 and \
            max(map(changed.count, set(changed))) > len(changed) // 3

    def keep_picture(self, name):
        """For who looks into a failure: where the environment says so."""
        folder = os.environ.get("UI_PICTURES")
        if folder:
            self.picture().write_png(os.path.join(folder, name + ".png"))

    def quiet(self, seconds=20, quiet=0.6):
        """The screen when it has not changed for a while (but for one place in 2000)."""
        end, before, since = time.monotonic() + seconds, None, time.monotonic()
        while time.monotonic() - since < quiet:
            try:
                picture = self.picture()
            except ValueError:
                picture = None
            if not picture or not before or differing(before, picture) > 0.0005:
                since = time.monotonic()
            before = picture or before
            if time.monotonic() > end:
                raise Missing("the screen is never quiet")
            time.sleep(0.1)
        return before

    def wait_picture(self, what, shows, seconds=20):
        """Waits until shows(picture) holds; a picture of a moment later, when all of that is drawn."""
        end, held = time.monotonic() + seconds, False
        while True:
            try:
                picture = self.picture()
                held, before = shows(picture), held
                if held and before:
                    return picture
            except ValueError:  # the mode is just being set
                pass
            if time.monotonic() > end:
                raise Missing(f"{what} does not appear")
            time.sleep(0.1)


def differing(before, after, rows=None):
    """The part of the pieces of 8 pixels in which two pictures differ, in some rows of them."""
    if (before.width, before.height) != (after.width, after.height):
        return 1
    size, count, changed = 24, 0, 0
    start, end = rows or (0, before.height)
    first, last = (3 * before.width * y for y in (start, end))
    for at in range(first, last, size):
        count += 1
        changed += before.pixels[at : at + size] != after.pixels[at : at + size]
    return changed / count


def is_filled(picture, left, top, width, height, colour):
    """Whether a rectangle has one colour."""
    return picture.crop(left, top, width, height) == colour.to_bytes(3, "big") * (width * height)
