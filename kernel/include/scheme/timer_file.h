/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers as files (timerfd): readable when they have expired; reading tells how often, in 8
 * bytes.
 */
#pragma once

#include <scheme/file.h>
#include <time/clock.h>

struct timer_file_setting {
	uint64_t due_ns;      /* relative, or absolute on the timer's clock; 0: disarmed */
	uint64_t interval_ns; /* 0: once */
	bool absolute;
	/* Reading fails with -ECANCELED when the clock was set (absolute real time only). */
	bool cancel_on_change;
};

/* -ENOMEM. */
int must_check timer_file_create(enum clock_base base, unsigned flags,
				 const struct credentials *credentials, struct file **file);
/* Sets the timer and returns what is left of the old setting, relative, in `old` (may be NULL).
 * -EINVAL where `file` is no timer, or for a real-time one that the clock cancelled -ECANCELED
 * (it is set all the same). */
int timer_file_set(struct file *file, const struct timer_file_setting *setting,
		   struct timer_file_setting *old);
int timer_file_get(struct file *file, struct timer_file_setting *now);
