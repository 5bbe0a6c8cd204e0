/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Handlers of signals, one at a time, and what becomes of the calls that signals interrupt.
 *
 * A handler finds nothing of what it interrupted on its stack, which is a private one: the
 * registers wait in the kernel for sigreturn. Meanwhile the core blocks all signals
 * (personality.one_handler), and the mask that the program sees is kept here.
 */
#include "redox.h"

#include <arch/thread.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/aspace.h>
#include <proc/process.h>

#define SIGNAL_STACK_SIZE ((size_t)256 * 1024)

/* A thread's abi_data, from its first handler on. */
struct redox_thread {
	uintptr_t stack;   /* the lowest address of the handlers' stack, 0: none yet */
	bool handling;     /* a handler runs */
	signal_set_t mask; /* then: what the program has blocked */
	/* Then: what sigreturn brings back (x86_64/machine_state.c). */
	uint8_t state[] __attribute__((aligned(16)));
};

static size_t data_size(void)
{
	return sizeof(struct redox_thread) + redox_state_size();
}

static struct redox_thread *data_create(void)
{
	struct user_thread *self = user_thread_current();

	if (!self->abi_data)
		self->abi_data = kzalloc(data_size());
	return self->abi_data;
}

static void stack_unmap(struct aspace *aspace, uintptr_t address)
{
	int error = aspace_unmap(aspace, address, SIGNAL_STACK_SIZE + PAGE_SIZE);

	/* Out of memory: it stays, until all of the memory goes. */
	(void)error;
}

/* The stack, with a page below it that nobody can use. */
static int stack_create(struct redox_thread *data)
{
	struct aspace *aspace = aspace_current();
	uintptr_t address = 0;
	int error;

	if (data->stack)
		return 0;
	error = aspace_map(aspace, &address, SIGNAL_STACK_SIZE + PAGE_SIZE, VM_READ | VM_WRITE,
			   NULL, 0, NULL);
	if (error)
		return error;
	error = aspace_protect(aspace, address, PAGE_SIZE, 0);
	if (error) {
		stack_unmap(aspace, address);
		return error;
	}
	data->stack = address + PAGE_SIZE;
	return 0;
}

int redox_deliver_signal(struct arch_registers *registers, const struct signal_info *info,
			 const struct signal_action *action, signal_set_t old_mask)
{
	struct redox_thread *data = data_create();
	int error = data ? stack_create(data) : -ENOMEM;

	if (error)
		return error;
	redox_state_save(data->state, registers);
	error = redox_enter_handler(registers, action, info->signal,
				    data->stack + SIGNAL_STACK_SIZE);
	if (error)
		return error;
	data->mask = old_mask;
	data->handling = true;
	return 0;
}

int64_t redox_sigreturn(const struct redox_call *call)
{
	struct user_thread *self = user_thread_current();
	struct redox_thread *data = self->abi_data;

	if (!data || !data->handling)
		return -EINVAL;
	self->in_syscall = false;
	data->handling = false;
	redox_state_load(data->state, call->registers);
	signal_set_mask(data->mask);
	return 0;
}

signal_set_t redox_signal_mask(void)
{
	const struct user_thread *self = user_thread_current();
	const struct redox_thread *data = self->abi_data;

	return data && data->handling ? data->mask : self->blocked;
}

void redox_set_signal_mask(signal_set_t mask)
{
	struct redox_thread *data = user_thread_current()->abi_data;

	if (data && data->handling)
		data->mask = mask & ~SIGNALS_UNBLOCKABLE;
	else
		signal_set_mask(mask);
}

/* A child with memory of its own has the stack too, with all that is on it, and comes back from
 * the handler as its parent does. One that shares the memory begins outside of any handler. */
int redox_fork_thread(struct user_thread *child, struct user_thread *parent,
		      const struct clone_request *request)
{
	const struct redox_thread *data = parent->abi_data;
	struct redox_thread *copy;

	if (!data)
		return 0;
	if (request->share_aspace) {
		if (data->handling)
			child->blocked = data->mask;
		return 0;
	}
	copy = kmalloc(data_size());
	if (!copy)
		return -ENOMEM;
	memcpy(copy, data, data_size());
	child->abi_data = copy;
	return 0;
}

/* exec or exit. Others may go on with the memory, without this stack, and the next program with the
 * mask. */
void redox_leave_signals(struct process *process)
{
	struct redox_thread *data = user_thread_current()->abi_data;

	if (!data)
		return;
	if (data->handling)
		signal_set_mask(data->mask);
	data->handling = false;
	if (data->stack)
		stack_unmap(process->aspace, data->stack - PAGE_SIZE);
	data->stack = 0;
}
