/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/devices/system/cpu/cpuN/cpuidle: the idle states of a CPU, as Linux shows them. `fd` of a state's nodes
 * is the CPU's number and the state's, times STATE_STEP.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/format.h>
#include <sched/idle.h>
#include <sync/cpu.h>

#define STATE_STEP CPU_MAX

typedef unsigned long long llu;

/* The state that the node is about; -ENODEV: the CPU has others by now. */
static int read_state(const struct proc_node *node, struct idle_state *state,
		      struct idle_statistics *statistics)
{
	unsigned cpu = (unsigned)node->fd % STATE_STEP, index = (unsigned)node->fd / STATE_STEP;
	const struct idle_table *table = sched_idle_table(cpu);

	if (!table || index >= table->count)
		return -ENODEV;
	*state = table->states[index];
	sched_idle_read(cpu, index, statistics);
	return 0;
}

#define STATE_FILE(identifier, ...)                                                 \
	static int generate_##identifier(struct proc_node *node, struct text *text) \
	{                                                                           \
		struct idle_statistics statistics;                                  \
		struct idle_state state;                                            \
		int error = read_state(node, &state, &statistics);                  \
                                                                                    \
		if (!error)                                                         \
			text_print(text, __VA_ARGS__);                              \
		return error;                                                       \
	}

STATE_FILE(name, "%s\n", state.name)
STATE_FILE(desc, "%s\n", state.description)
STATE_FILE(latency, "%u\n", state.latency_us)
STATE_FILE(residency, "%u\n", state.residency_us)
STATE_FILE(power, "%u\n", state.power_mw)
STATE_FILE(usage, "%llu\n", (llu)statistics.entered)
STATE_FILE(time, "%llu\n", (llu)statistics.time_us)
STATE_FILE(above, "%llu\n", (llu)statistics.too_deep)
STATE_FILE(below, "%llu\n", (llu)statistics.too_light)
STATE_FILE(disable, "%u\n", (unsigned)statistics.disabled)

static ssize_t store_disable(struct proc_node *node, const char *bytes, size_t length)
{
	if (length == 0 || (bytes[0] != '0' && bytes[0] != '1'))
		return -EINVAL;
	if (!sched_idle_disable((unsigned)node->fd % STATE_STEP, (unsigned)node->fd / STATE_STEP,
				bytes[0] == '1'))
		return -EINVAL;
	return (ssize_t)length;
}

#define READ_ONLY(file_name)                                                                   \
	{                                                                                      \
		.name = #file_name, .mode = MODE_FILE | 0444, .generate = generate_##file_name \
	}

static const struct proc_entry state_children[] = {
	READ_ONLY(name),
	READ_ONLY(desc),
	READ_ONLY(latency),
	READ_ONLY(residency),
	READ_ONLY(power),
	READ_ONLY(usage),
	READ_ONLY(time),
	READ_ONLY(above),
	READ_ONLY(below),
	{ .name = "disable",
	  .mode = MODE_FILE | 0644,
	  .generate = generate_disable,
	  .store = store_disable },
	{ .name = NULL },
};

/* Nodes of a table have their directory's `fd`. */
static bool describe_file(int id, unsigned index, struct sysfs_thing *thing)
{
	thing->id = id;
	thing->entry = &state_children[index];
	snprintf(thing->name, sizeof(thing->name), "%s", state_children[index].name);
	return true;
}

static const struct sysfs_things files = {
	.limit = array_length(state_children) - 1,
	.describe = describe_file,
};

SYSFS_THINGS_OPS(static, file_ops, files);

static const struct proc_entry state_entry = {
	.mode = MODE_DIRECTORY | 0555,
	.ops = &file_ops,
};

static bool describe_state(int id, unsigned index, struct sysfs_thing *thing)
{
	const struct idle_table *table = sched_idle_table((unsigned)id);

	if (!table || index >= table->count)
		return false;
	snprintf(thing->name, sizeof(thing->name), "state%u", index);
	thing->entry = &state_entry;
	thing->id = (int)((unsigned)id + STATE_STEP * index);
	return true;
}

static const struct sysfs_things states = { .limit = IDLE_STATE_MAX, .describe = describe_state };

SYSFS_THINGS_OPS(static, state_ops, states);

const struct proc_entry sysfs_idle_entry = {
	.mode = MODE_DIRECTORY | 0555,
	.ops = &state_ops,
};
