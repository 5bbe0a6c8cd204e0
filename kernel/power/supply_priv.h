/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files that look after batteries and adapters. */
#pragma once

#include <acpi/device.h>
#include <power/supply.h>
#include <sched/mutex.h>

struct supply;

struct supply_ops {
	/* Asks firmware, and brings supply->reading up to date. Under the supply's lock. */
	int (*refresh)(struct supply *supply);
	/* NULL: there is no alarm. Under the lock. */
	int (*set_alarm)(struct supply *supply, uint32_t amount);
};

struct supply {
	/* Immutable from the first `used` on: a supply that went comes back as the same. */
	struct supply_identity identity;
	const struct supply_ops *ops;
	struct acpi_device *device;
	struct mutex lock; /* RANK_DRIVER_SLEEP: asking firmware, and all below */
	struct supply_reading reading;
	uint64_t read_ns;       /* when; 0: never, or it was told to have changed */
	uint64_t rest_until_ns; /* it hung: it is not asked before */
	int rest_error;         /* what it is said to give until then */
	bool known;             /* of batteries: reading.information is there */
	bool failing;           /* an error was logged */
	unsigned errors_logged;
	/* Written by the thread of ACPI's drivers. */
	_Atomic bool used;
	_Atomic bool charge; /* see struct supply_information; written under the lock */
};

/* supply.c. In the thread of ACPI's drivers. NULL: there are too many. */
struct supply *supply_add(struct acpi_device *device, enum supply_kind kind, bool has_alarm,
			  const struct supply_ops *ops);
void supply_remove(struct supply *supply);
/* Something changed: all are read again, soon. `information`: other than amounts. */
void supply_changed(struct supply *supply, bool information);
/* True if an adapter had current when it was asked last. */
bool supply_is_online(void);
/* Logs the first of a row of errors. */
void supply_note_error(struct supply *supply, const char *method, int error);
