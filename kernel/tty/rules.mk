# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/tty/, \
	tty.c debug_scheme.c input.c echo.c output.c read.c control.c job.c pty.c)
