/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking names, of directories and of forks, and the list of orphans: what they lead to, and how
 * often each object is reached. What leads nowhere is removed.
 */
#include <base/errno.h>
#include <base/string.h>

#include "check_priv.h"

/* A name, decoded. */
struct name {
	struct hmfs_name name;
	size_t length;
	char text[HMFS_NAME_MAX + 1];
};

static bool decode(const struct hmfs_check *check, const struct hmfs_key *key,
		   const struct hmfs_value *value, struct name *name)
{
	const struct hmfs_volume *volume = check->volume;
	struct hmfs_key wanted;
	const char *text;

	if (!hmfs_name_decode(value->bytes, value->length, &name->name, &text, &name->length))
		return false;
	memcpy(name->text, text, name->length);
	name->text[name->length] = 0;
	if (hmfs_check_kind(key) == HMFS_KIND_FORK)
		hmfs_fork_key(volume, key->object, name->name.type, name->text, name->length,
			      &wanted);
	else
		hmfs_name_key(volume, key->object, HMFS_KIND_NAME, name->text, name->length,
			      &wanted);
	return hmfs_key_compare(&wanted, key) == 0;
}

/* Why the name cannot stay, or NULL. */
static const char *name_wrong(const struct hmfs_check_object *in,
			      const struct hmfs_check_object *target)
{
	if (in->type != HMFS_TYPE_DIRECTORY)
		return "is in something that is no directory";
	if (!target)
		return "leads to nothing";
	if (target->is_fork)
		return "leads to a fork";
	if (target->number == HMFS_ROOT_OBJECT)
		return "leads to the root";
	if (target->type == HMFS_TYPE_DIRECTORY && target->names > 0)
		return "is the second one of a directory";
	return NULL;
}

static const char *fork_wrong(const struct hmfs_check_object *in, const struct name *name,
			      const struct hmfs_check_object *target)
{
	if (in->is_fork)
		return "is the name of a fork of a fork";
	if (!target)
		return "is the name of a fork that is not there";
	if (!target->is_fork)
		return "is the name of a fork that is none";
	if (target->names > 0)
		return "is the second name of a fork";
	if (name->name.type < HMFS_FORK_USER || name->name.type > HMFS_FORK_COMPUTED)
		return "is the name of a fork of no known type";
	return NULL;
}

/* Names that lead to the wrong type are put right. */
static int set_type(struct hmfs_check *check, const struct hmfs_key *key, const struct name *name,
		    uint8_t type)
{
	uint8_t value[HMFS_NAME_VALUE_MAX];

	if (!hmfs_check_object_problem(check, key->object, true,
				       "its name \"%s\" tells the wrong type", name->text))
		return 0;
	memcpy(value, &name->name.object, sizeof(uint64_t));
	value[8] = type;
	value[9] = (uint8_t)name->length;
	memcpy(value + HMFS_NAME_RECORD_SIZE, name->text, name->length);
	return hmfs_check_put(check, &check->dataset->map, key, value,
			      HMFS_NAME_RECORD_SIZE + name->length);
}

static int see_name(struct hmfs_check *check, const struct hmfs_key *key,
		    const struct hmfs_value *value, struct hmfs_check_object *in, struct name *name)
{
	const bool fork = hmfs_check_kind(key) == HMFS_KIND_FORK;
	struct hmfs_check_object *target;
	const char *wrong;

	if (!decode(check, key, value, name)) {
		if (!hmfs_check_object_problem(check, key->object, true,
					       "the record of a name in it is nonsense"))
			return 0;
		return hmfs_check_remove(check, &check->dataset->map, key);
	}
	target = hmfs_check_find(check, name->name.object);
	wrong = fork ? fork_wrong(in, name, target) : name_wrong(in, target);
	if (wrong) {
		if (!hmfs_check_object_problem(check, key->object, true, "\"%s\" in it %s: removed",
					       name->text, wrong))
			return 0;
		return hmfs_check_remove(check, &check->dataset->map, key);
	}
	target->names++;
	if (target->parent == 0)
		target->parent = in->number;
	if (fork) {
		in->forks_found++;
		return hmfs_check_indexed(check, in->number, name->text, name->length, target);
	}
	in->entries++;
	return name->name.type == target->type ? 0
					       : set_type(check, key, name, (uint8_t)target->type);
}

static int see_orphan(struct hmfs_check *check, const struct hmfs_key *key)
{
	const uint64_t number = key->place & HMFS_PLACE_MASK;
	struct hmfs_check_object *object = hmfs_check_find(check, number);

	if (object && key->minor == 0) {
		object->is_orphan = true;
		return 0;
	}
	if (!hmfs_check_problem(check, true, "object %llu is to be deleted, but is not there",
				(unsigned long long)number))
		return 0;
	return hmfs_check_remove(check, &check->dataset->map, key);
}

static int see(struct hmfs_check *check, const struct hmfs_key *key, const struct hmfs_value *value,
	       void *argument)
{
	const unsigned kind = hmfs_check_kind(key);
	struct hmfs_check_object *in;

	if (kind == HMFS_KIND_ORPHAN && key->object == HMFS_ORPHANS)
		return see_orphan(check, key);
	if (kind != HMFS_KIND_NAME && kind != HMFS_KIND_FORK)
		return 0;
	in = hmfs_check_find(check, key->object);
	return in ? see_name(check, key, value, in, argument) : 0;
}

int hmfs_check_names(struct hmfs_check *check)
{
	const struct hmfs_key first = { 0 };
	struct name *name = hmfs_check_allocate(check, 1, sizeof(*name));
	int error;

	if (!name)
		return -ENOMEM;
	error = hmfs_check_walk(check, &check->dataset->map, &first, see, name);
	check->host->release(name);
	return error ? error : hmfs_check_index(check);
}
