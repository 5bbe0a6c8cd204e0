# SPDX-License-Identifier: GPL-3.0-or-later
"""Boots, waits until the screen is complete, and saves it.

    screenshot.py FILE WORK SECONDS desktop|console QEMU ARGUMENT...

Complete: the desktop (or a program, on the console) has begun, and the screen has shown the same for
a while, but for what changes all the time (a clock, a graph). Status 1: it was
not after SECONDS; then the screen is saved as it is. Status 2: the machine stopped.
"""

import os
import sys
import time

from picture import Picture
from qmp import Machine

QUIET_SECONDS = 3
LOOK_SECONDS = 0.5
# What may change and count as quiet: a part of all pixels.
QUIET_PART = 1 / 100
# What the log says when it has begun.
SIGNS = {"desktop": "compositor: draws", "console": "first user instruction"}


def changed_part(before, after):
    """How much of the rows' pieces of 32 pixels differ."""
    if not before or (before.width, before.height) != (after.width, after.height):
        return 1
    size = 3 * 32
    count = changed = 0
    for at in range(0, len(after.pixels), size):
        count += 1
        changed += before.pixels[at : at + size] != after.pixels[at : at + size]
    return changed / count


def look(machine):
    try:
        return Picture(machine.dump())
    except ValueError:  # the mode is just being set
        return None


def wait_until_complete(machine, seconds, sign):
    """The last picture, and whether it is complete."""
    end = time.monotonic() + seconds
    before, since = None, time.monotonic()
    while True:
        time.sleep(LOOK_SECONDS)
        picture = look(machine)
        now = time.monotonic()
        if not picture or changed_part(before, picture) > QUIET_PART or sign not in machine.log():
            since = now
        before = picture or before
        if now - since >= QUIET_SECONDS:
            return before, True
        if now > end and before:
            return before, False


def main():
    path, work, seconds, what, *command = sys.argv[1:]
    machine = None
    try:
        machine = Machine(command, work)
        picture, complete = wait_until_complete(machine, float(seconds), SIGNS[what])
        picture.write_png(path)
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{error.filename or path}: {os.strerror(error.errno)}", file=sys.stderr)
        return 2
    finally:
        if machine:
            machine.stop()
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
