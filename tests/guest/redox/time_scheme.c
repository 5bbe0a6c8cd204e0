/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `time:` and `itimer:`. */
#include "redox_test.h"

#define MILLISECOND INT64_C(1000000)

static int64_t read_clock(int64_t timer)
{
	struct redox_timespec now;

	EXPECT_EQUAL(file_read(timer, &now, sizeof(now)), sizeof(now));
	EXPECT(now.nanoseconds >= 0 && now.nanoseconds < NANOSECONDS_PER_SECOND);
	return now.seconds * NANOSECONDS_PER_SECOND + now.nanoseconds;
}

static struct redox_timespec time_of(int64_t ns)
{
	return (struct redox_timespec){
		.seconds = ns / NANOSECONDS_PER_SECOND,
		.nanoseconds = (int32_t)(ns % NANOSECONDS_PER_SECOND),
	};
}

static void expect_path(int64_t fd, const char *wanted)
{
	char path[64];
	int64_t length = EXPECT_SUCCESS(file_path(fd, path, sizeof(path)));

	EXPECT_EQUAL(length, strlen(wanted));
	EXPECT(memcmp(path, wanted, (size_t)length) == 0);
}

TEST(time, names)
{
	int64_t real = EXPECT_SUCCESS(file_open("time:1", REDOX_O_RDWR));
	int64_t monotonic = EXPECT_SUCCESS(file_open("time:4", REDOX_O_RDWR));

	expect_path(real, "time:1");
	expect_path(monotonic, "time:4");
	EXPECT_ERROR(file_open("time:", REDOX_O_RDWR), ENOENT);
	EXPECT_ERROR(file_open("time:0", REDOX_O_RDWR), ENOENT);
	EXPECT_ERROR(file_open("time:2", REDOX_O_RDWR), ENOENT);
	EXPECT_ERROR(file_open("time:44", REDOX_O_RDWR), ENOENT);
	EXPECT_ERROR(file_open("time:x", REDOX_O_RDWR), ENOENT);
	EXPECT_ERROR(file_open("itimer:2", REDOX_O_RDWR), ENOENT);
}

TEST(time, reading)
{
	int64_t timer = EXPECT_SUCCESS(timer_create()), first, second;
	int64_t real = EXPECT_SUCCESS(file_open("time:1", REDOX_O_RDONLY));
	struct redox_timespec times[3];

	first = read_clock(timer);
	second = read_clock(timer);
	EXPECT(second >= first);
	EXPECT(read_clock(real) > first);
	EXPECT_EQUAL(file_read(timer, times, sizeof(times)), sizeof(times));
	EXPECT_EQUAL(file_read(timer, times, sizeof(times) - 1), 2 * sizeof(times[0]));
	EXPECT_EQUAL(file_read(timer, times, 15), 0);
	EXPECT_ERROR(file_read(timer, (void *)8, 16), EFAULT);
}

/* Waits until `count` events of the timer have come; no other ones may, and none too early. */
static void expect_times(int64_t queue, int64_t timer, const int64_t *due, unsigned count)
{
	int64_t clock = EXPECT_SUCCESS(timer_create());

	for (unsigned i = 0; i < count; i++) {
		struct redox_event event;

		EXPECT_EQUAL(event_wait(queue, &event, 1), 1);
		EXPECT_EQUAL(event.id, timer);
		EXPECT_EQUAL(event.flags, REDOX_EVENT_READ);
		EXPECT(read_clock(clock) >= due[i]);
	}
	EXPECT_EQUAL(file_close(clock), 0);
}

TEST(time, several_pending)
{
	int64_t queue = EXPECT_SUCCESS(event_queue_create());
	int64_t timer = EXPECT_SUCCESS(timer_create()), now = read_clock(timer);
	const int64_t due[] = { now + 20 * MILLISECOND, now + 40 * MILLISECOND,
				now + 60 * MILLISECOND };
	const struct redox_timespec times[] = { time_of(due[2]), time_of(due[0]), time_of(due[1]) };

	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)timer, REDOX_EVENT_READ, 0), 0);
	EXPECT_EQUAL(file_write(timer, times, sizeof(times)), sizeof(times));
	expect_times(queue, timer, due, 3);
}

