/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random changes of names against a model: a plain list of names. The result of each call, and now
 * and then all of the tree, are compared, as they are and after remounts and crashes.
 */
#include "object_fixture.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define NODES 4096u
#define NAMES 200u
#define TEXTS 12u /* names that are used in each directory */

struct node {
	struct hmfs_id id;
	bool directory, exists;
	unsigned links, holds, forks;
};

struct name {
	bool used;
	unsigned directory, node; /* of nodes */
	unsigned text;
};

struct model {
	struct memory_volume v;
	uint64_t seed;
	struct node nodes[NODES];
	unsigned count;
	struct name names[NAMES];
};

static unsigned draw(struct model *model, unsigned below)
{
	model->seed = model->seed * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(model->seed >> 33) % below;
}

static const char *text_of(unsigned text)
{
	static char names[2][300];
	static unsigned turn;
	char *name = names[turn++ % 2];

	/* Some are long. */
	snprintf(name, 300, "%0*u", text % 4 == 0 ? 200 + (int)text : 3, text);
	return name;
}

static struct name *find(struct model *model, unsigned directory, unsigned text)
{
	for (unsigned i = 0; i < NAMES; i++) {
		struct name *name = &model->names[i];

		if (name->used && name->directory == directory && name->text == text)
			return name;
	}
	return NULL;
}

static struct name *vacant(struct model *model)
{
	for (unsigned i = 0; i < NAMES; i++) {
		if (!model->names[i].used)
			return &model->names[i];
	}
	return NULL;
}

static unsigned entries(struct model *model, unsigned directory)
{
	unsigned count = 0;

	for (unsigned i = 0; i < NAMES; i++)
		count += model->names[i].used && model->names[i].directory == directory;
	return count;
}

static unsigned subdirectories(struct model *model, unsigned directory)
{
	unsigned count = 0;

	for (unsigned i = 0; i < NAMES; i++)
		count += model->names[i].used && model->names[i].directory == directory &&
			 model->nodes[model->names[i].node].directory;
	return count;
}

/* Whether `node` is `above` or below it. */
static bool is_within(struct model *model, unsigned node, unsigned above)
{
	while (node != above) {
		unsigned i = 0;

		if (node == 0)
			return false;
		while (!model->names[i].used || model->names[i].node != node)
			i++;
		node = model->names[i].directory;
	}
	return true;
}

static void dropped(struct model *model, unsigned node)
{
	struct node *gone = &model->nodes[node];

	if (gone->links == 0 && gone->holds == 0)
		gone->exists = false;
}

/* A directory with a name. */
static unsigned any_directory(struct model *model)
{
	unsigned node;

	do
		node = draw(model, model->count);
	while (!model->nodes[node].directory || !model->nodes[node].links);
	return node;
}

/* --- Changes: each returns what the call should --- */

static void step_create(struct model *model)
{
	const unsigned directory = any_directory(model), text = draw(model, TEXTS);
	const unsigned kind = draw(model, 3);
	struct name *name = vacant(model);
	struct node *node = &model->nodes[model->count];
	const uint32_t mode = kind == 0   ? HMFS_MODE_DIRECTORY | 0755
			      : kind == 1 ? HMFS_MODE_REGULAR | 0644
					  : HMFS_MODE_LINK | 0777;
	int error;

	if (!name || model->count == NODES)
		return;
	error = object_make(&model->v, model->nodes[directory].id, text_of(text), mode, "target",
			    &node->id);
	EXPECT_EQUAL(error, find(model, directory, text) ? -EEXIST : 0);
	if (error)
		return;
	node->directory = kind == 0;
	node->exists = true;
	node->links = 1;
	*name = (struct name){ true, directory, model->count++, text };
}

static void step_link(struct model *model)
{
	const unsigned directory = any_directory(model), text = draw(model, TEXTS);
	const unsigned target = draw(model, model->count);
	struct node *node = &model->nodes[target];
	struct name *name = vacant(model);
	int error, wanted = 0;

	if (!name)
		return;
	if (!node->exists)
		wanted = -ENOENT;
	else if (node->directory)
		wanted = -EPERM;
	else if (find(model, directory, text))
		wanted = -EEXIST;
	error = object_link(&model->v, model->nodes[directory].id, text_of(text), node->id);
	EXPECT_EQUAL(error, wanted);
	if (error)
		return;
	node->links++;
	*name = (struct name){ true, directory, target, text };
}

