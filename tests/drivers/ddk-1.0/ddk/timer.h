/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time, delays and one-shot timers, in nanoseconds. */
#pragma once

#include <base/types.h>

#define DDK_MICROSECOND 1000ull
#define DDK_MILLISECOND 1000000ull
#define DDK_SECOND      1000000000ull

/* Since boot; never goes back. Any context. */
uint64_t ddk_time(void);
/* Sleeps at least so long. Thread context. */
void ddk_sleep(uint64_t duration_ns);
/* Waits without sleeping, for some microseconds at most. Any context. */
void ddk_delay(uint64_t duration_ns);

struct ddk_timer {
	/* Called like an interrupt handler; may arm it again. */
	void (*expire)(struct ddk_timer *timer);
	uint64_t opaque[8];
};

void ddk_timer_init(struct ddk_timer *timer, void (*expire)(struct ddk_timer *timer));
/* Arms it, or moves it if it is armed. Any context. */
void ddk_timer_arm(struct ddk_timer *timer, uint64_t after_ns);
/* On return it is not armed and `expire` runs nowhere. Thread context. */
void ddk_timer_cancel(struct ddk_timer *timer);
