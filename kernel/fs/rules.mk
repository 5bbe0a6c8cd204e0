# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/fs/,initramfs.c initramfs_ktest.c ramfs.c ramfs_data.c \
	ramfs_directory.c ramfs_file.c ramfs_ktest.c schemes.c memory_file.c ramfs_extended.c)

kernel-sources += $(addprefix kernel/fs/,file_system.c mount.c mount_ktest.c root.c)
kernel-sources += $(addprefix kernel/fs/disk/,block_control.c block_file.c block_links.c \
	block_nodes.c disk_ktest.c disk_scheme.c disk_text.c)
kernel-sources += $(addprefix kernel/fs/fat/,attributes.c boot.c buffer.c chain.c commit.c control.c \
	directory.c file.c fold.c mount.c name.c node.c options.c rename.c slot.c table.c time.c)

kernel-sources += $(addprefix kernel/fs/hmfs/,attributes.c control.c device.c directory.c file.c \
	flush.c fork.c inode.c mount.c options.c read.c snapshots.c write.c)

sim-test-sources += kernel/fs/test/schemes_test.c
sim-test-sources += $(addprefix kernel/fs/fat/test/,image.c fat_test.c model_test.c hostile_test.c)
