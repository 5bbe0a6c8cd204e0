/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Idle states: how CPUs rest that have nothing to do, where there is more than one way. The deeper a state,
 * the less it takes and the longer it takes to come and go. docs/power.md.
 */
#pragma once

#include <arch/idle.h>

#define IDLE_STATE_MAX   8
#define IDLE_HISTORY_MAX 8

struct idle_state {
	char name[8];         /* "C2" */
	char description[32]; /* "port 0x414" */
	struct arch_idle how;
	uint32_t latency_us;   /* until the CPU is awake */
	uint32_t residency_us; /* for less it does not pay */
	uint32_t power_mw;     /* 0: not known */
};

/* From the lightest, which is state 0 and is always usable, to the deepest. */
struct idle_table {
	unsigned count;
	struct idle_state states[IDLE_STATE_MAX];
};

struct idle_statistics {
	uint64_t entered;
	uint64_t time_us;
	uint64_t too_deep, too_light; /* how often it turned out so */
	bool disabled;
};

/* What a CPU has learned. */
struct idle_history {
	uint32_t lengths_us[IDLE_HISTORY_MAX]; /* the last times */
	unsigned next;
};

/* The state to choose for a CPU whose next timer is due in `timer_us`; `disabled`: states, a bit each. */
unsigned idle_choose(const struct idle_table *table, uint32_t disabled,
		     const struct idle_history *history, uint64_t timer_us);
/* Notes that the CPU rested for `us`. */
void idle_learn(struct idle_history *history, uint64_t us);

/* Gives CPU `cpu` these states, the caller's for ever; NULL, or fewer than two: none, it halts. A CPU that is
 * in a state of its old table is woken first. Thread context, sleeps. */
void sched_idle_set(unsigned cpu, const struct idle_table *table);
/* What it has; NULL: none. Any context. */
const struct idle_table *sched_idle_table(unsigned cpu);
/* Of state `state` < count of its table. Any context. */
void sched_idle_read(unsigned cpu, unsigned state, struct idle_statistics *statistics);
/* Whether the state is left out from now on; state 0 cannot be: false. */
bool sched_idle_disable(unsigned cpu, unsigned state, bool disable);
