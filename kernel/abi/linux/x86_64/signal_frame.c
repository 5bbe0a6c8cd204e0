/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signal frames on x86_64: what a handler finds on its stack, and what sigreturn takes back.
 * Everything in a frame that comes back is a program's word and checked.
 */
#include "../linux.h"

#include <arch/thread.h>
#include <base/string.h>
#include <machine/layout.h>
#include <machine/vector.h>
#include <mm/phys/slab.h>
#include <proc/process.h>
#include <proc/signal.h>

struct signal_context {
	/* 0x00 */ uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	/* 0x40 */ uint64_t rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
	/* 0x88 */ uint64_t rflags;
	/* 0x90 */ uint16_t cs, gs, fs, ss;
	/* 0x98 */ uint64_t error_code, trap, old_mask, cr2;
	/* 0xb8 */ uint64_t vector_state; /* user address, 0: none */
	/* 0xc0 */ uint64_t reserved[8];
};

struct user_context {
	/* 0x00 */ uint64_t flags;
	/* 0x08 */ uint64_t link;
	/* 0x10 */ struct linux_stack stack;
	/* 0x28 */ struct signal_context registers;
	/* 0x128 */ uint64_t mask;
};

struct signal_frame {
	/* 0x00 */ uint64_t restorer; /* the handler's return address */
	/* 0x08 */ struct user_context context;
	/* 0x138 */ struct linux_siginfo info;
};

/* Behind the FXSAVE image (at its offset 464): what more there is. */
struct vector_extension {
	uint32_t magic;
	uint32_t size; /* of image and end mark */
	uint64_t components;
	uint32_t state_size;
	uint32_t reserved[7];
};

_Static_assert(sizeof(struct signal_context) == 0x100, "sigcontext");
_Static_assert(sizeof(struct user_context) == 0x130, "ucontext");
_Static_assert(__builtin_offsetof(struct signal_frame, info) == 0x138, "rt_sigframe");
_Static_assert(sizeof(struct vector_extension) == 48, "_fpx_sw_bytes");

#define CONTEXT_XSTATE      1
#define CONTEXT_SS          6 /* ss is saved and restored strictly */
#define EXTENSION_OFFSET    464
#define EXTENSION_MAGIC     0x46505853
#define EXTENSION_END_MAGIC 0x46505845
#define LEGACY_SIZE         512
#define VECTOR_ALIGNMENT    64
#define RED_ZONE            128
#define STACK_ON            1
#define STACK_DISABLE       2
#define STACK_AUTODISARM    (1u << 31)
#define RFLAGS_CHANGEABLE   0x254dd5 /* arithmetic, trap, direction, overflow, alignment, id */
#define RFLAGS_CLEARED      0x500    /* for handlers: direction and trap */
#define RFLAGS_INTERRUPT    0x200

static bool on_alternate_stack(const struct user_thread *self, uintptr_t stack_pointer)
{
	return self->alternate_stack_size &&
	       stack_pointer - self->alternate_stack < self->alternate_stack_size;
}

static uintptr_t choose_stack(const struct user_thread *self, uintptr_t stack_pointer,
			      const struct signal_action *action)
{
	if ((action->flags & ACTION_ON_STACK) && self->alternate_stack_size &&
	    !on_alternate_stack(self, stack_pointer))
		return self->alternate_stack + self->alternate_stack_size;
	return stack_pointer - RED_ZONE;
}

static size_t vector_frame_size(void)
{
	return machine_vector_size() + (machine_vector_has_xsave() ? sizeof(uint32_t) : 0);
}

/* Writes the vector state to the aligned user address `to`. */
static int put_vector_state(uintptr_t to)
{
	size_t size = machine_vector_size();
	struct vector_extension extension = {
		.magic = EXTENSION_MAGIC,
		.size = (uint32_t)vector_frame_size(),
		.components = machine_vector_components(),
		.state_size = (uint32_t)size,
	};
	int error = linux_put(to, machine_vector_current(), size);

	if (error || !machine_vector_has_xsave())
		return error;
	error = linux_put(to + EXTENSION_OFFSET, &extension, sizeof(extension));
	return error ? error : write_user_u32(to + size, EXTENSION_END_MAGIC);
}

static void save_registers(struct signal_context *to, const struct arch_registers *from)
{
	*to = (struct signal_context){
		.r8 = from->r8,
		.r9 = from->r9,
		.r10 = from->r10,
		.r11 = from->r11,
		.r12 = from->r12,
		.r13 = from->r13,
		.r14 = from->r14,
		.r15 = from->r15,
		.rdi = from->rdi,
		.rsi = from->rsi,
		.rbp = from->rbp,
		.rbx = from->rbx,
		.rdx = from->rdx,
		.rax = from->rax,
		.rcx = from->rcx,
		.rsp = from->rsp,
		.rip = from->rip,
		.rflags = from->rflags,
		.cs = (uint16_t)from->cs,
		.ss = (uint16_t)from->ss,
	};
}

