# SPDX-License-Identifier: GPL-3.0-or-later
"""monitor.py SOCKET COMMAND: has QEMU's monitor do COMMAND, through QMP, and prints its answer."""

import json
import socket
import sys
import time


def connect(path):
    for _ in range(50):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(path)
            return connection.makefile("rw")
        except OSError:
            connection.close()
            time.sleep(0.1)
    sys.exit("monitor.py: nobody listens")


def execute(stream, name, **arguments):
    stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
    stream.flush()
    while True:
        line = stream.readline()
        if not line:
            sys.exit("monitor.py: QEMU has gone")
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"monitor.py: {answer['error']['desc']}")
        if "return" in answer:
            return answer["return"]


def main():
    stream = connect(sys.argv[1])
    stream.readline()  # the greeting
    execute(stream, "qmp_capabilities")
    print(execute(stream, "human-monitor-command", **{"command-line": sys.argv[2]}), end="")


main()
