/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: a ring of formatted text. Lines look like "[    0.012345] <6>area: text".
 */
#include <core/log.h>

#include <arch/cpu.h>
#include <arch/irq.h>
#include <base/format.h>
#include <base/string.h>
#include <core/patience.h>

#include <stdatomic.h>

#define RING_SIZE 65536 /* a power of two */
#define LINE_MAX  512
#define NS_PER_US 1000
#define US_PER_S  1000000
/* The lock is held while sinks write a line, which slow devices take their time for. */
#define LOCK_LIMIT_NS 2000000000ull

static char ring[RING_SIZE];
static uint64_t ring_end; /* bytes ever written */
static struct log_sink *first_sink;
static void (*notify_readers)(void);

/* Ring and sinks. A raw lock: the log works below everything else, in panics too. */
static atomic_flag lock = ATOMIC_FLAG_INIT;
static _Atomic bool panicking;

/* Waits until `limit_ns` have passed; false: in vain. */
static bool log_try_lock(uint64_t limit_ns)
{
	struct patience patience = PATIENCE_INIT(limit_ns);

	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
		if (atomic_load(&panicking))
			break;
		if (patience_ran_out(&patience))
			return false;
		arch_cpu_relax();
	}
	return true;
}

static unsigned long log_lock(void)
{
	unsigned long state = arch_irq_save();

	while (!log_try_lock(UINT64_MAX))
		arch_cpu_relax();
	return state;
}

static void log_unlock(unsigned long state)
{
	atomic_flag_clear_explicit(&lock, memory_order_release);
	arch_irq_restore(state);
}

static void ring_append(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		ring[ring_end++ & (RING_SIZE - 1)] = text[i];
}

/* Gives lines to a sink, unless it is where this CPU's panic began. */
static void write_sink(struct log_sink *sink, enum log_level level, const char *line, size_t length)
{
	unsigned self = arch_cpu_id() + 1;

	if (level > sink->max_level || (sink->writer == self && atomic_load(&panicking)))
		return;
	sink->writer = self;
	sink->write(sink, line, length);
	sink->writer = 0;
}

/* What programs and devices name themselves ends up in lines: it is not to look like more lines,
 * or speak to terminals. */
static void replace_controls(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if ((uint8_t)text[i] < ' ' || text[i] == 0x7f)
			text[i] = '?';
	}
}

void log_write(enum log_level level, const char *area, const char *format, ...)
{
	char line[LINE_MAX];
	uint64_t us = arch_clock_ns() / NS_PER_US;
	size_t length;
	unsigned long state;
	va_list arguments;

	length = (size_t)snprintf(line, sizeof(line), "[%5lu.%06lu] <%d>%s: ", us / US_PER_S,
				  us % US_PER_S, (int)level, area);
	va_start(arguments, format);
	length += (size_t)vsnprintf(line + length, sizeof(line) - length, format, arguments);
	va_end(arguments);
	length = min_size(length, sizeof(line) - 2);
	replace_controls(line, length);
	line[length++] = '\n';

	state = arch_irq_save();
	if (!log_try_lock(LOCK_LIMIT_NS)) {
		/* Its holder hangs, and this may be the report of it. */
		arch_debug_write(line, length);
		arch_irq_restore(state);
		return;
	}
	ring_append(line, length);
	for (struct log_sink *sink = first_sink; sink; sink = sink->next)
		write_sink(sink, level, line, length);
	log_unlock(state);
	if (notify_readers)
		notify_readers();
}

/* The level in a line's "<N>", for replaying. */
static enum log_level line_level(const char *line, size_t length)
{
	for (size_t i = 0; i + 1 < length; i++) {
		if (line[i] == '<')
			return (enum log_level)(line[i + 1] - '0');
	}
	return LOG_INFO;
}

static void replay(struct log_sink *sink)
{
	uint64_t position = ring_end > RING_SIZE ? ring_end - RING_SIZE : 0;
	char line[LINE_MAX];

	while (position < ring_end) {
		size_t length = 0;

		while (position < ring_end && length < sizeof(line)) {
			line[length] = ring[position++ & (RING_SIZE - 1)];
			if (line[length++] == '\n')
				break;
		}
		write_sink(sink, line_level(line, length), line, length);
	}
}

void log_add_sink(struct log_sink *sink)
{
	unsigned long state = log_lock();
	struct log_sink **end = &first_sink;

	replay(sink);
	while (*end)
		end = &(*end)->next;
	*end = sink;
	log_unlock(state);
}

size_t log_read(uint64_t *position, char *buffer, size_t size)
{
	unsigned long state = log_lock();
	uint64_t oldest = ring_end > RING_SIZE ? ring_end - RING_SIZE : 0;
	size_t count;

	if (*position < oldest)
		*position = oldest;
	if (*position > ring_end)
		*position = ring_end;
	count = min_size(size, ring_end - *position);
	for (size_t i = 0; i < count; i++)
		buffer[i] = ring[(*position + i) & (RING_SIZE - 1)];
	*position += count;
	log_unlock(state);
	return count;
}

uint64_t log_end(void)
{
	unsigned long state = log_lock();
	uint64_t end = ring_end;

	log_unlock(state);
	return end;
}

void log_set_notify(void (*notify)(void))
{
	notify_readers = notify;
}

void log_enter_panic(void)
{
	atomic_store(&panicking, true);
}

bool log_in_panic(void)
{
	return atomic_load(&panicking);
}