static void step_unlink(struct model *model)
{
	const unsigned directory = any_directory(model), text = draw(model, TEXTS);
	struct name *name = find(model, directory, text);
	int error, wanted = 0;

	if (!name)
		wanted = -ENOENT;
	else if (model->nodes[name->node].directory && entries(model, name->node) > 0)
		wanted = -ENOTEMPTY;
	error = object_unlink(&model->v, model->nodes[directory].id, text_of(text));
	EXPECT_EQUAL(error, wanted);
	if (error)
		return;
	model->nodes[name->node].links--;
	name->used = false;
	dropped(model, name->node);
}

static int rename_wanted(struct model *model, const struct name *from, unsigned to_directory,
			 const struct name *to, unsigned flags)
{
	const bool exchange = flags & HMFS_RENAME_EXCHANGE;
	bool from_is, to_is;

	if (!from || (exchange && !to))
		return -ENOENT;
	if (to && flags & HMFS_RENAME_NO_REPLACE)
		return -EEXIST;
	from_is = model->nodes[from->node].directory;
	to_is = to && model->nodes[to->node].directory;
	if (from_is && is_within(model, to_directory, from->node))
		return -EINVAL;
	if (to_is && is_within(model, from->directory, to->node))
		return exchange ? -EINVAL : -ENOTEMPTY;
	if (!to || exchange || from->node == to->node)
		return 0;
	if (from_is != to_is)
		return from_is ? -ENOTDIR : -EISDIR;
	return to_is && entries(model, to->node) > 0 ? -ENOTEMPTY : 0;
}

static void step_rename(struct model *model)
{
	const unsigned from_directory = any_directory(model), to_directory = any_directory(model);
	const unsigned from_text = draw(model, TEXTS), to_text = draw(model, TEXTS);
	const unsigned flags = draw(model, 3);
	struct name *from = find(model, from_directory, from_text);
	struct name *to = find(model, to_directory, to_text);
	const int wanted = rename_wanted(model, from, to_directory, to, flags);
	unsigned node;

	EXPECT_EQUAL(object_rename(&model->v, model->nodes[from_directory].id, text_of(from_text),
				   model->nodes[to_directory].id, text_of(to_text), flags),
		     wanted);
	if (wanted || (to && from->node == to->node))
		return;
	if (flags & HMFS_RENAME_EXCHANGE) {
		node = to->node;
		to->node = from->node;
		from->node = node;
		return;
	}
	if (to) {
		to->used = false;
		model->nodes[to->node].links--;
		dropped(model, to->node);
	}
	from->directory = to_directory;
	from->text = to_text;
}

static void step_hold(struct model *model)
{
	const unsigned index = draw(model, model->count);
	struct node *node = &model->nodes[index];

	if (node->holds > 0 && draw(model, 2)) {
		hmfs_object_let_go(model->v.volume, node->id);
		node->holds--;
		dropped(model, index);
		return;
	}
	EXPECT_EQUAL(hmfs_object_hold(model->v.volume, node->id), node->exists ? 0 : -ENOENT);
	node->holds += node->exists;
}

static void step_nameless(struct model *model)
{
	const struct hmfs_template like = { .mode = HMFS_MODE_REGULAR | 0600 };
	struct node *node = &model->nodes[model->count];

	if (model->count == NODES)
		return;
	EXPECT_EQUAL(hmfs_create_nameless(model->v.volume, HMFS_DATASET_LIVE, &like, &node->id), 0);
	node->exists = true;
	node->holds = 1;
	model->count++;
}

static void step_fork(struct model *model)
{
	struct node *node = &model->nodes[draw(model, model->count)];
	const bool there = node->forks > 0, removes = draw(model, 3) == 0;
	char value[3000];
	const size_t size = draw(model, 4) == 0 ? sizeof(value) : draw(model, 40);
	int wanted = 0;

	memset(value, 'v', sizeof(value));
	if (!node->exists)
		wanted = -ENOENT;
	else if (removes && !there)
		wanted = -ENODATA;
	EXPECT_EQUAL(hmfs_fork_set(model->v.volume, node->id, "fork", 4, HMFS_FORK_USER,
				   removes ? NULL : value, removes ? 0 : size, 0),
		     wanted);
	if (!wanted)
		node->forks = !removes;
}

