/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done about batteries that run low: a warning, once, and in the end the machine is switched off.
 * One odd reading does not do that: it takes a second one, that is made a while later.
 */
#include "supply_policy.h"

#define CRITICAL_PERCENT  2
#define CRITICAL_READINGS 2
#define CRITICAL_APART_NS (2000ull * 1000 * 1000) /* between two that count */
/* Firmware that calls more than that critical is not believed. */
#define CRITICAL_PERCENT_MAX 10
#define WATCHED_PERCENT      5 /* from here on it is looked at more often */
#define SECONDS_CRITICAL     5
#define SECONDS_WATCHED      10
#define SECONDS_DISCHARGING  30
#define SECONDS_OTHERWISE    120

static bool is_critical(const struct supply_summary *summary)
{
	if (summary->percent == SUPPLY_UNKNOWN)
		return summary->critical;
	return summary->percent <= CRITICAL_PERCENT ||
	       (summary->critical && summary->percent <= CRITICAL_PERCENT_MAX);
}

/* True if the machine is to be switched off. */
static bool step_critical(struct supply_policy *policy, const struct supply_summary *summary,
			  uint64_t read_ns)
{
	if (!is_critical(summary)) {
		policy->critical_count = 0;
		return false;
	}
	if (policy->ended ||
	    (policy->critical_count > 0 && read_ns - policy->critical_ns < CRITICAL_APART_NS))
		return false;
	policy->critical_ns = read_ns;
	policy->ended = ++policy->critical_count >= CRITICAL_READINGS;
	return policy->ended;
}

enum supply_action supply_policy_step(struct supply_policy *policy,
				      const struct supply_summary *summary, uint64_t read_ns)
{
	if (summary->online || !summary->discharging) {
		*policy = (struct supply_policy){ 0 };
		return SUPPLY_ACTION_NONE;
	}
	/* What is known from before is no reading. */
	if (read_ns != 0 && step_critical(policy, summary, read_ns))
		return SUPPLY_ACTION_SWITCH_OFF;
	if (!summary->low || policy->warned)
		return SUPPLY_ACTION_NONE;
	policy->warned = true;
	return SUPPLY_ACTION_WARN;
}

unsigned supply_policy_interval(const struct supply_policy *policy,
				const struct supply_summary *summary)
{
	if (summary->batteries == 0)
		return 0;
	if (!summary->discharging)
		return SECONDS_OTHERWISE;
	if (policy->critical_count > 0)
		return SECONDS_CRITICAL;
	return summary->percent <= WATCHED_PERCENT ? SECONDS_WATCHED : SECONDS_DISCHARGING;
}
