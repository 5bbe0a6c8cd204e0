# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += drivers/input/i8042/decode.c drivers/input/i8042/i8042.c \
	drivers/input/i8042/keyboard.c drivers/input/i8042/mouse.c

kernel-sources += drivers/input/i8042/absolute.c

unit-sources += drivers/input/i8042/absolute.c
unit-sources += drivers/input/i8042/decode.c drivers/input/i8042/keyboard.c \
	drivers/input/i8042/mouse.c drivers/input/i8042/test/decode_test.c \
	drivers/input/i8042/test/i8042_test.c
