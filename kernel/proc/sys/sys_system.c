/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:cpu, log, scheme, scheme_num and uname. */
#include "sys_files.h"

#include <arch/cpu.h>
#include <base/bits.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/slab.h>
#include <proc/uname.h>
#include <sched/hotplug.h>
#include <scheme/scheme.h>
#include <sync/cpu.h>

/* What uname says in Redox programs: the interface that is served. */
#define REDOX_RELEASE "0.2.16-cryptos"

#define LOG_CHUNK 512

int sys_generate_cpu(struct text *text)
{
	struct arch_cpu_description *description = kmalloc(sizeof(*description));
	uint64_t online = sched_cpus_online();

	if (!description)
		return -ENOMEM;
	text_print(text, "CPUs: %u\n", bit_count(online));
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		if (!(online >> cpu & 1))
			continue;
		arch_describe_cpu(cpu, description);
		text_print(text, "CPU: %u\nVendor: %s\nModel: %s\nFeatures: %s\n", cpu,
			   description->vendor, description->model_name, description->flags);
	}
	kfree(description);
	return 0;
}

/* What was logged until now. */
int sys_generate_log(struct text *text)
{
	uint64_t position = 0, end = log_end();
	char chunk[LOG_CHUNK];
	size_t length;

	while (position < end && (length = log_read(&position, chunk, sizeof(chunk))))
		text_append(text, chunk, length);
	return 0;
}

static bool print_scheme(struct scheme *scheme, void *argument)
{
	text_print(argument, "%s\n", scheme->name);
	return true;
}

int sys_generate_scheme(struct text *text)
{
	namespace_visit(namespace_current(), print_scheme, text);
	return 0;
}

static bool print_scheme_number(struct scheme *scheme, void *argument)
{
	text_print(argument, "%4lu: %s\n", scheme->id, scheme->name);
	return true;
}

int sys_generate_scheme_number(struct text *text)
{
	namespace_visit(namespace_current(), print_scheme_number, text);
	return 0;
}

int sys_generate_uname(struct text *text)
{
	struct uname_data names;

	uname_read(&names);
	text_print(text, "%s\n\n%s\n\n%s\n", names.system, REDOX_RELEASE, names.machine);
	return 0;
}
