/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces. */
#include "redox.h"

#include <proc/process.h>

int64_t redox_getns(const struct redox_call *call)
{
	(void)call;
	return (int64_t)namespace_number(process_current()->real_namespace);
}

int64_t redox_getens(const struct redox_call *call)
{
	(void)call;
	return (int64_t)namespace_number(process_current()->namespace);
}
