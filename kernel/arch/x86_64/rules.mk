# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/arch/x86_64/, \
	boot/pvh.S boot/pvh.c boot/map.c start.c cpu.c idt.c entry.S trap.c thread.c vector.c \
	pmap.c pmap_range.c kernel_pmap.c shootdown.c usercopy.S usercopy.c page.S apic.c interrupts.c timer.c \
	smp.c call.c park.c nmi.c trampoline.S serial.c power.c describe.c device.c monitor.c arch_ktest.c cpu_ktest.c \
	shootdown_ktest.c)
kernel-sources += kernel/arch/x86_64/vector_ktest.c
kernel-sources += kernel/arch/x86_64/context.S
kernel-sources += kernel/arch/x86_64/cmos.c
kernel-sources += kernel/arch/x86_64/suspend.c
kernel-sources += kernel/arch/x86_64/idle.c
kernel-sources += kernel/arch/x86_64/cache.c
