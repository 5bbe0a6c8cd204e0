/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root of the Linux tree on a disk: root= on the command line. Disks come when they come, so that
 * all there are is looked at again and again until the one that is meant is among them, for a while.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <block/block.h>
#include <core/command_line.h>
#include <core/log.h>
#include <fs/file_system.h>
#include <fs/mount.h>
#include <sched/thread.h>
#include <time/clock.h>

#define WAIT_SECONDS 30u
#define PAUSE_NS     (20 * NS_PER_MILLISECOND)

struct wanted {
	char text[128];                  /* as the command line has it */
	const char *name, *uuid, *label; /* one of them; the others NULL */
	uint64_t seen;                   /* devices up to this one have been looked at */
	uint64_t last;                   /* of those that there are now */
	struct block_device *found;      /* a reference */
};

static bool parse(struct wanted *wanted)
{
	const char *text = wanted->text;

	if (strncmp(text, "UUID=", 5) == 0)
		wanted->uuid = text + 5;
	else if (strncmp(text, "LABEL=", 6) == 0)
		wanted->label = text + 6;
	else if (strncmp(text, "/dev/", 5) == 0)
		wanted->name = text + 5;
	return wanted->uuid || wanted->label || wanted->name;
}

/* Letters of UUIDs may be large or small. */
static bool is_same_uuid(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		char first = *a >= 'A' && *a <= 'F' ? (char)(*a | 0x20) : *a;
		char second = *b >= 'A' && *b <= 'F' ? (char)(*b | 0x20) : *b;

		if (first != second)
			return false;
	}
	return *a == *b;
}

static bool is_meant(const struct wanted *wanted, struct block_device *device)
{
	const struct file_system *type;
	struct file_system_identity identity;

	if (wanted->name)
		return strcmp(device->name, wanted->name) == 0;
	if (file_system_probe(device, &type, &identity))
		return false;
	return wanted->uuid ? is_same_uuid(identity.uuid, wanted->uuid)
			    : strcmp(identity.label, wanted->label) == 0;
}

/* Looks at each device once. */
static bool look_at(struct block_device *device, void *argument)
{
	struct wanted *wanted = argument;

	if (device->id <= wanted->seen)
		return true;
	wanted->last = max_u64(wanted->last, device->id);
	if (!is_meant(wanted, device))
		return true;
	block_device_get(device);
	wanted->found = device;
	return false;
}

static void wait_for(struct wanted *wanted)
{
	uint64_t seconds = command_line_get_u64("rootwait", WAIT_SECONDS);
	uint64_t deadline = clock_deadline_after(seconds * NS_PER_SECOND);
	bool told = false;

	for (;;) {
		block_visit(look_at, wanted);
		if (wanted->found || clock_monotonic_ns() >= deadline)
			return;
		wanted->seen = wanted->last;
		if (!told)
			log_notice("root", "waiting for %s", wanted->text);
		told = true;
		thread_sleep_until(clock_deadline_after(PAUSE_NS));
	}
}

static int mount_found(const struct wanted *wanted)
{
	char type[32], options[256] = "", source[BLOCK_NAME_MAX + 6];
	struct file_system_request request = {
		.source = source,
		.device = wanted->found,
		.options = options,
		.flags = command_line_has("ro") ? SCHEME_READ_ONLY : 0,
	};

	snprintf(source, sizeof(source), "/dev/%s", wanted->found->name);
	if (command_line_get("rootfstype", type, sizeof(type)))
		request.type = type;
	command_line_get("rootflags", options, sizeof(options));
	return file_system_mount_root(&request);
}

bool root_mount(void)
{
	struct wanted wanted = { 0 };
	int error;

	if (!command_line_get("root", wanted.text, sizeof(wanted.text)))
		return false;
	if (!parse(&wanted)) {
		log_error("root", "root=%s: neither /dev/..., UUID=... nor LABEL=...", wanted.text);
		return false;
	}
	wait_for(&wanted);
	if (!wanted.found) {
		log_error("root", "%s has not come: the initramfs is the root", wanted.text);
		return false;
	}
	error = mount_found(&wanted);
	if (error)
		log_error("root", "%s (%s) cannot be mounted: error %d; the initramfs is the root",
			  wanted.text, wanted.found->name, -error);
	else
		log_notice("root", "%s (%s)", wanted.text, wanted.found->name);
	block_device_put(wanted.found);
	return !error;
}
