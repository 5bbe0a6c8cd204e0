# SPDX-License-Identifier: GPL-3.0-or-later
"""Nodes of memory and CPUs: what programs see of them, and that memory comes from the CPU's own."""

import re

from machine import Guest, expect, run_tests, session

NODES = "/sys/devices/system/node"
MIB = 48  # that are taken from a node
SLACK = 12  # MiB: what else uses memory meanwhile


def read(guest, name):
    return guest.run(f"cat {NODES}/{name}").strip()


def free(guest, node):
    return int(re.search(r"MemFree: *(\d+)", read(guest, f"node{node}/meminfo"))[1]) // 1024


def test_nodes_are_shown(guest):
    expect(read(guest, "online") == "0-1", "which nodes there are")
    expect(read(guest, "node0/cpulist") == "0-1" and read(guest, "node1/cpulist") == "2",
           "which CPUs they have")
    expect(read(guest, "node0/distance") == "10 31" and read(guest, "node1/distance") == "31 10",
           "how far apart they are")
    expect(read(guest, "node1/cpumap") == "00000000,00000004", "CPUs as a mask")
    total = sum(int(re.search(r"MemTotal: *(\d+)", read(guest, f"node{node}/meminfo"))[1])
                for node in range(2))
    expect(f" {total} kB" in guest.run("grep MemTotal /proc/meminfo"), "the sum of both")


def test_the_cpus_own_comes_first(guest):
    for cpu, near in ((0, 0), (2, 1), (1, 0)):
        before = [free(guest, node) for node in range(2)]
        guest.run(f"taskset -c {cpu} dd if=/dev/zero of=/tmp/big bs=1M count={MIB} 2>/dev/null")
        taken = [before[node] - free(guest, node) for node in range(2)]
        guest.run("rm /tmp/big")
        expect(taken[near] > MIB - SLACK and abs(taken[1 - near]) < SLACK,
               f"CPU {cpu} took {taken} MiB")


def test_the_other_one_when_it_is_full(guest):
    size = free(guest, 1) + MIB
    guest.run(f"taskset -c 2 dd if=/dev/zero of=/tmp/big bs=1M count={size} 2>/dev/null")
    guest.run("rm /tmp/big")


def test_there_is_always_one(guest):
    expect(read(guest, "online") == "0" and read(guest, "node0/cpulist") == "0", "node 0")
    expect(read(guest, "node0/distance") == "10", "its distance")


def two():
    options = [
        "-object", "memory-backend-ram,id=near,size=300M",
        "-object", "memory-backend-ram,id=far,size=212M",
        "-numa", "node,nodeid=0,cpus=0-1,memdev=near", "-numa", "node,nodeid=1,cpus=2,memdev=far",
        "-numa", "dist,src=0,dst=1,val=31",
    ]
    with Guest("q35", options=options, cpus=3, memory="512M") as guest:
        run_tests("nodes", guest, [test_nodes_are_shown, test_the_cpus_own_comes_first,
                                   test_the_other_one_when_it_is_full])


def one():
    with Guest("pc") as guest:
        run_tests("nodes", guest, [test_there_is_always_one])


if __name__ == "__main__":
    session({"two": two, "one": one})
