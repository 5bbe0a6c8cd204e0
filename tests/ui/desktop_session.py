# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop, as a person uses it: windows of the probe, which the tests move about.

    desktop_session.py NAME FONT WORK -- QEMU ARGUMENT...

Prints "PASS NAME.test" or "FAIL NAME.test: why" for each test.
"""

import sys
import time

from desktop import (BUTTON, FOCUS, KEY, MOUSE, QUIT, RESIZABLE, RESIZE, SCROLL, TEXT, Desktop,
                     differing, is_filled)
from machine import Missing
from screen import Font
from session import at_prompt, expect

START_SECONDS = 60
RED, GREEN, BLUE = 0xC03020, 0x20A040, 0x3050C0
TITLE = 14  # a place in a title bar, so far above the pixels
PANEL = 60  # the lowest rows: the clock and the load change there


def shown_at(place, colour):
    x, y, width, height = place
    # The pointer may hang down into it from the title bar, and the lower corners are round.
    return lambda picture: is_filled(picture, x, y + height // 4, width, height // 2, colour)


def same(machine, before, what):
    """The screen (but for the panel) is as it was."""
    rows = (0, machine.height - PANEL)
    machine.wait_picture(what, lambda picture: differing(before, picture, rows) < 0.002)


def test_appears(machine):
    expect(machine.hear() == "probe", "the session does not start the probe")
    picture = machine.quiet(START_SECONDS)
    machine.width, machine.height = picture.width, picture.height
    corner = picture.pixel(8, picture.height - 4)
    panel = picture.crop(0, picture.height - 4, picture.width, 2)
    expect(panel.count(bytes(corner)) > picture.width, "there is no panel at the bottom")
    colours = {picture.pixel(x, y) for x in range(0, picture.width, 64)
               for y in range(0, picture.height - PANEL, 64)}
    expect(len(colours) > 20, "the background is nothing to look at")


def test_window(machine):
    before = machine.quiet()
    place = machine.open("one", 200, 200, 300, 220, RED)
    expect(place == (200, 200, 300, 220), f"it is at {place}")
    picture = machine.wait_picture("the window", shown_at(place, RED))
    title = picture.crop(320, 200 - TITLE, 40, 1)
    expect(title != before.crop(320, 200 - TITLE, 40, 1), "it has no title bar")
    expect(RED.to_bytes(3, "big") not in title, "its colour is in the title bar")
    below = picture.crop(250, 425, 100, 4)
    expect(below != before.crop(250, 425, 100, 4), "it casts no shadow")
    machine.ask("close one")
    same(machine, before, "the background without the window")


def test_pixels_change(machine):
    place = machine.open("one", 200, 200, 300, 220, RED)
    for colour in (GREEN, BLUE, RED):
        machine.ask(f"fill one {colour:06x}")
        machine.wait_picture(f"colour {colour:06x}", shown_at(place, colour), 5)
    machine.ask("close one")


def test_keys(machine):
    machine.open("one", 200, 200, 300, 220, RED)
    machine.wait_event("the focus", lambda event: event[1:3] == (FOCUS, 1))
    machine.type("aB")
    came = machine.wait_event("B", lambda event: event[1:3] == (TEXT, ord("B")))
    text = [chr(event[2]) for event in came if event[1] == TEXT]
    expect(text == ["a", "B"], f"the characters are {text}")
    keys = [event[3] >> 8 for event in came if event[1] == KEY]
    expect(keys.count(1) >= 3, f"the keys are {keys}")
    machine.wait_event("the key's end", lambda event: event[1] == KEY and not event[3] >> 8)
    machine.ask("close one")


def hold(machine, key, down):
    machine.command("input-send-event", events=[
        {"type": "key", "data": {"key": {"type": "qcode", "data": key}, "down": down}}])


def test_held_keys_repeat(machine):
    machine.open("one", 200, 200, 300, 220, RED)
    machine.wait_event("the focus", lambda event: event[1:3] == (FOCUS, 1))
    hold(machine, "r", True)
    for _ in range(3):
        machine.wait_event("the next r", lambda event: event[1:3] == (TEXT, ord("r")))
    hold(machine, "r", False)
    came = machine.wait_event("its end", lambda event: event[1] == KEY and not event[3] >> 8)
    ups = [event for event in came if event[1] == KEY and not event[3] >> 8]
    expect(len(ups) == 1, f"it goes up {len(ups)} times")
    machine.quiet()
    machine.events()
    time.sleep(0.6)
    came = [event for event in machine.events() if event[1] in (KEY, TEXT)]
    expect(not came, f"a key that is up repeats: {came}")
    machine.ask("close one")


def test_layouts(machine):
    machine.open("one", 200, 200, 300, 220, RED)
    machine.wait_event("the focus", lambda event: event[1:3] == (FOCUS, 1))
    for layout, keys, wanted in (
            ("de", (("y",), ("minus",), ("equal",), ("e",), ("alt_r", "q")), "zß\u00e9@"),
            ("fr", (("q",), ("2",), ("bracket_left",), ("q",), ("shift", "2")), "aé\u00e22"),
            ("us", (("y",), ("shift", "2")), "y@")):
        machine.ask(f"run keymap {layout}")
        text = ""
        for key in keys:
            machine.press(*key)
        while len(text) < len(wanted):
            came = machine.wait_event(f"{layout}: more than {text!r}",
                                      lambda event: event[1] == TEXT)
            text += "".join(chr(event[2]) for event in came if event[1] == TEXT)
        expect(text == wanted, f"{layout}: {text!r}, not {wanted!r}")
    machine.ask("close one")


def test_editor(machine):
    before = machine.quiet()
    machine.ask("run editor /tmp/note.conf </dev/null >/dev/null 2>&1 &")
    machine.wait_picture("its window", lambda picture: differing(before, picture) > 0.1)
    machine.quiet()
    machine.type("port = 80\n# x")
    machine.press("ctrl", "home")
    machine.press("shift", "end")
    machine.press("ctrl", "c")
    machine.press("ctrl", "end")
    machine.press("ctrl", "v")
    machine.press("home")
    machine.press("shift", "up")
    machine.press("delete")  # the first line
    machine.press("ctrl", "s")
    end = time.monotonic() + 10
    line = ""
    while line != "# xport = 80" and time.monotonic() < end:
        time.sleep(0.1)
        try:
            line = machine.ask("read /tmp/note.conf")
        except Missing:
            pass
    expect(line == "# xport = 80", f"the file has {line!r}")
    machine.press("ctrl", "q")
    same(machine, before, "the screen without it")


def test_pointer(machine):
    x, y, _, _ = machine.open("one", 200, 200, 300, 220, RED)
    machine.quiet()
    machine.events()
    machine.move(x + 37, y + 53)
    machine.wait_event("the pointer", lambda event: event[1:] == (MOUSE, 37, 53))
    machine.click(x + 40, y + 60)
    came = machine.wait_event("the click", lambda event: event[1:3] == (BUTTON, 0))
    expect(("one", BUTTON, 1, 0) in came, f"the button: {came}")
    machine.command("input-send-event", events=[
        {"type": "btn", "data": {"button": "wheel-up", "down": True}},
        {"type": "btn", "data": {"button": "wheel-up", "down": False}}])
    machine.wait_event("the wheel", lambda event: event[1] == SCROLL and event[3] == 1)
    machine.ask("close one")


def test_pointer_is_shown(machine):
    machine.move(300, 300)
    before = machine.quiet()
    machine.move(600, 300)
    after = machine.quiet()
    for left in (295, 595):
        expect(before.crop(left, 295, 30, 40) != after.crop(left, 295, 30, 40),
               f"nothing changes at {left}")
    rows = (0, machine.height - PANEL)
    expect(differing(before, after, rows) < 0.003, "more than the pointer changes")


def test_raises_and_focuses(machine):
    machine.open("one", 200, 200, 300, 220, RED)
    machine.open("two", 350, 280, 300, 220, GREEN)
    overlap = (360, 290, 130, 100)
    machine.wait_picture("the second on top",
                         lambda picture: is_filled(picture, *overlap, GREEN))
    machine.events()
    machine.click(230, 230)
    machine.wait_picture("the first on top", lambda picture: is_filled(picture, *overlap, RED))
    machine.wait_event("the focus", lambda event: event[:3] == ("one", FOCUS, 1))
    machine.type("x")
    came = machine.wait_event("the key", lambda event: event[1] == TEXT)
    expect({event[0] for event in came if event[1] in (KEY, TEXT)} == {"one"},
           f"others hear the key: {came}")
    machine.press("alt", "tab")
    machine.wait_picture("the second again", lambda picture: is_filled(picture, *overlap, GREEN))
    machine.ask("close one")
    machine.ask("close two")


def test_moves(machine):
    before = machine.quiet()
    machine.open("one", 200, 200, 300, 220, RED)
    machine.quiet()
    machine.drag((350, 200 - TITLE), (350 + 123, 200 - TITLE + 87))
    place = (323, 287, 300, 220)
    machine.wait_picture("the moved window", shown_at(place, RED))
    expect(machine.where("one") == place, f"it is at {machine.where('one')}")
    machine.ask("close one")
    machine.move(5, 5)
    same(machine, before, "the background without the window")


def test_resizes(machine):
    machine.open("one", 200, 200, 300, 220, RED, RESIZABLE)
    machine.quiet()
    machine.events()
    # A frame's edge is a few pixels wide, outside of the pixels.
    machine.drag((502, 300), (502 + 64, 300))
    machine.wait_event("the new size", lambda event: event[1:] == (RESIZE, 364, 220))
    machine.ask(f"fill one {BLUE:06x}")
    machine.move(700, 100)
    machine.wait_picture("the wider window", shown_at((200, 200, 364, 220), BLUE))
    machine.drag((400, 422), (400, 422 + 40))
    machine.wait_event("the new height", lambda event: event[1:] == (RESIZE, 364, 260))
    machine.ask("close one")


def test_snaps_and_maximises(machine):
    machine.open("one", 200, 200, 300, 220, RED, RESIZABLE)
    machine.quiet()
    machine.events()
    machine.drag((350, 200 - TITLE), (0, 300))
    machine.wait_event("half of the width",
                       lambda event: event[1] == RESIZE and
                       abs(event[2] - machine.width // 2) < 24)
    x, y, width, _ = machine.where("one")
    expect(x < 24 and y < 80, f"it is at {x}, {y}")
    machine.click(x + width // 2, y - TITLE, times=2)
    machine.wait_event("the size before", lambda event: event[1:] == (RESIZE, 300, 220))
    machine.click(350, 200 - TITLE, times=2)
    machine.wait_event("all of the width",
                       lambda event: event[1] == RESIZE and event[2] > machine.width - 48)
    x, y, width, height = machine.where("one")
    machine.ask(f"fill one {GREEN:06x}")
    machine.wait_picture("the large window", shown_at((x, y, width, height), GREEN))
    machine.ask("close one")


def test_closes(machine):
    x, y, width, _ = machine.open("one", 200, 200, 300, 220, RED)
    machine.quiet()
    machine.events()
    machine.click(x + width - TITLE, y - TITLE)
    machine.wait_event("the button's wish", lambda event: event[1] == QUIT)
    machine.press("alt", "f4")
    machine.wait_event("the keys' wish", lambda event: event[1] == QUIT)
    machine.ask("close one")


def test_launcher(machine):
    machine.move(640, 60)
    before = machine.quiet()
    machine.press("meta_l")
    machine.wait_picture("the launcher", lambda picture: differing(before, picture) > 0.02)
    machine.press("esc")
    same(machine, before, "the screen without the launcher")
    panel = machine.height - 21
    machine.click(24, panel)
    machine.wait_picture("the launcher by its button",
                         lambda picture: differing(before, picture) > 0.02)
    machine.click(640, 60)
    same(machine, before, "the screen without the launcher")


def test_power_menu(machine):
    """The launcher's last button has a menu of what the machine can do; nothing is chosen here."""
    machine.move(640, 60)
    before = machine.quiet()
    machine.click(24, machine.height - 21)
    launcher = machine.wait_picture("the launcher",
                                    lambda picture: differing(before, picture) > 0.02)
    machine.click(455, machine.height - 76)
    machine.wait_picture("the menu in the launcher's place",
                         lambda picture: 0.005 < differing(before, picture) <
                         differing(before, launcher) / 2)
    machine.press("esc")
    machine.move(640, 60)
    same(machine, before, "the screen without the menu")


