/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel log as a file: scheme `log:` is its text, /dev/kmsg is Linux's records, one for
 * each read. Both begin with the oldest text kept and wait at the end. What is written to them
 * becomes lines of the log; "<N>" before a line sets its level.
 *
 * An open file's position counts bytes of all text ever logged, as log_read() does. Its lock is
 * taken here, as the node is a stream.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <sched/work.h>
#include <scheme/device.h>
#include <scheme/poll.h>
#include <scheme/scheme.h>

#define CHUNK_BYTES 512 /* not less than a line of the log */
#define WRITE_MAX   1024

static struct wait_queue readers;
static struct work wake_work;

static void wake_readers(struct work *work)
{
	(void)work;
	wait_wake_all(&readers);
}

/* Called in any context after each line. A reader that is not seen here yet will see the line:
 * it looks at the log once more after it has joined the queue. */
static void notify(void)
{
	if (!wait_queue_empty(&readers))
		work_raise(&wake_work);
}

/* --- Reading. --- */

/* Waits until there is text after *position. */
static int wait_for_text(const struct file *file, uint64_t position)
{
	struct waiter waiter;
	int error = 0;

	if (log_end() > position)
		return 0;
	if (file->flags & FILE_NONBLOCK)
		return -EAGAIN;
	wait_begin(&readers, &waiter);
	while (!error && log_end() <= position)
		error = wait_sleep(&waiter, WAIT_INTERRUPTIBLE, DEADLINE_NEVER);
	wait_end(&waiter);
	return error;
}

static ssize_t read_text(struct file *file, struct io *io)
{
	uint64_t position = file->position;
	char text[CHUNK_BYTES];
	size_t done = 0;

	while (io_remaining(io)) {
		size_t wanted = min_size(io_remaining(io), sizeof(text));
		size_t length = log_read(&position, text, wanted);
		ssize_t count = io_put(io, text, length);

		if (count < 0)
			return done ? (ssize_t)done : count;
		done += (size_t)count;
		file->position = position - (length - (size_t)count);
		if ((size_t)count < wanted)
			break;
	}
	return (ssize_t)done;
}

/* Reads until there is something. `take` is called with the position's lock held; 0 means that
 * there was nothing. */
static ssize_t read_with(struct file *file, struct io *io,
			 ssize_t (*take)(struct file *file, struct io *io))
{
	ssize_t result = 0;

	while (result == 0 && io_remaining(io)) {
		uint64_t position;

		mutex_lock(&file->position_lock);
		result = take(file, io);
		position = file->position;
		mutex_unlock(&file->position_lock);
		if (result == 0)
			result = wait_for_text(file, position);
	}
	return result;
}

static ssize_t log_file_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return read_with(file, io, read_text);
}

/* Reads one whole line, terminated, without its end, moving *position past it. False: there is
 * none yet. */
static bool read_line(uint64_t *position, char *line, size_t size)
{
	for (;;) {
		uint64_t end = *position, start;
		size_t length = log_read(&end, line, size - 1);
		char *newline = memchr(line, '\n', length);
		bool lost;

		if (!newline && length < size - 1)
			return false;
		start = end - length;
		lost = start != *position;
		*position = newline ? start + (uint64_t)(newline - line) + 1 : end;
		/* Where text was lost, what comes first is the rest of a line. */
		if (lost && newline)
			continue;
		line[newline ? (size_t)(newline - line) : length] = '\0';
		return true;
	}
}

static uint64_t parse_number(const char **text)
{
	uint64_t value = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		value = value * 10 + (uint64_t)(**text - '0');
	return value;
}

/* Takes "[    1.234567] <6>" off a line. */
static const char *parse_line(const char *line, uint64_t *microseconds, unsigned *level)
{
	const char *text = line;

	*microseconds = 0;
	*level = LOG_INFO;
	if (*text != '[')
		return line;
	for (text++; *text == ' ';)
		text++;
	*microseconds = parse_number(&text) * 1000000;
	if (*text == '.') {
		text++;
		*microseconds += parse_number(&text);
	}
	text = strchr(text, '<');
	if (!text)
		return line;
	text++;
	*level = (unsigned)parse_number(&text);
	return *text == '>' ? text + 1 : line;
}

static ssize_t read_record(struct file *file, struct io *io)
{
	uint64_t position = file->position, microseconds;
	char line[CHUNK_BYTES + 1], head[64];
	size_t head_length, text_length;
	const char *text;
	unsigned level;
	ssize_t count;

	if (!read_line(&position, line, sizeof(line)))
		return 0;
	text = parse_line(line, &microseconds, &level);
	text_length = strlen(text);
	head_length = (size_t)snprintf(head, sizeof(head), "%u,%llu,%llu,-;", level,
				       (unsigned long long)file->position,
				       (unsigned long long)microseconds);
	if (io_remaining(io) < head_length + text_length + 1)
		return -EINVAL;
	file->position = position;
	count = io_put(io, head, head_length);
	if (count == (ssize_t)head_length)
		count = io_put(io, text, text_length);
	if (count == (ssize_t)text_length)
		count = io_put(io, "\n", 1);
	return count < 0 ? count : (ssize_t)(head_length + text_length + 1);
}

static ssize_t kmsg_read(struct file *file, struct io *io, uint64_t offset)
{
	(void)offset;
	return read_with(file, io, read_record);
}

/* --- Writing. --- */

static void write_line(char *line, size_t length)
{
	enum log_level level = LOG_NOTICE;
	const char *text = line;

	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			line[i] = '?';
	}
	if (*text == '<') {
		const char *end = text + 1;
		uint64_t value = parse_number(&end);

		if (*end == '>' && end > text + 1) {
			level = (enum log_level)max_u64(value & 7, LOG_ERROR);
			text = end + 1;
		}
	}
	if (*text)
		log_write(level, "user", "%s", text);
}

static ssize_t log_file_write(struct file *file, struct io *io, uint64_t *offset)
{
	char text[WRITE_MAX + 1];
	ssize_t length;

	(void)file;
	(void)offset;
	if (io_remaining(io) > WRITE_MAX)
		return -EINVAL;
	length = io_take(io, text, WRITE_MAX);
	if (length < 0)
		return length;
	text[length] = '\0';
	for (char *line = text; *line;) {
		char *end = strchr(line, '\n');
		size_t line_length = end ? (size_t)(end - line) : strlen(line);

		line[line_length] = '\0';
		write_line(line, line_length);
		line += line_length + (end != NULL);
	}
	return length;
}

static unsigned log_file_poll(struct file *file, struct poller *poller)
{
	unsigned ready = POLL_OUT | POLL_WRITE_NORMAL;

	poller_add(poller, &readers);
	if (log_end() > file->position)
		ready |= POLL_IN | POLL_READ_NORMAL;
	return ready;
}

static const struct node_ops log_ops = {
	.read = log_file_read,
	.write = log_file_write,
	.poll = log_file_poll,
};

static const struct node_ops kmsg_ops = {
	.read = kmsg_read,
	.write = log_file_write,
	.poll = log_file_poll,
};

static const struct device_node kmsg_device = {
	"kmsg", MODE_CHARACTER, 1, 11, 0644, &kmsg_ops, NULL, NODE_STREAM,
};

static int log_start(void)
{
	int error = device_scheme_create("log", &log_ops, 0644, NODE_STREAM);

	if (error)
		return error;
	wait_queue_init(&readers, "log readers");
	work_init(&wake_work, wake_readers);
	log_set_notify(notify);
	return device_node_add(&kmsg_device);
}

SCHEME(log) = { .name = "log", .level = 10, .start = log_start };
