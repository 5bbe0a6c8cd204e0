# SPDX-License-Identifier: GPL-3.0-or-later
"""Machines for the tests of power management: QEMU driven through QMP, and a shell in the guest.

    with Guest("q35", options=["-device", "virtio-rng-pci"], cpus=2) as guest:
        run_tests("area", guest, [test_one, test_two])

A test is a function test_NAME(guest); it fails by an exception, of which Missing is the one to raise. What
one waits for has a generous limit: the machine that the tests run on may be slow and busy."""

import base64
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time

TREE = os.path.realpath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(TREE, "tools/run"))

import qmp  # noqa: E402

BOOT_SECONDS = 120
LONG = bool(os.environ.get("ACPI_LONG"))  # more rounds of everything
NONSENSE = "// nonsense\n"
COMMAND_SECONDS = 90
PANIC = re.compile(r"<3>panic: kernel panic.*")
DMESG = "dmesg | sed 's/^/ /'"  # as output, not as lines of the log
LOG_LINE = re.compile(r"^\[ *[0-9.]+\] <[0-7]>")


class Missing(Exception):
    """Something did not happen, or is not as it should be."""


def expect(condition, what):
    if not condition:
        raise Missing(what)


def compile_table(text, folder):
    """Compiles ASL, or a file of it, with iasl; returns the file of the table. What iasl finds wrong in a
    text that begins with NONSENSE is meant."""
    if "\n" not in text:
        with open(text, encoding="utf-8") as file:
            text = file.read()
    number = len([name for name in os.listdir(folder) if name.endswith(".aml")])
    source = os.path.join(folder, f"table{number}.asl")
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    force = ["-f"] if text.startswith(NONSENSE) else []
    result = subprocess.run(["iasl", *force, "-vi", "-p", source[:-4], source],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if not os.path.exists(source[:-4] + ".aml") or (result.returncode != 0 and not force):
        raise Missing(f"iasl: {result.stdout.strip()[-500:]}")
    return source[:-4] + ".aml"


def make_archive(files, path):
    """An archive for the initramfs of `files`: paths in the guest, with paths here or bytes."""
    stage = path + ".stage"
    for guest_path, content in files.items():
        target = os.path.join(stage, guest_path.lstrip("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if isinstance(content, bytes):
            with open(target, "wb") as file:
                file.write(content)
            if content.startswith(b"#!"):
                os.chmod(target, 0o755)
        else:
            shutil.copy(content, target)
    names = subprocess.run(["find", ".", "-mindepth", "1", "-type", "f", "-printf", "%P\n"],
                           cwd=stage, stdout=subprocess.PIPE, check=True).stdout
    with open(path, "wb") as file:
        subprocess.run(["cpio", "--quiet", "-o", "-H", "newc", "-R", "0:0"], cwd=stage,
                       input=names, stdout=file, check=True)


class Guest(qmp.Machine):
    """A machine that runs CryptOS, with a shell on its serial line.

    machine   QEMU's, with its options: "q35", "pc", "q35,hmat=on"
    options   more arguments for QEMU; @FOLDER@ in them is the machine's own folder
    tables    ASL as text, or files of it, compiled and given to the machine as SSDTs
    cmdline   more words for the kernel
    runner    more options of the runner's: ["--firmware", "uefi", "--disk", "nvme:FILE"]
    files     {path in the guest: file here, or bytes} to be added to the initramfs
    hotplug   devices will be pulled out, which QEMU needs to know
    loglevel  how much of the log goes to the serial line, between what the shell says there

    The kernel's log is dmesg(), and log() what came by the serial line, also when the machine is off."""

    def __init__(self, machine="q35", options=(), tables=(), cmdline="", cpus=1, memory="512M",
                 runner=(), files=None, hotplug=False, loglevel=3, desktop=False, shell=True):
        self.folder = tempfile.mkdtemp(prefix="cryptos.")
        self.events = []
        self.answers = b""
        self.number = 0
        self.line = None
        try:
            runner = [*runner, *(["--hotplug"] if hotplug else [])]
            command = self._command(runner, files, cpus, memory, " ".join(
                ["console=ttyS0", f"loglevel={loglevel}", "" if desktop else "desktop=no",
                 cmdline]))
            for table in tables:
                command += ["-acpitable", f"file={compile_table(table, self.folder)}"]
            command += ["-machine", machine]
            command += [option.replace("@FOLDER@", self.folder) for option in options]
            path = os.path.join(self.folder, "line")
            super().__init__(
                command + ["-S", "-chardev", f"socket,id=line,path={path},server=on,wait=off,"
                           f"logfile={os.path.join(self.folder, 'serial')}"],
                self.folder, serial="chardev:line")
            self.line = socket.socket(socket.AF_UNIX)
            self.line.connect(path)
            self.line.setblocking(False)
            self._start()
            if shell:
                self.start_shell()
        except BaseException as why:
            said = self._read("qemu.err")
            self.stop()
            if isinstance(why, RuntimeError):
                raise Missing(f"{why}: {said.strip()}") from why
            raise

    def _read(self, name):
        """What a file of the machine's folder holds."""
        try:
            with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def _command(self, runner, files, cpus, memory, cmdline):
        script = os.path.join(TREE, "tests/acpi/command.sh")
        arguments = ["--smp", str(cpus), "--mem", memory, *runner]
        if files:
            archive = os.path.join(self.folder, "added")
            make_archive(files, archive)
            with open(archive + ".initramfs", "wb") as whole:
                for part in (os.path.join(TREE, "build/x86_64/release/initramfs.cpio"), archive):
                    with open(part, "rb") as file:
                        shutil.copyfileobj(file, whole)
            arguments += ["--initramfs", archive + ".initramfs"]
        result = subprocess.run(["bash", script, self.folder, cmdline, *arguments],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
        return [argument.decode() for argument in result.stdout.split(b"\0")[:-1]]

    def _start(self):
        """Lets the machine run, once QEMU has taken the line's connection: it drops what nobody listens to."""
        end = time.monotonic() + BOOT_SECONDS
        while any(device["label"] == "line" and device["filename"].startswith("disconnected")
                  for device in self.command("query-chardev")):
            expect(time.monotonic() < end, "QEMU does not take the line's connection")
            time.sleep(0.01)
        self.command("cont")

    def _receive(self):
        message = super()._receive()
        if "event" in message:
            self.events.append(message)
        return message

    # --- The shell ---

    def _take(self, seconds):
        """Waits for bytes of the serial line; False: none came."""
        readable, _, _ = select.select([self.line], [], [], seconds)
        if not readable:
            return False
        got = self.line.recv(65536)
        self.answers += got.replace(b"\r", b"")
        return bool(got)

    def _look_at_end(self, what):
        panic = PANIC.search(self.log())
        if panic:
            raise Missing(f"{what}: {panic[0]}")
        if self.process.poll() is not None:
            raise Missing(f"{what}: the machine has gone; its last words: {self.log()[-300:]!r} "
                          f"{self._read('qemu.err').strip()}")

    def wait_line(self, pattern, seconds=BOOT_SECONDS, what=None):
        """Waits for what matches `pattern` on the serial line, behind what was taken before; the match."""
        what = what or f"{pattern!r}"
        end = time.monotonic() + seconds
        while True:
            match = re.search(pattern, self.answers.decode(errors="replace"), re.MULTILINE)
            if match:
                self.answers = match.string[match.end():].encode()
                return match
            if not self._take(0.5):
                self._look_at_end(f"no {what}")
            if time.monotonic() > end:
                raise Missing(f"no {what} in {seconds} s; the line ends in {self.log()[-200:]!r}")

    def start_shell(self):
        """Waits for the login shell, and has one in its place that echoes nothing."""
        self.wait_line(r"# ", what="prompt")
        self.line.sendall(b"stty -echo -onlcr; exec sh /dev/tty\n")
        self.say("echo @'start'@")
        self.wait_line(r"@start@\n", COMMAND_SECONDS)

    def say(self, text):
        """Types a line."""
        self.line.setblocking(True)
        self.line.sendall(text.encode() + b"\n")
        self.line.setblocking(False)

    def begin(self, command):
        """Starts a command in a shell of its own; finish() waits for its end."""
        self.number += 1
        self.say("( " + command + "\n) </dev/null 2>&1; echo \"@'$?'"f"{self.number}@\"")

    def finish(self, seconds=COMMAND_SECONDS, what="end of a command"):
        """What it printed, without what the kernel's log put in between, and its status."""
        match = self.wait_line(rf"@'(\d+)'{self.number}@\n", seconds, what)
        lines = match.string[:match.start()].splitlines()
        return "\n".join(line for line in lines if not LOG_LINE.match(line)), int(match[1])

    def try_run(self, command, seconds=COMMAND_SECONDS):
        """Runs a command in the guest's shell: what it printed, and its status."""
        self.begin(command)
        return self.finish(seconds, f"end of {command!r}")

    def run(self, command, seconds=COMMAND_SECONDS):
        """What a command prints that must succeed."""
        output, status = self.try_run(command, seconds)
        if status != 0:
            raise Missing(f"{command!r} ended with {status}: {output[-300:]!r}")
        return output

    def wait_for(self, command, pattern, seconds=COMMAND_SECONDS):
        """Runs the command until what it prints matches; the match."""
        end = time.monotonic() + seconds
        while True:
            output, _ = self.try_run(command)
            match = re.search(pattern, output, re.MULTILINE)
            if match:
                return match
            if time.monotonic() > end:
                raise Missing(f"{command!r} prints no {pattern!r} in {seconds} s, but "
                              f"{output[-300:]!r}")
            time.sleep(0.1)

    def put(self, path, content):
        """Writes a file in the guest."""
        text = base64.encodebytes(content).decode()
        self.run(f"base64 -d >{path} <<'end'\n{text}end")

    def dmesg(self):
        return self.run(DMESG)

    def wait_log(self, pattern, seconds=COMMAND_SECONDS):
        """Waits for a line of the kernel's log; the match."""
        return self.wait_for(DMESG, pattern, seconds)

    # --- The machine ---

    def monitor(self, line):
        """Has QEMU's monitor do something; what it says."""
        return self.command("human-monitor-command", **{"command-line": line})

    def wait_event(self, name, seconds=COMMAND_SECONDS, where=None):
        """Waits for an event of QEMU's that came since start, or since it was waited for; its data.
        `where`: a function of the data that must be true."""
        end = time.monotonic() + seconds
        while True:
            for event in self.events:
                data = event.get("data", {})
                if event["event"] == name and (not where or where(data)):
                    self.events.remove(event)
                    return data
            self.command("query-status")
            self._take(0.1)
            if time.monotonic() > end:
                self._look_at_end(f"no {name}")
                raise Missing(f"no event {name} in {seconds} s")

    def wait_end(self, seconds=BOOT_SECONDS):
        """Waits until the machine is off; why: "guest-shutdown", "guest-reset", "guest-panic"..."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            self._take(0.1)
            if time.monotonic() > end:
                raise Missing(f"the machine is not off in {seconds} s; the line ends in "
                              f"{self.log()[-200:]!r}")
        try:
            while True:
                self._receive()
        except (RuntimeError, OSError, ValueError):
            pass
        for event in self.events:
            if event["event"] == "SHUTDOWN":
                return event["data"]["reason"]
        raise Missing("QEMU ended without the guest's doing")

    def stop(self):
        if self.line:
            self.line.close()
            self.line = None
        if hasattr(self, "process"):
            super().stop()
        keep = os.environ.get("ACPI_KEEP")
        if keep and os.path.exists(self.folder):
            shutil.copytree(self.folder, os.path.join(keep, os.path.basename(self.folder)),
                            ignore=shutil.ignore_patterns("qmp", "line"))
        shutil.rmtree(self.folder, ignore_errors=True)


# --- Tests ---

def report(name, function, *arguments):
    """Runs one test; True if it passed."""
    try:
        function(*arguments)
    except (Missing, RuntimeError, OSError, ValueError, KeyError, IndexError,
            subprocess.SubprocessError) as why:
        text = str(why).replace("\n", " | ")
        print(f"FAIL {name}: {'' if isinstance(why, Missing) else type(why).__name__ + ' '}{text}",
              flush=True)
        return False
    print(f"PASS {name}", flush=True)
    return True


def run_tests(prefix, guest, tests):
    """Runs tests on a machine until one takes it down; the rest fails then."""
    for test in tests:
        name = f"{prefix}.{test.__name__[len('test_'):]}"
        if guest.process.poll() is not None:
            print(f"FAIL {name}: the machine has gone", flush=True)
        else:
            report(name, test, guest)


def session(groups):
    """A session's main function. `groups` are functions by name that boot machines and run tests;
    sys.argv may name some. A machine that does not boot is a failure of its group."""
    for name in sys.argv[1:] or groups:
        try:
            groups[name]()
        except (Missing, RuntimeError, OSError, subprocess.SubprocessError) as why:
            text = str(why).replace("\n", " | ")
            print(f"FAIL {name}.machine: {text}", flush=True)
