/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /sys/class/rtc/rtc0: the battery-backed clock and its alarm, as Linux has them. */
#include "proc_fs.h"

#include <arch/cmos.h>
#include <base/calendar.h>
#include <base/errno.h>
#include <base/string.h>
#include <power/wall_clock.h>

#define NUMBER_LENGTH 20 /* of 64 bits in decimal */

static struct calendar_time read_clock(void)
{
	struct calendar_time time;

	calendar_from_seconds(arch_wall_clock_read(), &time);
	return time;
}

static int generate_date(struct proc_node *node, struct text *text)
{
	struct calendar_time time = read_clock();

	(void)node;
	text_print(text, "%04u-%02u-%02u\n", time.year, time.month, time.day);
	return 0;
}

static int generate_time(struct proc_node *node, struct text *text)
{
	struct calendar_time time = read_clock();

	(void)node;
	text_print(text, "%02u:%02u:%02u\n", time.hour, time.minute, time.second);
	return 0;
}

static int generate_since_epoch(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "%llu\n", (unsigned long long)arch_wall_clock_read());
	return 0;
}

static int generate_name(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "rtc_cmos\n");
	return 0;
}

static int generate_numbers(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "254:0\n");
	return 0;
}

/* It set the system's time at boot. */
static int generate_sets_time(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "1\n");
	return 0;
}

static int generate_may_wake(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "enabled\n");
	return 0;
}

/* Empty: none is set. */
static int generate_alarm(struct proc_node *node, struct text *text)
{
	struct wall_clock_alarm alarm;

	(void)node;
	wall_clock_get_alarm(&alarm);
	if (alarm.enabled)
		text_print(text, "%llu\n", (unsigned long long)alarm.seconds);
	return 0;
}

/* "N", or "+N" from now; what is past unsets the alarm. One that is set is unset first. */
static ssize_t store_alarm(struct proc_node *node, const char *bytes, size_t length)
{
	char number[NUMBER_LENGTH + 1];
	uint64_t now = arch_wall_clock_read(), seconds;
	struct wall_clock_alarm alarm;
	bool relative = length && bytes[0] == '+';
	size_t digits = length - relative;
	int error;

	(void)node;
	if (digits && bytes[length - 1] == '\n')
		digits--;
	if (digits == 0 || digits > NUMBER_LENGTH)
		return -EINVAL;
	memcpy(number, bytes + relative, digits);
	number[digits] = '\0';
	if (string_to_u64(number, &seconds))
		return -EINVAL;
	if (relative && __builtin_add_overflow(seconds, now, &seconds))
		return -EINVAL;
	wall_clock_get_alarm(&alarm);
	if (seconds > now && alarm.enabled)
		return -EBUSY;
	error = wall_clock_set_alarm(seconds, seconds > now);
	return error ? error : (ssize_t)length;
}

static const struct proc_entry wake_children[] = {
	{ .name = "wakeup", .mode = MODE_FILE | 0444, .generate = generate_may_wake },
	{ .name = NULL },
};

static const struct proc_entry device_children[] = {
	{ .name = "power", .mode = MODE_DIRECTORY | 0555, .children = wake_children },
	{ .name = NULL },
};

#define READ_ENTRY(file_name, generator)                                           \
	{                                                                          \
		.name = file_name, .mode = MODE_FILE | 0444, .generate = generator \
	}

static const struct proc_entry clock_children[] = {
	READ_ENTRY("date", generate_date),
	READ_ENTRY("dev", generate_numbers),
	{ .name = "device", .mode = MODE_DIRECTORY | 0555, .children = device_children },
	READ_ENTRY("hctosys", generate_sets_time),
	READ_ENTRY("name", generate_name),
	READ_ENTRY("since_epoch", generate_since_epoch),
	READ_ENTRY("time", generate_time),
	{
		.name = "wakealarm",
		.mode = MODE_FILE | 0644,
		.generate = generate_alarm,
		.store = store_alarm,
	},
	{ .name = NULL },
};

static const struct proc_entry class_children[] = {
	{ .name = "rtc0", .mode = MODE_DIRECTORY | 0555, .children = clock_children },
	{ .name = NULL },
};

/* --- The class: empty where there is no such clock. --- */

static int class_lookup(struct node *directory, const char *name, size_t length,
			struct node **found)
{
	if (!wall_clock_exists())
		return -ENOENT;
	return proc_lookup_table(proc_node_of(directory), class_children, name, length, found);
}

static int class_read(struct file *file, uint64_t *cookie, struct directory_sink *sink)
{
	if (wall_clock_exists())
		(void)proc_list_table(proc_node_of(file->node), class_children, cookie, sink);
	return 0;
}

const struct node_ops sysfs_clock_ops = {
	.refresh = proc_refresh,
	.release = proc_release,
	.lookup = class_lookup,
	.open = proc_open,
	.read_directory = class_read,
};
