# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/fs/,initramfs.c ramfs.c ramfs_data.c ramfs_directory.c \
	ramfs_file.c schemes.c)
