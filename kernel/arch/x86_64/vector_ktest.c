/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self tests of the vector registers of kernel threads: each thread that uses some finds what it
 * left in them, whoever ran meanwhile.
 */
#include <machine/vector.h>

#include <base/string.h>
#include <core/ktest.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <sync/cpu.h>

#define THREADS          6
#define ROUNDS           200
#define REGISTERS        16
#define WIDTH_MAX        32
#define COMPONENT_AVX    (1ull << 2)
#define TEST_PATIENCE_NS (20 * NS_PER_SECOND)

/* All 16 registers as they lie in memory, `width` bytes each. */
struct registers {
	uint8_t bytes[REGISTERS * WIDTH_MAX];
};

static struct {
	struct wait_queue finished;
	_Atomic unsigned left;
	_Atomic unsigned wrong; /* rounds after which a register had changed */
	_Atomic unsigned refused;
} state;

/* No clobbers are told: the compiler does not know these registers here. */
#define EACH_REGISTER(instruction)                                                                \
	instruction(0) instruction(1) instruction(2) instruction(3) instruction(4) instruction(5) \
		instruction(6) instruction(7) instruction(8) instruction(9) instruction(10)       \
			instruction(11) instruction(12) instruction(13) instruction(14)           \
				instruction(15)
#define LOAD_16(n)  "movdqu 16*" #n "(%0), %%xmm" #n "\n\t"
#define STORE_16(n) "movdqu %%xmm" #n ", 16*" #n "(%0)\n\t"
#define LOAD_32(n)  "vmovdqu 32*" #n "(%0), %%ymm" #n "\n\t"
#define STORE_32(n) "vmovdqu %%ymm" #n ", 32*" #n "(%0)\n\t"

static void registers_load(const struct registers *from, bool wide)
{
	if (wide)
		asm volatile(EACH_REGISTER(LOAD_32) : : "r"(from->bytes) : "memory");
	else
		asm volatile(EACH_REGISTER(LOAD_16) : : "r"(from->bytes) : "memory");
}

static void registers_store(struct registers *to, bool wide)
{
	if (wide)
		asm volatile(EACH_REGISTER(STORE_32) : : "r"(to->bytes) : "memory");
	else
		asm volatile(EACH_REGISTER(STORE_16) : : "r"(to->bytes) : "memory");
}

static void use_registers(unsigned seed)
{
	bool wide = machine_vector_components() & COMPONENT_AVX;
	size_t size = REGISTERS * (wide ? 32 : 16);
	struct registers written, read;

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < size; i++)
			written.bytes[i] = (uint8_t)(seed * 37 + round * 11 + i);
		registers_load(&written, wide);
		if (round % 16)
			thread_yield();
		else
			thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND / 4));
		registers_store(&read, wide);
		if (memcmp(written.bytes, read.bytes, size))
			state.wrong++;
	}
}

static void finish_thread(void)
{
	if (--state.left == 0)
		wait_wake(&state.finished);
}

/* Runs `entry` in so many kernel threads, and waits until all have finished. */
static void run_threads(unsigned count, void (*entry)(void *argument))
{
	struct waiter waiter;

	wait_queue_init(&state.finished, "vectors");
	state.wrong = state.refused = 0;
	state.left = 1;
	wait_begin(&state.finished, &waiter);
	for (uintptr_t i = 0; i < count; i++) {
		state.left++;
		if (thread_spawn("vectors", entry, (void *)i)) {
			ktest_expect(!"out of memory");
			state.left--;
		}
	}
	if (--state.left)
		ktest_expect(!wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE,
					 clock_deadline_after(TEST_PATIENCE_NS)));
	wait_end(&waiter);
	ktest_expect(state.left == 0);
	ktest_expect(state.refused == 0);
	ktest_expect(state.wrong == 0);
}

static void keeping_thread(void *argument)
{
	if (thread_use_vectors() || thread_use_vectors())
		state.refused++;
	else
		use_registers((unsigned)(uintptr_t)argument);
	finish_thread();
}

KTEST(arch, kernel_threads_keep_vectors)
{
	run_threads(THREADS, keeping_thread);
}

/* Nobody's numbers are in the registers of a thread that begins to use them. */
static void fresh_thread(void *argument)
{
	struct registers read;
	uint8_t bits = 0;

	(void)argument;
	if (thread_use_vectors()) {
		state.refused++;
	} else {
		registers_store(&read, false);
		for (size_t i = 0; i < REGISTERS * 16; i++)
			bits |= read.bytes[i];
		if (bits)
			state.wrong++;
	}
	finish_thread();
}

KTEST(arch, vectors_begin_clear)
{
	run_threads(1, fresh_thread);
}