/* --- Comparing --- */

struct tally {
	struct model *model;
	unsigned directory, count, wrong;
};

static bool tally(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		  uint64_t next_cookie)
{
	struct tally *all = context;
	char text[300];
	struct name *wanted;

	(void)next_cookie;
	memcpy(text, name, length);
	text[length] = '\0';
	wanted = find(all->model, all->directory, (unsigned)strtoul(text, NULL, 10));
	all->count++;
	if (!wanted || all->model->nodes[wanted->node].id.object != object ||
	    strcmp(text, text_of(wanted->text)) != 0 ||
	    (type == HMFS_MODE_DIRECTORY >> 12) != all->model->nodes[wanted->node].directory)
		all->wrong++;
	return true;
}

static void compare_directory(struct model *model, unsigned index)
{
	const struct node *node = &model->nodes[index];
	struct tally all = { model, index, 0, 0 };
	uint64_t cookie = 0;

	EXPECT_EQUAL(hmfs_list(model->v.volume, node->id, &cookie, tally, &all), 0);
	EXPECT_EQUAL(all.wrong, 0);
	EXPECT_EQUAL(all.count, entries(model, index));
	EXPECT_EQUAL(object_attributes(&model->v, node->id).size, all.count);
}

static void compare(struct model *model)
{
	uint64_t objects = 0;

	for (unsigned i = 0; i < model->count; i++) {
		const struct node *node = &model->nodes[i];
		const struct hmfs_attributes attributes = object_attributes(&model->v, node->id);
		unsigned links = node->links;

		objects += node->exists + (node->exists && node->forks);
		if (node->directory && links > 0)
			links = 2 + subdirectories(model, i);
		EXPECT_EQUAL(attributes.mode != 0, node->exists);
		EXPECT_EQUAL(attributes.links, links);
		EXPECT_EQUAL(attributes.forks, node->exists ? node->forks : 0);
		if (node->directory && node->exists)
			compare_directory(model, i);
	}
	EXPECT_EQUAL(object_count(&model->v), objects);
}

/* What was held is let go of by that. */
static void mount_again(struct model *model, bool crash)
{
	if (crash) {
		EXPECT_EQUAL(hmfs_sync(model->v.volume), 0);
		memory_volume_crash(&model->v);
	} else {
		memory_volume_remount(&model->v);
	}
	for (unsigned i = 0; i < model->count; i++) {
		model->nodes[i].holds = 0;
		dropped(model, i);
	}
}

static void reap(struct model *model)
{
	while (hmfs_work(model->v.volume, 1000) == 1)
		continue;
}

static void step(struct model *model)
{
	static void (*const steps[])(struct model *) = {
		step_create, step_create, step_create, step_link,   step_unlink,
		step_unlink, step_rename, step_rename, step_rename, step_nameless,
		step_hold,   step_hold,   step_fork,   step_fork,
	};

	steps[draw(model, array_length(steps))](model);
}

static void run(uint64_t seed, unsigned count)
{
	struct model *model = calloc(1, sizeof(*model));

	model->seed = seed;
	memory_volume_make(&model->v, OBJECT_BLOCKS, NULL);
	model->nodes[0] = (struct node){ object_root(), true, true, 1, 0, 0 };
	model->count = 1;
	for (unsigned i = 0; i < count; i++) {
		step(model);
		if (draw(model, 200) == 0)
			mount_again(model, draw(model, 2));
		if (draw(model, 50) == 0)
			EXPECT_EQUAL(hmfs_commit(model->v.volume), 0);
		if (draw(model, 50) == 0) {
			reap(model);
			compare(model);
		}
	}
	reap(model);
	compare(model);
	/* With what was held and has no name in it. */
	EXPECT_EQUAL(object_check(&model->v), 0);
	mount_again(model, false);
	reap(model);
	compare(model);
	EXPECT_EQUAL(object_check(&model->v), 0);
	memory_volume_end(&model->v);
	free(model);
}

UNIT_TEST(hmfs_name, random_changes_agree_with_a_model)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		run(seed * 7919, 3000);
}