def test_starts_programs(machine):
    """What is typed into the launcher is looked for; the first found is started."""
    before = machine.quiet()
    machine.press("meta_l")
    machine.wait_picture("the launcher", lambda picture: differing(before, picture) > 0.02)
    machine.type("clo\n")
    machine.wait_picture("the clock", lambda picture: machine.has_window(before, picture))
    machine.press("alt", "f4")
    same(machine, before, "the screen without the clock")


def test_terminal(machine):
    """Programs run in it, and it shows what they write."""
    before = machine.quiet()
    machine.press("meta_l")
    machine.wait_picture("the launcher", lambda picture: differing(before, picture) > 0.02)
    machine.type("term\n")
    machine.wait_picture("the terminal", lambda picture: machine.has_window(before, picture), 20)
    empty = machine.quiet()
    machine.type("echo said $((6 * 7)) > /tmp/said\n")
    machine.wait_answer("what was typed", "read /tmp/said", "said 42")
    full = machine.quiet()
    expect(differing(empty, full) > 0, "the terminal shows nothing of it")
    machine.type("yes\n")
    machine.wait_picture("the flood", lambda picture: differing(full, picture) > 0.005)
    machine.press("ctrl", "c")
    machine.quiet()
    machine.type("stty size > /tmp/size\n")
    machine.wait_answer("its size", "read /tmp/size", None)
    machine.type("exit\n")
    same(machine, before, "the screen without the terminal")


