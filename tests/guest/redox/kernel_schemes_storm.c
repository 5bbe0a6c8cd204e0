/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that share a table of descriptors do everything to the kernel's schemes at once. */
#include "leak.h"
#include "redox_test.h"

#define STORM_PROCESSES 4
#define STORM_STEPS     1000
#define FIRST_FD        3
#define FD_COUNT        24

static const char *const names[] = {
	"event:",  "event:",    "time:1", "time:4",      "time:4",     "itimer:4", "sys:",
	"sys:exe", "sys:block", "irq:0",  "irq:1",       "irq:20",     "irq:300",  "debug:",
	"serio:0", "serio:1",   "null:",  "sys:context", "sys:iostat", "pipe:",    "rand:",
};

/* Only so many are open at a time. */
static void keep(int64_t fd)
{
	if (fd >= FIRST_FD + FD_COUNT)
		(void)file_close(fd);
}

static void open_one(uint64_t *state)
{
	uint64_t flags = REDOX_O_RDWR | REDOX_O_NONBLOCK, ends[2];

	if (test_random(state) % 3 == 0 && pipe_create(ends, REDOX_O_NONBLOCK) == 0) {
		keep((int64_t)ends[0]);
		keep((int64_t)ends[1]);
	} else {
		keep(file_open(names[test_random(state) % array_length(names)], flags));
	}
}

/* Times around now, a few of them many times over. */
static void write_times(int64_t fd, uint64_t *state)
{
	struct redox_timespec times[8];
	int64_t now = clock_monotonic();

	for (size_t i = 0; i < array_length(times); i++) {
		int64_t at = now + (int64_t)(test_random(state) % 4000000) - 1000000;

		times[i] = (struct redox_timespec){
			.seconds = at / NANOSECONDS_PER_SECOND,
			.nanoseconds = (int32_t)(at % NANOSECONDS_PER_SECOND),
		};
	}
	(void)file_write(fd, times, test_random(state) % (sizeof(times) + 1));
}

static void step(uint64_t *state)
{
	int64_t fd = FIRST_FD + (int64_t)(test_random(state) % FD_COUNT);
	int64_t other = FIRST_FD + (int64_t)(test_random(state) % FD_COUNT);
	uint64_t random = test_random(state);
	struct redox_event events[8];
	struct redox_stat status;
	char buffer[512];

	switch (random % 12) {
	case 0:
	case 1:
		open_one(state);
		break;
	case 2:
	case 3:
		(void)file_close(fd);
		break;
	case 4:
	case 5:
	case 6:
		(void)event_subscribe(fd, (uint64_t)other, random >> 8 & 3, random >> 10 & 3);
		break;
	case 7:
		(void)file_read(fd, events, sizeof(events));
		break;
	case 8:
		write_times(fd, state);
		break;
	case 9:
		(void)file_write(fd, buffer, random >> 8 & 255);
		break;
	case 10:
		(void)file_duplicate_to(fd, other, NULL);
		break;
	default:
		(void)file_path(fd, buffer, random >> 8 & 63);
		(void)file_status(fd, &status);
		(void)syscall(fevent, fd, random >> 8 & 3);
		(void)file_seek(fd, (int64_t)(random >> 8 & 31) - 8, random >> 16 & 3);
		break;
	}
}

static void storm(void)
{
	int64_t children[STORM_PROCESSES];

	for (unsigned i = 0; i < STORM_PROCESSES; i++) {
		children[i] = EXPECT_SUCCESS(process_clone(REDOX_CLONE_FILES));
		if (children[i] == 0) {
			uint64_t state = 0x9e3779b97f4a7c15 * (i + 1);

			for (unsigned n = 0; n < STORM_STEPS; n++)
				step(&state);
			process_exit(0);
		}
	}
	for (unsigned i = 0; i < STORM_PROCESSES; i++)
		EXPECT_EQUAL(test_wait(children[i]), 0);
	for (int64_t fd = FIRST_FD; fd < 1024; fd++)
		(void)file_close(fd);
}

TEST_SLOW(kernel_schemes, storm, 120)
{
	static struct leak_count before;

	storm();
	leak_count(&before);
	storm();
	leak_expect_none(&before);
}
