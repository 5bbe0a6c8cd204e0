# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/core/, log.c panic.c command_line.c ktest.c symbols.c)