TEST(time, past_and_equal_times)
{
	int64_t queue = EXPECT_SUCCESS(file_open("event:", REDOX_O_RDWR | REDOX_O_NONBLOCK));
	int64_t timer = EXPECT_SUCCESS(timer_create()), now = read_clock(timer);
	const struct redox_timespec times[] = { time_of(now), { 0 }, { .seconds = -5 } };
	struct redox_event events[8];

	EXPECT_EQUAL(event_subscribe(queue, (uint64_t)timer, REDOX_EVENT_READ, 4), 0);
	EXPECT_ERROR(event_wait(queue, events, 8), EAGAIN);
	EXPECT_EQUAL(file_write(timer, times, sizeof(times)), sizeof(times));
	/* Each is reported, though none was waited for meanwhile. */
	EXPECT_EQUAL(event_wait(queue, events, 2), 2);
	EXPECT_EQUAL(event_wait(queue, events, 8), 1);
	EXPECT_EQUAL(events[0].data, 4);
	EXPECT_ERROR(event_wait(queue, events, 8), EAGAIN);
}

TEST(time, two_queues)
{
	int64_t timer = EXPECT_SUCCESS(file_open("time:1", REDOX_O_RDWR)), now = read_clock(timer);
	const struct redox_timespec when = time_of(now + 10 * MILLISECOND);
	int64_t queues[2];

	for (int i = 0; i < 2; i++) {
		queues[i] = EXPECT_SUCCESS(event_queue_create());
		EXPECT_EQUAL(event_subscribe(queues[i], (uint64_t)timer, REDOX_EVENT_READ, 0), 0);
	}
	EXPECT_EQUAL(timer_set(timer, &when), 0);
	for (int i = 0; i < 2; i++) {
		struct redox_event event;

		EXPECT_EQUAL(event_wait(queues[i], &event, 1), 1);
		/* The first reader does not take it from the other queue. */
		EXPECT(read_clock(timer) >= now + 10 * MILLISECOND);
	}
}

TEST(time, bad_times)
{
	int64_t timer = EXPECT_SUCCESS(timer_create());
	struct redox_timespec times[2] = { { .seconds = INT64_MAX }, { .nanoseconds = -1 } };

	EXPECT_EQUAL(file_write(timer, times, sizeof(times)), sizeof(times[0]));
	EXPECT_ERROR(file_write(timer, &times[1], sizeof(times[1])), EINVAL);
	times[1].nanoseconds = 1000000000;
	EXPECT_ERROR(file_write(timer, &times[1], sizeof(times[1])), EINVAL);
	EXPECT_EQUAL(file_write(timer, times, 15), 0);
	EXPECT_ERROR(file_write(timer, (void *)8, 16), EFAULT);
}

/* A limit, and the memory of all goes with the descriptor. */
TEST(time, very_many)
{
	const struct redox_timespec never = { .seconds = INT64_MAX };
	int64_t timer = EXPECT_SUCCESS(timer_create()), result = 0;
	unsigned count = 0;

	while (count < 100000 && (result = timer_set(timer, &never)) == 0)
		count++;
	EXPECT(count >= 1000);
	EXPECT_ERROR(result, ENOMEM);
	EXPECT_EQUAL(file_close(timer), 0);
}

TEST(time, itimer)
{
	struct redox_itimerspec spec = { .value.seconds = 1 };
	int64_t timer = EXPECT_SUCCESS(file_open("itimer:1", REDOX_O_RDWR));

	expect_path(timer, "itimer:1");
	EXPECT_EQUAL(file_write(timer, &spec, sizeof(spec)), sizeof(spec));
	EXPECT_EQUAL(file_read(timer, &spec, sizeof(spec)), sizeof(spec));
	EXPECT_EQUAL(spec.value.seconds, 0);
	EXPECT_EQUAL(file_read(timer, &spec, sizeof(spec) - 1), 0);
}
