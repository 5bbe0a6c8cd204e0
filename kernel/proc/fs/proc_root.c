/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The root of /proc: files about the system, and a directory for each process. */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <sched/diagnose.h>
#include <scheme/scheme.h>

#define PROC_MAGIC 0x9fa0 /* Linux's, for statfs */

static ssize_t link_self(struct proc_node *node, char *buffer, size_t size)
{
	char text[16];

	(void)node;
	return proc_put_link(text,
			     (size_t)snprintf(text, sizeof(text), "%u", process_current()->pid),
			     buffer, size);
}

static ssize_t link_thread_self(struct proc_node *node, char *buffer, size_t size)
{
	char text[40];

	(void)node;
	return proc_put_link(text,
			     (size_t)snprintf(text, sizeof(text), "%u/task/%u",
					      process_current()->pid, user_thread_current()->id),
			     buffer, size);
}

static ssize_t link_mounts(struct proc_node *node, char *buffer, size_t size)
{
	static const char text[] = "self/mounts";

	(void)node;
	return proc_put_link(text, strlen(text), buffer, size);
}

static int generate_nothing(struct proc_node *node, struct text *text)
{
	(void)node;
	(void)text;
	return 0;
}

/* Linux's magic requests: the first character counts. */
static ssize_t store_request(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	if (length > 0 && !diagnose_request(bytes[0]))
		return -EINVAL;
	return (ssize_t)length;
}

#define FILE_ENTRY(file_name, generator)                                           \
	{                                                                          \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generator \
	}
#define LINK_ENTRY(link_name, reader)                                          \
	{                                                                      \
		.name = link_name, .mode = MODE_SYMLINK | 0777, .link = reader \
	}

static const struct proc_entry root_children[] = {
	FILE_ENTRY("cmdline", proc_generate_command_line),
	FILE_ENTRY("cpuinfo", proc_generate_cpuinfo),
	FILE_ENTRY("devices", proc_generate_devices),
	FILE_ENTRY("diskstats", proc_generate_diskstats),
	FILE_ENTRY("filesystems", proc_generate_filesystems),
	FILE_ENTRY("interrupts", proc_generate_interrupts),
	FILE_ENTRY("loadavg", proc_generate_loadavg),
	FILE_ENTRY("meminfo", proc_generate_meminfo),
	LINK_ENTRY("mounts", link_mounts),
	{ .name = "net", .mode = MODE_DIRECTORY | 0555, .children = proc_net_children },
	FILE_ENTRY("partitions", proc_generate_partitions),
	LINK_ENTRY("self", link_self),
	{ .name = "slabinfo", .mode = MODE_FILE | 0400, .generate = proc_generate_slabinfo },
	FILE_ENTRY("stat", proc_generate_stat),
	FILE_ENTRY("swaps", proc_generate_swaps),
	{ .name = "sysrq-trigger",
	  .mode = MODE_FILE | 0200,
	  .generate = generate_nothing,
	  .store = store_request },
	{ .name = "sys", .mode = MODE_DIRECTORY | 0555, .children = proc_sys_children },
	LINK_ENTRY("thread-self", link_thread_self),
	FILE_ENTRY("uptime", proc_generate_uptime),
	FILE_ENTRY("version", proc_generate_version),
	FILE_ENTRY("vmstat", proc_generate_vmstat),
	{ .name = NULL },
};

static int root_lookup(struct node *directory, const char *name, size_t length, struct node **found)
{
	struct proc_node *self = proc_node_of(directory), *created;
	struct process *process;
	uint32_t pid;
	int error;

	if (proc_parse_number(name, length, &pid))
		return proc_lookup_table(self, root_children, name, length, found);
	process = process_find(pid);
	if (!process)
		return -ENOENT;
	error = proc_node_create(self, name, length, &proc_pid_entry, process, &created);
	process_put(process);
	if (!error)
		*found = &created->node;
	return error;
}

static int root_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	struct proc_node *self = proc_node_of(file->node);
	const uint64_t first = array_length(root_children);
	struct process *process;
	uint32_t pid;

	if (*cookie < first) {
		if (!proc_list_table(self, root_children, cookie, sink))
			return 0;
		*cookie = first;
	}
	/* From here on the cookie is `first` and the pid to go on from. */
	pid = *cookie - first < UINT32_MAX ? (uint32_t)(*cookie - first) : UINT32_MAX;
	while ((process = process_find_next(pid))) {
		uint64_t next = first + process->pid + 1;
		bool taken = proc_list_number(self, process->pid, MODE_DIRECTORY, next, sink);

		pid = process->pid + 1;
		process_put(process);
		if (!taken)
			return 0;
		*cookie = next;
	}
	return 0;
}

static const struct node_ops root_ops = {
	.lookup = root_lookup,
	.read_directory = root_read,
};

static const struct proc_entry root_entry = {
	.name = "",
	.mode = MODE_DIRECTORY | 0555,
	.ops = &root_ops,
};

static void proc_statistics(struct scheme *scheme, struct scheme_statistics *statistics)
{
	(void)scheme;
	*statistics = (struct scheme_statistics){ .magic = PROC_MAGIC, .block_size = PAGE_SIZE };
}

static const struct scheme_ops proc_scheme_ops = {
	.statistics = proc_statistics,
};

int proc_start_scheme(const char *name, const char *kind, const struct scheme_ops *ops,
		      const struct proc_entry *entry)
{
	struct scheme *scheme =
		scheme_create(name, kind, ops, SCHEME_NO_EXECUTE | SCHEME_NO_DEVICES, NULL);
	struct proc_node *root;
	int error;

	if (!scheme)
		return -ENOMEM;
	root = proc_node_allocate(entry, scheme, scheme_next_number(scheme));
	if (!root) {
		scheme_put(scheme);
		return -ENOMEM;
	}
	error = scheme_set_root(scheme, &root->node);
	if (!error)
		error = namespace_add(namespace_first(), scheme);
	if (error)
		scheme_put(scheme);
	return error;
}

static int proc_start(void)
{
	return proc_start_scheme("procfs", "proc", &proc_scheme_ops, &root_entry);
}

SCHEME(procfs) = { .name = "procfs", .level = 20, .start = proc_start };
