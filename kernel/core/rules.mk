# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/core/, log.c backtrace.c panic.c command_line.c ktest.c symbols.c)

# Parts of the kernel that are tested as parts of a program.
unit-kernel-flags := -ffreestanding -Iabi -Ikernel/include -Ikernel/arch/sim/include
unit-sources += $(addprefix kernel/core/,log.c command_line.c test/log_test.c \
	test/command_line_test.c)
$(HOST_OUT)/unit/obj/kernel/core/%: unit-flags += $(unit-kernel-flags) -DCONFIG_DEBUG=1
