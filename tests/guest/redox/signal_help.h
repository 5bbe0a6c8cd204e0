/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of signals share; each file of them has its own counters. */
#pragma once

#include "redox_test.h"

#define SIGNAL_LAST REDOX_SIGNAL_MAX

static volatile unsigned handled[SIGNAL_LAST + 1];

static inline void count(int signal)
{
	handled[signal]++;
}

static inline void set_counter(int signal)
{
	EXPECT_EQUAL(signal_set_handler(signal, count, 0, NULL), 0);
}

static inline void raise(int signal)
{
	EXPECT_EQUAL(signal_send(process_id(), signal), 0);
}

_Noreturn static inline unsigned wait_for_ever(void *argument)
{
	(void)argument;
	for (;;)
		process_yield();
}
