/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside scheme `procfs:`, which is /proc with Linux's layout, and `sysfs:`, which is /sys.
 *
 * The tree is described by tables of entries. Nodes are made when they are looked up and belong
 * to a process (with a reference, so that its number may be used again meanwhile) or to none.
 * Their numbers are hashes of the parent's and the name: the same each time.
 */
#pragma once

#include <proc/process.h>
#include <scheme/text.h>

struct proc_node;
struct scheme_ops;

struct proc_entry {
	const char *name; /* NULL ends a table */
	uint32_t mode;    /* type and permissions */
	/* Of a directory: what is in it; or operations of its own. */
	const struct proc_entry *children;
	const struct node_ops *ops;
	/* Of a file: writes the whole text, and takes what was written (may be NULL). */
	int (*generate)(struct proc_node *node, struct text *text);
	ssize_t (*store)(struct proc_node *node, const char *bytes, size_t length);
	/* Of a link: its text, cut to `size`, as node_ops.read_link; and where it leads, if that
	 * is not what the text says. */
	ssize_t (*link)(struct proc_node *node, char *buffer, size_t size);
	int (*follow)(struct proc_node *node, struct dentry **target);
	bool private; /* only for those who may look inside the process */
};

struct proc_node {
	struct node node;
	const struct proc_entry *entry;
	struct process *process; /* a reference, or NULL */
	uint32_t thread_id;      /* below /proc/PID/task, else 0 */
	int fd;                  /* of entries of fd and fdinfo; in sysfs: a CPU */
};

static inline struct proc_node *proc_node_of(struct node *node)
{
	return container_of(node, struct proc_node, node);
}

/* proc_node.c */
/* A node for `entry`, called `name` in `parent`, of whose process it is unless `process` (a
 * reference is taken) says otherwise. -ENOMEM. */
int must_check proc_node_create(struct proc_node *parent, const char *name, size_t length,
				const struct proc_entry *entry, struct process *process,
				struct proc_node **created);
/* What a child of `parent` called `name` has as its number. */
uint64_t proc_child_number(const struct proc_node *parent, const char *name, size_t length);
/* Finds `name` in a table and makes its node. -ENOENT, -ENOMEM. */
int must_check proc_lookup_table(struct proc_node *parent, const struct proc_entry *table,
				 const char *name, size_t length, struct node **found);
/* Lists a table from *cookie on, whose entries have the cookies 0, 1, ...; true if all were
 * taken: *cookie is their number then. */
bool proc_list_table(struct proc_node *parent, const struct proc_entry *table, uint64_t *cookie,
		     struct directory_sink *sink);
/* Passes one entry that is called by a number. */
bool proc_list_number(struct proc_node *parent, uint32_t number, uint32_t mode_type,
		      uint64_t next_cookie, struct directory_sink *sink);
/* The number that a name is, without leading zeros: -ENOENT if it is none. */
int must_check proc_parse_number(const char *name, size_t length, uint32_t *number);
/* 0, -ESRCH for a process that was reaped, -EACCES where the entry is private. */
int must_check proc_check(struct proc_node *node);
/* For operations that are not described by a table (directories). */
void proc_refresh(struct node *node);
void proc_release(struct node *node);
int proc_open(struct node *node, struct file *file);
/* Copies `length` bytes as the text of a link. */
ssize_t proc_put_link(const char *text, size_t length, char *buffer, size_t size);
/* A node without a parent: the root. NULL: out of memory. */
struct proc_node *proc_node_allocate(const struct proc_entry *entry, struct scheme *scheme,
				     uint64_t number);

/* Adds a scheme with `entry` as its root. -ENOMEM. */
int must_check proc_start_scheme(const char *name, const char *kind, const struct scheme_ops *ops,
				 const struct proc_entry *entry);

/* The thread that a node is about: that of thread_id, or the first one; with a reference. NULL:
 * it has ended. */
struct user_thread *proc_thread(struct proc_node *node);