def test_switches_the_theme(machine):
    before = machine.quiet()
    dark = before.pixel(640, machine.height - 5)
    machine.press("meta_l", "l")
    machine.wait_picture("the light theme", lambda picture:
                         min(picture.pixel(640, machine.height - 5)) > max(dark) + 100)
    machine.press("meta_l", "l")
    same(machine, before, "the dark theme")


def test_shows_the_desktop(machine):
    before = machine.quiet()
    place = machine.open("one", 200, 200, 300, 220, RED)
    machine.wait_picture("the window", shown_at(place, RED))
    machine.press("meta_l", "d")
    same(machine, before, "the bare desktop")
    machine.press("meta_l", "d")
    machine.wait_picture("the window again", shown_at(place, RED))
    machine.ask("close one")


def test_full_screen(machine):
    before = machine.quiet()
    machine.open("one", 200, 200, 300, 220, RED, RESIZABLE)
    machine.quiet()
    machine.events()
    machine.press("meta_l", "f")
    machine.wait_event("the size of the screen", lambda event:
                       event[1:] == (RESIZE, machine.width, machine.height))
    machine.ask(f"fill one {BLUE:06x}")
    machine.wait_picture("nothing else", lambda picture: is_filled(
        picture, 0, 200, machine.width, machine.height - 200, BLUE))
    machine.press("meta_l", "f")
    machine.wait_event("the size before", lambda event: event[1:] == (RESIZE, 300, 220))
    machine.ask("close one")
    same(machine, before, "the screen without the window")


