/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleeping with memory kept, from what programs do down to the CPU that writes the sleep register, and back
 * in the reverse order.
 *
 * A kernel thread of its own does it, on the boot CPU, which is the one that firmware starts when the
 * machine wakes. Who asked for it waits.
 */
#include <power/power.h>
#include <power/wall_clock.h>

#include <acpi/device.h>
#include <acpi/event.h>
#include <acpi/namespace.h>
#include <acpi/sleep.h>
#include <arch/cmos.h>
#include <arch/cpu.h>
#include <arch/suspend.h>
#include <base/errno.h>
#include <core/log.h>
#include <dev/dev.h>
#include <fs/mount.h>
#include <iommu/iommu.h>
#include <proc/freeze.h>
#include <sched/hotplug.h>
#include <sched/thread.h>
#include <sched/wait.h>
#include <scheme/scheme.h>
#include <sync/cpu.h>
#include <time/clock.h>

#include <stdatomic.h>

#define SLEEP_STATE     3 /* ACPI's */
#define BOOT_CPU        0
#define FREEZE_PATIENCE (20 * NS_PER_SECOND)
#define LOOK_INTERVAL   (200 * NS_PER_MILLISECOND)

static _Atomic bool under_way;
/* As it was set when that was asked for: it may come before the machine sleeps. */
static struct wall_clock_alarm alarm_at_start;
/* The lock: all of it. */
static struct spinlock statistics_lock = SPINLOCK_INIT(RANK_LEAF, "sleep statistics");
static struct power_sleep_statistics statistics;

/* What who asked for it waits for; one attempt at a time. */
static struct {
	struct wait_queue wait;
	int (*run)(void);
	_Atomic bool done;
	int result;
} attempt = {
	.wait = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "suspend"),
		  .waiters = LIST_INIT(attempt.wait.waiters) },
};

bool power_can_suspend(void)
{
	return acpi_has_sleep_state(SLEEP_STATE);
}

void power_read_sleep(struct power_sleep_statistics *copy)
{
	spin_lock(&statistics_lock);
	*copy = statistics;
	spin_unlock(&statistics_lock);
}

static void count_sleep(uint64_t seconds)
{
	spin_lock(&statistics_lock);
	statistics.count++;
	statistics.seconds += seconds;
	spin_unlock(&statistics_lock);
}

static void count_failure(int error)
{
	spin_lock(&statistics_lock);
	statistics.failures++;
	statistics.last_error = error;
	spin_unlock(&statistics_lock);
}

/* --- CPUs. --- */

/* Takes all CPUs but the boot CPU out of service; *taken: which. */
static int stop_cpus(uint64_t *taken)
{
	uint64_t others = sched_cpus_online() & ~(1ull << BOOT_CPU);
	int error = 0;

	*taken = 0;
	for (unsigned cpu = 0; !error && cpu < cpu_count(); cpu++) {
		if (!(others >> cpu & 1))
			continue;
		error = sched_cpu_set_online(cpu, false);
		if (!error)
			*taken |= 1ull << cpu;
	}
	return error;
}

static void start_cpus(uint64_t taken)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if ((taken >> cpu & 1) && sched_cpu_set_online(cpu, true))
			log_error("power", "CPU %u does not come back", cpu);
	}
}

/* --- The machine. --- */

static int enter(void *unused)
{
	(void)unused;
	return acpi_sleep_enter(SLEEP_STATE);
}

/* Sets the clocks on by what the battery-backed one says. */
static void set_clocks(uint64_t before)
{
	uint64_t after = arch_wall_clock_read();
	uint64_t slept = before && after > before ? after - before : 0;

	clock_slept(slept * NS_PER_SECOND);
	count_sleep(slept);
	log_notice("power", "awake after %lu s", (unsigned long)slept);
}

/* Or is about to: the clock tells seconds only, and one that comes now would wake nobody. */
static bool alarm_has_come(void)
{
	return alarm_at_start.enabled && arch_wall_clock_read() + 1 >= alarm_at_start.seconds;
}

