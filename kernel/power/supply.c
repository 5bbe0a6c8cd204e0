/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of batteries and adapters, and looking after them: all that changes it runs in the thread of
 * ACPI's drivers; reading one may happen in any.
 */
#include <acpi/namespace.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <power/power.h>
#include <time/timer.h>

#include "supply_policy.h"
#include "supply_priv.h"

#define FRESH_NS            NS_PER_SECOND
#define ERRORS_LOGGED_MAX   4   /* of one supply, ever: firmware may fail each second time */
#define WARNINGS_LOGGED_MAX 100 /* ever: it may come and go as firmware likes */
/* An error that takes so long is one of firmware that hangs. */
#define SLOW_NS (2 * NS_PER_SECOND)
#define REST_NS (60 * NS_PER_SECOND)

static struct supply supplies[SUPPLY_MAX];
/* How many were ever used. Written by the thread of ACPI's drivers. */
static _Atomic unsigned supply_count;

static struct spinlock summary_lock = SPINLOCK_INIT(RANK_LEAF, "supply summary");
static struct supply_summary last_summary = { .percent = SUPPLY_UNKNOWN,
					      .minutes = SUPPLY_UNKNOWN }; /* by summary_lock */
static void (*_Atomic listener)(const struct supply_summary *summary);

static void update_all(struct acpi_job *job);
static void update_in_time(struct timer *timer);

/* Of the thread of ACPI's drivers. */
static struct supply_policy policy;
static uint64_t warnings_logged;
static struct acpi_job update_job = { .function = update_all };
static struct timer update_timer = { .expire = update_in_time };

/* --- The list. --- */

static bool name_is_taken(const char *name)
{
	for (unsigned i = 0; i < supply_count; i++)
		if (strcmp(supplies[i].identity.name, name) == 0)
			return true;
	return false;
}

/* The last part of its path without the underscores at its end, and if that is taken, a number. */
static void choose_name(const struct acpi_device *device, char *name, size_t size)
{
	const char *last = strrchr(device->path, '.');
	char base[8];
	size_t length;

	string_copy(base, last ? last + 1 : device->path, sizeof(base));
	length = strlen(base);
	while (length > 1 && base[length - 1] == '_')
		base[--length] = '\0';
	string_copy(name, base, size);
	for (unsigned i = 2; name_is_taken(name); i++)
		snprintf(name, size, "%s-%u", base, i);
}

struct supply *supply_add(struct acpi_device *device, enum supply_kind kind, bool has_alarm,
			  const struct supply_ops *ops)
{
	struct supply *supply;

	for (unsigned i = 0; i < supply_count; i++) {
		if (supplies[i].device == device) {
			supplies[i].used = true;
			return &supplies[i];
		}
	}
	if (supply_count == SUPPLY_MAX) {
		log_warning("power", "more than %d batteries and adapters: %s is left out",
			    SUPPLY_MAX, device->path);
		return NULL;
	}
	supply = &supplies[supply_count];
	mutex_init(&supply->lock, RANK_DRIVER_SLEEP, "power supply");
	supply->device = device;
	supply->ops = ops;
	supply->identity.kind = kind;
	supply->identity.has_alarm = has_alarm;
	choose_name(device, supply->identity.name, sizeof(supply->identity.name));
	supply->used = true;
	supply_count++;
	return supply;
}

void supply_remove(struct supply *supply)
{
	mutex_lock(&supply->lock);
	supply->used = false;
	supply->known = false;
	supply->read_ns = 0;
	supply->reading = (struct supply_reading){ 0 };
	mutex_unlock(&supply->lock);
	acpi_job_queue(&update_job);
}

static struct supply *supply_at(unsigned index)
{
	return index < supply_count && supplies[index].used ? &supplies[index] : NULL;
}

bool supply_identify(unsigned index, struct supply_identity *identity)
{
	const struct supply *supply = supply_at(index);

	if (!supply)
		return false;
	*identity = supply->identity;
	identity->charge = supply->charge;
	return true;
}

/* --- Reading. --- */

void supply_note_error(struct supply *supply, const char *method, int error)
{
	if (!supply->failing && supply->errors_logged < ERRORS_LOGGED_MAX) {
		supply->errors_logged++;
		log_warning("power", "%s.%s: error %d", supply->device->path, method, error);
	}
	supply->failing = true;
}

/* Methods that loop until the interpreter ends them are not called again soon. */
static void note_rest(struct supply *supply, uint64_t start, int error)
{
	uint64_t end = clock_monotonic_ns();

	if (end - start < SLOW_NS)
		return;
	supply->rest_until_ns = end + REST_NS;
	supply->rest_error = error;
}

static int refresh_locked(struct supply *supply)
{
	uint64_t now = clock_monotonic_ns();
	int error;

	if (supply->read_ns != 0 && now - supply->read_ns < FRESH_NS)
		return 0;
	if (now < supply->rest_until_ns)
		return supply->rest_error;
	error = supply->ops->refresh(supply);
	if (error) {
		note_rest(supply, now, error);
		return error;
	}
	supply->charge = supply->reading.information.charge;
	supply->read_ns = now;
	supply->failing = false;
	return 0;
}

