# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/mm/vm/,access.c area.c aspace.c fault.c group.c io.c map.c \
	object.c physical.c pin.c protect.c remap.c search.c share.c usercopy.c view.c \
	group_ktest.c object_ktest.c physical_ktest.c share_ktest.c vm_ktest.c vm_ktest_support.c)

sim-test-sources += $(addprefix kernel/mm/vm/test/,copy_test.c group_race_test.c machine.c model.c model_check.c \
	model_remap.c model_test.c race_test.c scarce_test.c)
