/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pipes and `event:`. */
#include "redox_test.h"

static void expect_path(int64_t fd, const char *wanted)
{
	char path[64];
	int64_t length = EXPECT_SUCCESS(file_path(fd, path, sizeof(path)));

	EXPECT_EQUAL(length, strlen(wanted));
	EXPECT(memcmp(path, wanted, (size_t)length) == 0);
}

/* --- pipe2. --- */

TEST(pipe, bytes_go_through)
{
	struct redox_stat status;
	uint64_t ends[2];
	char bytes[8];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "hello", 5), 5);
	EXPECT_EQUAL(file_read((int64_t)ends[0], bytes, sizeof(bytes)), 5);
	EXPECT(memcmp(bytes, "hello", 5) == 0);
	for (int i = 0; i < 2; i++) {
		expect_path((int64_t)ends[i], "pipe:");
		EXPECT_EQUAL(file_status((int64_t)ends[i], &status), 0);
		EXPECT_EQUAL(status.mode, 0x1000 | 0666);
		EXPECT_ERROR(file_seek((int64_t)ends[i], 0, REDOX_SEEK_SET), ESPIPE);
	}
}

TEST(pipe, ends)
{
	uint64_t ends[2];
	char byte = 'x';

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_ERROR(file_read((int64_t)ends[1], &byte, 1), EBADF);
	EXPECT_ERROR(file_write((int64_t)ends[0], &byte, 1), EBADF);
	EXPECT_EQUAL(file_write((int64_t)ends[1], &byte, 1), 1);
	EXPECT_EQUAL(file_close((int64_t)ends[1]), 0);
	EXPECT_EQUAL(file_read((int64_t)ends[0], &byte, 1), 1);
	EXPECT_EQUAL(file_read((int64_t)ends[0], &byte, 1), 0);
	EXPECT_EQUAL(file_close((int64_t)ends[0]), 0);
	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(file_close((int64_t)ends[0]), 0);
	EXPECT_ERROR(file_write((int64_t)ends[1], &byte, 1), EPIPE);
}

TEST(pipe, flags)
{
	uint64_t ends[2];
	char byte;

	EXPECT_EQUAL(pipe_create(ends, REDOX_O_NONBLOCK | REDOX_O_CLOEXEC), 0);
	EXPECT_ERROR(file_read((int64_t)ends[0], &byte, 1), EAGAIN);
	EXPECT_EQUAL(file_control((int64_t)ends[0], REDOX_F_GETFD, 0), REDOX_O_CLOEXEC);
	EXPECT_EQUAL(file_control((int64_t)ends[1], REDOX_F_GETFD, 0), REDOX_O_CLOEXEC);
}

TEST(pipe, bad_addresses)
{
	int64_t before = EXPECT_SUCCESS(file_open("null:", REDOX_O_RDWR));
	int64_t after;

	EXPECT_EQUAL(file_close(before), 0);
	EXPECT_ERROR(syscall(pipe2, 0, 0), EFAULT);
	EXPECT_ERROR(syscall(pipe2, 8, 0), EFAULT);
	EXPECT_ERROR(syscall(pipe2, UINT64_MAX - 7, 0), EFAULT);
	EXPECT_ERROR(syscall(pipe2, UINT64_C(1) << 63, 0), EFAULT);
	/* No descriptor was made. */
	after = EXPECT_SUCCESS(file_open("null:", REDOX_O_RDWR));
	EXPECT_EQUAL(after, before);
	EXPECT_ERROR(file_open("pipe:", REDOX_O_RDWR), ENOENT);
}

/* --- event: --- */

static int64_t make_queue(void)
{
	return EXPECT_SUCCESS(file_open("event:", REDOX_O_RDWR | REDOX_O_NONBLOCK));
}

static void expect_event(int64_t queue, int64_t fd, uint64_t flags, uint64_t data)
{
	struct redox_event event = { 0 };

	EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
	EXPECT_EQUAL(event.id, fd);
	EXPECT_EQUAL(event.flags, flags);
	EXPECT_EQUAL(event.data, data);
}

static void expect_nothing(int64_t queue)
{
	struct redox_event event;

	EXPECT_ERROR(event_wait(queue, &event, 1), EAGAIN);
}

TEST(event, edges)
{
	int64_t queue = make_queue();
	uint64_t ends[2];
	char bytes[8];

	expect_path(queue, "event:");
	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 77), 0);
	expect_nothing(queue);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "abc", 3), 3);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 77);
	/* Once, though there is something to read still. */
	expect_nothing(queue);
	EXPECT_EQUAL(file_read((int64_t)ends[0], bytes, 1), 1);
	expect_nothing(queue);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "d", 1), 1);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 77);
	EXPECT_EQUAL(file_read((int64_t)ends[0], bytes, 8), 3);
	expect_nothing(queue);
	/* The end of the file, too. */
	EXPECT_EQUAL(file_close((int64_t)ends[1]), 0);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 77);
	expect_nothing(queue);
}

