/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /proc/version, cmdline, filesystems, devices and swaps. */
#include "proc_fs.h"

#include <base/string.h>
#include <core/command_line.h>
#include <fs/file_system.h>
#include <proc/uname.h>
#include <scheme/device.h>
#include <scheme/scheme.h>

#define KINDS_MAX  64
#define MAJORS_MAX 512

int proc_generate_version(struct proc_node *node, struct text *text)
{
	struct uname_data names;

	(void)node;
	uname_read(&names);
	text_print(text, "%s version %s %s\n", names.system, names.release, names.version);
	return 0;
}

int proc_generate_command_line(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "%s\n", command_line_text());
	return 0;
}

struct kinds {
	struct text *text;
	const char *seen[KINDS_MAX];
	unsigned count;
};

/* One line per kind of file system, of which there may be several schemes. */
static bool print_kind(struct scheme *scheme, void *argument)
{
	struct kinds *kinds = argument;

	for (unsigned i = 0; i < kinds->count; i++) {
		if (strcmp(kinds->seen[i], scheme->kind) == 0)
			return true;
	}
	if (kinds->count == KINDS_MAX)
		return false;
	kinds->seen[kinds->count++] = scheme->kind;
	/* Those on devices come later, mounted or not. */
	if (!(scheme->flags & SCHEME_ON_DEVICE))
		text_print(kinds->text, "nodev\t%s\n", scheme->kind);
	return true;
}

int proc_generate_filesystems(struct proc_node *node, struct text *text)
{
	struct kinds kinds = { .text = text };
	const struct file_system *type;

	(void)node;
	namespace_visit(namespace_current(), print_kind, &kinds);
	for (type = file_system_records_start; type < file_system_records_end; type++)
		text_print(text, "\t%s\n", type->name);
	return 0;
}

struct majors {
	struct text *text;
	uint64_t seen[MAJORS_MAX / 64];
};

/* One line per major number, called as the first device that has it. */
static void print_device(const struct device_node *device, void *argument)
{
	struct majors *majors = argument;
	unsigned major = device->major;

	if (major >= MAJORS_MAX || majors->seen[major / 64] >> major % 64 & 1)
		return;
	majors->seen[major / 64] |= (uint64_t)1 << major % 64;
	text_print(majors->text, "%3u %s\n", major, device->name);
}

static void print_devices(struct text *text, uint32_t type)
{
	struct majors majors = { .text = text };

	device_visit(type, print_device, &majors);
}

int proc_generate_devices(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "Character devices:\n");
	print_devices(text, MODE_CHARACTER);
	text_print(text, "\nBlock devices:\n");
	print_devices(text, MODE_BLOCK);
	return 0;
}

/* There is no swapping. */
int proc_generate_swaps(struct proc_node *node, struct text *text)
{
	(void)node;
	text_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}
