/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces. */
#include "redox.h"

#include <mm/phys/slab.h>
#include <proc/process.h>

int64_t redox_getns(const struct redox_call *call)
{
	(void)call;
	return (int64_t)namespace_number(process_current()->real_namespace);
}

int64_t redox_getens(const struct redox_call *call)
{
	(void)call;
	return (int64_t)namespace_number(process_current()->namespace);
}

#define KEEP UINT64_MAX

/* --- Leaving. --- */

/* May the process make that its real, or effective, namespace, which is `own` now? */
static bool may_set(uint64_t wanted, uint64_t own, uint64_t real, uint64_t effective)
{
	if (wanted == KEEP || wanted == NAMESPACE_NULL)
		return true;
	if (own == NAMESPACE_NULL)
		return false;
	return redox_is_root() || wanted == real || wanted == effective;
}

static int find_wanted(uint64_t wanted, struct namespace **space)
{
	*space = NULL;
	return wanted == KEEP ? 0 : namespace_enter_number(wanted, space);
}

int64_t redox_setrens(const struct redox_call *call)
{
	uint64_t real = call->argument[0], effective = call->argument[1];
	uint64_t own_real, own_effective;
	struct namespace *real_space, *effective_space;
	int error;

	process_namespace_numbers(process_current(), &own_real, &own_effective);
	if (!may_set(real, own_real, own_real, own_effective) ||
	    !may_set(effective, own_effective, own_real, own_effective))
		return -EPERM;
	error = find_wanted(real, &real_space);
	if (error)
		return error;
	error = find_wanted(effective, &effective_space);
	if (error) {
		if (real_space)
			namespace_put(real_space);
		return error;
	}
	process_set_namespaces(real_space, effective_space);
	return 0;
}

/* --- Making. --- */

/* Adds the scheme that the caller knows by the name in `slice`. Names that come twice, or that all
 * namespaces have, do no harm. */
static int add_named(struct namespace *space, const struct redox_slice *slice)
{
	struct scheme *scheme;
	char *name;
	int error = redox_copy_text(slice->address, slice->length, &name);

	if (error)
		return error;
	scheme = namespace_find(namespace_current(), name, slice->length);
	kfree(name);
	if (!scheme)
		return -ENODEV;
	error = namespace_add(space, scheme);
	scheme_put(scheme);
	return error == -EEXIST ? 0 : error;
}

static int fill(struct namespace *space, uint64_t names, uint64_t count)
{
	struct redox_slice slice;
	int error = 0;

	for (uint64_t i = 0; i < count && !error; i++) {
		error = redox_get(&slice, names + i * sizeof(slice), sizeof(slice));
		if (!error)
			error = add_named(space, &slice);
	}
	return error;
}

/* The array of names and each of them: all must be there before anything is made. */
static int check_names(uint64_t names, uint64_t count)
{
	struct redox_slice slice;
	int error;

	if (count > UINT64_MAX / sizeof(slice))
		return -EFAULT;
	error = redox_check_user(names, count * sizeof(slice), false);
	for (uint64_t i = 0; i < count && !error; i++) {
		error = redox_get(&slice, names + i * sizeof(slice), sizeof(slice));
		if (!error)
			error = redox_check_user(slice.address, slice.length, false);
	}
	return error;
}

int64_t redox_mkns(const struct redox_call *call)
{
	struct namespace_keeper *keeper;
	struct namespace *space;
	int error = check_names(call->argument[0], call->argument[1]);

	if (error)
		return error;
	if (!redox_is_root())
		return -EACCES;
	keeper = process_namespace_keeper();
	if (!keeper)
		return -ENOMEM;
	error = namespace_make(&space);
	if (error)
		return error;
	error = fill(space, call->argument[0], call->argument[1]);
	if (error) {
		namespace_put(space);
		return error;
	}
	namespace_keep(keeper, space);
	return (int64_t)namespace_number(space);
}
