/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Physical memory in the hands of programs: drivers of the Redox ABI. Who may call is the caller's
 * to decide.
 *
 * Programs get frames of their own, one after the other in memory, and may map those (of each
 * other too) and what is no memory: devices, firmware's tables. Nothing else. The frames belong to
 * the address space that asked, and go with it; those that are still mapped somewhere stay as long
 * as they are.
 */
#pragma once

#include <mm/vm/aspace.h>

/* The first of `pages` zeroed frames in *physical; `low`: below 4 GiB. -EINVAL (0), -ENOMEM (also
 * where too little would be left for everybody). At most 4 MiB. */
int must_check physical_allocate(struct aspace *owner, size_t pages, bool low, phys_t *physical);
/* Gives back frames, any of those that are allocated, whoever asked for them. -EINVAL: some are
 * not; then none goes. */
int must_check physical_free(phys_t physical, size_t pages);
/* Maps pages into `aspace`, shared also with forks; `flags`: VM_READ, VM_WRITE, and `mmu_flags`
 * MMU_UNCACHED or MMU_WRITE_COMBINING for what is no memory. *address is the result. -EPERM (memory
 * that was not allocated so), -EINVAL (no such addresses, or both kinds), -ENOMEM. */
int must_check physical_map(struct aspace *aspace, phys_t physical, size_t pages, unsigned flags,
			    unsigned mmu_flags, uintptr_t *address);
