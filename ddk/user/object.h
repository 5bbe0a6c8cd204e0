/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the driver has made of the classes, by the numbers that the kernel gives. A message may name an object whose making has
 * not returned yet: an unknown number of a kind is that of the object that is just being made, of which
 * there is one at a time of each kind.
 */
#pragma once

#include "kit.h"
#include "task.h"

enum object_kind {
	OBJECT_NONE,
	OBJECT_DISK,
	OBJECT_DISPLAY,
	OBJECT_INPUT,
	OBJECT_NET,
	OBJECT_STREAM,
	OBJECT_SERIAL,
	OBJECT_KINDS,
};

/* First in what it is of. */
struct object {
	enum object_kind kind;
	uint32_t number; /* 0: not known yet; the table's lock */
	/* Messages that are being handled, and tasks; 1 more: the driver. */
	_Atomic uint32_t users;
};

/* Before the call that makes it, and after: `result` is what that returned. 0, or the error. */
void object_begin(struct object *object, enum object_kind kind);
int must_check object_made(struct object *object, long result);
/* After the call that removes it: on return nobody uses it. Not from one of its operations. */
void object_remove(struct object *object);

/* NULL: there is none. */
struct object *object_get(enum object_kind kind, uint32_t number);
void object_put(struct object *object);
/* Calls `visit` for all of a kind. */
void object_visit(enum object_kind kind, void (*visit)(struct object *object));

/* Has a message handled by the pool, one at a time for each object, in the order in which they came; `handle` replies. */
void object_defer(struct object *object, const struct host_message *message,
		  message_handler *handle);
