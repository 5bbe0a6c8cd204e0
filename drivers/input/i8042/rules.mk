# SPDX-License-Identifier: GPL-3.0-or-later

drivers += i8042
driver-sources-i8042 += drivers/input/i8042/decode.c drivers/input/i8042/i8042.c \
	drivers/input/i8042/keyboard.c drivers/input/i8042/mouse.c

driver-sources-i8042 += drivers/input/i8042/absolute.c

unit-sources += drivers/input/i8042/absolute.c
unit-sources += drivers/input/i8042/decode.c drivers/input/i8042/keyboard.c \
	drivers/input/i8042/mouse.c drivers/input/i8042/test/decode_test.c \
	drivers/input/i8042/test/i8042_test.c
