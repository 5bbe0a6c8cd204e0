/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Self tests: pipes, FIFOs and waiting for readiness. */
#include <base/errno.h>
#include <base/string.h>
#include <core/ktest.h>
#include <mm/phys/slab.h>
#include <sched/thread.h>
#include <scheme/pipe.h>
#include <scheme/poll.h>
#include <time/clock.h>

#include <scheme/ktest_tree.h>

#define CAPACITY     65536
#define STREAM_BYTES 300000

static struct file *reader, *writer;
static struct wait_queue helper_end;
static _Atomic bool helper_running;

static bool begin(unsigned flags)
{
	struct credentials *credentials = credentials_create(NULL);
	int error = credentials ? pipe_create(flags, credentials, &reader, &writer) : -ENOMEM;

	ktest_expect(error == 0);
	if (credentials)
		credentials_put(credentials);
	return error == 0;
}

static void end(void)
{
	file_put(reader);
	file_put(writer);
}

/* Once for all tests: a helper of the last one may still be about to leave the queue alone. */
static void prepare_helper_end(void)
{
	static bool done;

	if (!done)
		wait_queue_init(&helper_end, "helpers");
	done = true;
}

/* Runs `function` beside the test. */
static void start_helper(void (*function)(void *))
{
	prepare_helper_end();
	helper_running = true;
	if (thread_spawn("helper", function, NULL)) {
		helper_running = false;
		ktest_expect(false);
	}
}

static void helper_done(void)
{
	helper_running = false;
	wait_wake_all(&helper_end);
}

static void wait_for_helper(void)
{
	struct waiter waiter;

	wait_begin(&helper_end, &waiter);
	while (helper_running)
		ktest_expect(wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER) == 0);
	wait_end(&waiter);
}

static void pause_shortly(void)
{
	thread_sleep_until(clock_deadline_after(20 * NS_PER_MILLISECOND));
}

KTEST(scheme, pipes_keep_order_and_size)
{
	char *bytes = kzalloc(CAPACITY);
	char text[8];

	ktest_expect(bytes);
	if (!bytes || !begin(FILE_NONBLOCK))
		return;
	ktest_expect(ktest_file_read(reader, text, 1) == -EAGAIN);
	ktest_expect(ktest_file_read(reader, text, 0) == 0);
	ktest_expect(ktest_file_read(writer, text, 1) == -EBADF);
	ktest_expect(ktest_file_write(reader, text, 1) == -EBADF);
	ktest_expect(file_seek(reader, 0, 0) == -ESPIPE);
	ktest_expect(ktest_file_write(writer, "abc", 3) == 3);
	ktest_expect(ktest_file_write(writer, "def", 3) == 3);
	ktest_expect(ktest_file_read(reader, text, 4) == 4 && memcmp(text, "abcd", 4) == 0);
	ktest_expect(ktest_file_read(reader, text, 4) == 2 && memcmp(text, "ef", 2) == 0);
	ktest_expect(pipe_capacity(reader) == CAPACITY);
	/* A small write is all or nothing, a large one takes what there is room for. */
	ktest_expect(ktest_file_write(writer, bytes, CAPACITY - 100) == CAPACITY - 100);
	ktest_expect(ktest_file_write(writer, bytes, 101) == -EAGAIN);
	ktest_expect(ktest_file_write(writer, bytes, 5000) == 100);
	ktest_expect(ktest_file_write(writer, bytes, 1) == -EAGAIN);
	ktest_expect(ktest_file_read(reader, bytes, CAPACITY) == CAPACITY);
	end();
	kfree(bytes);
}

static void put_stream(void *unused)
{
	static uint8_t bytes[7001];
	size_t done = 0;

	(void)unused;
	while (done < STREAM_BYTES) {
		size_t length = min_size(done % sizeof(bytes) + 1, STREAM_BYTES - done);

		for (size_t i = 0; i < length; i++)
			bytes[i] = (uint8_t)((done + i) * 31 >> 3);
		ktest_expect(ktest_file_write(writer, bytes, length) == (ssize_t)length);
		done += length;
	}
	file_put(writer);
	helper_done();
}

KTEST(scheme, pipes_carry_a_stream)
{
	static uint8_t bytes[9973];
	bool right = true;
	size_t done = 0;

	if (!begin(0))
		return;
	start_helper(put_stream);
	for (;;) {
		ssize_t count = ktest_file_read(reader, bytes, done % sizeof(bytes) + 1);

		if (count <= 0) {
			ktest_expect(count == 0);
			break;
		}
		for (size_t i = 0; i < (size_t)count; i++)
			right &= bytes[i] == (uint8_t)((done + i) * 31 >> 3);
		done += (size_t)count;
	}
	ktest_expect(right && done == STREAM_BYTES);
	wait_for_helper();
	file_put(reader);
}

