# SPDX-License-Identifier: GPL-3.0-or-later
"""A GPU with two outputs, of other sizes than before, and a panic in front of the desktop.

    displays_session.py NAME FONT WORK [TEST...] -- QEMU ARGUMENT...

The probe is the first process here: there is a panic when it ends.
"""

import os
import time

from desktop_session import GREEN, PANEL, RED, TITLE, main, shown_at, test_appears
from machine import Missing
from picture import Picture
from screen import Screen
from session import expect
from vnc import Viewer

SECOND = (900, 650)
CONSOLE_COLOURS = 17


def dump(machine, head, kind=Picture):
    path = os.path.join(machine.work, f"head{head}.ppm")
    machine.command("screendump", filename=path, device="gpu", head=head)
    return kind(path)


def wait_head(machine, head, what, shows, kind=Picture, seconds=20):
    end, held = time.monotonic() + seconds, False
    while True:
        try:
            picture = dump(machine, head, kind)
            held, before = shows(picture), held
            if held and before:
                return picture
        except ValueError:  # the mode is just being set
            pass
        if time.monotonic() > end:
            raise Missing(f"{what} does not appear on head {head}")
        time.sleep(0.2)


def has_panel(width, height):
    """Of this size, with the panel at the bottom in its whole width."""
    def shows(picture):
        if (picture.width, picture.height) != (width, height):
            return False
        row = picture.crop(0, height - 3, width, 1)
        return row.count(row[:3]) > 0.95 * width
    return shows


def test_follows_the_window(machine):
    """The host's window gets another size, and so does the desktop."""
    viewer = Viewer(os.path.join(machine.work, "vnc0"))
    for width, height in ((1000, 700), (1366, 768), (1280, 800)):
        viewer.ask_size(width, height)
        wait_head(machine, 0, f"a desktop of {width}x{height}", has_panel(width, height))
    place = machine.open("one", 200, 200, 300, 220, RED)
    wait_head(machine, 0, "a window", shown_at(place, RED))
    machine.ask("close one")


def test_second_display(machine):
    """Another output is switched on: a window is moved over there."""
    viewer = Viewer(os.path.join(machine.work, "vnc1"))
    viewer.ask_size(*SECOND)
    wait_head(machine, 1, "a background", lambda picture:
              (picture.width, picture.height) == SECOND and
              picture.pixel(450, 300) != (0, 0, 0))
    first = dump(machine, 0)
    machine.open("one", 800, 200, 300, 220, GREEN)
    wait_head(machine, 0, "the window", shown_at((800, 200, 300, 220), GREEN))
    # The pointer's places are those of the whole plane now.
    machine.width, machine.height = first.width + SECOND[0], max(first.height, SECOND[1])
    machine.drag((950, 200 - TITLE), (950 + 700, 200 - TITLE + 50), steps=20)
    wait_head(machine, 1, "the window",
              shown_at((800 + 700 - first.width, 250, 300, 220), GREEN))
    picture = dump(machine, 0)
    rows = picture.height - PANEL
    expect(picture.crop(700, 100, 400, rows - 100) == first.crop(700, 100, 400, rows - 100),
           "it stays on the first display")
    machine.ask("close one")


def test_panic(machine):
    """A panic takes the screen, whatever is on it."""
    machine.tell("quit")

    def complete(screen):
        """Text in the console's few colours; how far down it goes depends on the log."""
        rows = screen.rows(machine.font)
        colours = {screen.pixel(x, y) for y in range(0, screen.height, 3)
                   for x in range(0, screen.width, 3)}
        return any("kernel panic" in row for row in rows) and \
            any("init exited" in row for row in rows) and len(colours) <= CONSOLE_COLOURS

    wait_head(machine, 0, "the panic, and nothing else", complete, Screen)


TESTS = [test_appears, test_follows_the_window, test_second_display, test_panic]

if __name__ == "__main__":
    main(TESTS)