int linux_deliver_signal(struct arch_registers *registers, const struct signal_info *info,
			 const struct signal_action *action, signal_set_t old_mask)
{
	struct user_thread *self = user_thread_current();
	uintptr_t top = choose_stack(self, registers->rsp, action);
	uintptr_t vector = align_down(top - vector_frame_size(), VECTOR_ALIGNMENT);
	uintptr_t at = align_down(vector - sizeof(struct signal_frame), 16) - 8;
	struct signal_frame frame;
	int error;

	if (!(action->flags & ACTION_RESTORER))
		return -EFAULT;
	memset(&frame, 0, sizeof(frame));
	frame.restorer = action->restorer;
	frame.context.flags = CONTEXT_SS | (machine_vector_has_xsave() ? CONTEXT_XSTATE : 0);
	frame.context.stack.base = self->alternate_stack;
	frame.context.stack.size = self->alternate_stack_size;
	frame.context.stack.flags = (int32_t)(!self->alternate_stack_size ? STACK_DISABLE
					      : on_alternate_stack(self, registers->rsp) ? STACK_ON
											 : 0);
	save_registers(&frame.context.registers, registers);
	frame.context.registers.vector_state = vector;
	if (info->code > 0 && info->code != SIGNAL_KERNEL)
		frame.context.registers.cr2 = info->address;
	frame.context.mask = (uint64_t)old_mask;
	linux_encode_siginfo(info, &frame.info);

	error = put_vector_state(vector);
	if (!error)
		error = linux_put(at, &frame, sizeof(frame));
	if (error)
		return error;
	if (self->alternate_stack_flags & STACK_AUTODISARM)
		self->alternate_stack_size = 0;
	registers->rdi = (uint64_t)info->signal;
	registers->rsi = at + __builtin_offsetof(struct signal_frame, info);
	registers->rdx = at + __builtin_offsetof(struct signal_frame, context);
	registers->rax = 0;
	registers->rip = action->handler;
	registers->rsp = at;
	registers->rflags &= ~(uint64_t)RFLAGS_CLEARED;
	return 0;
}

static void load_registers(struct arch_registers *to, const struct signal_context *from)
{
	uint64_t rflags = (to->rflags & ~(uint64_t)RFLAGS_CHANGEABLE) |
			  (from->rflags & RFLAGS_CHANGEABLE) | RFLAGS_INTERRUPT;
	uintptr_t stack_pointer = from->rsp;

	arch_registers_reset(to, from->rip, stack_pointer);
	to->r8 = from->r8;
	to->r9 = from->r9;
	to->r10 = from->r10;
	to->r11 = from->r11;
	to->r12 = from->r12;
	to->r13 = from->r13;
	to->r14 = from->r14;
	to->r15 = from->r15;
	to->rdi = from->rdi;
	to->rsi = from->rsi;
	to->rbp = from->rbp;
	to->rbx = from->rbx;
	to->rdx = from->rdx;
	to->rax = from->rax;
	to->rcx = from->rcx;
	to->rflags = rflags;
}

/* Takes back the vector state at a user address. */
static int get_vector_state(uintptr_t from)
{
	size_t size = machine_vector_size();
	struct vector_extension extension;
	bool legacy_only = true;
	uint32_t end = 0;
	void *image;
	int error;

	error = linux_get(&extension, from + EXTENSION_OFFSET, sizeof(extension));
	if (error)
		return error;
	if (machine_vector_has_xsave() && extension.magic == EXTENSION_MAGIC &&
	    extension.state_size == size) {
		error = read_user_u32(from + size, &end);
		legacy_only = error || end != EXTENSION_END_MAGIC;
	}
	image = kmalloc(size);
	if (!image)
		return -ENOMEM;
	error = linux_get(image, from, legacy_only ? LEGACY_SIZE : size);
	if (!error)
		machine_vector_restore(image, legacy_only);
	kfree(image);
	return error;
}

static void restore_stack(struct user_thread *self, const struct linux_stack *stack,
			  uintptr_t stack_pointer)
{
	if (on_alternate_stack(self, stack_pointer))
		return;
	if (stack->flags & STACK_DISABLE) {
		self->alternate_stack_size = 0;
	} else {
		self->alternate_stack = stack->base;
		self->alternate_stack_size = stack->size;
	}
}

int64_t linux_rt_sigreturn(const struct linux_call *call)
{
	/* The handler's return took the restorer's address off the stack. */
	uintptr_t at = call->registers->rsp - sizeof(uint64_t);
	struct user_thread *self = user_thread_current();
	struct signal_frame frame;
	int error = linux_get(&frame, at, sizeof(frame));

	if (!error && frame.context.registers.vector_state)
		error = get_vector_state(frame.context.registers.vector_state);
	self->in_syscall = false;
	if (error) {
		struct signal_info info = { .signal = SIGSEGV, .code = SIGNAL_KERNEL };

		signal_force(&info);
		return 0;
	}
	signal_set_mask(frame.context.mask);
	restore_stack(self, &frame.context.stack, frame.context.registers.rsp);
	load_registers(call->registers, &frame.context.registers);
	return 0;
}
