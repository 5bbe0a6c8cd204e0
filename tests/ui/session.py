# SPDX-License-Identifier: GPL-3.0-or-later
"""A session at the screen, as a person would have it.

    session.py NAME FONT WORK [--picture FILE] -- QEMU ARGUMENT...

Prints "PASS NAME.test" or "FAIL NAME.test: why" for each test. With --picture it takes a picture of
a shell instead.
"""

import sys

from machine import Machine, Missing
from screen import Font

PROMPT = "# "
START_SECONDS = 60
FLOOD_SECONDS = 2


def last(rows):
    """The last row that shows something."""
    return next((row for row in reversed(rows) if row), "")


def at_prompt(rows):
    return last(rows).endswith("#")


def run(machine, line):
    """Types a command and waits for the prompt behind it; the rows then."""
    machine.type("clear\n")
    machine.wait("a clear screen", lambda rows: at_prompt(rows) and rows[0].endswith("#"))
    machine.type(line + "\n")
    return machine.wait(f"the end of {line!r}",
                        lambda rows: at_prompt(rows) and not rows[0].endswith("#"))


def expect(condition, what):
    if not condition:
        raise Missing(what)


def test_boots_to_a_prompt(machine):
    machine.wait("a prompt", at_prompt, START_SECONDS)


def test_lists_a_folder(machine):
    text = " ".join(run(machine, "ls /"))
    expect(all(name in text for name in ("bin", "dev", "proc", "tmp")), f"ls shows {text!r}")


def test_shifted_keys(machine):
    rows = run(machine, "echo 'A_b|C:$~' \"{x}\" | tr x Y")
    expect("A_b|C:$~ {Y}" in rows, f"the screen shows {rows[:3]}")


def test_edits_with_vi(machine):
    machine.type("rm -f /tmp/note; vi /tmp/note\n")
    machine.wait("vi", lambda rows: rows[1:3] == ["~", "~"])
    machine.type("ihello world\nsecond line")
    machine.wait("the text", lambda rows: rows[:2] == ["hello world", "second line"])
    machine.type("\x1b")
    # What follows too closely would belong to the escape.
    machine.wait("command mode", lambda rows: last(rows).startswith("- "))
    machine.type(":wq\n")
    machine.wait("the prompt", at_prompt)
    rows = run(machine, "cat /tmp/note")
    expect(rows[1:3] == ["hello world", "second line"], f"the file holds {rows[1:3]}")


def test_top(machine):
    machine.type("clear; top\n")
    machine.wait("top", lambda rows: any("Load average" in row for row in rows)
                 and any("PID" in row for row in rows))
    machine.type("q")
    machine.wait("the prompt", at_prompt)


def test_interrupts(machine):
    machine.type("clear; sleep 100\n")
    machine.wait("the command", lambda rows: not at_prompt(rows) and not rows[0].endswith("100"))
    machine.press("ctrl", "c")
    machine.wait("the prompt", at_prompt)
    machine.type("echo status $?\n")
    machine.wait("the status", lambda rows: "status 130" in rows)


def test_suspends_and_continues(machine):
    machine.type("clear; sleep 100\n")
    machine.wait("the command", lambda rows: not at_prompt(rows) and not rows[0].endswith("100"))
    machine.press("ctrl", "z")
    machine.wait("the stop", lambda rows: any("Stopped" in row for row in rows) and at_prompt(rows))
    machine.type("clear; fg\n")
    machine.wait("the job", lambda rows: "sleep 100" in rows)
    machine.press("ctrl", "c")
    machine.wait("the prompt", at_prompt)


def test_scrolls_back(machine):
    rows = run(machine, "seq 200")
    expect("200" in rows and "120" not in rows, "seq does not fill the screen")
    machine.press("shift", "pgup")
    machine.wait("what scrolled away", lambda rows: "140" in rows and "200" not in rows)
    machine.press("shift", "pgdn")
    machine.wait("the end", lambda rows: "200" in rows and at_prompt(rows))


def test_colours(machine):
    run(machine, r"printf '\033[44;93mbright\033[0m\n'")
    colours = {machine.screen().pixels[i:i + 3] for i in range(3 * 1280 * 16, 3 * 1280 * 17, 3)}
    expect(len(colours) >= 2, "the row has one colour only")


def test_survives_a_flood(machine):
    machine.type("clear; yes\n")
    machine.wait("the flood", lambda rows: rows[:10] == ["y"] * 10)
    try:
        machine.wait("nothing", lambda rows: False, FLOOD_SECONDS)
    except Missing:
        pass
    machine.press("ctrl", "c")
    machine.wait("the prompt", at_prompt)


TESTS = [
    test_boots_to_a_prompt, test_lists_a_folder, test_shifted_keys, test_edits_with_vi, test_top,
    test_interrupts, test_suspends_and_continues, test_scrolls_back, test_colours,
    test_survives_a_flood,
]


def run_tests(name, machine):
    for test in TESTS:
        test_name = f"{name}.{test.__name__[len('test_'):]}"
        try:
            test(machine)
            print(f"PASS {test_name}", flush=True)
        except Missing as missing:
            print(f"FAIL {test_name}: {missing}", flush=True)
            if test is test_boots_to_a_prompt:
                return
            machine.press("ctrl", "c")


def take_picture(machine, path):
    machine.wait("a prompt", at_prompt, START_SECONDS)
    for line in ("clear", "uname -a", "ls /", "ls --color=always -l /dev | head -n 12",
                 "cat /proc/meminfo | head -n 4", "seq 100 | awk '{ s += $1 } END { print s }'",
                 "ps | tail -n 8"):
        machine.type(line + "\n")
        machine.wait("the prompt", at_prompt)
    machine.screen().write_text_png(path)


def main(arguments):
    at = arguments.index("--")
    name, font, work, *options = arguments[:at]
    machine = Machine(arguments[at + 1:], work, Font(font))
    try:
        if options:
            take_picture(machine, options[1])
        else:
            run_tests(name, machine)
    finally:
        machine.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
