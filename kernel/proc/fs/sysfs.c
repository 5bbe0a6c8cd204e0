/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scheme `sysfs:`, which is /sys with Linux's layout: what programs look for there, the CPUs, block
 * devices, and the PCI functions, which scheme `pci:` shows in that layout.
 * It is made of the same kind of entries as /proc; `fd` of a node is the CPU's number.
 */
#include "sysfs_things.h"

#include <base/errno.h>
#include <base/string.h>
#include <power/frequency.h>
#include <sched/hotplug.h>
#include <sched/idle.h>
#include <scheme/scheme.h>
#include <sync/cpu.h>

#define SYSFS_MAGIC 0x62656572 /* Linux's, for statfs */

/* --- A CPU. --- */

static int generate_state(struct proc_node *node, struct text *text)
{
	text_print(text, "%u\n", (unsigned)(sched_cpus_online() >> node->fd & 1));
	return 0;
}

/* Takes "0" or "1", with or without the end of a line. */
static ssize_t store_state(struct proc_node *node, const char *bytes, size_t length)
{
	int error;

	if (!(length == 1 || (length == 2 && bytes[1] == '\n')) ||
	    (bytes[0] != '0' && bytes[0] != '1'))
		return -EINVAL;
	error = sched_cpu_set_online((unsigned)node->fd, bytes[0] == '1');
	return error ? error : (ssize_t)length;
}

static const struct proc_entry online_entry = {
	.mode = MODE_FILE | 0644,
	.generate = generate_state,
	.store = store_state,
};

static bool describe_cpu(int cpu, unsigned index, struct sysfs_thing *thing)
{
	static const char *const names[] = { "online", "cpuidle", "cpufreq" };
	static const struct proc_entry *const entries[] = { &online_entry, &sysfs_idle_entry,
							    &sysfs_frequency_entry };

	thing->id = cpu;
	string_copy(thing->name, names[index], sizeof(thing->name));
	thing->entry = entries[index];
	return index == 0 || (index == 1 && sched_idle_table((unsigned)cpu)) ||
	       (index == 2 && frequency_exists((unsigned)cpu));
}

static const struct sysfs_things of_cpu = { .limit = 3, .describe = describe_cpu };

SYSFS_THINGS_OPS(static, one_cpu_ops, of_cpu);

static const struct proc_entry one_cpu_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &one_cpu_ops,
};

/* --- All of them. --- */

static int generate_online(struct proc_node *node, struct text *text)
{
	(void)node;
	proc_print_cpu_list(text, sched_cpus_online());
	return 0;
}

static int generate_offline(struct proc_node *node, struct text *text)
{
	(void)node;
	proc_print_cpu_list(text, sched_cpus_present() & ~sched_cpus_online());
	return 0;
}

static int generate_present(struct proc_node *node, struct text *text)
{
	(void)node;
	proc_print_cpu_list(text, sched_cpus_present());
	return 0;
}

static int generate_possible(struct proc_node *node, struct text *text)
{
	(void)node;
	proc_print_cpu_list(text, sched_cpus_possible());
	return 0;
}

static int generate_highest(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "%u\n", CPU_MAX - 1);
	return 0;
}

#define READ_ENTRY(file_name, generator)                                           \
	{                                                                          \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generator \
	}

static const struct proc_entry cpus_children[] = {
	READ_ENTRY("kernel_max", generate_highest), READ_ENTRY("offline", generate_offline),
	READ_ENTRY("online", generate_online),      READ_ENTRY("possible", generate_possible),
	READ_ENTRY("present", generate_present),    { .name = NULL },
};

static int cpus_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	struct proc_node *self = proc_node_of(directory), *created;
	uint32_t cpu;
	int error;

	if (length <= 3 || memcmp(name, "cpu", 3) != 0)
		return proc_lookup_table(self, cpus_children, name, length, found);
	error = proc_parse_number(name + 3, length - 3, &cpu);
	if (error || cpu >= CPU_MAX || !(sched_cpus_present() >> cpu & 1))
		return -ENOENT;
	error = proc_node_create(self, name, length, &one_cpu_entry, NULL, &created);
	if (error)
		return error;
	created->fd = (int)cpu;
	*found = &created->node;
	return 0;
}