def test_previews_where_it_snaps(machine):
    machine.open("one", 300, 200, 300, 220, RED, RESIZABLE)
    before = machine.quiet()
    machine.move(450, 200 - TITLE)
    machine.button(True)
    for x in (400, 200, 100, 0):
        machine.move(x, 300)
        time.sleep(0.05)
    held = machine.quiet()
    expect(held.crop(40, 600, 500, 20) != before.crop(40, 600, 500, 20), "there is no preview")
    expect(held.crop(700, 600, 500, 20) == before.crop(700, 600, 500, 20),
           "the preview is too large")
    machine.move(400, 300)
    time.sleep(0.1)
    machine.button(False)
    machine.wait_picture("no preview", lambda picture: picture.crop(40, 600, 200, 20) ==
                         before.crop(40, 600, 200, 20))
    machine.ask("close one")


def test_switcher(machine):
    """It shows the windows for as long as Alt is held."""
    machine.open("one", 200, 200, 300, 220, RED)
    machine.open("two", 700, 280, 300, 220, GREEN)
    before = machine.quiet()
    machine.events()
    machine.hold("alt", True)
    machine.press("tab")
    machine.wait_picture("the overlay", lambda picture: differing(before, picture) > 0.02)
    machine.hold("alt", False)
    machine.wait_event("the focus", lambda event: event[:3] == ("one", FOCUS, 1))
    machine.ask("clear")


