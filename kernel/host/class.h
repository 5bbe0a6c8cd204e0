/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the class objects of hosts have in common: each is a driver to the kernel's class interface, made and removed by calls of
 * its host, or removed at the host's end.
 *
 * Calls of several threads of a host, and its end, may come at the same time, in any order: calls on an object are
 * inside of its gate, and who removes it closes that.
 */
#pragma once

#include <host/host.h>
#include <sched/wait.h>

struct host_class {
	struct host_object object;
	_Atomic unsigned inside;   /* calls, and one bit: closed */
	struct wait_queue emptied; /* who closes it waits for the last one */
};

/* More than a driver makes in its life. */
#define HOST_CLASS_OBJECTS_MAX 1024

/* Puts it into the host's table, with the gate closed. The caller has set kind, ended, slots_freed and release. The reference is
 * the table's; the host is condemned if it makes objects without end. -ENOSPC, -EPERM. */
int must_check host_class_add(struct host *host, struct host_class *class);
/* It is there for calls from now on. */
void host_class_open(struct host_class *class);
/* The object of that number with its gate open: the caller is inside, with a reference; NULL: there is none. */
struct host_class *host_class_begin(struct host *host, uint64_t number, enum host_object_kind kind);
void host_class_end(struct host_class *class);
/* The same for who has a reference already, which stays. False: it is closed. */
bool must_check host_class_enter(struct host_class *class);
void host_class_leave(struct host_class *class);
/* Closes the gate and waits until nobody is inside. False: it was closed: somebody else removes it. Thread context. */
bool must_check host_class_close(struct host_class *class);
/* Calls `remove` for the object of that number, unless somebody does already. 0; -ENOENT. */
int host_class_remove(struct host *host, uint64_t number, enum host_object_kind kind,
		      void (*remove)(struct host_object *object));
