# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/cache/,backing.c device.c direct.c dirty.c extents.c file.c map.c \
	page.c read.c read_ahead.c reclaim.c resize.c statistics.c write.c write_back.c)
kernel-sources += $(addprefix kernel/cache/,cache_ktest.c cache_ktest_support.c)

sim-test-sources += $(addprefix kernel/cache/test/,cache_test.c slow_file.c stress_test.c)