/* True if what the summary is made of differs. */
static bool differs(const struct supply_reading *a, const struct supply_reading *b)
{
	return a->present != b->present || a->online != b->online || a->status != b->status ||
	       a->percent != b->percent;
}

int supply_read(unsigned index, struct supply_reading *reading)
{
	struct supply *supply = supply_at(index);
	struct supply_reading before;
	int error;

	if (!supply)
		return -ENODEV;
	mutex_lock(&supply->lock);
	before = supply->reading;
	error = supply->used ? refresh_locked(supply) : -ENODEV;
	*reading = supply->reading;
	mutex_unlock(&supply->lock);
	/* A change of which firmware did not tell. */
	if (!error && differs(&before, reading))
		acpi_job_queue(&update_job);
	return error;
}

int supply_set_alarm(unsigned index, uint32_t amount)
{
	struct supply *supply = supply_at(index);
	int error;

	if (!supply)
		return -ENODEV;
	if (!supply->ops->set_alarm)
		return -EOPNOTSUPP;
	mutex_lock(&supply->lock);
	error = supply->used ? supply->ops->set_alarm(supply, amount) : -ENODEV;
	mutex_unlock(&supply->lock);
	return error;
}

bool supply_is_online(void)
{
	struct supply_summary summary;

	supply_get_summary(&summary);
	return summary.online;
}

void supply_get_summary(struct supply_summary *summary)
{
	irq_state_t state = spin_lock_irqsave(&summary_lock);

	*summary = last_summary;
	spin_unlock_irqrestore(&summary_lock, state);
}

void supply_set_listener(void (*changed)(const struct supply_summary *summary))
{
	listener = changed;
}

/* --- Looking after them. --- */

/* True if it is another than before. */
static bool store_summary(const struct supply_summary *summary)
{
	irq_state_t state = spin_lock_irqsave(&summary_lock);
	bool changed = memcmp(&last_summary, summary, sizeof(*summary)) != 0;

	last_summary = *summary;
	spin_unlock_irqrestore(&summary_lock, state);
	return changed;
}

/* Takes a supply into account, asking it before if it is of that kind. False: it is there, and could not be
 * asked; what was known stays. */
static bool take_supply(struct supply *supply, enum supply_kind kind, struct supply_total *total)
{
	int error = 0;
	bool present;

	mutex_lock(&supply->lock);
	if (supply->identity.kind == kind) {
		supply->read_ns = 0;
		error = refresh_locked(supply);
	}
	supply_total_add(total, supply->identity.kind, &supply->reading);
	present = supply->reading.present;
	mutex_unlock(&supply->lock);
	return !error || !present;
}

/* Reads those of one kind and makes the summary of all; true if it changed. *read: none that is there
 * failed. */
static bool read_kind(enum supply_kind kind, struct supply_summary *summary, bool *read)
{
	struct supply_total total = { .summary = { 0 } };

	*read = true;
	for (unsigned i = 0; i < supply_count; i++)
		if (supplies[i].used && !take_supply(&supplies[i], kind, &total))
			*read = false;
	supply_total_finish(&total);
	*summary = total.summary;
	return store_summary(summary);
}

static void act(const struct supply_summary *summary, uint64_t read_ns)
{
	switch (supply_policy_step(&policy, summary, read_ns)) {
	case SUPPLY_ACTION_WARN:
		if (warnings_logged++ < WARNINGS_LOGGED_MAX)
			log_warning("power", "the battery runs low: %u %% are left",
				    summary->percent);
		break;
	case SUPPLY_ACTION_SWITCH_OFF:
		log_error("power", "the battery is empty: the machine is switched off");
		power_ask(POWER_OFF);
		break;
	case SUPPLY_ACTION_NONE:
		break;
	}
}

static void update_all(struct acpi_job *job)
{
	void (*tell)(const struct supply_summary *summary) = listener;
	struct supply_summary summary;
	unsigned seconds;
	bool changed, read;

	(void)job;
	/* What batteries say is understood by what adapters do. */
	changed = read_kind(SUPPLY_MAINS, &summary, &read);
	if (read_kind(SUPPLY_BATTERY, &summary, &read))
		changed = true;
	if (changed && tell)
		tell(&summary);
	act(&summary, read ? clock_monotonic_ns() : 0);
	seconds = supply_policy_interval(&policy, &summary);
	if (seconds)
		timer_arm(&update_timer, clock_deadline_after(seconds * NS_PER_SECOND));
}

static void update_in_time(struct timer *timer)
{
	(void)timer;
	acpi_job_queue(&update_job);
}

void supply_changed(struct supply *supply, bool information)
{
	if (information) {
		mutex_lock(&supply->lock);
		supply->known = false;
		mutex_unlock(&supply->lock);
	}
	acpi_job_queue(&update_job);
}
