/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the driver kit's back end keeps for each object that is loaded in the kernel: the memory that it has allocated,
 * and who runs its code just now. When the object is unloaded, what it left behind is told and taken
 * away: memory, armed timers, queued work.
 */
#pragma once

#include <base/list.h>
#include <sync/spinlock.h>

/* `ddk_module` of an object; code that is linked into the kernel shares one. */
struct ddk_module {
	const char *name; /* of the driver */
	/* Where its code lies; 0: in the kernel itself. */
	uintptr_t code;
	size_t code_length;
	_Atomic unsigned running; /* timers and works of it that are in its code */
	struct spinlock lock;     /* RANK_LEAF: all below */
	struct list pieces;       /* its memory */
	size_t piece_count, bytes;
};

void ddk_module_init(struct ddk_module *module, const char *name, uintptr_t code,
		     size_t code_length);
/* No device is served by it any more, and its code is called by nobody but its own timers and works. Tells and
 * releases what is left. Thread context. The number of things that were left. */
unsigned ddk_module_fini(struct ddk_module *module);
/* Timers and works of kit: whose code is called, and when it has returned. NULL is the kernel's own. Any context. */
struct ddk_module *ddk_module_enter(uintptr_t code);
static inline void ddk_module_leave(struct ddk_module *module)
{
	if (module)
		atomic_fetch_sub(&module->running, 1);
}

/* kernel/driver: the module whose code holds the address, with its `running` counted; NULL: none. */
struct ddk_module *driver_module_enter(uintptr_t address);
