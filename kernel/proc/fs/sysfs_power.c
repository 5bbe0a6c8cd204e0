/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/power, as Linux has it: what programs put the machine to sleep with. */
#include "proc_fs.h"

#include <base/errno.h>
#include <base/string.h>
#include <power/power.h>

#include <stdatomic.h>

/* Whether what was written is the word, with or without the end of a line. */
static bool is_word(const char *bytes, size_t length, const char *word)
{
	if (length && bytes[length - 1] == '\n')
		length--;
	return length == strlen(word) && !memcmp(bytes, word, length);
}

/* What "mem" means. */
static _Atomic bool mem_is_shallow;

static bool mem_is_deep(void)
{
	return power_can_suspend() && !atomic_load(&mem_is_shallow);
}

static int generate_state(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "freeze mem\n");
	return 0;
}

/* Returns when the machine is awake again. */
static ssize_t store_state(struct proc_node *node, const char *bytes, size_t length)
{
	int error = -EINVAL;

	(void)node;
	if (is_word(bytes, length, "freeze") || (is_word(bytes, length, "mem") && !mem_is_deep()))
		error = power_freeze();
	else if (is_word(bytes, length, "mem"))
		error = power_suspend();
	return error ? error : (ssize_t)length;
}

static int generate_mem_sleep(struct proc_node *node, struct text *text)
{
	(void)node;
	if (!power_can_suspend())
		text_print(text, "[s2idle]\n");
	else
		text_print(text, mem_is_deep() ? "s2idle [deep]\n" : "[s2idle] deep\n");
	return 0;
}

static ssize_t store_mem_sleep(struct proc_node *node, const char *bytes, size_t length)
{
	(void)node;
	if (!is_word(bytes, length, "s2idle") &&
	    !(is_word(bytes, length, "deep") && power_can_suspend()))
		return -EINVAL;
	atomic_store(&mem_is_shallow, is_word(bytes, length, "s2idle"));
	return (ssize_t)length;
}

static int generate_success(struct proc_node *node, struct text *text)
{
	struct power_sleep_statistics statistics;

	(void)node;
	power_read_sleep(&statistics);
	text_print(text, "%u\n", statistics.count);
	return 0;
}

static int generate_failures(struct proc_node *node, struct text *text)
{
	struct power_sleep_statistics statistics;

	(void)node;
	power_read_sleep(&statistics);
	text_print(text, "%u\n", statistics.failures);
	return 0;
}

static int generate_last_error(struct proc_node *node, struct text *text)
{
	struct power_sleep_statistics statistics;

	(void)node;
	power_read_sleep(&statistics);
	text_print(text, "%d\n", statistics.last_error);
	return 0;
}

static const struct proc_entry statistics_children[] = {
	{ .name = "fail", .mode = MODE_FILE | 0444, .generate = generate_failures },
	{
		.name = "last_failed_errno",
		.mode = MODE_FILE | 0444,
		.generate = generate_last_error,
	},
	{ .name = "success", .mode = MODE_FILE | 0444, .generate = generate_success },
	{ .name = NULL },
};

const struct proc_entry sysfs_power_children[] = {
	{
		.name = "mem_sleep",
		.mode = MODE_FILE | 0644,
		.generate = generate_mem_sleep,
		.store = store_mem_sleep,
	},
	{
		.name = "state",
		.mode = MODE_FILE | 0644,
		.generate = generate_state,
		.store = store_state,
	},
	{
		.name = "suspend_stats",
		.mode = MODE_DIRECTORY | 0555,
		.children = statistics_children,
	},
	{ .name = NULL },
};
