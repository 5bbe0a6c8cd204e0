/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a machine of the input: its PCI functions, what their configuration holds, what of it can be
 * written, which answer by chance; and has the kernel find, number and place them, twice. What comes
 * of it must be sound (pci_model_check()). Of the kernel the PCI code alone is linked; what else it
 * calls is below.
 */
#include "../../kernel/dev/test/pci_model.h"

#include <base/string.h>
#include <core/log.h>
#include <core/panic.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <unit.h>

#include "fuzz.h"

#define FUNCTIONS_MAX 40
#define CHANGES_MAX   64
#define MEMORY_END    (512ull << 20)
#define ACCESSES_MAX  3000000ul

/* The C library's. */
void *calloc(size_t count, size_t size);
void free(void *memory);

/* --- What the kernel's code calls ------------------------------------------------------------ */

void *kzalloc(size_t size)
{
	return calloc(1, size);
}

void kfree(void *memory)
{
	free(memory);
}

bool frame_memory_within(phys_t base, uint64_t length)
{
	(void)length;
	return base < MEMORY_END;
}

void log_write(enum log_level level, const char *subsystem, const char *format, ...)
{
	(void)level;
	(void)subsystem;
	(void)format;
}

void mutex_init(struct mutex *mutex, enum lock_rank rank, const char *name)
{
	(void)mutex;
	(void)rank;
	(void)name;
}

void arch_preempt_add(int delta)
{
	(void)delta;
}

bool arch_preempt_wanted(void)
{
	return false;
}

bool arch_irq_enabled(void)
{
	return true;
}

void preempt_check(void)
{
}

void spin_wait(struct spinlock *lock, uint16_t ticket)
{
	(void)lock;
	(void)ticket;
	__builtin_trap();
}

_Noreturn void panic(const char *format, ...)
{
	(void)format;
	__builtin_trap();
}

/* --- The harness of unit tests --------------------------------------------------------------- */

_Noreturn void unit_fail(const char *file, int line, const char *format, ...)
{
	(void)file;
	(void)line;
	(void)format;
	__builtin_trap();
}

void unit_expect_equal(const char *file, int line, const char *text, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		unit_fail(file, line, "%s", text);
}

uint64_t unit_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1dull;
}

uint64_t unit_random_below(uint64_t *state, uint64_t bound)
{
	return unit_random(state) % bound;
}

/* --- The machine ----------------------------------------------------------------------------- */

struct input {
	const uint8_t *next, *end;
};

static uint8_t take(struct input *input)
{
	return input->next < input->end ? *input->next++ : 0;
}

static struct model_function *take_function(struct input *input, struct model_function **bridges,
					    unsigned *bridge_count)
{
	struct model_function *above = bridges[take(input) % *bridge_count], *made;
	unsigned kind = take(input), slot = take(input) % 32;

	if (kind % 3 == 0) {
		made = pci_model_add_bridge(above, slot);
		bridges[(*bridge_count)++] = made;
	} else {
		made = pci_model_add(above, slot, kind / 3 % 8);
	}
	made->noise = kind >= 0xf0;
	for (unsigned i = take(input) % 6; i > 0; i--)
		pci_model_add_bar(made, i - 1, 1ull << (4 + take(input) % 60),
				  (uint32_t[]){ 0, 1, 4, 8, 12 }[take(input) % 5]);
	return made;
}

static void make_machine(struct input *input)
{
	struct model_function *bridges[FUNCTIONS_MAX + 1] = { NULL };
	unsigned count = 1 + take(input) % FUNCTIONS_MAX, bridge_count = 1;

	for (unsigned i = 0; i < count; i++) {
		struct model_function *made = take_function(input, bridges, &bridge_count);

		for (unsigned n = take(input) % CHANGES_MAX; n > 0; n--) {
			unsigned at = take(input);

			if (take(input) % 2)
				made->writable[at] = take(input);
			else
				made->config[at] = take(input);
		}
	}
}

/* Hardware whose registers are not what hardware has to have cannot be held to them. */
static bool is_honest(void)
{
	for (unsigned i = 0; i < MODEL_FUNCTIONS; i++)
		if (pci_model[i].noise)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, data + size };

	pci_model_start();
	pci_model_random = 1 + size;
	make_machine(&input);
	pci_model_enumerate();
	FUZZ_CHECK(pci_model_accesses < ACCESSES_MAX);
	if (is_honest())
		pci_model_check_addresses();
	pci_publish(&pci_model_root);
	pci_model_enumerate();
	pci_model_finish();
	return 0;
}
