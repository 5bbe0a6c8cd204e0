/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Objects that are loaded in the kernel. Each has one area of the kernel window: its code, then constants, then
 * data. The area is written while none of it can be executed; then its code can be executed and no longer
 * written, and its constants are read-only.
 */
#include "driver_priv.h"

#include <arch/mmu.h>
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <core/log.h>
#include <core/symbols.h>
#include <mm/phys/kernel_map.h>
#include <mm/phys/slab.h>

#include <stdatomic.h>

/* What is loaded. Written by the thread that loads; read by anybody, in any context, without waiting: who
 * reads counts itself while it does, and nothing is freed while anybody reads. */
static struct driver_module *_Atomic modules[DRIVER_MODULES_MAX];
static _Atomic unsigned readers;

/* --- Looking up ------------------------------------------------------------------------------ */

static struct driver_module *find_module(uintptr_t address)
{
	for (unsigned i = 0; i < DRIVER_MODULES_MAX; i++) {
		struct driver_module *module = atomic_load(&modules[i]);

		if (module && address - module->account.code < module->account.code_length)
			return module;
	}
	return NULL;
}

struct ddk_module *driver_module_enter(uintptr_t address)
{
	struct driver_module *module;

	atomic_fetch_add(&readers, 1);
	module = find_module(address);
	if (module)
		atomic_fetch_add(&module->account.running, 1);
	atomic_fetch_sub(&readers, 1);
	return module ? &module->account : NULL;
}

bool driver_find_function(uintptr_t address, char *name, size_t size, size_t *offset)
{
	struct driver_module *module;
	const char *function = NULL;
	size_t begin;

	atomic_fetch_add(&readers, 1);
	module = find_module(address);
	if (module) {
		function = drv_find_function(&module->object->file, address - module->account.code,
					     &begin);
		*offset = address - module->account.code - (function ? begin : 0);
		snprintf(name, size, "%s:%s", module->account.name, function ? function : "");
	}
	atomic_fetch_sub(&readers, 1);
	return module;
}

struct driver_module *driver_module_at(unsigned index)
{
	return index < DRIVER_MODULES_MAX ? atomic_load(&modules[index]) : NULL;
}

/* --- Loading --------------------------------------------------------------------------------- */

static uint64_t find_export(void *context, const char *name)
{
	struct driver_module *module = context;

	if (strcmp(name, "ddk_module") == 0)
		return (uintptr_t)&module->account;
	return driver_export_find(name);
}

static bool is_code(const struct driver_module *module, const void *function)
{
	return (uintptr_t)function - module->account.code < module->account.code_length;
}

static bool is_code_or_none(const struct driver_module *module, const void *function)
{
	return !function || is_code(module, function);
}

/* What the kernel is to call. */
static bool functions_are_sound(const struct driver_module *module, const struct driver *driver)
{
	return is_code(module, (const void *)driver->probe) &&
	       is_code_or_none(module, (const void *)driver->remove) &&
	       is_code_or_none(module, (const void *)driver->suspend) &&
	       is_code_or_none(module, (const void *)driver->resume);
}

static void protect(const struct driver_module *module, enum drv_segment segment, unsigned rights)
{
	size_t size = module->object->file.size[segment];

	if (size)
		arch_kernel_protect((vaddr_t)module->memory + module->offset[segment],
				    size >> PAGE_SHIFT, rights);
}

static int link_object(struct driver_module *module, struct driver *driver)
{
	const struct driver_object *object = module->object;
	struct drv_load load = { .find = find_export, .context = module };
	const char *reason = "", *missing = NULL;
	int error;

	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		load.places[i].memory = module->memory + module->offset[i];
		load.places[i].address = (uintptr_t)load.places[i].memory;
	}
	error = drv_load(&object->file, &load, driver, &reason, &missing);
	if (error) {
		log_error("driver", "%s cannot be loaded: %s%s%s", object->record.name, reason,
			  missing ? ": " : "", missing ? missing : "");
		return error;
	}
	if (!functions_are_sound(module, driver)) {
		log_error("driver", "%s cannot be loaded: its functions are not in its code",
			  object->record.name);
		return -ENOEXEC;
	}
	protect(module, DRV_CODE, MMU_READ | MMU_EXECUTE);
	protect(module, DRV_CONSTANTS, MMU_READ);
	return 0;
}

static struct driver_module *create_module(struct driver_object *object)
{
	struct driver_module *module = kzalloc(sizeof(*module));

	if (!module)
		return NULL;
	module->object = object;
	for (unsigned i = 0; i < DRV_SEGMENTS; i++) {
		module->offset[i] = module->size;
		module->size += object->file.size[i];
	}
	module->memory = kernel_vmalloc(module->size);
	if (!module->memory) {
		kfree(module);
		return NULL;
	}
	ddk_module_init(&module->account, object->record.name,
			(uintptr_t)module->memory + module->offset[DRV_CODE],
			object->file.size[DRV_CODE]);
	return module;
}

static _Atomic(struct driver_module *) *free_slot(void)
{
	for (unsigned i = 0; i < DRIVER_MODULES_MAX; i++)
		if (!atomic_load(&modules[i]))
			return &modules[i];
	return NULL;
}

int driver_module_load(struct driver_object *object)
{
	_Atomic(struct driver_module *) *slot = free_slot();
	struct driver_module *module = slot ? create_module(object) : NULL;
	struct driver driver;
	int error;

	if (!module) {
		log_error("driver", "no memory for %s", object->record.name);
		return -ENOMEM;
	}
	error = link_object(module, &driver);
	if (!error)
		error = driver_integrity_add(module->account.code, module->account.code_length);
	if (error) {
		kernel_vfree(module->memory);
		kfree(module);
		return error;
	}
	driver.name = object->record.name;
	driver.version = object->record.version;
	driver.licence = object->record.licence;
	driver.matches = NULL;
	driver.match_count = 0;
	object->driver = driver;
	driver_object_get(object);
	object->module = module;
	object->memory = module->size;
	symbol_set_finder(driver_find_function);
	atomic_store(slot, module);
	log_debug("driver", "%s loaded at %p, %zu bytes", object->record.name, module->memory,
		  module->size);
	return 0;
}

/* --- Unloading ------------------------------------------------------------------------------- */

void driver_module_unload(struct driver_object *object)
{
	struct driver_module *module = object->module;

	if (!module)
		return;
	object->module = NULL;
	object->memory = 0;
	if (object->pinned)
		return;
	ddk_module_fini(&module->account);
	for (unsigned i = 0; i < DRIVER_MODULES_MAX; i++)
		if (atomic_load(&modules[i]) == module)
			atomic_store(&modules[i], NULL);
	while (atomic_load(&readers))
		arch_cpu_relax();
	driver_integrity_remove(module->account.code);
	kernel_vfree(module->memory);
	kfree(module);
	driver_object_put(object);
}
