/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What evdev.c and evdev_control.c share. */
#pragma once

#include "input_priv.h"

#include <linux/input.h>
#include <scheme/device.h>
#include <scheme/poll.h>
#include <sync/spinlock.h>

#define EVDEV_RECORDS 128 /* that wait to be read, of each open file; a power of two */

struct evdev_record {
	uint64_t time_ns;
	uint16_t type, code;
	int32_t value;
};

/* What a program wrote of a report that has not ended yet. */
struct evdev_written {
	int right, down, wheel, across, from_top;
	bool has_place;
};

/* An open file. */
struct evdev_reader {
	struct evdev *evdev; /* a reference; immutable */
	struct wait_queue wait;
	struct evdev_written written; /* evdev->device_lock */
	/* evdev->lock: */
	struct list_node node;
	unsigned head, tail; /* records ever put in and taken out */
	unsigned clock;      /* EVDEV_CLOCK_... */
	bool revoked;        /* gets nothing any more */
	struct evdev_record records[EVDEV_RECORDS];
};

/* A node in /dev/input. */
struct evdev {
	/* Who holds: the device, and open files. */
	struct refcount references;
	char path[24]; /* immutable, and the next five */
	unsigned number;
	const char *name, *place;
	uint16_t product;
	unsigned kinds;
	struct device_node node;
	/* RANK_INPUT_LIST: `device`, so that it stays while it is asked or is sent something. */
	struct mutex device_lock;
	struct input_device *device; /* NULL: it has gone */
	struct spinlock lock;        /* RANK_INPUT: all below */
	struct list readers;
	struct evdev_reader *grabber; /* who has it for himself, or NULL */
	bool gone;
};

/* Takes it for `reader` alone, or gives it back. -EBUSY, -EINVAL. */
int must_check evdev_grab(struct evdev_reader *reader, bool on);
void evdev_revoke(struct evdev_reader *reader);

/* ioctl. */
long evdev_control(struct file *file, unsigned request, uintptr_t argument);