def test_console_and_back(machine):
    before = machine.quiet()
    machine.press("ctrl", "alt", "f1")
    machine.wait("the console", lambda rows: any("first user instruction" in row for row in rows)
                 or at_prompt(rows))
    machine.press("ctrl", "alt", "f2")
    same(machine, before, "the desktop")


def test_many_windows(machine):
    before = machine.quiet()
    for index in range(40):
        machine.open(f"w{index}", 100 + 12 * index, 80 + 10 * index, 200, 150,
                     0x404040 + 0x040201 * index)
    machine.wait_picture("the last one", shown_at((100 + 12 * 39, 80 + 10 * 39, 200, 150),
                                                  0x404040 + 0x040201 * 39))
    for index in range(40):
        machine.ask(f"close w{index}")
    same(machine, before, "the background without windows")


def test_hung_client(machine):
    machine.ask(f"hang stuck 150 150 260 200 0 {GREEN:06x}")
    machine.wait_picture("its window", shown_at((150, 150, 260, 200), GREEN))
    machine.drag((280, 150 - TITLE), (280 + 300, 150 - TITLE + 100))
    machine.wait_picture("the moved window", shown_at((450, 250, 260, 200), GREEN))
    machine.open("one", 500, 300, 300, 220, RED)
    machine.type("q" * 20)
    machine.wait_event("the keys", lambda event: event[1] == TEXT)
    machine.ask("close one")


TESTS = [
    test_appears, test_window, test_pixels_change, test_keys, test_held_keys_repeat, test_layouts,
    test_editor, test_pointer, test_pointer_is_shown,
    test_raises_and_focuses, test_moves, test_resizes, test_snaps_and_maximises, test_closes,
    test_launcher, test_power_menu, test_starts_programs, test_terminal, test_switches_the_theme,
    test_shows_the_desktop, test_full_screen, test_previews_where_it_snaps, test_switcher,
    test_console_and_back, test_many_windows, test_hung_client,
]


def run_tests(name, machine, tests, wanted=()):
    for test in tests:
        test_name = f"{name}.{test.__name__[len('test_'):]}"
        if wanted and test is not tests[0] and test.__name__[len("test_"):] not in wanted:
            continue
        try:
            if machine.width:
                machine.move(machine.width - 8, 60)  # out of the way
            test(machine)
            print(f"PASS {test_name}", flush=True)
        except Missing as missing:
            print(f"FAIL {test_name}: {missing}", flush=True)
            machine.keep_picture(test_name)
            machine.ask("clear")
            if test is tests[0]:
                return


def main(tests):
    name, font, work, *rest = sys.argv[1:]
    wanted, command = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    machine = Desktop(command, work, Font(font), START_SECONDS)
    try:
        run_tests(name, machine, tests, wanted)
    finally:
        machine.stop()


if __name__ == "__main__":
    main(TESTS)
