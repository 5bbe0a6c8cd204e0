/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Structures that drivers hand to the kit grow at their ends. An older driver's ends earlier than the kit's:
 * what it does not have is 0.
 */
#pragma once

#include <base/string.h>
#include <base/types.h>

/* `from` as it was for the driver, of `from_size` bytes, to *to as it is for the kit. */
static inline void ddk_take_structure(void *to, size_t to_size, const void *from, size_t from_size)
{
	memset(to, 0, to_size);
	memcpy(to, from, from_size < to_size ? from_size : to_size);
}
