/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All batteries and adapters taken together. */
#include "supply_policy.h"

#define LOW_PERCENT 10
/* Makers who want to warn earlier than that are not believed. */
#define LOW_PERCENT_MAX 25
#define MINUTES_MAX     (99 * 60)

static uint32_t full_of(const struct supply_information *information)
{
	return information->full == SUPPLY_UNKNOWN || information->full == 0 ? information->design
									     : information->full;
}

static bool is_low(const struct supply_reading *reading)
{
	const struct supply_information *information = &reading->information;

	if (reading->percent == SUPPLY_UNKNOWN)
		return false;
	if (reading->percent <= LOW_PERCENT)
		return true;
	return reading->percent <= LOW_PERCENT_MAX && information->warning != SUPPLY_UNKNOWN &&
	       reading->amount <= information->warning;
}

static void add_battery(struct supply_total *total, const struct supply_reading *reading)
{
	struct supply_summary *summary = &total->summary;

	summary->batteries++;
	summary->charging |= reading->status == SUPPLY_CHARGING;
	summary->discharging |= reading->status == SUPPLY_DISCHARGING;
	total->critical += reading->critical;
	total->low += is_low(reading);
	total->by_unit[reading->information.charge]++;
	if (reading->percent == SUPPLY_UNKNOWN)
		return;
	total->known++;
	total->percents += reading->percent;
	total->amount += reading->amount;
	total->full += full_of(&reading->information);
	if (reading->rate != SUPPLY_UNKNOWN)
		total->rate += reading->rate;
}

void supply_total_add(struct supply_total *total, enum supply_kind kind,
		      const struct supply_reading *reading)
{
	if (kind == SUPPLY_MAINS) {
		total->summary.adapters++;
		total->summary.online |= reading->online;
	} else if (reading->present) {
		add_battery(total, reading);
	}
}

static bool units_differ(const struct supply_total *total)
{
	return total->by_unit[0] && total->by_unit[1];
}

/* Amounts of different units cannot be added: then every battery counts the same. */
static uint32_t percent_of(const struct supply_total *total)
{
	uint64_t percent;

	if (total->known == 0)
		return SUPPLY_UNKNOWN;
	if (units_differ(total))
		return total->percents / total->known;
	percent = (total->amount * 100 + total->full / 2) / total->full;
	return percent > 100 ? 100 : (uint32_t)percent;
}

static uint32_t minutes_of(const struct supply_total *total)
{
	const struct supply_summary *summary = &total->summary;
	uint64_t amount = total->amount, minutes;

	if (total->rate == 0 || units_differ(total) || summary->charging == summary->discharging)
		return SUPPLY_UNKNOWN;
	if (summary->charging)
		amount = total->full > total->amount ? total->full - total->amount : 0;
	minutes = amount * 60 / total->rate;
	return minutes > MINUTES_MAX ? SUPPLY_UNKNOWN : (uint32_t)minutes;
}

void supply_total_finish(struct supply_total *total)
{
	struct supply_summary *summary = &total->summary;

	summary->percent = percent_of(total);
	summary->minutes = minutes_of(total);
	summary->critical = summary->batteries > 0 && total->critical == summary->batteries;
	summary->low = summary->discharging && !summary->online &&
		       (total->low == summary->batteries || summary->percent <= LOW_PERCENT);
}