/* proc_pid.c */
extern const struct proc_entry proc_pid_entry, proc_thread_entry;
/* proc_fd.c */
extern const struct node_ops proc_fd_ops, proc_fdinfo_ops;
/* proc_task.c */
extern const struct node_ops proc_task_ops;

/* proc_stat.c, proc_status.c, proc_memory.c, proc_mounts.c */
int proc_generate_pid_stat(struct proc_node *node, struct text *text);
int proc_generate_statm(struct proc_node *node, struct text *text);
int proc_generate_status(struct proc_node *node, struct text *text);
int proc_generate_limits(struct proc_node *node, struct text *text);
int proc_generate_maps(struct proc_node *node, struct text *text);
int proc_generate_smaps(struct proc_node *node, struct text *text);
int proc_generate_cmdline(struct proc_node *node, struct text *text);
int proc_generate_environ(struct proc_node *node, struct text *text);
int proc_generate_auxv(struct proc_node *node, struct text *text);
int proc_generate_oom_score(struct proc_node *node, struct text *text);
int proc_generate_mounts(struct proc_node *node, struct text *text);
int proc_generate_mountinfo(struct proc_node *node, struct text *text);

/* proc_status.c: CPUs as a line like "0-3,5". */
void proc_print_cpu_list(struct text *text, uint64_t mask);

/* proc_memory_info.c, proc_cpu.c, proc_kernel.c */
int proc_generate_meminfo(struct proc_node *node, struct text *text);
int proc_generate_vmstat(struct proc_node *node, struct text *text);
int proc_generate_slabinfo(struct proc_node *node, struct text *text);
int proc_generate_cpuinfo(struct proc_node *node, struct text *text);
int proc_generate_stat(struct proc_node *node, struct text *text);
int proc_generate_uptime(struct proc_node *node, struct text *text);
int proc_generate_loadavg(struct proc_node *node, struct text *text);
int proc_generate_interrupts(struct proc_node *node, struct text *text);
int proc_generate_version(struct proc_node *node, struct text *text);
int proc_generate_command_line(struct proc_node *node, struct text *text);
int proc_generate_filesystems(struct proc_node *node, struct text *text);
int proc_generate_devices(struct proc_node *node, struct text *text);
int proc_generate_swaps(struct proc_node *node, struct text *text);

/* proc_block.c */
int proc_generate_partitions(struct proc_node *node, struct text *text);
int proc_generate_diskstats(struct proc_node *node, struct text *text);
struct block_device;
/* A line of Linux's counters. */
void proc_print_block_statistics(struct text *text, struct block_device *device);

/* sysfs_block.c */
extern const struct node_ops sysfs_block_ops, sysfs_class_block_ops, sysfs_dev_block_ops;

/* sysfs_supply.c, sysfs_thermal.c, sysfs_sensors.c */
extern const struct node_ops sysfs_supply_ops, sysfs_thermal_ops, sysfs_sensors_ops;

/* sysfs_idle.c: what is in a CPU's folder `cpuidle`. */
extern const struct proc_entry sysfs_idle_entry;
/* sysfs_frequency.c: `cpufreq`. */
extern const struct proc_entry sysfs_frequency_entry;
/* sysfs_power.c */
extern const struct proc_entry sysfs_power_children[];
extern const struct node_ops sysfs_node_ops, sysfs_picture_ops;

/* sysfs_net.c */
extern const struct node_ops sysfs_net_ops;
extern const struct proc_entry proc_net_children[];

/* sysfs_clock.c */
extern const struct node_ops sysfs_clock_ops;
/* sysfs_firmware.c */
extern const struct proc_entry sysfs_firmware_children[];

/* proc_sys.c */
extern const struct proc_entry proc_sys_children[];

/* The unit of times in /proc. */
#define PROC_TICKS_PER_SECOND 100
#define PROC_NS_PER_TICK      (1000000000ull / PROC_TICKS_PER_SECOND)
/* Bytes in KiB. */
#define PROC_KIB(bytes) ((uint64_t)(bytes) / 1024)
