/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which class serves which calls of hosts. */
#include "calls.h"

#define CALLS_MAX 0x20 /* of a class */

static const struct {
	uint64_t first;
	long (*call)(struct host *host, unsigned call, const uint64_t arguments[6]);
} classes[] = {
	{ HOST_DISK_CREATE, host_disk_call },
	{ HOST_NET_CREATE, host_net_call },
};

bool host_class_call(struct host *host, uint64_t call, const uint64_t arguments[6], long *result)
{
	for (unsigned i = 0; i < array_length(classes); i++) {
		if (call < classes[i].first || call - classes[i].first >= CALLS_MAX)
			continue;
		*result = classes[i].call(host, (unsigned)call, arguments);
		return true;
	}
	return false;
}
