/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system as a whole: names, statistics, the log, random numbers, switching off. */
#include "linux.h"

#include <arch/cpu.h>
#include <base/string.h>
#include <core/log.h>
#include <mm/phys/frame.h>
#include <mm/phys/slab.h>
#include <power/power.h>
#include <proc/process.h>
#include <proc/uname.h>
#include <sched/statistics.h>
#include <sched/thread.h>
#include <scheme/random.h>
#include <scheme/scheme.h>
#include <time/clock.h>

int64_t linux_uname(const struct linux_call *call)
{
	struct uname_data data;

	_Static_assert(sizeof(data) == sizeof(struct linux_utsname), "the same layout");
	uname_read(&data);
	return linux_put(call->argument[0], &data, sizeof(data));
}

/* Sets the host's or the domain's name from the call's first two arguments. */
static int64_t set_system_name(const struct linux_call *call,
			       int (*set)(const char *name, size_t length))
{
	char name[UNAME_LENGTH];
	int error;

	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	if (call->argument[1] >= sizeof(name))
		return -EINVAL;
	error = linux_get(name, call->argument[0], call->argument[1]);
	return error ? error : set(name, call->argument[1]);
}

int64_t linux_sethostname(const struct linux_call *call)
{
	return set_system_name(call, uname_set_node);
}

int64_t linux_setdomainname(const struct linux_call *call)
{
	return set_system_name(call, uname_set_domain);
}

int64_t linux_sysinfo(const struct linux_call *call)
{
	struct frame_statistics frames;
	struct linux_sysinfo info;
	uint32_t loads[3];

	frame_read_statistics(&frames);
	sched_read_load(loads);
	memset(&info, 0, sizeof(info));
	info.uptime = (int64_t)(clock_boottime_ns() / NS_PER_SECOND);
	/* From 11 fraction bits to the 16 of this structure. */
	for (unsigned i = 0; i < 3; i++)
		info.loads[i] = (uint64_t)loads[i] << 5;
	info.total = frames.total * PAGE_SIZE;
	info.free = frames.free * PAGE_SIZE;
	info.processes = (uint16_t)process_count();
	info.unit = 1;
	return linux_put(call->argument[0], &info, sizeof(info));
}

#define RANDOM_FLAGS 7 /* nonblock, random, insecure: all the same here */

int64_t linux_getrandom(const struct linux_call *call)
{
	struct io io;

	if (linux_unsigned(call, 2) & ~(unsigned)RANDOM_FLAGS)
		return -EINVAL;
	if (!user_range_valid(call->argument[0], call->argument[1]))
		return -EFAULT;
	io_init_user(&io, call->argument[0], call->argument[1]);
	return random_read(&io);
}

enum syslog_action {
	SYSLOG_CLOSE = 0,
	SYSLOG_OPEN = 1,
	SYSLOG_READ_ALL = 3,
	SYSLOG_CONSOLE_OFF = 6,
	SYSLOG_CONSOLE_ON = 7,
	SYSLOG_CONSOLE_LEVEL = 8,
	SYSLOG_SIZE_UNREAD = 9,
	SYSLOG_SIZE_BUFFER = 10,
};

#define LOG_BUFFER_SIZE 65536

/* The newest text that fits, from the start of a line on. */
static int64_t read_log(uint64_t to, uint64_t size)
{
	uint64_t end = log_end(), position;
	char *buffer;
	size_t count;
	int64_t result;

	size = min_u64(size, LOG_BUFFER_SIZE);
	buffer = kmalloc(size);
	if (!buffer)
		return -ENOMEM;
	position = end > size ? end - size : 0;
	count = log_read(&position, buffer, size);
	result = linux_put(to, buffer, count);
	kfree(buffer);
	return result ? result : (int64_t)count;
}

int64_t linux_syslog(const struct linux_call *call)
{
	switch (linux_int(call, 0)) {
	case SYSLOG_CLOSE:
	case SYSLOG_OPEN:
		return 0;
	case SYSLOG_READ_ALL:
		if (linux_int(call, 2) < 0)
			return -EINVAL;
		return read_log(call->argument[1], linux_unsigned(call, 2));
	case SYSLOG_SIZE_UNREAD:
		return (int64_t)min_u64(log_end(), LOG_BUFFER_SIZE);
	case SYSLOG_SIZE_BUFFER:
		return LOG_BUFFER_SIZE;
	case SYSLOG_CONSOLE_OFF:
	case SYSLOG_CONSOLE_ON:
	case SYSLOG_CONSOLE_LEVEL:
		return credentials_privileged(credentials_current()) ? -EOPNOTSUPP : -EPERM;
	default:
		return -EINVAL;
	}
}

#define REBOOT_MAGIC     0xfee1dead
#define REBOOT_RESTART   0x01234567
#define REBOOT_RESTART2  0xa1b2c3d4 /* with a word for firmware, which ours has no use for */
#define REBOOT_HALT      0xcdef0123
#define REBOOT_POWER_OFF 0x4321fedc
#define REBOOT_CAD_ON    0x89abcdef
#define REBOOT_CAD_OFF   0x00000000

