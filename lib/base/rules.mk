# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += lib/base/src/bitmap.c lib/base/src/format.c lib/base/src/radix.c \
	lib/base/src/rbtree.c lib/base/src/ring.c lib/base/src/string.c

unit-sources += $(foreach test,bitmap format list radix rbtree ring string,\
	lib/base/test/$(test)_test.c)
kernel-sources += lib/base/src/calendar.c
unit-sources += lib/base/test/calendar_test.c