/* Passes the entry of one CPU. */
static bool list_cpu(struct proc_node *parent, unsigned cpu, uint64_t next_cookie,
		     struct directory_sink *sink)
{
	char name[16];
	size_t length = (size_t)snprintf(name, sizeof(name), "cpu%u", cpu);

	return sink->entry(sink, name, length, proc_child_number(parent, name, length),
			   MODE_DIRECTORY, next_cookie);
}

static int cpus_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	const uint64_t first = array_length(cpus_children);

	if (*cookie < first) {
		if (!proc_list_table(self, cpus_children, cookie, sink))
			return 0;
		*cookie = first;
	}
	/* From here on the cookie is `first` and the CPU to go on from. */
	for (; *cookie - first < cpu_count(); ++*cookie) {
		if (!(sched_cpus_present() >> (*cookie - first) & 1))
			continue;
		if (!list_cpu(self, (unsigned)(*cookie - first), *cookie + 1, sink))
			break;
	}
	return 0;
}

static const struct node_ops cpus_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = cpus_lookup,
	.open = proc_open,
	.read_directory = cpus_read,
};

/* --- The tree. --- */

static const struct proc_entry system_children[] = {
	{ .name = "cpu", .mode = MODE_DIRECTORY | 0555, .ops = &cpus_ops },
	{ .name = "node", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_node_ops },
	{ .name = NULL },
};

static const struct proc_entry devices_children[] = {
	{ .name = "system", .mode = MODE_DIRECTORY | 0555, .children = system_children },
	{ .name = NULL },
};

static ssize_t read_pci_link(struct proc_node *node, char *buffer, size_t size)
{
	static const char target[] = "/scheme/pci";

	(void)node;
	memcpy(buffer, target, min_size(size, sizeof(target) - 1));
	return (ssize_t)sizeof(target) - 1;
}

static int follow_pci_link(struct proc_node *node, struct dentry **target)
{
	struct scheme *scheme = namespace_find(namespace_current(), "pci", 3);

	(void)node;
	if (!scheme)
		return -ENOENT;
	*target = scheme->root;
	dentry_get(*target);
	scheme_put(scheme);
	return 0;
}

static const struct proc_entry bus_children[] = {
	{
		.name = "pci",
		.mode = MODE_SYMLINK | 0777,
		.link = read_pci_link,
		.follow = follow_pci_link,
	},
	{ .name = NULL },
};

static const struct proc_entry class_children[] = {
	{ .name = "block", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_class_block_ops },
	{ .name = "hwmon", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_sensors_ops },
	{ .name = "net", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_net_ops },
	{ .name = "power_supply", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_supply_ops },
	{ .name = "rtc", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_clock_ops },
	{ .name = "thermal", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_thermal_ops },
	{ .name = NULL },
};

static const struct proc_entry dev_children[] = {
	{ .name = "block", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_dev_block_ops },
	{ .name = NULL },
};

static const struct proc_entry root_children[] = {
	{ .name = "block", .mode = MODE_DIRECTORY | 0555, .ops = &sysfs_block_ops },
	{ .name = "bus", .mode = MODE_DIRECTORY | 0555, .children = bus_children },
	{ .name = "class", .mode = MODE_DIRECTORY | 0555, .children = class_children },
	{ .name = "dev", .mode = MODE_DIRECTORY | 0555, .children = dev_children },
	{ .name = "devices", .mode = MODE_DIRECTORY | 0555, .children = devices_children },
	{ .name = "firmware", .mode = MODE_DIRECTORY | 0555, .children = sysfs_firmware_children },
	{ .name = "power", .mode = MODE_DIRECTORY | 0555, .children = sysfs_power_children },
	{ .name = NULL },
};

static const struct proc_entry root_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.children = root_children,
};

static void sysfs_statistics(struct scheme *scheme, struct scheme_statistics *statistics)
{
	(void)scheme;
	*statistics = (struct scheme_statistics){ .magic = SYSFS_MAGIC, .block_size = PAGE_SIZE };
}

static const struct scheme_ops sysfs_scheme_ops = {
	.statistics = sysfs_statistics,
};

static int sysfs_start(void)
{
	return proc_start_scheme("sysfs", "sysfs", &sysfs_scheme_ops, &root_entry);
}

SCHEME(sysfs) = { .name = "sysfs", .level = 20, .start = sysfs_start };
