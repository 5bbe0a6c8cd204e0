# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/input/,console_keys.c device.c evdev.c evdev_control.c input.c layout.c mice.c pointer.c repeat.c settings.c)
kernel-sources += kernel/input/input_ktest.c
kernel-sources += kernel/input/serio.c kernel/input/serio_encode.c kernel/input/us_layout.S

$(OUT)/obj/kernel/input/us_layout.S.o: user/root/usr/share/keymaps/us

unit-sources += kernel/input/console_keys.c kernel/input/test/console_keys_test.c
unit-sources += kernel/input/pointer.c kernel/input/test/pointer_test.c
unit-sources += kernel/input/serio_encode.c kernel/input/test/serio_test.c

$(patsubst %,$(HOST_OUT)/unit/obj/kernel/input/%.c.o,serio_encode console_keys pointer test/serio_test \
	test/console_keys_test test/pointer_test): unit-flags += -Ikernel/include
