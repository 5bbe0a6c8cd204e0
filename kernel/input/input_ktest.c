/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that come, report and go while programs have them open. */
#include "evdev.h"

#include <base/errno.h>
#include <base/format.h>
#include <core/ktest.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <sched/thread.h>
#include <scheme/path.h>
#include <scheme/scheme.h>
#include <time/clock.h>

#define FAST_MS  20
#define PATIENCE (2 * NS_PER_SECOND)

/* A device of the test's, and a file that has it open for itself, so that what it reports does
 * nothing. */
struct fixture {
	struct input_device device;
	struct credentials *credentials;
	struct scheme *scheme;
	struct file *file;
};

static bool open_node(struct fixture *fixture, struct file **file)
{
	struct walker walker = { .credentials = fixture->credentials };
	char path[40];

	walker.root = walker.working_directory = fixture->scheme->root;
	snprintf(path, sizeof(path), "/dev/%s", fixture->device.evdev->path);
	return path_open(&walker, NULL, path, FILE_READ_WRITE | FILE_NONBLOCK, 0, file) == 0;
}

static bool start(struct fixture *fixture, unsigned kinds)
{
	*fixture = (struct fixture){ .device = { .name = "test", .kinds = kinds } };
	fixture->credentials = credentials_create(NULL);
	fixture->scheme = namespace_find(namespace_first(), "file", 4);
	if (!fixture->credentials || !fixture->scheme)
		return false;
	input_device_add(&fixture->device);
	if (!fixture->device.evdev || !open_node(fixture, &fixture->file))
		return false;
	return evdev_grab(fixture->file->private, true) == 0;
}

static void finish(struct fixture *fixture)
{
	file_put(fixture->file);
	scheme_put(fixture->scheme);
	credentials_put(fixture->credentials);
}

/* Takes what has come, at most `count` records. */
static ssize_t take(struct file *file, struct linux_input_record *records, size_t count)
{
	struct io io;

	io_init_kernel(&io, records, count * sizeof(*records));
	return file_read(file, &io, NULL);
}

KTEST(input, nodes_go_with_their_devices)
{
	struct linux_input_record records[4];
	struct fixture fixture;
	struct file *again;

	if (!start(&fixture, INPUT_HAS_BUTTONS | INPUT_HAS_MOVES)) {
		ktest_expect(!"no device");
		return;
	}
	input_report_key(&fixture.device, BUTTON_LEFT, true);
	ktest_expect(take(fixture.file, records, 4) == 2 * (ssize_t)sizeof(records[0]));
	ktest_expect(records[0].type == EVDEV_TYPE_KEY && records[0].code == BUTTON_LEFT &&
		     records[0].value == 1);
	ktest_expect(take(fixture.file, records, 4) == -EAGAIN);
	ktest_expect(file_poll(fixture.file, NULL) == (POLL_OUT | POLL_WRITE_NORMAL));
	input_device_remove(&fixture.device);
	/* The button that was down goes up first. */
	ktest_expect(file_poll(fixture.file, NULL) & POLL_HANGUP);
	ktest_expect(take(fixture.file, records, 4) == 2 * (ssize_t)sizeof(records[0]));
	ktest_expect(records[0].code == BUTTON_LEFT && records[0].value == 0);
	ktest_expect(take(fixture.file, records, 4) == -ENODEV);
	ktest_expect(fixture.device.evdev == NULL);
	finish(&fixture);
	/* Its name is free for the next one. */
	if (start(&fixture, INPUT_HAS_MOVES)) {
		ktest_expect(open_node(&fixture, &again));
		file_put(again);
		input_device_remove(&fixture.device);
		finish(&fixture);
	}
}

/* How many repetitions came, until one more than `wanted` or for a while. */
static unsigned count_repetitions(struct fixture *fixture, unsigned wanted)
{
	uint64_t end = clock_deadline_after(PATIENCE);
	struct linux_input_record record;
	unsigned count = 0;

	while (count < wanted && clock_monotonic_ns() < end) {
		if (take(fixture->file, &record, 1) < 0)
			thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
		else if (record.type == EVDEV_TYPE_KEY && record.value == 2)
			count++;
	}
	return count;
}

KTEST(input, keys_repeat_until_they_go)
{
	const struct input_repeat fast = { FAST_MS, FAST_MS };
	struct input_repeat before;
	struct fixture fixture;

	input_read_repeat(&before);
	input_set_repeat(&fast);
	if (!start(&fixture, INPUT_HAS_KEYS)) {
		ktest_expect(!"no device");
		return;
	}
	input_report_key(&fixture.device, KEY_A, true);
	input_report_key(&fixture.device, KEY_A, true); /* which it repeats by itself */
	ktest_expect(count_repetitions(&fixture, 3) == 3);
	/* Another key takes over; modifiers do not. */
	input_report_key(&fixture.device, KEY_B, true);
	input_report_key(&fixture.device, KEY_LEFT_SHIFT, true);
	ktest_expect(count_repetitions(&fixture, 2) == 2);
	/* Removed while it repeats: no event comes for a device that is gone. */
	input_device_remove(&fixture.device);
	thread_sleep_until(clock_deadline_after(3 * FAST_MS * NS_PER_MILLISECOND));
	finish(&fixture);
	input_set_repeat(&before);
}

struct storm {
	struct fixture *fixture;
	_Atomic bool stops;
	_Atomic unsigned running;
};

static void open_and_close(void *argument)
{
	struct storm *storm = argument;
	struct linux_input_record record;
	struct file *file;

	while (!storm->stops) {
		if (!open_node(storm->fixture, &file))
			continue;
		(void)!take(file, &record, 1);
		ktest_expect(evdev_grab(file->private, true) == -EBUSY);
		file_put(file);
	}
	storm->running--;
}

KTEST(input, readers_come_and_go_under_reports)
{
	struct fixture fixture;
	struct storm storm = { .fixture = &fixture };

	if (!start(&fixture, INPUT_HAS_MOVES)) {
		ktest_expect(!"no device");
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		if (!thread_spawn("input storm", open_and_close, &storm))
			storm.running++;
	for (unsigned i = 0; i < 20000; i++)
		input_report_move(&fixture.device, 1, 0, 0);
	storm.stops = true;
	while (storm.running)
		thread_sleep_until(clock_deadline_after(NS_PER_MILLISECOND));
	input_device_remove(&fixture.device);
	finish(&fixture);
}
