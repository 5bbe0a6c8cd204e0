/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files in memory without a name (memfd_create), and their seals, which forbid changes for good.
 */
#pragma once

#include <base/types.h>

struct credentials;
struct file;

enum memory_file_seals { /* Linux's F_SEAL_* */
			 SEAL_SEAL = 1,
			 SEAL_SHRINK = 2,
			 SEAL_GROW = 4,
			 SEAL_WRITE = 8,
			 SEAL_FUTURE_WRITE = 16,
			 SEAL_ALL = 31,
};

/* An empty file, open for reading and writing. `sealable`: else it has SEAL_SEAL. -ENOMEM. */
int must_check memory_file_create(const struct credentials *credentials, bool sealable,
				  struct file **file);
/* Both: -EINVAL where `file` is none in memory. add: -EPERM (not open for writing, sealed),
 * -EBUSY (WRITE while it is mapped for writing), -EINVAL (unknown seals). */
int memory_file_seals(const struct file *file);
int memory_file_add_seals(struct file *file, unsigned seals);
