/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A driver of the tests, in two files, with everything that relocations are for. */
#include "small.h"

#include <base/errno.h>
#include <base/string.h>
#include <ddk/driver.h>
#include <ddk/memory.h>

unsigned small_counter = 5;

static unsigned cleared[2000];
static unsigned *const to_counter = &small_counter;
static int (*const added)(int, int) = small_add;
static size_t (*measure)(const char *) = strlen;

__attribute__((weak)) extern int small_nobody(void);

/* Enough cases for a table of jumps. */
static const char *name_of(int number)
{
	switch (number) {
	case 0:
		return "zero";
	case 1:
		return "one";
	case 2:
		return "two";
	case 3:
		return "three";
	case 4:
		return "four";
	case 5:
		return "five";
	default:
		return "many";
	}
}

/* The test gives an address of its own for the device, and looks at what this does. */
static int probe(struct device *device)
{
	struct small_report *report = ddk_device_state(device);

	if (&small_nobody)
		return -EINVAL;
	for (size_t i = 0; i < array_length(cleared); i++)
		if (cleared[i]++ != 0)
			return -EIO;
	report->sum = added(2, 40);
	report->length = measure(name_of(report->number));
	string_copy(report->text, name_of(report->number), sizeof(report->text));
	report->counter = ++*to_counter;
	report->module = &ddk_module;
	report->constant = &to_counter;
	report->data = &small_counter;
	return small_finish(report);
}

static void remove(struct device *device)
{
	(void)device;
}

static const struct driver_match matches[] = {
	MATCH_PCI(0x1234, 0x11e8),
	MATCH_PCI_CLASS(0x010802, 0xffffff),
	MATCH_PLATFORM("small"),
};

DRIVER(small) = {
	.name = "small",
	.version = "1.5",
	.licence = "MIT OR LicenseRef-small",
	.matches = matches,
	.match_count = array_length(matches),
	.probe = probe,
	.remove = remove,
};
