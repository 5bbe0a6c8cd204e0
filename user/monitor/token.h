/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The path of the scheduler's token: the CPUs in a circle, and how long its laps take. */
#pragma once

#include "sample.h"

#include <ui.h>

/* What happened in the last interval. */
struct token_state {
	unsigned cpus;
	unsigned busy[SAMPLE_CPUS_MAX];      /* thousandths of the time */
	uint64_t forwarded[SAMPLE_CPUS_MAX]; /* a second */
	uint64_t hops, laps, donations;      /* a second */
	uint64_t lost;                       /* since boot */
	uint64_t buckets[SAMPLE_BUCKETS];    /* laps by their length */
};

/* `state` stays the caller's: damage the widget after changes. */
struct ui_widget *token_view(struct ui_widget *parent, const struct token_state *state);
