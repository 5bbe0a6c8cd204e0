/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drivers as objects: which there are, what their licence allows, where each runs. docs/drivers.md.
 *
 * An object is known (registered) once, by its name. It comes with the kernel's image, from /lib/drivers of the initramfs, or
 * from root (`drivers load`). Its licence, and what the policy adds, decide where it may run: in the kernel, where
 * it is loaded when the first device wants it, or in driver hosts (host/host.h), one for each device.
 * To kernel/dev it is a struct driver either way: that of the loaded object, or one whose functions start and ask a host.
 */
#pragma once

#include <ddk/driver.h>
#include <drv/object.h>
#include <sync/refcount.h>

struct device;
struct text;

enum driver_place {
	DRIVER_IN_KERNEL,
	DRIVER_IN_HOST,
	DRIVER_NOWHERE, /* the policy forbids it */
};

struct driver_module; /* an object that is loaded in the kernel */

struct driver_object {
	/* Immutable: the whole file, its description, its XXH3-128 hash, where it came from. */
	const void *bytes;
	size_t length;
	struct drv_object file;
	struct drv_record record;
	uint8_t hash[16];
	const char *origin;        /* "kernel", or a path */
	const char *parameters;    /* "NAME=VALUE NAME=VALUE", or "" */
	enum driver_place allowed; /* DRIVER_IN_KERNEL: in either place */
	char reason[96];           /* why */
	/* The thread's that adds and removes devices; others just look. */
	enum driver_place place;
	struct driver_module *module; /* NULL: not loaded in the kernel */
	size_t memory;                /* bytes that its code and data take there */
	bool pinned;                  /* it left things behind with which its code must stay */
	/* What kernel/dev calls, of the present place; device->driver points there. */
	struct driver driver;
	/* Who holds: the registry, each device that it serves, who looks at it. */
	struct refcount references;
};

/* --- The manager. Thread context, not from the thread that adds and removes devices, no lock held that this one
 * takes; -errno, and one line in the log that tells it. All that is done is done in that thread. --- */

/* Registers what came with the kernel, and the policy. Called once, before devices_start(). */
void drivers_start(void);
/* Registers what is in the initramfs, when that is there, and gives devices that have no driver one. */
void drivers_start_files(void);

/* Registers an object (`bytes` are copied) and gives it the devices that match and have no driver. -EEXIST (one of
 * that name is there), -EPERM (the policy), -ENOEXEC, -EINVAL, -ENOENT (it needs what the kit has not), -ENOMEM. */
int must_check driver_load(const void *bytes, size_t length, const char *origin,
			   const char *parameters);
/* Takes it from all its devices, and forgets it. -ENOENT, -EBUSY (it cannot let go). */
int must_check driver_unload(const char *name);
/* Takes it from its devices and gives them back to it, in the same place or the other; what programs have open of
 * them stays, and their requests wait meanwhile. -EPERM (the licence, the policy). */
int must_check driver_restart(const char *name);
int must_check driver_move(const char *name, enum driver_place place);

/* --- For kernel/dev. --- */

/* The registered objects, by walking; a reference each way, as device_next(). */
struct driver_object *driver_object_next(struct driver_object *previous);
struct driver_object *driver_object_find(const char *name);
void driver_object_get(struct driver_object *object);
/* NULL is allowed. */
void driver_object_put(struct driver_object *object);
/* The object whose struct driver that is. */
struct driver_object *driver_object_of(const struct driver *driver);
bool driver_object_matches(const struct driver_object *object, const struct device *device);
/* Makes sure that object->driver can be called: loads it in the kernel if that is its place. */
int must_check driver_object_prepare(struct driver_object *object);

/* --- For who looks. --- */

/* The function of a loaded object that holds `address`, as "driver:function", for backtraces: any context, does not
 * wait. *offset is how far into it the address lies. */
bool driver_find_function(uintptr_t address, char *name, size_t size, size_t *offset);
/* "kernel", "user", "nowhere". */
const char *driver_place_name(enum driver_place place);
/* What sys:drivers shows. */
int driver_generate_list(struct text *text);
/* Compares all executable pages of the kernel with what was loaded. The number of pages looked at, or -EBADMSG: something is
 * not as it was, of which the log tells each page. */
long must_check driver_check_integrity(void);
