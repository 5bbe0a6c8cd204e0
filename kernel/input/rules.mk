# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/input/input.c kernel/input/keymap.c kernel/input/keymap_us.c
kernel-sources += kernel/input/serio.c kernel/input/serio_encode.c

unit-sources += kernel/input/keymap.c kernel/input/keymap_us.c kernel/input/test/keymap_test.c
unit-sources += kernel/input/serio_encode.c kernel/input/test/serio_test.c

$(HOST_OUT)/unit/obj/kernel/input/serio_encode.c.o $(HOST_OUT)/unit/obj/kernel/input/test/serio_test.c.o: \
	unit-flags += -Ikernel/include