/* With one CPU left, and devices at rest. */
static int sleep_alone(void)
{
	uint64_t before = arch_wall_clock_read();
	unsigned long state = arch_irq_save();
	int error = -EBUSY;

	if (alarm_has_come()) {
		error = -EINTR;
		/* Somebody may have put a CPU back, or in. */
	} else if (sched_cpus_online() == 1ull << BOOT_CPU) {
		pci_wake_prepare();
		iommu_suspend();
		error = arch_suspend(enter, NULL);
		/* Before interrupts may come by way of them. */
		iommu_resume();
		arch_resume_platform();
		pci_wake();
	}
	arch_irq_restore(state);
	if (!error)
		set_clocks(before);
	return error;
}

static int sleep_with_cpus(void)
{
	uint64_t cpus;
	int error = stop_cpus(&cpus);

	if (!error)
		error = acpi_set_wake_vector((uint32_t)arch_wake_address());
	if (!error) {
		error = sleep_alone();
		if (acpi_set_wake_vector(0))
			log_warning("power", "the wake vector stays set");
	}
	start_cpus(cpus);
	return error;
}

static int sleep_with_devices(void)
{
	bool asleep = false;
	int error;

	acpi_drivers_suspend();
	error = acpi_sleep_prepare(SLEEP_STATE);
	if (!error)
		error = devices_suspend();
	if (!error) {
		asleep = true;
		error = sleep_with_cpus();
	}
	acpi_sleep_leave(SLEEP_STATE);
	if (asleep)
		devices_resume();
	acpi_drivers_resume();
	wall_clock_resume();
	return error;
}

/* --- Without such a state. --- */

static bool alarm_is_set(void)
{
	struct wall_clock_alarm alarm;

	wall_clock_get_alarm(&alarm);
	return alarm.enabled;
}

static int idle_with_devices(void)
{
	bool alarm = alarm_at_start.enabled, buttons = acpi_aml() != NULL;
	int error;

	if (!alarm && !buttons)
		return -ENODEV;
	if (buttons)
		acpi_events_prepare_sleep(SLEEP_STATE);
	error = devices_suspend();
	if (!error) {
		while (!(buttons && acpi_events_woken()) && (!alarm || alarm_is_set()))
			thread_sleep_until(clock_deadline_after(LOOK_INTERVAL));
	}
	if (buttons)
		acpi_events_resume();
	if (!error)
		devices_resume();
	return error;
}

/* --- What is the same for both. --- */

static void sync_file_systems(void)
{
	namespace_sync(namespace_first());
	file_system_sync_detached();
}

/* Calls `rest` while programs stand still. */
static int without_programs(int (*rest)(void))
{
	int error;

	log_notice("power", "going to sleep");
	sync_file_systems();
	error = programs_freeze(clock_deadline_after(FREEZE_PATIENCE));
	if (!error)
		error = rest();
	programs_thaw();
	return error;
}

static int suspend(void)
{
	int error = sched_cpu_set_online(BOOT_CPU, true);

	if (!error)
		error = thread_set_affinity(thread_current(), 1ull << BOOT_CPU);
	if (!error)
		error = arch_suspend_prepare();
	if (error)
		return error;
	error = without_programs(sleep_with_devices);
	arch_suspend_finish();
	return error;
}

static int freeze(void)
{
	int error = without_programs(idle_with_devices);

	if (!error)
		count_sleep(0);
	return error;
}

static void suspend_thread(void *unused)
{
	(void)unused;
	attempt.result = attempt.run();
	if (attempt.result)
		count_failure(attempt.result);
	atomic_store(&attempt.done, true);
	wait_wake_all(&attempt.wait);
}

static int try(int (*run)(void))
{
	struct waiter waiter;
	int error;

	if (atomic_exchange(&under_way, true))
		return -EBUSY;
	wall_clock_get_alarm(&alarm_at_start);
	attempt.run = run;
	atomic_store(&attempt.done, false);
	wait_begin(&attempt.wait, &waiter);
	error = thread_spawn("suspend", suspend_thread, NULL);
	while (!error && !atomic_load(&attempt.done))
		wait_sleep_until_woken(&waiter);
	wait_end(&waiter);
	if (!error)
		error = attempt.result;
	atomic_store(&under_way, false);
	return error;
}

int power_suspend(void)
{
	return power_can_suspend() ? try(suspend) : -ENODEV;
}

int power_freeze(void)
{
	return try(freeze);
}
