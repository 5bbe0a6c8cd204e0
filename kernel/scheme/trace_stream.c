/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records of all CPUs as one stream: /scheme/trace/events as they are, /scheme/trace/text as
 * lines for people.
 *
 * Reading makes records too (system calls, switches), so a reader that went on until there are
 * no more might never be done. The stream ends at the moment it was opened; who reads again
 * after the end gets what came since.
 */
#include "trace_priv.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/symbols.h>
#include <mm/phys/slab.h>
#include <scheme/file.h>
#include <time/clock.h>

#define LINE_MAX 192

/* The next record of a CPU. */
struct head {
	uint64_t position, lost;
	struct trace_record record;
	bool full; /* `record` was read and not given yet */
};

struct trace_stream {
	/* Under file->position_lock, or the test's own. */
	uint64_t end; /* no records later than this */
	bool begun;   /* the header was given */
	bool ended;   /* a reader was told that it is at the end */
	size_t length, taken;
	char bytes[LINE_MAX]; /* from `taken` to `length`: made and not read yet */
	struct head heads[CPU_MAX];
};

struct trace_stream *trace_stream_create(void)
{
	struct trace_stream *stream = kzalloc(sizeof(*stream));

	if (stream)
		trace_stream_extend(stream);
	return stream;
}

void trace_stream_extend(struct trace_stream *stream)
{
	stream->end = clock_monotonic_ns();
	stream->ended = false;
}

/* --- Merging. --- */

static struct head *find_first(struct trace_stream *stream)
{
	struct head *first = NULL;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct head *head = &stream->heads[cpu];

		if (!head->full)
			head->full = trace_read(cpu, &head->position, &head->record, &head->lost);
		if (head->full && head->record.time <= stream->end &&
		    (!first || head->record.time < first->record.time))
			first = head;
	}
	return first;
}

bool trace_stream_next(struct trace_stream *stream, struct trace_record *record)
{
	struct head *head = find_first(stream);

	if (!head)
		return false;
	*record = head->record;
	if (head->lost == 0) {
		head->full = false;
		return true;
	}
	*record = (struct trace_record){
		.time = head->record.time,
		.cpu = head->record.cpu,
		.kind = TRACE_LOST,
		.first = head->lost,
	};
	head->lost = 0;
	return true;
}

/* --- Lines for people. --- */

static const char *const switch_details[] = { "block", "yield", "preempt" };
static const char *const token_details[TRACE_TOKEN_EVENT_COUNT] = {
	"sent", "received", "launched", "retired", "lost", "merged", "donated",
};
static const char *const block_events[TRACE_BLOCK_EVENT_COUNT] = { "queue", "issue", "complete" };
static const char *const block_operations[TRACE_BLOCK_OPERATION_COUNT] = {
	"read", "write", "flush", "discard", "zeroes",
};
static const char *const ipi_details[] = { "wake sent", "wake received", "call received" };

/* How a kind is written. */
static const struct {
	const char *name;
	const char *first, *second; /* what the arguments mean; NULL: not shown */
	const char *const *details;
	uint8_t detail_count;
	bool first_hex;
} kinds[TRACE_KIND_COUNT] = {
	[TRACE_SWITCH] = { "switch", "to", NULL, switch_details, array_length(switch_details),
			   true },
	[TRACE_WAKE] = { "wake", "thread", "to cpu", NULL, 0, true },
	[TRACE_TOKEN] = { "token", "cpu", "lap", token_details, array_length(token_details),
			  false },
	[TRACE_FAULT_ENTER] = { "fault", "address", NULL, NULL, 0, true },
	[TRACE_FAULT_LEAVE] = { "fault end", "address", "result", NULL, 0, true },
	[TRACE_SYSCALL_ENTER] = { "syscall", "number", NULL, NULL, 0, false },
	[TRACE_SYSCALL_LEAVE] = { "syscall end", "number", "result", NULL, 0, false },
	[TRACE_IRQ_ENTER] = { "irq", "number", NULL, NULL, 0, false },
	[TRACE_IRQ_LEAVE] = { "irq end", "number", NULL, NULL, 0, false },
	[TRACE_TIMER] = { "timer", "deadline", NULL, NULL, 0, false },
	[TRACE_IPI] = { "ipi", NULL, NULL, ipi_details, array_length(ipi_details), false },
	[TRACE_NAME] = { "name", NULL, NULL, NULL, 0, false },
	[TRACE_LOST] = { "lost", "records", NULL, NULL, 0, false },
	[TRACE_BLOCK] = { "block", NULL, NULL, NULL, 0, false },
};

/* Appends to `line`, which holds LINE_MAX bytes, `length` of them used; returns the new length.
 * What does not fit is left out. */
static size_t printf_like(3, 4) append(char *line, size_t length, const char *format, ...)
{
	va_list arguments;
	int more;

	va_start(arguments, format);
	more = vsnprintf(line + length, LINE_MAX - length, format, arguments);
	va_end(arguments);
	return min_size(length + (size_t)more, LINE_MAX - 1);
}

