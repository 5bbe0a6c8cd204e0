/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sys/devices/system/node: nodes of memory and CPUs, as Linux has them (numactl --hardware reads it). `fd` of
 * what is in a node's directory is the node's number.
 */
#include "sysfs_things.h"

#include <acpi/affinity.h>
#include <base/string.h>
#include <mm/phys/frame.h>
#include <sched/hotplug.h>
#include <sync/cpu.h>

#define KIB_OF_FRAMES(frames) ((unsigned long long)((frames)*PAGE_SIZE >> 10))

/* Where CPUs that run are not told apart, node 0 has them all. */
static uint64_t cpus_of(unsigned node)
{
	uint64_t online = sched_cpus_online(), mask = 0;

	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
		if (frame_cpu_node(cpu) == node)
			mask |= online & 1ull << cpu;
	return mask;
}

static bool has_memory(unsigned node)
{
	uint64_t total, free;

	frame_read_node(node, &total, &free);
	return total > 0;
}

/* --- A node. --- */

static int generate_cpu_list(struct proc_node *node, struct text *text)
{
	proc_print_cpu_list(text, cpus_of((unsigned)node->fd));
	return 0;
}

/* Groups of 32, the highest first. */
static int generate_cpu_map(struct proc_node *node, struct text *text)
{
	uint64_t mask = cpus_of((unsigned)node->fd);

	text_print(text, "%08x,%08x\n", (unsigned)(mask >> 32), (unsigned)mask);
	return 0;
}

static int generate_distance(struct proc_node *node, struct text *text)
{
	const uint8_t *distances = acpi_affinity()->distances[node->fd];

	for (unsigned i = 0; i < frame_node_count(); i++)
		text_print(text, "%s%u", i ? " " : "", distances[i]);
	text_print(text, "\n");
	return 0;
}

static int generate_memory(struct proc_node *node, struct text *text)
{
	uint64_t total, free;

	frame_read_node((unsigned)node->fd, &total, &free);
	text_print(text, "Node %d MemTotal:       %8llu kB\n", node->fd, KIB_OF_FRAMES(total));
	text_print(text, "Node %d MemFree:        %8llu kB\n", node->fd, KIB_OF_FRAMES(free));
	text_print(text, "Node %d MemUsed:        %8llu kB\n", node->fd,
		   KIB_OF_FRAMES(total - free));
	return 0;
}

static const struct proc_entry node_files[] = {
	{ .name = "cpulist", .mode = MODE_FILE | 0444, .generate = generate_cpu_list },
	{ .name = "cpumap", .mode = MODE_FILE | 0444, .generate = generate_cpu_map },
	{ .name = "distance", .mode = MODE_FILE | 0444, .generate = generate_distance },
	{ .name = "meminfo", .mode = MODE_FILE | 0444, .generate = generate_memory },
};

/* The link to a CPU's directory: `fd` is its number. */
static ssize_t read_cpu_link(struct proc_node *node, char *buffer, size_t size)
{
	char target[24];
	int length = snprintf(target, sizeof(target), "../../cpu/cpu%d", node->fd);

	memcpy(buffer, target, min_size(size, (size_t)length));
	return length;
}

static const struct proc_entry cpu_link = {
	.name = "",
	.mode = MODE_SYMLINK | 0777,
	.link = read_cpu_link,
};

static bool describe_in_node(int id, unsigned index, struct sysfs_thing *thing)
{
	unsigned cpu = index - (unsigned)array_length(node_files);

	if (index < array_length(node_files)) {
		string_copy(thing->name, node_files[index].name, sizeof(thing->name));
		thing->entry = &node_files[index];
		thing->id = id;
		return true;
	}
	if (!(cpus_of((unsigned)id) >> cpu & 1))
		return false;
	snprintf(thing->name, sizeof(thing->name), "cpu%u", cpu);
	thing->entry = &cpu_link;
	thing->id = (int)cpu;
	return true;
}

static const struct sysfs_things in_node = {
	.limit = array_length(node_files) + CPU_MAX,
	.describe = describe_in_node,
};

SYSFS_THINGS_OPS(static, in_node_ops, in_node);

static const struct proc_entry one_node = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &in_node_ops,
};

/* --- All of them. --- */

static int generate_all(struct proc_node *node, struct text *text)
{
	(void)node;
	proc_print_cpu_list(text, (1ull << frame_node_count()) - 1);
	return 0;
}

static int generate_with_memory(struct proc_node *node, struct text *text)
{
	uint64_t mask = 0;

	(void)node;
	for (unsigned i = 0; i < frame_node_count(); i++)
		mask |= (uint64_t)has_memory(i) << i;
	proc_print_cpu_list(text, mask);
	return 0;
}

static int generate_with_cpus(struct proc_node *node, struct text *text)
{
	uint64_t mask = 0;

	(void)node;
	for (unsigned i = 0; i < frame_node_count(); i++)
		mask |= (uint64_t)(cpus_of(i) != 0) << i;
	proc_print_cpu_list(text, mask);
	return 0;
}

static const struct proc_entry nodes_files[] = {
	{ .name = "has_cpu", .mode = MODE_FILE | 0444, .generate = generate_with_cpus },
	{ .name = "has_memory", .mode = MODE_FILE | 0444, .generate = generate_with_memory },
	{ .name = "has_normal_memory", .mode = MODE_FILE | 0444, .generate = generate_with_memory },
	{ .name = "online", .mode = MODE_FILE | 0444, .generate = generate_all },
	{ .name = "possible", .mode = MODE_FILE | 0444, .generate = generate_all },
};

static bool describe_node(int id, unsigned index, struct sysfs_thing *thing)
{
	unsigned node = index - (unsigned)array_length(nodes_files);

	(void)id;
	if (index < array_length(nodes_files)) {
		string_copy(thing->name, nodes_files[index].name, sizeof(thing->name));
		thing->entry = &nodes_files[index];
		thing->id = 0;
		return true;
	}
	if (node >= frame_node_count())
		return false;
	snprintf(thing->name, sizeof(thing->name), "node%u", node);
	thing->entry = &one_node;
	thing->id = (int)node;
	return true;
}

static const struct sysfs_things nodes = {
	.limit = array_length(nodes_files) + FRAME_NODE_MAX,
	.describe = describe_node,
};

SYSFS_THINGS_OPS(, sysfs_node_ops, nodes);
