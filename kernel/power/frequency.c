/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which performance state each CPU is in: by its governor, between the user's bounds, and not faster than
 * firmware and cooling allow. A thread looks how busy CPUs are, where one's governor wants to know.
 */
#include "frequency_priv.h"

#include <arch/cpu.h>
#include <arch/port.h>
#include <base/errno.h>
#include <core/log.h>
#include <core/panic.h>
#include <power/thermal.h>
#include <sched/hotplug.h>
#include <sched/mutex.h>
#include <sched/statistics.h>
#include <sched/thread.h>
#include <sync/cpu.h>
#include <time/clock.h>

#define LOOK_BUSY_NS  (50 * NS_PER_MILLISECOND)
#define LOOK_QUIET_NS (500 * NS_PER_MILLISECOND)
#define QUIET_PERCENT 5
#define HEADROOM      125 /* percent: a CPU is to be not quite full */
#define REACHED_NS    NS_PER_MILLISECOND

struct frequency_cpu {
	_Atomic bool exists; /* set once the rest is */
	struct frequency_table table;
	unsigned current, wanted; /* states */
	unsigned firmware_limit;
	uint32_t minimum_khz, maximum_khz;
	enum frequency_governor governor;
	uint64_t looked_ns, idle_ns; /* when, and how long it had rested by then */
	bool complained;
};

/* The table below; ports are written under it. */
static struct mutex lock = {
	.waiters = { .lock = SPINLOCK_INIT(RANK_WAIT_QUEUE, "cpu frequency"),
		     .waiters = LIST_INIT(lock.waiters.waiters) },
	.rank = RANK_FREQUENCY,
	.name = "cpu frequency",
};
static struct frequency_cpu cpus[CPU_MAX];
static unsigned cooling_level;
static bool started;

static uint32_t read_port(const struct frequency_register *from)
{
	return from->bytes == 1   ? arch_port_read8(from->port)
	       : from->bytes == 2 ? arch_port_read16(from->port)
				  : arch_port_read32(from->port);
}

static void write_port(const struct frequency_register *to, uint32_t value)
{
	if (to->bytes == 1)
		arch_port_write8(to->port, (uint8_t)value);
	else if (to->bytes == 2)
		arch_port_write16(to->port, (uint16_t)value);
	else
		arch_port_write32(to->port, value);
}

static bool is_reached(const struct frequency_table *table, const struct frequency_state *state)
{
	uint64_t end = clock_monotonic_ns() + REACHED_NS;
	uint32_t mask = UINT32_MAX >> (32 - 8 * table->status.bytes);

	while (read_port(&table->status) != (state->status & mask)) {
		if (clock_monotonic_ns() > end)
			return false;
		arch_cpu_relax();
	}
	return true;
}

/* All below: locked. */
static void enter(unsigned id, unsigned index)
{
	struct frequency_cpu *cpu = &cpus[id];
	const struct frequency_state *state = &cpu->table.states[index];

	if (index == cpu->current)
		return;
	write_port(&cpu->table.control, state->control);
	cpu->current = index;
	if (is_reached(&cpu->table, state) || cpu->complained)
		return;
	cpu->complained = true;
	log_warning("power", "CPU %u does not say that it runs with %u kHz", id, state->khz);
}

static unsigned limit_of(const struct frequency_cpu *cpu)
{
	unsigned limit = cpu->firmware_limit > cooling_level ? cpu->firmware_limit : cooling_level;

	return limit < cpu->table.count ? limit : cpu->table.count - 1;
}

/* Goes as near to what the governor wants as it may. */
static void apply(unsigned id)
{
	struct frequency_cpu *cpu = &cpus[id];
	unsigned index = cpu->wanted, last = cpu->table.count - 1;

	while (index < last && cpu->table.states[index].khz > cpu->maximum_khz)
		index++;
	while (index > 0 && cpu->table.states[index].khz < cpu->minimum_khz)
		index--;
	enter(id, index > limit_of(cpu) ? index : limit_of(cpu));
}

/* Whatever the CPU is in: nobody knows. */
static void enter_again(unsigned id)
{
	cpus[id].current = cpus[id].table.count; /* none: it is written in any case */
	apply(id);
}

/* The slowest state in which the CPU would not be full. */
static unsigned state_for(const struct frequency_table *table, uint64_t khz)
{
	unsigned index = table->count - 1;

	while (index > 0 && table->states[index].khz < khz)
		index--;
	return index;
}

/* How busy it was since the last look, in percent. */
static unsigned look(unsigned id)
{
	struct frequency_cpu *cpu = &cpus[id];
	uint64_t now = clock_monotonic_ns(), idle = sched_idle_ns(id);
	uint64_t elapsed = now - cpu->looked_ns, rested = idle - cpu->idle_ns;
	unsigned busy = 0;

	if (elapsed > 0 && rested < elapsed && sched_cpus_online() >> id & 1)
		busy = (unsigned)((elapsed - rested) * 100 / elapsed);
	cpu->looked_ns = now;
	cpu->idle_ns = idle;
	cpu->wanted = state_for(&cpu->table, (uint64_t)cpu->table.states[cpu->current].khz * busy *
						     HEADROOM / 10000);
	/* From a slow state it is not seen how much more there is to do. */
	if (busy >= 95)
		cpu->wanted = 0;
	return busy;
}

