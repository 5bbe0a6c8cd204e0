/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rings. Only its own CPU writes to a ring, with interrupts off, so writers never meet. A
 * reader copies a record and then looks whether the writer may have been at it meanwhile.
 *
 * Records are numbered from the start of the ring's life; record N lies in slot N modulo the
 * capacity. `reserved` is raised before a record is written and `committed` after, so what lies
 * between committed - capacity and committed is whole, unless `reserved` has come round to it.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/string.h>
#include <core/panic.h>
#include <sync/cpu.h>
#include <trace/trace.h>

#include <stdatomic.h>

#define SLOT_WORDS (sizeof(struct trace_record) / sizeof(uint64_t))

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are made of words");

/* A record, read and written a word at a time. */
struct slot {
	_Atomic uint64_t words[SLOT_WORDS];
};

struct buffer {
	uint64_t mask; /* the capacity less 1 */
	struct slot slots[];
};

struct ring {
	_Atomic uint64_t reserved, committed; /* the own CPU writes */
	struct buffer *_Atomic buffer;        /* the control's; NULL: none */
	uint64_t begin;                       /* the first record of this buffer; the control's */
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct trace_mask) == 64, "nothing else is in its cache line");

struct trace_mask trace_mask;
static struct ring rings[CPU_MAX];

/* --- Writing. --- */

/* The second word of a record, but for the CPU. */
static uint64_t describe(const struct thread *thread, enum trace_kind kind, unsigned detail)
{
	return trace_thread_number(thread) | (uint64_t)kind << 48 | (uint64_t)detail << 56;
}

static void append(uint64_t description, uint64_t first, uint64_t second)
{
	unsigned long state = arch_irq_save();
	unsigned cpu = cpu_id();
	struct ring *ring = &rings[cpu];
	/* Shown before the look at `buffer`: trace_detach() waits for it. */
	uint64_t number = atomic_fetch_add(&ring->reserved, 1);
	struct buffer *buffer = atomic_load(&ring->buffer);

	if (buffer) {
		struct slot *slot = &buffer->slots[number & buffer->mask];
		uint64_t time = arch_clock_ns();

		/* ... and before what it announces. */
		atomic_thread_fence(memory_order_release);
		atomic_store_explicit(&slot->words[0], time, memory_order_relaxed);
		atomic_store_explicit(&slot->words[1], description | (uint64_t)cpu << 32,
				      memory_order_relaxed);
		atomic_store_explicit(&slot->words[2], first, memory_order_relaxed);
		atomic_store_explicit(&slot->words[3], second, memory_order_relaxed);
	}
	atomic_store_explicit(&ring->committed, number + 1, memory_order_release);
	arch_irq_restore(state);
}

void trace_record(enum trace_kind kind, unsigned detail, uint64_t first, uint64_t second)
{
	append(describe(thread_current(), kind, detail), first, second);
}

void trace_record_name(const struct thread *thread, const char *name)
{
	uint64_t text[2] = { 0 };

	memcpy(text, name, strnlen(name, sizeof(text)));
	append(describe(thread, TRACE_NAME, 0), text[0], text[1]);
}

/* --- Control. --- */

size_t trace_buffer_bytes(size_t records)
{
	return sizeof(struct buffer) + records * sizeof(struct slot);
}

void trace_attach(unsigned cpu, void *memory, size_t records)
{
	struct ring *ring = &rings[cpu];
	struct buffer *buffer = memory;

	assert(records >= TRACE_RECORDS_MIN && (records & (records - 1)) == 0);
	assert(!atomic_load(&ring->buffer));
	buffer->mask = records - 1;
	atomic_store(&ring->buffer, buffer);
	/* A writer that reserved a record before it saw the buffer is passed over. */
	ring->begin = atomic_load(&ring->reserved);
}

void *trace_detach(unsigned cpu)
{
	struct ring *ring = &rings[cpu];
	struct buffer *buffer = atomic_exchange(&ring->buffer, NULL);
	/* Who reserves from here on sees NULL; who did before may be writing still. */
	uint64_t reserved = atomic_load(&ring->reserved);

	while (atomic_load_explicit(&ring->committed, memory_order_acquire) < reserved)
		arch_cpu_relax();
	return buffer;
}

void trace_set_kinds(uint32_t kinds)
{
	__atomic_store_n(&trace_mask.kinds, kinds, __ATOMIC_SEQ_CST);
}

uint32_t trace_kinds(void)
{
	return __atomic_load_n(&trace_mask.kinds, __ATOMIC_SEQ_CST);
}

void trace_clear(unsigned cpu)
{
	rings[cpu].begin = atomic_load(&rings[cpu].committed);
}

/* --- Reading. --- */

/* The number of the oldest record that nobody is writing over. */
static uint64_t oldest(const struct ring *ring, const struct buffer *buffer)
{
	uint64_t reserved = atomic_load_explicit(&ring->reserved, memory_order_relaxed);
	uint64_t capacity = buffer->mask + 1;

	return max_u64(ring->begin, reserved > capacity ? reserved - capacity : 0);
}

bool trace_read(unsigned cpu, uint64_t *position, struct trace_record *record, uint64_t *lost)
{
	struct ring *ring = &rings[cpu];
	const struct buffer *buffer = atomic_load(&ring->buffer);
	uint64_t words[SLOT_WORDS], number;

	if (!buffer)
		return false;
	/* What was recorded before is not lost, it was never to be read. */
	*position = max_u64(*position, ring->begin);
	do {
		number = max_u64(*position, oldest(ring, buffer));
		*lost += number - *position;
		*position = number;
		if (number >= atomic_load_explicit(&ring->committed, memory_order_acquire))
			return false;
		for (unsigned i = 0; i < SLOT_WORDS; i++)
			words[i] =
				atomic_load_explicit(&buffer->slots[number & buffer->mask].words[i],
						     memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
	} while (number < oldest(ring, buffer));
	memcpy(record, words, sizeof(*record));
	*position = number + 1;
	return true;
}

void trace_read_statistics(unsigned cpu, struct trace_statistics *statistics)
{
	const struct ring *ring = &rings[cpu];
	const struct buffer *buffer = atomic_load(&ring->buffer);

	*statistics = (struct trace_statistics){ 0 };
	if (!buffer)
		return;
	statistics->capacity = buffer->mask + 1;
	statistics->written = max_u64(atomic_load(&ring->committed), ring->begin) - ring->begin;
	statistics->lost = oldest(ring, buffer) - ring->begin;
}