TEST(event, what_is_ready_already)
{
	int64_t queue = make_queue(), other = make_queue();
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 1), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[1], REDOX_EVENT_WRITE, 2), 0);
	EXPECT_EQUAL(event_subscribe(other, ends[0], REDOX_EVENT_READ, 3), 0);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 1);
	expect_event(queue, (int64_t)ends[1], REDOX_EVENT_WRITE, 2);
	expect_event(other, (int64_t)ends[0], REDOX_EVENT_READ, 3);
	expect_nothing(queue);
	expect_nothing(other);
	/* Asked for again it is told again. */
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 1), 0);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 1);
	expect_nothing(queue);
}

TEST(event, keys)
{
	struct redox_event events[4];
	int64_t queue = make_queue(), copy;
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	copy = EXPECT_SUCCESS(file_duplicate((int64_t)ends[0], NULL));
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 1), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 2), 0);
	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)copy, REDOX_EVENT_READ, 1), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	EXPECT_EQUAL(event_wait(queue, events, 4), 3);
	/* Only the one that is named ends. */
	EXPECT_EQUAL(event_subscribe(queue, ends[0], 0, 1), 0);
	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)copy, 0, 1), 0);
	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)copy, 0, 1), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 2);
	expect_nothing(queue);
}

TEST(event, several_at_once)
{
	struct redox_event wanted[3], events[8];
	int64_t queue = make_queue();
	uint64_t ends[3][2];

	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQUAL(pipe_create(ends[i], 0), 0);
		EXPECT_EQUAL(file_write((int64_t)ends[i][1], "x", 1), 1);
		wanted[i] = (struct redox_event){ ends[i][0], REDOX_EVENT_READ, i };
	}
	/* Whole ones are taken, what is left over is not. */
	EXPECT_EQUAL(file_write(queue, wanted, sizeof(wanted) - 1), 2 * sizeof(wanted[0]));
	EXPECT_EQUAL(file_write(queue, &wanted[2], sizeof(wanted[2])), sizeof(wanted[2]));
	EXPECT_EQUAL(file_read(queue, events, 2 * sizeof(events[0]) + 5), 2 * sizeof(events[0]));
	EXPECT_EQUAL(events[0].data, 0);
	EXPECT_EQUAL(events[1].data, 1);
	EXPECT_EQUAL(file_read(queue, events, sizeof(events)), sizeof(events[0]));
	EXPECT_EQUAL(events[0].data, 2);
	EXPECT_EQUAL(file_write(queue, wanted, 23), 0);
	EXPECT_EQUAL(file_write(queue, wanted, 0), 0);
}

TEST(event, errors)
{
	struct redox_event events[2] = { { 0 } };
	int64_t queue = make_queue(), file;
	uint64_t ends[2];

	EXPECT_ERROR(event_subscribe(queue, 999, REDOX_EVENT_READ, 0), EBADF);
	EXPECT_ERROR(event_subscribe(queue, UINT64_MAX, REDOX_EVENT_READ, 0), EBADF);
	EXPECT_ERROR(event_subscribe(queue, UINT64_C(1) << 32, REDOX_EVENT_READ, 0), EBADF);
	EXPECT_ERROR(event_subscribe(queue, 999, 0, 0), EBADF);
	file = EXPECT_SUCCESS(file_open("file:/tmp/event", REDOX_O_CREAT | REDOX_O_RDWR | 0600));
	EXPECT_ERROR(event_subscribe(queue, (uint64_t)file, REDOX_EVENT_READ, 0), EPERM);
	EXPECT_ERROR(event_subscribe(queue, (uint64_t)queue, REDOX_EVENT_READ, 0), EINVAL);
	EXPECT_ERROR(file_write(queue, (void *)8, sizeof(events[0])), EFAULT);
	EXPECT_ERROR(file_read(queue, (void *)8, sizeof(events[0])), EFAULT);
	/* Those before a wrong one count. */
	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	events[0] = (struct redox_event){ ends[1], REDOX_EVENT_WRITE, 5 };
	events[1].id = 999;
	EXPECT_EQUAL(file_write(queue, events, sizeof(events)), sizeof(events[0]));
	expect_event(queue, (int64_t)ends[1], REDOX_EVENT_WRITE, 5);
}

TEST(event, closed_descriptor)
{
	int64_t queue = make_queue();
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 0), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	EXPECT_EQUAL(file_close((int64_t)ends[0]), 0);
	expect_nothing(queue);
}