/* --- Several readers and writers. --- */

#define RECORD_SIZE    24
#define RECORD_WRITERS 3
#define RECORD_READERS 2
#define RECORDS_EACH   4000 /* together much more than a pipe holds */

static _Atomic unsigned records_read, records_torn, helpers_running;

static void helper_left(void)
{
	helpers_running--;
	wait_wake_all(&helper_end);
}

static void write_records(void *argument)
{
	uint8_t record[RECORD_SIZE];

	memset(record, (int)(uintptr_t)argument, sizeof(record));
	for (unsigned i = 0; i < RECORDS_EACH; i++)
		ktest_expect(ktest_file_write(writer, record, RECORD_SIZE) == RECORD_SIZE);
	file_put(writer);
	helper_left();
}

static void read_records(void *unused)
{
	uint8_t record[RECORD_SIZE];
	ssize_t count;

	(void)unused;
	while ((count = ktest_file_read(reader, record, sizeof(record))) > 0) {
		bool whole = count == RECORD_SIZE && record[0] == record[RECORD_SIZE - 1];

		records_read++;
		records_torn += !whole || memcmp(record, record + 1, RECORD_SIZE - 1) != 0;
	}
	ktest_expect(count == 0);
	helper_left();
}

static void start_many(void (*function)(void *), unsigned count)
{
	for (uintptr_t i = 0; i < count; i++) {
		helpers_running++;
		ktest_expect(thread_spawn("helper", function, (void *)i) == 0);
	}
}

KTEST(scheme, small_writes_are_not_mixed)
{
	struct waiter waiter;

	if (!begin(0))
		return;
	records_read = records_torn = helpers_running = 0;
	prepare_helper_end();
	for (unsigned i = 1; i < RECORD_WRITERS; i++)
		file_get(writer);
	start_many(write_records, RECORD_WRITERS);
	start_many(read_records, RECORD_READERS);
	wait_begin(&helper_end, &waiter);
	while (helpers_running)
		ktest_expect(wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, DEADLINE_NEVER) == 0);
	wait_end(&waiter);
	ktest_expect(records_read == RECORD_WRITERS * RECORDS_EACH && records_torn == 0);
	file_put(reader);
}

KTEST(scheme, pipes_tell_of_ends)
{
	struct file *other;
	char byte;

	if (!begin(0))
		return;
	ktest_expect(file_poll(reader, NULL) == 0);
	ktest_expect(file_poll(writer, NULL) & POLL_OUT);
	ktest_expect(ktest_file_write(writer, "x", 1) == 1);
	ktest_expect(file_poll(reader, NULL) & POLL_IN);
	file_put(writer);
	ktest_expect((file_poll(reader, NULL) & (POLL_IN | POLL_HANGUP)) ==
		     (POLL_IN | POLL_HANGUP));
	/* An end that is opened anew, as through /proc/PID/fd, does not wait for the other. */
	ktest_expect(file_create(reader->node, NULL, FILE_READ_ONLY, reader->credentials, &other) ==
		     0);
	file_put(reader);
	reader = other;
	ktest_expect(ktest_file_read(reader, &byte, 1) == 1 && byte == 'x');
	ktest_expect(ktest_file_read(reader, &byte, 1) == 0);
	ktest_expect((file_poll(reader, NULL) & (POLL_IN | POLL_HANGUP)) == POLL_HANGUP);
	file_put(reader);
	if (!begin(0))
		return;
	file_put(reader);
	ktest_expect(ktest_file_write(writer, "x", 1) == -EPIPE);
	ktest_expect(file_poll(writer, NULL) & POLL_ERROR);
	file_put(writer);
}

KTEST(scheme, packets_stay_apart)
{
	char text[8];

	if (!begin(FILE_NONBLOCK | FILE_DIRECT))
		return;
	ktest_expect(ktest_file_write(writer, "first", 5) == 5);
	ktest_expect(ktest_file_write(writer, "2", 1) == 1);
	ktest_expect(ktest_file_read(reader, text, 3) == 3 && memcmp(text, "fir", 3) == 0);
	ktest_expect(ktest_file_read(reader, text, 8) == 1 && text[0] == '2');
	ktest_expect(ktest_file_read(reader, text, 8) == -EAGAIN);
	for (unsigned i = 0; i < 16; i++)
		ktest_expect(ktest_file_write(writer, "p", 1) == 1);
	ktest_expect(ktest_file_write(writer, "p", 1) == -EAGAIN);
	ktest_expect(ktest_file_read(reader, text, 8) == 1);
	ktest_expect(ktest_file_write(writer, "p", 1) == 1);
	end();
}

static void write_later(void *unused)
{
	(void)unused;
	pause_shortly();
	ktest_expect(ktest_file_write(writer, "!", 1) == 1);
	helper_done();
}

