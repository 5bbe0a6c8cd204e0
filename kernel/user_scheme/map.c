/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maps of files whose scheme a process provides. */
#include "user_scheme_priv.h"

#include <base/errno.h>

int user_file_map(struct file *file, uint64_t offset, size_t length, unsigned vm_flags,
		  struct vm_object **object)
{
	(void)file;
	(void)offset;
	(void)length;
	(void)vm_flags;
	(void)object;
	return -ENODEV;
}
