/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel holds: objects of each kind, open files and processes among them, and frames.
 *
 *	leak_count(&before);
 *	...
 *	leak_expect_none(&before);
 *
 * The caller is root and sees file:/proc. What a test does for the first time may fill caches for
 * good: it does all of it once before it counts.
 */
#pragma once

#include "redox_test.h"

#define LEAK_KINDS 96

struct leak_count {
	size_t kinds;
	struct {
		char name[24];
		int64_t objects;
	} kind[LEAK_KINDS];
	int64_t free_frames;
};

void leak_count(struct leak_count *count);

/* Fails unless there is no more of anything than before, and no fewer free frames, but for some that
 * caches keep; gives what the kernel does later some time. */
void leak_expect_none(const struct leak_count *before);