KTEST(scheme, poll_waits)
{
	struct poll_entry entries[2] = { { .wanted = POLL_IN }, { .wanted = POLL_IN } };
	uint64_t start = clock_monotonic_ns();

	if (!begin(0))
		return;
	entries[0].file = reader;
	ktest_expect(poll_wait(entries, 2, 0) == 0);
	ktest_expect(poll_wait(entries, 2, start + 5 * NS_PER_MILLISECOND) == 0);
	ktest_expect(clock_monotonic_ns() >= start + 5 * NS_PER_MILLISECOND);
	ktest_expect(entries[0].ready == 0 && entries[1].ready == 0);
	start_helper(write_later);
	ktest_expect(poll_wait(entries, 2, DEADLINE_NEVER) == 1);
	ktest_expect(entries[0].ready == POLL_IN);
	wait_for_helper();
	/* What is not wanted does not wake, but errors always do. */
	entries[1] = (struct poll_entry){ .file = writer };
	entries[0].wanted = 0;
	ktest_expect(poll_wait(entries, 2, 0) == 0);
	file_put(reader);
	entries[0].file = NULL;
	entries[0].ready = 0;
	ktest_expect(poll_wait(entries, 2, DEADLINE_NEVER) == 1);
	ktest_expect(entries[1].ready == POLL_ERROR);
	file_put(writer);
}

KTEST(scheme, poll_takes_many)
{
	enum { COUNT = 100 };
	static struct poll_entry entries[COUNT];
	struct file *other;

	if (!begin(0))
		return;
	for (unsigned i = 0; i < COUNT; i++)
		entries[i] = (struct poll_entry){ .file = reader, .wanted = POLL_IN };
	ktest_expect(poll_wait(entries, COUNT, clock_deadline_after(NS_PER_MILLISECOND)) == 0);
	start_helper(write_later);
	ktest_expect(poll_wait(entries, COUNT, DEADLINE_NEVER) > 0);
	wait_for_helper();
	ktest_expect(poll_wait(entries, COUNT, DEADLINE_NEVER) == COUNT);
	/* A second description of the same pipe, as /proc/PID/fd gives it. */
	ktest_expect(file_create(reader->node, NULL, FILE_READ_ONLY, reader->credentials, &other) ==
		     0);
	ktest_expect(file_poll(other, NULL) & POLL_IN);
	file_put(other);
	end();
}

/* --- FIFOs. --- */

static struct ktest_tree fifo_tree;

static void open_writer(void *unused)
{
	(void)unused;
	pause_shortly();
	ktest_expect(ktest_open(&fifo_tree, "fifo", FILE_WRITE_ONLY, &writer) == 0);
	ktest_expect(ktest_file_write(writer, "through", 7) == 7);
	file_put(writer);
	helper_done();
}

KTEST(scheme, fifos_wait_for_partners)
{
	const struct node_template like = { .mode = MODE_FIFO | 0600 };
	struct file *both;
	char text[8];

	if (!ktest_tree_begin_tmp(&fifo_tree))
		return;
	ktest_expect(path_make(&fifo_tree.walker, NULL, "fifo", &like) == 0);
	ktest_expect(ktest_open(&fifo_tree, "fifo", FILE_WRITE_ONLY | FILE_NONBLOCK, &writer) ==
		     -ENXIO);
	start_helper(open_writer);
	ktest_expect(ktest_open(&fifo_tree, "fifo", FILE_READ_ONLY, &reader) == 0);
	ktest_expect(ktest_file_read(reader, text, sizeof(text)) == 7);
	ktest_expect(memcmp(text, "through", 7) == 0);
	ktest_expect(ktest_file_read(reader, text, sizeof(text)) == 0);
	wait_for_helper();
	ktest_expect(file_poll(reader, NULL) == POLL_HANGUP);
	file_put(reader);
	/* One that nobody has written to yet does not hang up. */
	ktest_expect(ktest_open(&fifo_tree, "fifo", FILE_NONBLOCK, &reader) == 0);
	ktest_expect(file_poll(reader, NULL) == 0);
	ktest_expect(ktest_file_read(reader, text, sizeof(text)) == 0);
	ktest_expect(ktest_open(&fifo_tree, "fifo", FILE_READ_WRITE, &both) == 0);
	ktest_expect(ktest_file_write(both, "x", 1) == 1);
	ktest_expect(ktest_file_read(both, text, 1) == 1);
	ktest_expect(ktest_file_read(reader, text, 1) == -EAGAIN);
	file_put(both);
	ktest_expect(file_poll(reader, NULL) == POLL_HANGUP);
	file_put(reader);
	ktest_expect(ktest_unlink(&fifo_tree, "fifo") == 0);
	ktest_tree_end(&fifo_tree);
}
