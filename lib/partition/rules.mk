# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix lib/partition/src/,partition.c mbr.c gpt.c gpt_repair.c text.c)

unit-sources += lib/partition/test/mbr_test.c lib/partition/test/gpt_test.c \
	lib/partition/test/repair_test.c lib/partition/test/memory_disk.c
