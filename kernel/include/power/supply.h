/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the machine runs on: batteries and AC adapters. docs/supply.md.
 *
 * Their firmware is asked when somebody reads them, at most once a second, when it notifies a change, and
 * from time to time while a battery is there. supply_summary() costs nothing and asks nobody.
 */
#pragma once

#include <base/types.h>

#define SUPPLY_MAX     16
#define SUPPLY_UNKNOWN UINT32_MAX /* of numbers */

enum supply_kind { SUPPLY_BATTERY, SUPPLY_MAINS };

enum supply_status {
	SUPPLY_STATUS_UNKNOWN,
	SUPPLY_CHARGING,
	SUPPLY_DISCHARGING,
	SUPPLY_NOT_CHARGING,
	SUPPLY_FULL,
};

/* Of a battery. Amounts are in mWh, or in mAh where `charge` says so; rates in mW or mA. */
struct supply_information {
	bool charge;
	uint32_t design, full;   /* capacity: new, and now */
	uint32_t warning, low;   /* amounts that its maker thinks worth a warning, and the last */
	uint32_t design_voltage; /* mV */
	uint32_t cycles;
	char model[32], serial[32], maker[32];
	char technology[16]; /* as Linux calls them */
};

struct supply_reading {
	bool present; /* batteries; adapters always are */
	bool online;  /* adapters: there is current */
	bool critical;
	enum supply_status status;
	uint32_t rate, amount, voltage;
	uint32_t percent;
	uint32_t alarm; /* the amount at which firmware is to notify; 0: none */
	struct supply_information information;
};

/* Of all of them together. */
struct supply_summary {
	unsigned batteries; /* that are present */
	unsigned adapters;
	bool online;   /* an adapter has current */
	bool charging; /* a battery is */
	bool discharging;
	bool critical;    /* by firmware's word, all that there are */
	uint32_t percent; /* of all batteries; SUPPLY_UNKNOWN */
	uint32_t minutes; /* until empty, or full; SUPPLY_UNKNOWN */
	bool low;         /* a warning is due */
};

/* Supply `index` below SUPPLY_MAX: what it is, and its name as Linux has it ("BAT0", "AC"). False: there is
 * none, or no more. Any context. */
struct supply_identity {
	enum supply_kind kind;
	bool charge;    /* see struct supply_information */
	bool has_alarm; /* one can be set */
	char name[16];
};
bool must_check supply_identify(unsigned index, struct supply_identity *identity);
/* Asks its firmware, if what is known is older than a second. -ENODEV (it went). Thread context. */
int must_check supply_read(unsigned index, struct supply_reading *reading);
/* -ENODEV, -EOPNOTSUPP, errors of firmware. Thread context. */
int must_check supply_set_alarm(unsigned index, uint32_t amount);
/* What was known last. Any context. */
void supply_get_summary(struct supply_summary *summary);
/* Has `changed` called when that changes from now on, in a thread; one for all. What was known before is
 * supply_get_summary()'s. */
void supply_set_listener(void (*changed)(const struct supply_summary *summary));