static uint64_t look_at_all(void)
{
	uint64_t pause = LOOK_QUIET_NS;

	mutex_lock(&lock);
	for (unsigned id = 0; id < CPU_MAX; id++) {
		if (!cpus[id].exists || cpus[id].governor != FREQUENCY_SCHEDUTIL)
			continue;
		if (look(id) > QUIET_PERCENT)
			pause = LOOK_BUSY_NS;
		apply(id);
	}
	mutex_unlock(&lock);
	return pause;
}

static void run(void *unused)
{
	(void)unused;
	for (;;)
		thread_sleep_until(clock_deadline_after(look_at_all()));
}

static int cool(struct cooling_device *device, unsigned level)
{
	(void)device;
	mutex_lock(&lock);
	cooling_level = level;
	for (unsigned id = 0; id < CPU_MAX; id++)
		if (cpus[id].exists)
			apply(id);
	mutex_unlock(&lock);
	return 0;
}

static struct cooling_device cooling = { .type = "Processor", .set = cool };

/* With the first that has states. */
static void start(unsigned count)
{
	int index;

	started = true;
	cooling.maximum = count - 1;
	index = cooling_add(&cooling);
	if (index < 0)
		log_warning("power", "processors do not cool: error %d", -index);
	if (thread_spawn("cpu frequency", run, NULL))
		log_warning("power", "no memory for the thread of governors");
}

void frequency_add(unsigned cpu, const struct frequency_table *table)
{
	struct frequency_cpu *one = &cpus[cpu];

	debug_assert(cpu < cpu_count());
	mutex_lock(&lock);
	if (!one->exists) {
		one->table = *table;
		one->maximum_khz = table->states[0].khz;
		one->minimum_khz = table->states[table->count - 1].khz;
		one->governor = FREQUENCY_SCHEDUTIL;
		one->exists = true;
	}
	enter_again(cpu);
	mutex_unlock(&lock);
	log_info("power", "CPU %u: %u performance states, %u to %u MHz", cpu, table->count,
		 table->states[table->count - 1].khz / 1000, table->states[0].khz / 1000);
	if (!started)
		start(table->count);
}

void frequency_again(unsigned cpu)
{
	debug_assert(cpu < cpu_count());
	mutex_lock(&lock);
	if (cpus[cpu].exists)
		enter_again(cpu);
	mutex_unlock(&lock);
}

void frequency_limit(unsigned cpu, unsigned limit)
{
	debug_assert(cpu < cpu_count());
	mutex_lock(&lock);
	cpus[cpu].firmware_limit = limit;
	if (cpus[cpu].exists)
		apply(cpu);
	mutex_unlock(&lock);
}

bool frequency_exists(unsigned cpu)
{
	return cpus[cpu].exists;
}

int frequency_read(unsigned cpu, struct frequency_status *status)
{
	const struct frequency_cpu *one = &cpus[cpu];

	if (!one->exists)
		return -ENODEV;
	mutex_lock(&lock);
	*status = (struct frequency_status){
		.count = one->table.count,
		.current = one->current,
		.limit = limit_of(one),
		.latency_us = one->table.states[0].latency_us,
		.minimum_khz = one->minimum_khz,
		.maximum_khz = one->maximum_khz,
		.governor = one->governor,
	};
	for (unsigned i = 0; i < one->table.count; i++)
		status->khz[i] = one->table.states[i].khz;
	mutex_unlock(&lock);
	return 0;
}

int frequency_set_governor(unsigned cpu, enum frequency_governor governor)
{
	struct frequency_cpu *one = &cpus[cpu];

	if (!one->exists)
		return -ENODEV;
	mutex_lock(&lock);
	one->governor = governor;
	one->wanted = governor == FREQUENCY_POWERSAVE ? one->table.count - 1 : 0;
	apply(cpu);
	mutex_unlock(&lock);
	return 0;
}

int frequency_set_bounds(unsigned cpu, uint32_t minimum_khz, uint32_t maximum_khz)
{
	struct frequency_cpu *one = &cpus[cpu];
	int error = 0;

	if (!one->exists)
		return -ENODEV;
	mutex_lock(&lock);
	minimum_khz = minimum_khz ? minimum_khz : one->minimum_khz;
	maximum_khz = maximum_khz ? maximum_khz : one->maximum_khz;
	if (minimum_khz > maximum_khz) {
		error = -EINVAL;
	} else {
		one->minimum_khz = minimum_khz;
		one->maximum_khz = maximum_khz;
		apply(cpu);
	}
	mutex_unlock(&lock);
	return error;
}
