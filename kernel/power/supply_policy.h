/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Batteries and adapters taken together, and what follows from it. Knows nothing of the machine. */
#pragma once

#include <power/supply.h>

/* supply_summary.c: all of them taken together, one after the other. Begins with zeros. */
struct supply_total {
	struct supply_summary summary;
	uint64_t amount, full, rate; /* of batteries whose percent is known */
	uint32_t percents;           /* added up */
	unsigned known;              /* how many percents those are */
	unsigned by_unit[2];         /* how many batteries are told in mWh, and in mAh */
	unsigned critical, low;
};
void supply_total_add(struct supply_total *total, enum supply_kind kind,
		      const struct supply_reading *reading);
void supply_total_finish(struct supply_total *total);

/* supply_policy.c: what is to be done about it. */
enum supply_action { SUPPLY_ACTION_NONE, SUPPLY_ACTION_WARN, SUPPLY_ACTION_SWITCH_OFF };
struct supply_policy {
	bool warned, ended;
	unsigned critical_count; /* how often in a row it was */
	uint64_t critical_ns;    /* when that was counted last */
};
/* `read_ns`: when all that are there were read for the summary; 0: not all could be. */
enum supply_action supply_policy_step(struct supply_policy *policy,
				      const struct supply_summary *summary, uint64_t read_ns);
/* In how many seconds to look again; 0: there is nothing to look at. */
unsigned supply_policy_interval(const struct supply_policy *policy,
				const struct supply_summary *summary);