static size_t append_block(char *line, size_t length, const struct trace_record *record)
{
	unsigned event = record->detail & 15, operation = record->detail >> 4;

	if (event >= TRACE_BLOCK_EVENT_COUNT || operation >= TRACE_BLOCK_OPERATION_COUNT)
		return length;
	length = append(line, length, " %s %s device=%lu:%lu sector=%lu count=%lu",
			block_events[event], block_operations[operation], record->first >> 56,
			record->first >> 48 & 0xff, record->first & 0xffffffffffff,
			record->second & 0xffffff);
	if (event != TRACE_BLOCK_COMPLETE)
		return length;
	return append(line, length, " error=%lu ns=%lu", record->second >> 24 & 0xff,
		      record->second >> 32);
}

/* What only some kinds have to say. */
static size_t append_special(char *line, size_t length, const struct trace_record *record)
{
	const char *function;
	size_t offset;

	if (record->kind == TRACE_BLOCK)
		return append_block(line, length, record);
	if (record->kind == TRACE_NAME)
		return append(line, length, " \"%.16s\"", record->text);
	if (record->kind == TRACE_IPI && record->first != TRACE_CPU_UNKNOWN)
		return append(line, length, " cpu=%lu", record->first);
	if (record->kind == TRACE_TIMER && symbol_lookup(record->second, &function, &offset))
		return append(line, length, " %s()", function);
	return length;
}

static size_t make_line(const struct trace_record *record, char *line)
{
	typeof(kinds[0]) *kind = &kinds[record->kind];
	size_t length =
		append(line, 0, "%6llu.%09llu cpu%u %08x %s", record->time / NS_PER_SECOND,
		       record->time % NS_PER_SECOND, record->cpu, record->thread, kind->name);

	if (record->detail < kind->detail_count)
		length = append(line, length, " %s", kind->details[record->detail]);
	if (kind->first)
		length = append(line, length, kind->first_hex ? " %s=%#lx" : " %s=%lu", kind->first,
				record->first);
	if (kind->second)
		length = append(line, length, " %s=%ld", kind->second, (int64_t)record->second);
	length = append_special(line, length, record);
	return append(line, length, "\n");
}

/* --- Files. --- */

static int stream_open(struct node *node, struct file *file)
{
	(void)node;
	file->private = trace_stream_create();
	return file->private ? 0 : -ENOMEM;
}

static void stream_close(struct file *file)
{
	kfree(file->private);
}

static size_t make_header(char *bytes)
{
	struct trace_header header = {
		.magic = TRACE_MAGIC,
		.version = TRACE_VERSION,
		.record_bytes = sizeof(struct trace_record),
		.cpus = cpu_count(),
		.realtime_ns = clock_realtime_ns() - clock_monotonic_ns(),
	};

	memcpy(bytes, &header, sizeof(header));
	return sizeof(header);
}

/* Makes the next bytes to be read; false at the end. */
static bool refill(struct trace_stream *stream, bool text)
{
	struct trace_record record;
	bool more;

	stream->taken = 0;
	stream->length = 0;
	if (!stream->begun && !text) {
		stream->begun = true;
		stream->length = make_header(stream->bytes);
		return true;
	}
	mutex_lock(&trace_lock);
	more = trace_stream_next(stream, &record);
	mutex_unlock(&trace_lock);
	if (!more)
		return false;
	if (text) {
		stream->length = make_line(&record, stream->bytes);
	} else {
		memcpy(stream->bytes, &record, sizeof(record));
		stream->length = sizeof(record);
	}
	return true;
}

static ssize_t read_some(struct trace_stream *stream, struct io *io, bool text)
{
	size_t done = 0;

	if (stream->ended)
		trace_stream_extend(stream);
	while (io_remaining(io)) {
		ssize_t count;

		if (stream->taken == stream->length && !refill(stream, text))
			break;
		count = io_put(io, stream->bytes + stream->taken, stream->length - stream->taken);
		if (count <= 0)
			return done ? (ssize_t)done : count;
		stream->taken += (size_t)count;
		done += (size_t)count;
	}
	stream->ended = done == 0;
	return (ssize_t)done;
}

static ssize_t stream_read(struct file *file, struct io *io, bool text)
{
	ssize_t result;

	mutex_lock(&file->position_lock);
	result = read_some(file->private, io, text);
	mutex_unlock(&file->position_lock);
	return result;
}

static ssize_t events_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return stream_read(file, io, false);
}

static ssize_t text_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return stream_read(file, io, true);
}

const struct node_ops trace_events_ops = {
	.open = stream_open,
	.close = stream_close,
	.read = events_read,
};

const struct node_ops trace_text_ops = {
	.open = stream_open,
	.close = stream_close,
	.read = text_read,
};
