/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The alarm of the battery-backed clock. It comes once: the clock knows neither day nor month, and would
 * raise it again tomorrow. What the chipset reports of it as well (a fixed event) only has to be enabled, so
 * that it wakes the machine.
 */
#include "wall_clock_priv.h"

#include <acpi/event.h>
#include <arch/cmos.h>
#include <base/errno.h>
#include <core/log.h>
#include <irq/irq.h>
#include <sched/mutex.h>
#include <sched/work.h>
#include <sync/spinlock.h>

struct wait_queue wall_clock_readers = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "wall clock"),
	.waiters = LIST_INIT(wall_clock_readers.waiters),
};

/* Who sets the alarm. */
static struct mutex setting;
/* All below. */
static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "wall clock alarm");
static struct wall_clock_alarm alarm;

static struct irq_handler handler;
static bool exists; /* immutable after wall_clock_start() */

bool wall_clock_exists(void)
{
	return exists;
}

static void alarm_came(void)
{
	irq_state_t state = spin_lock_irqsave(&lock);

	if (alarm.enabled)
		alarm.pending = true;
	alarm.enabled = false;
	spin_unlock_irqrestore(&lock, state);
	wait_wake_all(&wall_clock_readers);
}

static void stop_clock(struct work *work)
{
	struct wall_clock_alarm now;

	(void)work;
	mutex_lock(&setting);
	wall_clock_get_alarm(&now);
	if (!now.enabled && arch_wall_clock_alarm(0))
		log_warning("power", "the clock's alarm cannot be stopped");
	mutex_unlock(&setting);
}

static struct work stop_work;

static bool handle(struct irq_handler *unused)
{
	(void)unused;
	if (!arch_wall_clock_take_alarm())
		return false;
	alarm_came();
	work_queue(&stop_work);
	return true;
}

/* The interrupt tells all there is to know. */
static void handle_event(void *unused)
{
	(void)unused;
}

void wall_clock_get_alarm(struct wall_clock_alarm *copy)
{
	irq_state_t state = spin_lock_irqsave(&lock);

	*copy = alarm;
	spin_unlock_irqrestore(&lock, state);
}

bool wall_clock_take_alarm(void)
{
	irq_state_t state = spin_lock_irqsave(&lock);
	bool pending = alarm.pending;

	alarm.pending = false;
	spin_unlock_irqrestore(&lock, state);
	return pending;
}

int wall_clock_set_alarm(uint64_t seconds, bool enabled)
{
	irq_state_t state;
	int error;

	if (!exists)
		return -ENODEV;
	mutex_lock(&setting);
	/* Known before it can come. */
	state = spin_lock_irqsave(&lock);
	alarm = (struct wall_clock_alarm){ seconds, enabled, alarm.pending };
	spin_unlock_irqrestore(&lock, state);
	error = arch_wall_clock_alarm(enabled ? seconds : 0);
	if (error) {
		state = spin_lock_irqsave(&lock);
		alarm.enabled = false;
		spin_unlock_irqrestore(&lock, state);
	}
	mutex_unlock(&setting);
	return error;
}

void wall_clock_resume(void)
{
	struct wall_clock_alarm now;

	if (!exists)
		return;
	wall_clock_get_alarm(&now);
	if (!now.enabled)
		return;
	(void)arch_wall_clock_take_alarm();
	/* It may be that the clock raises it just before it counts on. */
	if (now.seconds <= arch_wall_clock_read() + 1 || wall_clock_set_alarm(now.seconds, true))
		alarm_came();
}

void wall_clock_start(void)
{
	handler.handle = handle;
	handler.name = "rtc0";
	mutex_init(&setting, RANK_DRIVER_SLEEP, "wall clock");
	work_init(&stop_work, stop_clock);
	if (!arch_wall_clock_read())
		return;
	exists = true;
	(void)arch_wall_clock_take_alarm();
	if (irq_request_isa(&handler, arch_wall_clock_line()))
		log_warning("power", "the clock has no interrupt: its alarm is not heard of");
	if (acpi_fixed_event_connect(ACPI_EVENT_CLOCK_ALARM, handle_event, NULL))
		log_info("power", "the clock's alarm wakes nobody");
	wall_clock_device_start();
}