/* Redox's kernel looks at no access mode here, and programs rely on that. */
TEST(event, access_mode)
{
	int64_t queue = EXPECT_SUCCESS(file_open("event:", REDOX_O_NONBLOCK));
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[1], REDOX_EVENT_WRITE, 0), 0);
	expect_event(queue, (int64_t)ends[1], REDOX_EVENT_WRITE, 0);
}

/* That it was ready is told though it is no more: else two queues that watch the same would take it
 * from each other. */
TEST(event, what_was_ready)
{
	int64_t queues[2] = { make_queue(), make_queue() };
	uint64_t ends[2];
	char byte;

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	for (int i = 0; i < 2; i++)
		EXPECT_EQUAL(event_subscribe(queues[i], ends[0], REDOX_EVENT_READ, 5), 0);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	expect_event(queues[0], (int64_t)ends[0], REDOX_EVENT_READ, 5);
	EXPECT_EQUAL(file_read((int64_t)ends[0], &byte, 1), 1);
	expect_event(queues[1], (int64_t)ends[0], REDOX_EVENT_READ, 5);
	expect_nothing(queues[0]);
	expect_nothing(queues[1]);
}

/* What is ready now, without a queue; and flags that come later. */
TEST(event, asking_and_flags)
{
	int64_t queue = EXPECT_SUCCESS(event_queue_create()),
		timer = EXPECT_SUCCESS(timer_create());
	struct redox_event event;
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(syscall(fevent, ends[0], REDOX_EVENT_READ), 0);
	EXPECT_EQUAL(syscall(fevent, ends[1], REDOX_EVENT_READ | REDOX_EVENT_WRITE),
		     REDOX_EVENT_WRITE);
	EXPECT_EQUAL(syscall(fevent, timer, REDOX_EVENT_READ), 0);
	EXPECT_ERROR(syscall(fevent, 999, REDOX_EVENT_READ), EBADF);
	EXPECT_EQUAL(file_control(queue, REDOX_F_SETFL, REDOX_O_NONBLOCK), 0);
	EXPECT_ERROR(event_wait(queue, &event, 1), EAGAIN);
	EXPECT_EQUAL(file_control(queue, REDOX_F_GETFL, 0), REDOX_O_RDWR | REDOX_O_NONBLOCK);
	EXPECT_ERROR(file_seek(queue, 0, REDOX_SEEK_SET), ESPIPE);
	EXPECT_ERROR(file_duplicate(queue, "x"), EBADF);
	EXPECT_ERROR(file_truncate(queue, 0), EINVAL);
}

TEST(event, queue_in_queue)
{
	int64_t outer = make_queue(), inner = make_queue();
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(event_subscribe(inner, ends[0], REDOX_EVENT_READ, 1), 0);
	EXPECT_EQUAL(event_subscribe(outer, (uint64_t)inner, REDOX_EVENT_READ, 2), 0);
	EXPECT_ERROR(event_subscribe(inner, (uint64_t)outer, REDOX_EVENT_READ, 3), ELOOP);
	expect_nothing(outer);
	EXPECT_EQUAL(file_write((int64_t)ends[1], "x", 1), 1);
	expect_event(outer, inner, REDOX_EVENT_READ, 2);
	expect_event(inner, (int64_t)ends[0], REDOX_EVENT_READ, 1);
	expect_nothing(inner);
	expect_nothing(outer);
}

static unsigned write_later(void *argument)
{
	const uint64_t *ends = argument;

	test_let_block();
	return file_write((int64_t)ends[1], "x", 1) != 1;
}

TEST(event, reading_waits)
{
	int64_t queue = EXPECT_SUCCESS(event_queue_create()), child;
	uint64_t ends[2];

	EXPECT_EQUAL(pipe_create(ends, 0), 0);
	EXPECT_EQUAL(event_subscribe(queue, ends[0], REDOX_EVENT_READ, 9), 0);
	child = test_spawn(write_later, ends);
	expect_event(queue, (int64_t)ends[0], REDOX_EVENT_READ, 9);
	EXPECT_EQUAL(test_wait(child), 0);
}

static void do_nothing(int signal)
{
	(void)signal;
}

static unsigned signal_later(void *argument)
{
	test_let_block();
	return signal_send(*(const int64_t *)argument, SIGUSR1) != 0;
}

TEST(event, interrupted)
{
	int64_t queue = EXPECT_SUCCESS(event_queue_create()), self = process_id(), child;
	struct redox_event event;

	EXPECT_EQUAL(signal_set_handler(SIGUSR1, do_nothing, 0, NULL), 0);
	child = test_spawn(signal_later, &self);
	EXPECT_ERROR(event_wait(queue, &event, 1), EINTR);
	EXPECT_EQUAL(test_wait(child), 0);
}
