/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of kernel/driver share:
 *
 *   registry.c   which objects there are
 *   policy.c     the rules of where they run; pure
 *   module.c     one that is loaded in the kernel, and its code
 *   exports.c    what it is linked against
 *   manager.c    load, unload, restart, move
 *   files.c      objects and rules of the initramfs
 *   text.c, command.c   sys:drivers
 *   integrity.c  compares what can be executed with what was loaded
 *
 * All that changes (which objects there are, where they run, which devices they have) changes in one thread at a time: the
 * one that adds and removes devices. Others look, by references.
 */
#pragma once

#include <base/list.h>
#include <driver/driver.h>
#include <driver/module.h>

#define DRIVER_MODULES_MAX 128

struct driver_module {
	struct driver_object *object; /* a reference */
	uint8_t *memory;
	size_t size;
	size_t offset[DRV_SEGMENTS]; /* in the memory */
	struct ddk_module account;
};

/* An object as the registry keeps it. */
struct driver_entry {
	struct driver_object object;
	uint64_t number; /* ascending in the list, never given twice */
	struct list_node node;
	bool copied; /* `bytes` are memory of its own */
};

static inline struct driver_entry *driver_entry_of(struct driver_object *object)
{
	return container_of(object, struct driver_entry, object);
}

/* --- registry.c --- */

/* A new object of bytes that stay (`copied`: they become the object's, also after an error), with its licence and
 * the policy considered; a reference. -ENOEXEC, -EINVAL, -ENOENT, -EPERM, -ENOMEM, told in the log. */
int must_check driver_object_create(const void *bytes, size_t length, bool copied,
				    const char *origin, const char *parameters,
				    struct driver_object **made);
/* Puts it into the list, which takes a reference, or takes it out. -EEXIST. */
int must_check driver_registry_add(struct driver_object *object);
void driver_registry_remove(struct driver_object *object);
/* Rules beside those of the command line; they concern what is registered later. */
void driver_policy_add(const char *text, size_t length, const char *origin);

/* --- module.c --- */

/* Loads the object, fills in object->driver and object->module. -ENOENT, -ENOMEM, -ENOEXEC; told in the log. */
int must_check driver_module_load(struct driver_object *object);
/* No device has it; frees what is left over. What is pinned stays for ever. */
void driver_module_unload(struct driver_object *object);
/* Visits what is loaded, in the thread that loads. */
struct driver_module *driver_module_at(unsigned index);

/* --- integrity.c --- */

/* What can be executed from now on, or no longer: whole pages, as they are now. -ENOMEM. */
int must_check driver_integrity_add(uintptr_t code, size_t length);
void driver_integrity_remove(uintptr_t code);
/* See driver_check_integrity(); in the thread that loads. */
long must_check driver_integrity_compare(void);

/* --- files.c --- */

/* Adds the rules of the initramfs, if there are any. */
void driver_files_read_policy(void);
/* Reads the whole file into memory of kernel_vmalloc(), which the caller frees. -E2BIG, -ENOEXEC (empty). */
struct file;
int must_check driver_file_read(struct file *file, void **bytes, size_t *length);

/* --- exports.c --- */

/* 0: the kit has no such thing. */
uintptr_t driver_export_find(const char *name);
