/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ACPI's drivers hear that the machine is about to sleep, and that it woke: in their thread, as all else. */
#include <acpi/device.h>
#include <acpi/namespace.h>
#include <core/log.h>
#include <sched/wait.h>
#include <stdatomic.h>
#include <sync/spinlock.h>
#include <time/clock.h>

/* What firmware's methods may take to get ready: then the machine sleeps without them. */
#define PATIENCE (5 * NS_PER_SECOND)

static void suspend_all(struct acpi_job *job);
static void resume_all(struct acpi_job *job);

static struct acpi_job suspend_job = { .function = suspend_all };
static struct acpi_job resume_job = { .function = resume_all };
static struct wait_queue waiters = {
	.lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "acpi drivers asleep"),
	.waiters = LIST_INIT(waiters.waiters),
};
static _Atomic bool asleep;

static void suspend_all(struct acpi_job *job)
{
	struct acpi_device *device = NULL;

	(void)job;
	while ((device = acpi_device_next(device)) != NULL)
		if (device->driver && device->driver->suspend)
			device->driver->suspend(device);
	atomic_store(&asleep, true);
	wait_wake_all(&waiters);
}

/* Those above come first: controllers before what asks them. */
static void resume_all(struct acpi_job *job)
{
	struct acpi_device *device = NULL;

	(void)job;
	while ((device = acpi_device_next(device)) != NULL)
		if (device->driver && device->driver->resume)
			device->driver->resume(device);
}

void acpi_drivers_suspend(void)
{
	uint64_t deadline = clock_deadline_after(PATIENCE);
	struct waiter waiter;
	int error = 0;

	if (!acpi_aml())
		return;
	atomic_store(&asleep, false);
	wait_begin(&waiters, &waiter);
	acpi_job_queue(&suspend_job);
	while (!atomic_load(&asleep) && !error)
		error = wait_sleep(&waiter, WAIT_UNINTERRUPTIBLE, deadline);
	wait_end(&waiter);
	if (error)
		log_warning("acpi", "drivers are not ready to sleep: it goes on without them");
}

void acpi_drivers_resume(void)
{
	if (acpi_aml())
		acpi_job_queue(&resume_job);
}
