/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/sys: settings. Those that cannot be changed are read-only. */
#include "../id_table.h"
#include "proc_fs.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <base/string.h>
#include <cache/page_cache.h>
#include <core/command_line.h>
#include <proc/uname.h>
#include <scheme/credentials.h>
#include <scheme/random.h>

typedef unsigned long long llu;

#define PIPE_SIZE_MAX   65536
#define RANDOM_POOL     256 /* bits */
#define UUID_BYTES      16
#define LAST_CAPABILITY 40 /* of Linux 6.1 */

static int print_number(struct text *text, uint64_t value)
{
	text_print(text, "%llu\n", (llu)value);
	return 0;
}

/* --- Names. --- */

static int generate_node_name(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s\n", names.node);
	return 0;
}

static int generate_domain(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s\n", names.domain);
	return 0;
}

static int generate_system(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s\n", names.system);
	return 0;
}

static int generate_release(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s\n", names.release);
	return 0;
}

static int generate_version(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s\n", names.version);
	return 0;
}

/* Sets a name to the line that was written. */
static ssize_t store_name(int (*set)(const char *name, size_t length), const char *bytes,
			  size_t length)
{
	const char *end = memchr(bytes, '\n', length);
	int error = set(bytes, end ? (size_t)(end - bytes) : length);

	return error ? error : (ssize_t)length;
}

static ssize_t store_node_name(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	return store_name(uname_set_node, bytes, length);
}

static ssize_t store_domain(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	return store_name(uname_set_domain, bytes, length);
}

static ssize_t store_system(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	return store_name(uname_set_system, bytes, length);
}

/* --- Random numbers. --- */

static void print_uuid(struct text *text, const uint8_t *bytes)
{
	for (unsigned i = 0; i < UUID_BYTES; i++) {
		uint8_t byte = bytes[i];

		if (i == 6)
			byte = (byte & 0x0f) | 0x40; /* version 4: random */
		else if (i == 8)
			byte = (byte & 0x3f) | 0x80;
		text_print(text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", byte);
	}
	text_append(text, "\n", 1);
}

static int generate_uuid(struct proc_node *node, struct text *text)
{
	uint8_t bytes[UUID_BYTES];

	(void)node;
	random_bytes(bytes, sizeof(bytes));
	print_uuid(text, bytes);
	return 0;
}

static int generate_boot_id(struct proc_node *node, struct text *text)
{
	/* Made when first asked for, under its lock; the same ever after. */
	static struct spinlock lock = SPINLOCK_INIT(RANK_LEAF, "boot id");
	static uint8_t boot_id[UUID_BYTES];
	static bool made;
	uint8_t bytes[UUID_BYTES];

	(void)node;
	random_bytes(bytes, sizeof(bytes));
	spin_lock(&lock);
	if (!made)
		memcpy(boot_id, bytes, sizeof(boot_id));
	made = true;
	memcpy(bytes, boot_id, sizeof(bytes));
	spin_unlock(&lock);
	print_uuid(text, bytes);
	return 0;
}

static int generate_entropy(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, RANDOM_POOL);
}

/* --- Limits. --- */

static int generate_pid_max(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, ID_LIMIT);
}

static int generate_groups_max(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, CREDENTIALS_GROUPS_MAX);
}

static int generate_last_capability(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, LAST_CAPABILITY);
}

static int generate_randomize(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, command_line_has("norandmaps") ? 0 : 2);
}

static int generate_overcommit(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, 0); /* obvious excess is refused, the rest allowed */
}

static int generate_lowest_address(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, USER_MIN);
}

static int generate_descriptors(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, FD_TABLE_MAX);
}

static int generate_pipe_size(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, PIPE_SIZE_MAX);
}

/* --- Memory. --- */

static int generate_drop_caches(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, 0);
}

/* 1: what is cached of files; 2: names, which are few; 3: both. */
static ssize_t store_drop_caches(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	if (length == 0 || bytes[0] < '1' || bytes[0] > '4')
		return -EINVAL;
	if ((bytes[0] - '0') & 1)
		page_cache_drop_all();
	return (ssize_t)length;
}

static int generate_dirty_ratio(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, 100 / CACHE_DIRTY_HARD_PART);
}

static int generate_dirty_background_ratio(struct proc_node *node, struct text *text)
{
	(void)node;
	return print_number(text, 100 / CACHE_DIRTY_BACKGROUND_PART);
}

/* --- The tables. --- */

#define READ_ENTRY(file_name, generator)                                           \
	{                                                                          \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generator \
	}
#define WRITE_ENTRY(file_name, generator, taker)                                                   \
	{                                                                                          \
		.name = file_name, .mode = MODE_FILE | 0644, .generate = generator, .store = taker \
	}
#define DIRECTORY_ENTRY(directory_name, table)                                           \
	{                                                                                \
		.name = directory_name, .mode = MODE_DIRECTORY | 0555, .children = table \
	}

static const struct proc_entry random_children[] = {
	READ_ENTRY("boot_id", generate_boot_id),
	READ_ENTRY("entropy_avail", generate_entropy),
	READ_ENTRY("poolsize", generate_entropy),
	READ_ENTRY("uuid", generate_uuid),
	{ .name = NULL },
};

static const struct proc_entry kernel_children[] = {
	READ_ENTRY("cap_last_cap", generate_last_capability),
	WRITE_ENTRY("domainname", generate_domain, store_domain),
	WRITE_ENTRY("hostname", generate_node_name, store_node_name),
	READ_ENTRY("ngroups_max", generate_groups_max),
	READ_ENTRY("osrelease", generate_release),
	WRITE_ENTRY("ostype", generate_system, store_system),
	READ_ENTRY("pid_max", generate_pid_max),
	DIRECTORY_ENTRY("random", random_children),
	READ_ENTRY("randomize_va_space", generate_randomize),
	READ_ENTRY("version", generate_version),
	{ .name = NULL },
};

static const struct proc_entry vm_children[] = {
	READ_ENTRY("dirty_background_ratio", generate_dirty_background_ratio),
	READ_ENTRY("dirty_ratio", generate_dirty_ratio),
	WRITE_ENTRY("drop_caches", generate_drop_caches, store_drop_caches),
	READ_ENTRY("mmap_min_addr", generate_lowest_address),
	READ_ENTRY("overcommit_memory", generate_overcommit),
	{ .name = NULL },
};

static const struct proc_entry fs_children[] = {
	READ_ENTRY("nr_open", generate_descriptors),
	READ_ENTRY("pipe-max-size", generate_pipe_size),
	{ .name = NULL },
};

const struct proc_entry proc_sys_children[] = {
	DIRECTORY_ENTRY("fs", fs_children),
	DIRECTORY_ENTRY("kernel", kernel_children),
	DIRECTORY_ENTRY("vm", vm_children),
	{ .name = NULL },
};
