/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which schemes a process sees. */
#include "process_private.h"

#include <scheme/scheme.h>

void process_set_namespaces(struct namespace *real, struct namespace *effective)
{
	struct process *process = process_current();
	struct namespace *old_real = NULL, *old_effective = NULL;
	irq_state_t state = spin_lock_irqsave(&process->lock);

	if (real) {
		old_real = process->real_namespace;
		process->real_namespace = real;
	}
	if (effective) {
		old_effective = process->namespace;
		process->namespace = effective;
	}
	spin_unlock_irqrestore(&process->lock, state);
	if (old_real)
		namespace_put(old_real);
	if (old_effective)
		namespace_put(old_effective);
}

void process_namespace_numbers(struct process *process, uint64_t *real, uint64_t *effective)
{
	irq_state_t state = spin_lock_irqsave(&process->lock);

	*real = process->real_namespace ? namespace_number(process->real_namespace) : 0;
	*effective = process->namespace ? namespace_number(process->namespace) : 0;
	spin_unlock_irqrestore(&process->lock, state);
}

struct namespace_keeper *process_namespace_keeper(void)
{
	struct process *process = process_current();
	struct namespace_keeper *made = process->keeper ? NULL : namespace_keeper_create();
	irq_state_t state = spin_lock_irqsave(&process->lock);

	if (!process->keeper) {
		process->keeper = made;
		made = NULL;
	}
	spin_unlock_irqrestore(&process->lock, state);
	if (made)
		namespace_keeper_put(made);
	return process->keeper;
}
