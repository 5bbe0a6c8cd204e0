# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/compositor/, table.c spans.c parts.c paint.c frame.c plane.c \
	loop.c statistics.c cursor.c)
kernel-sources += $(addprefix kernel/compositor/, compositor_ktest.c cursor_ktest.c damage_ktest.c \
	frame_ktest.c loop_ktest.c memory_display_ktest.c reference_ktest.c)
