# SPDX-License-Identifier: GPL-3.0-or-later
#
# The simulation is no architecture that the kernel is built for: tests/host/sim.mk links it.

sim-sources := kernel/arch/sim/idle.c kernel/arch/sim/cpu.c kernel/arch/sim/mmu.c kernel/arch/sim/start.c \
	kernel/arch/sim/thread.c kernel/arch/sim/pmap.c kernel/arch/sim/usercopy.c
sim-host-sources := kernel/arch/sim/host.c
