/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver kit in the kernel: drivers' own memory, and what an object leaves behind. */
#include <base/checked.h>
#include <base/string.h>
#include <core/log.h>
#include <ddk/memory.h>
#include <ddk/timer.h>
#include <ddk/work.h>
#include <driver/module.h>
#include <mm/phys/slab.h>
#include <sched/work.h>

#include "sync_priv.h"

#define SHOWN_MAX 8 /* lines about memory */

/* Of what is linked into the kernel. */
struct ddk_module ddk_module = {
	.name = "kernel",
	.lock = SPINLOCK_INIT(RANK_LEAF, "driver memory"),
	.pieces = LIST_INIT(ddk_module.pieces),
};

/* In front of each piece of memory. */
struct piece {
	struct list_node node; /* module->lock */
	struct ddk_module *module;
	size_t size;
};

_Static_assert(sizeof(struct piece) % 16 == 0, "memory stays aligned");

void ddk_module_init(struct ddk_module *module, const char *name, uintptr_t code,
		     size_t code_length)
{
	*module = (struct ddk_module){ .name = name, .code = code, .code_length = code_length };
	spinlock_init(&module->lock, RANK_LEAF, "driver memory");
	list_init(&module->pieces);
}

void *ddk_module_allocate(struct ddk_module *module, size_t count, size_t size)
{
	struct piece *piece;
	irq_state_t state;
	size_t total;

	if (__builtin_mul_overflow(count, size, &total) ||
	    __builtin_add_overflow(total, sizeof(*piece), &size))
		return NULL;
	piece = kzalloc(size);
	if (!piece)
		return NULL;
	piece->module = module;
	piece->size = total;
	state = spin_lock_irqsave(&module->lock);
	list_push_back(&module->pieces, &piece->node);
	module->piece_count++;
	module->bytes += total;
	spin_unlock_irqrestore(&module->lock, state);
	return piece + 1;
}

void ddk_free(void *memory)
{
	struct ddk_module *module;
	struct piece *piece;
	irq_state_t state;

	if (!memory)
		return;
	piece = (struct piece *)memory - 1;
	module = piece->module;
	state = spin_lock_irqsave(&module->lock);
	list_remove(&piece->node);
	module->piece_count--;
	module->bytes -= piece->size;
	spin_unlock_irqrestore(&module->lock, state);
	kfree(piece);
}

/* --- What is left ---------------------------------------------------------------------------- */

struct ddk_module *ddk_module_enter(uintptr_t code)
{
	return driver_module_enter(code);
}

static bool is_in(const struct ddk_module *module, uintptr_t address)
{
	return address - module->code < module->code_length;
}

static bool timer_is_of(const struct timer *timer, void *module)
{
	return timer->expire == ddk_expire_timer &&
	       is_in(module, (uintptr_t)ddk_timer_of(timer)->expire);
}

static bool work_is_of(const struct work *work, void *module)
{
	return work->run == ddk_run_work && is_in(module, (uintptr_t)ddk_work_of(work)->run);
}

/* What is armed or queued now. */
static unsigned cancel_all(struct ddk_module *module)
{
	struct timer *timer;
	unsigned found = 0;

	while ((timer = timer_find(timer_is_of, module)) != NULL) {
		log_warning("driver", "%s left a timer armed", module->name);
		timer_cancel_sync(timer);
		found++;
	}
	while (work_cancel_one(work_is_of, module)) {
		log_warning("driver", "%s left work queued", module->name);
		found++;
	}
	return found;
}

/* What runs may arm and queue itself again, so that both must find nothing. */
static unsigned stop_all(struct ddk_module *module)
{
	unsigned found = 0, more;

	do {
		more = cancel_all(module);
		found += more;
		timers_drain();
		work_drain();
	} while (more || timer_find(timer_is_of, module) || module->running);
	return found;
}

static struct piece *take_piece(struct ddk_module *module)
{
	irq_state_t state = spin_lock_irqsave(&module->lock);
	struct list_node *node = list_pop_front(&module->pieces);

	spin_unlock_irqrestore(&module->lock, state);
	return node ? container_of(node, struct piece, node) : NULL;
}

unsigned ddk_module_fini(struct ddk_module *module)
{
	unsigned found = stop_all(module), pieces = 0;
	struct piece *piece;

	while ((piece = take_piece(module)) != NULL) {
		if (pieces++ < SHOWN_MAX)
			log_warning("driver", "%s left %zu bytes of memory behind", module->name,
				    piece->size);
		kfree(piece);
	}
	if (pieces > SHOWN_MAX)
		log_warning("driver", "%s left %u pieces of memory behind in all", module->name,
			    pieces);
	return found + pieces;
}
