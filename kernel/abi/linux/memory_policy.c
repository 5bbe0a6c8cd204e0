/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Policies of memory placement: on which nodes a thread's memory is to be. There is one: where the CPU is
 * that needs it, else as near as possible. What asks for just that succeeds, and on a machine of one node all
 * policies do.
 */
#include "linux.h"

#include <base/errno.h>
#include <mm/phys/frame.h>

enum policy {
	POLICY_DEFAULT = 0,
	POLICY_PREFERRED = 1,
	POLICY_BIND = 2,
	POLICY_INTERLEAVE = 3,
	POLICY_LOCAL = 4,
};

#define POLICY_FLAGS   0xe000u /* of modes: how masks follow changes of what is allowed */
#define GET_ALLOWED    4u      /* get_mempolicy: the nodes that there are */
#define MASK_BITS      64
#define MASK_BITS_MAX  (4096 * 8) /* Linux refuses longer ones */
#define BIND_FLAGS     7u
#define BITS_OF_MAX(n) ((n)-1) /* callers of old count one too many */

/* Reads a mask of at most 64 nodes, of which `max` bits were given. */
static int read_mask(uint64_t address, uint64_t max, uint64_t *mask)
{
	*mask = 0;
	if (!address || max <= 1)
		return 0;
	if (max > MASK_BITS_MAX)
		return -EINVAL;
	if (read_user_u64(address, mask))
		return -EFAULT;
	if (BITS_OF_MAX(max) < MASK_BITS)
		*mask &= (1ull << BITS_OF_MAX(max)) - 1;
	return 0;
}

/* 0 if that is what is done anyway. */
static int check(uint64_t mode, uint64_t address, uint64_t max)
{
	uint64_t all = (1ull << frame_node_count()) - 1, mask;
	int error = read_mask(address, max, &mask);

	if (error)
		return error;
	switch (mode & ~(uint64_t)POLICY_FLAGS) {
	case POLICY_DEFAULT:
	case POLICY_LOCAL:
		return mask ? -EINVAL : 0;
	case POLICY_PREFERRED:
		if (mask == 0)
			return 0;
		break;
	case POLICY_BIND:
	case POLICY_INTERLEAVE:
		if (mask == 0)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	if (mask & ~all)
		return -EINVAL;
	return frame_node_count() == 1 ? 0 : -EOPNOTSUPP;
}

int64_t linux_set_mempolicy(const struct linux_call *call)
{
	return check(linux_unsigned(call, 0), call->argument[1], call->argument[2]);
}

int64_t linux_mbind(const struct linux_call *call)
{
	uint64_t start = call->argument[0], length = call->argument[1];

	if (start % PAGE_SIZE != 0 || start + length < start || call->argument[5] & ~BIND_FLAGS)
		return -EINVAL;
	return check(linux_unsigned(call, 2), call->argument[3], call->argument[4]);
}

int64_t linux_get_mempolicy(const struct linux_call *call)
{
	uint64_t mode = call->argument[0], mask = call->argument[1], max = call->argument[2];
	uint64_t flags = call->argument[4], nodes = 0;

	if (flags == GET_ALLOWED)
		nodes = (1ull << frame_node_count()) - 1;
	else if (flags != 0 || call->argument[3])
		return -EINVAL;
	if (mode && flags == 0 && write_user_u32(mode, POLICY_DEFAULT))
		return -EFAULT;
	if (!mask)
		return 0;
	/* As many bits as there can be nodes are wanted at least. */
	if (BITS_OF_MAX(max) < FRAME_NODE_MAX || max > MASK_BITS_MAX)
		return -EINVAL;
	if (write_user_u64(mask, nodes))
		return -EFAULT;
	for (uint64_t at = 8; at < align_up(BITS_OF_MAX(max), MASK_BITS) / 8; at += 8)
		if (write_user_u64(mask + at, 0))
			return -EFAULT;
	return 0;
}
