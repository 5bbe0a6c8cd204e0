# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/fs/,initramfs.c initramfs_ktest.c ramfs.c ramfs_data.c \
	ramfs_directory.c ramfs_file.c ramfs_ktest.c schemes.c memory_file.c ramfs_extended.c)

kernel-sources += $(addprefix kernel/fs/,file_system.c mount.c)
kernel-sources += $(addprefix kernel/fs/disk/,block_control.c block_file.c block_links.c \
	block_nodes.c)

sim-test-sources += kernel/fs/test/schemes_test.c
