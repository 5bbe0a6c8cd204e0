/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the driver of the tests and its test share. */
#pragma once

#include <base/types.h>

struct small_report {
	int number; /* given to the driver */
	int sum;
	size_t length;
	char text[16];
	unsigned counter;
	const void *module, *constant, *data;
};

extern unsigned small_counter;
int small_add(int a, int b);
int small_finish(struct small_report *report);
