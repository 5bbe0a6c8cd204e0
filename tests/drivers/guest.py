# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines whose drivers are in question: those of tests/acpi/machine.py, with the programs of the tests, and
what `drivers` says in the guest."""

import os
import re
import shutil
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "../acpi"))

from machine import COMMAND_SECONDS, TREE, Guest, Missing, expect, report, run_tests, session  # noqa: E402,F401

LONG = bool(os.environ.get("DRIVERS_LONG"))  # more rounds of everything
PROGRAMS = os.path.join(TREE, "build/x86_64/release/driver-tests")
DRIVERS = "/scheme/sys/drivers"
DISK_BYTES = 64 << 20


def read_object(name):
    """The bytes of a driver's object: of the tree's, or of these tests'."""
    for folder in (PROGRAMS, os.path.join(TREE, "build/x86_64/release/drivers")):
        path = os.path.join(folder, f"{name}.drv")
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()
    raise Missing(f"there is no {name}.drv")


EDU = ["-device", "edu,dma_mask=0xffffffff"]


class Drivers(Guest):
    """A machine with disks (a list of "nvme", "ahci": files of their own) and the tests' programs in
    /usr/bin; otherwise as Guest."""

    def __init__(self, machine="q35", disks=(), runner=(), files=None, disk_bytes=DISK_BYTES, **others):
        self.mark = 0
        self.disk_folder = tempfile.mkdtemp(prefix="cryptos.")
        options = list(runner)
        for number, kind in enumerate(disks):
            path = os.path.join(self.disk_folder, f"disk{number}")
            with open(path, "wb") as file:
                file.truncate(disk_bytes)
            options += ["--disk", f"{kind}:{path}"]
        programs = {f"/usr/bin/{name}": os.path.join(PROGRAMS, name) for name in ("verify",)}
        try:
            super().__init__(machine, runner=options, files={**programs, **(files or {})}, **others)
        except BaseException:
            shutil.rmtree(self.disk_folder, ignore_errors=True)
            raise

    def stop(self):
        super().stop()
        shutil.rmtree(self.disk_folder, ignore_errors=True)

    # --- What `drivers` says and does ---

    def driver(self, name):
        """What sys:drivers says of a driver: {"place": "kernel", "licence": "...", ...}; None: there is none."""
        names, *rows = [line.split("\t") for line in self.run(f"cat {DRIVERS}").splitlines()]
        return next((dict(zip(names, row)) for row in rows if row[0] == name), None)

    def hosts(self, name):
        """The processes that are the driver's hosts."""
        hosts = self.driver(name)["hosts"]
        return [] if hosts == "-" else hosts.split(",")

    def move(self, name, place, seconds=COMMAND_SECONDS):
        self.run(f"drivers move {name} {place}", seconds)
        found = self.driver(name)["place"]
        expect(found == place, f"{name} is to be in {place}, and is in {found}")

    def refused(self, command, *words):
        """Runs what must fail; what it said, which has all of the words."""
        said, status = self.try_run(command)
        expect(status != 0, f"{command!r} was done: {said[-200:]!r}")
        for word in words:
            expect(re.search(word, said, re.IGNORECASE), f"{command!r} says {said[-200:]!r}, without {word!r}")
        return said

    def mark_log(self):
        """From now on log_since() begins."""
        self.mark = float(self.run("cut -d ' ' -f 1 /proc/uptime"))

    def log_since(self):
        """The kernel's log since mark_log()."""
        lines = []
        for line in self.dmesg().splitlines():
            stamp = re.match(r" *\[ *([0-9.]+)\]", line)
            if stamp and float(stamp[1]) >= self.mark - 0.01:
                lines.append(line)
        return "\n".join(lines)

    def wait_log_since(self, pattern, seconds=COMMAND_SECONDS):
        """Waits for a line of the log since mark_log(); the match."""
        end = time.monotonic() + seconds
        while True:
            log = self.log_since()
            match = re.search(pattern, log, re.MULTILINE)
            if match:
                return match
            expect(time.monotonic() < end, f"the log says nothing of {pattern!r}, but {log[-400:]!r}")
            time.sleep(0.1)

    # --- A workload that verifies what it reads ---

    def start_verifying(self, path, threads=8, buffered=False, name="verify"):
        """Starts it; it goes on until finish_verifying()."""
        self.run(f"verify {'-b ' if buffered else ''}{path} {threads} /tmp/{name}.status >/tmp/{name}.said 2>&1 & "
                 f"echo $! >/tmp/{name}.pid")

    def requests(self, name="verify"):
        """How many requests are done so far."""
        return int(self.wait_for(f"cat /tmp/{name}.status", r"^(\d+)$")[1])

    def wait_progress(self, name="verify", by=50):
        """Waits until that many more are done."""
        wanted = self.requests(name) + by
        self.wait_for(f"[ $(cat /tmp/{name}.status) -ge {wanted} ] && echo further", "^further$")

    def finish_verifying(self, name="verify"):
        """Ends it: nothing may have been wrong. How many requests there were, and the longest time in ms in which
        none completed."""
        self.run(f"kill -TERM $(cat /tmp/{name}.pid)")
        end = self.wait_for(f"cat /tmp/{name}.said", r"^requests (\d+) errors (\d+) longest (\d+) ms$")
        said = self.run(f"cat /tmp/{name}.said")
        expect(end[2] == "0", f"{name}: {said[-400:]!r}")
        return int(end[1]), int(end[3])

    # --- What may never be ---

    def expect_sound(self):
        """The kernel is as it was loaded, and says nothing of trouble."""
        log = self.dmesg()
        for words in ("kernel panic", "BUG", "WARNING", "cannot be trusted", "was changed"):
            expect(words not in log, f"the log says {words!r}")