/* The numbers that Linux takes, birthdays. */
static bool is_second_magic(uint32_t value)
{
	return value == 672274793 || value == 85072278 || value == 369367448 || value == 537993216;
}

int64_t linux_reboot(const struct linux_call *call)
{
	if (!credentials_privileged(credentials_current()))
		return -EPERM;
	if (linux_unsigned(call, 0) != REBOOT_MAGIC || !is_second_magic(linux_unsigned(call, 1)))
		return -EINVAL;
	switch (linux_unsigned(call, 2)) {
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		power_set_restart_keys(linux_unsigned(call, 2) == REBOOT_CAD_ON);
		return 0;
	case REBOOT_RESTART:
	case REBOOT_RESTART2:
		power_down(POWER_RESTART);
	case REBOOT_HALT:
		power_down(POWER_HALT);
	case REBOOT_POWER_OFF:
		power_down(POWER_OFF);
	default:
		return -EINVAL;
	}
}

int64_t linux_getcpu(const struct linux_call *call)
{
	unsigned cpu;
	int error = 0;

	preempt_disable();
	cpu = cpu_id();
	preempt_enable();
	if (call->argument[0])
		error = write_user_u32(call->argument[0], cpu);
	if (!error && call->argument[1])
		error = write_user_u32(call->argument[1], frame_cpu_node(cpu));
	return error;
}

#define PERSONALITY_QUERY 0xffffffff

/* Linux's execution domains: only the plain one. */
int64_t linux_personality(const struct linux_call *call)
{
	uint32_t wanted = linux_unsigned(call, 0);

	return wanted == PERSONALITY_QUERY || wanted == 0 ? 0 : -EINVAL;
}

enum prctl_option {
	PRCTL_GET_DUMPABLE = 3,
	PRCTL_SET_DUMPABLE = 4,
	PRCTL_GET_KEEP_CAPABILITIES = 7,
	PRCTL_SET_KEEP_CAPABILITIES = 8,
	PRCTL_SET_NAME = 15,
	PRCTL_GET_NAME = 16,
	PRCTL_READ_CAPABILITY_BOUND = 23,
	PRCTL_SET_TIMER_SLACK = 29,
	PRCTL_GET_TIMER_SLACK = 30,
	PRCTL_SET_SUBREAPER = 36,
	PRCTL_GET_SUBREAPER = 37,
	PRCTL_SET_NO_NEW_PRIVILEGES = 38,
	PRCTL_GET_NO_NEW_PRIVILEGES = 39,
};

#define THREAD_NAME_SIZE 16
#define CAPABILITY_COUNT 41
#define TIMER_SLACK_NS   1

static int64_t set_name(uint64_t from)
{
	char name[THREAD_NAME_SIZE + 1];
	ssize_t length = copy_string_from_user(name, from, sizeof(name));

	if (length == -ENAMETOOLONG)
		length = THREAD_NAME_SIZE - 1;
	if (length < 0)
		return length;
	name[min_size((size_t)length, THREAD_NAME_SIZE - 1)] = '\0';
	user_thread_set_name(user_thread_current(), name);
	return 0;
}

static int64_t get_name(uint64_t to)
{
	char name[THREAD_NAME_SIZE] = { 0 };

	string_copy(name, thread_current()->name, sizeof(name));
	return linux_put(to, name, sizeof(name));
}

int64_t linux_prctl(const struct linux_call *call)
{
	struct process *process = process_current();
	uint64_t value = call->argument[1];

	switch (linux_int(call, 0)) {
	case PRCTL_GET_DUMPABLE:
		return process->dumpable;
	case PRCTL_SET_DUMPABLE:
		if (value > 1)
			return -EINVAL;
		process->dumpable = value;
		return 0;
	case PRCTL_GET_KEEP_CAPABILITIES:
		return 0;
	case PRCTL_SET_KEEP_CAPABILITIES: /* they go with root, so cannot be kept */
		return value == 0 ? 0 : value == 1 ? -EPERM : -EINVAL;
	case PRCTL_READ_CAPABILITY_BOUND:
		return value < CAPABILITY_COUNT ? 1 : -EINVAL;
	case PRCTL_SET_TIMER_SLACK: /* timers have none */
		return 0;
	case PRCTL_GET_TIMER_SLACK:
		return TIMER_SLACK_NS;
	case PRCTL_SET_NAME:
		return set_name(value);
	case PRCTL_GET_NAME:
		return get_name(value);
	case PRCTL_SET_SUBREAPER:
		process->subreaper = value;
		return 0;
	case PRCTL_GET_SUBREAPER:
		return write_user_u32(value, process->subreaper);
	case PRCTL_SET_NO_NEW_PRIVILEGES:
		if (value != 1)
			return -EINVAL;
		process->no_new_privileges = true;
		return 0;
	case PRCTL_GET_NO_NEW_PRIVILEGES:
		return process->no_new_privileges;
	default:
		return -EINVAL;
	}
}
