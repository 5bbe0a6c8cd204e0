/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random operations on names, objects and forks; those on contents are in steps_file.c. */
#include "steps_priv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint64_t steps_random(struct steps *steps, uint64_t below)
{
	steps->random ^= steps->random >> 12;
	steps->random ^= steps->random << 25;
	steps->random ^= steps->random >> 27;
	return (steps->random * 0x2545f4914f6cdd1du >> 11) % below;
}

void steps_say(struct steps *steps, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(steps->said, sizeof(steps->said), format, arguments);
	va_end(arguments);
}

enum outcome steps_judge(struct steps *steps, int64_t result, int64_t wanted)
{
	const size_t said = strlen(steps->said);
	bool excused = (result == -ENOSPC && steps->may_fill) ||
		       ((result == -EIO || result == -ENOMEM) && steps->may_fail);

	if (result == wanted)
		return result >= 0 ? DONE : REFUSED;
	if (excused) {
		steps->failed++;
		return REFUSED;
	}
	snprintf(steps->said + said, sizeof(steps->said) - said, ": gave %lld, not %lld",
		 (long long)result, (long long)wanted);
	return WRONG;
}

/* --- Choosing --- */

/* A node that has a name. `accepts` NULL: any. */
struct tree_node *steps_choose(struct steps *steps, bool (*accepts)(const struct tree_node *))
{
	for (unsigned tries = 0; tries < 20; tries++) {
		uint64_t skip = steps_random(steps, steps->tree.node_count);
		struct tree_node *node = steps->tree.nodes;

		while (skip--)
			node = node->next;
		if ((node->names || node == steps->tree.root) && (!accepts || accepts(node)))
			return node;
	}
	return NULL;
}

static struct tree_node *choose_directory(struct steps *steps)
{
	struct tree_node *node = steps_choose(steps, tree_is_directory);

	return node ? node : steps->tree.root;
}

/* A name that is mostly in use in the directory, with `used`. */
static void choose_name(struct steps *steps, const struct tree_node *directory, bool used,
			char name[HMFS_NAME_MAX + 1])
{
	if (used && directory->child_count && steps_random(steps, 10)) {
		uint64_t child = steps_random(steps, directory->child_count);

		snprintf(name, HMFS_NAME_MAX + 1, "%s", directory->children[child].name);
		return;
	}
	snprintf(name, HMFS_NAME_MAX + 1, "n%llu",
		 (unsigned long long)steps_random(steps, 3 * steps->most_nodes));
	if (steps_random(steps, 12) == 0) {
		size_t length = strlen(name);

		memset(name + length, 'x', HMFS_NAME_MAX - length);
		name[HMFS_NAME_MAX] = 0;
	}
}

/* --- Operations --- */

static enum outcome do_create(struct steps *steps)
{
	static const uint32_t modes[] = { 0100644, 0100600, 0100644, 0040755, 0120777, 0010644 };
	struct tree_node *directory = choose_directory(steps);
	struct hmfs_template like = {
		.mode = modes[steps_random(steps, 6)],
		.uid = (uint32_t)steps_random(steps, 3),
		.gid = 7,
		.target = "there/and/back",
	};
	char name[HMFS_NAME_MAX + 1];
	enum outcome outcome;
	struct hmfs_id id;

	choose_name(steps, directory, steps->tree.node_count >= steps->most_nodes, name);
	steps_say(steps, "create %o %.40s in %llu", like.mode, name,
		  (unsigned long long)directory->id.object);
	outcome = steps_judge(
		steps, hmfs_create(steps->volume, directory->id, name, strlen(name), &like, &id),
		tree_find(directory, name) ? -EEXIST : 0);
	if (outcome == DONE) {
		struct tree_node *node = tree_add_node(&steps->tree, like.mode);

		node->id = id;
		node->uid = like.uid;
		node->gid = like.gid;
		if (like.mode >> 12 == 012)
			tree_write(&steps->tree, node, 0, like.target, strlen(like.target));
		tree_link(directory, name, node);
		hmfs_object_let_go(steps->volume, id);
	}
	return outcome;
}

/* O_TMPFILE: without a name, then with one. */
static enum outcome do_create_nameless(struct steps *steps)
{
	const struct hmfs_template like = { .mode = 0100640 };
	struct tree_node *directory = choose_directory(steps), *node;
	char name[HMFS_NAME_MAX + 1];
	enum outcome outcome;
	struct hmfs_id id;

	choose_name(steps, directory, false, name);
	steps_say(steps, "create a file without a name");
	outcome = steps_judge(steps,
			      hmfs_create_nameless(steps->volume, steps->dataset, &like, &id), 0);
	if (outcome != DONE)
		return outcome;
	node = tree_add_node(&steps->tree, like.mode);
	node->id = id;
	if (steps_random(steps, 3)) {
		steps_say(steps, "link a file without a name as %.40s", name);
		outcome = steps_judge(
			steps, hmfs_link(steps->volume, directory->id, name, strlen(name), id),
			tree_find(directory, name) ? -EEXIST : 0);
		if (outcome == DONE)
			tree_link(directory, name, node);
	}
	hmfs_object_let_go(steps->volume, id);
	tree_let_go(&steps->tree, node);
	return outcome;
}

static enum outcome do_unlink(struct steps *steps)
{
	struct tree_node *directory = choose_directory(steps);
	char name[HMFS_NAME_MAX + 1];
	struct tree_child *child;
	enum outcome outcome;
	int wanted;

	choose_name(steps, directory, true, name);
	child = tree_find(directory, name);
	wanted = !child ? -ENOENT : child->node->child_count ? -ENOTEMPTY : 0;
	steps_say(steps, "unlink %.40s in %llu", name, (unsigned long long)directory->id.object);
	outcome = steps_judge(steps, hmfs_unlink(steps->volume, directory->id, name, strlen(name)),
			      wanted);
	if (outcome == DONE)
		tree_unlink(&steps->tree, directory, child);
	return outcome;
}

static enum outcome do_link(struct steps *steps)
{
	struct tree_node *directory = choose_directory(steps);
	struct tree_node *node = steps_choose(steps, NULL);
	char name[HMFS_NAME_MAX + 1];
	enum outcome outcome;
	int result, wanted;

	if (!node)
		return DONE;
	choose_name(steps, directory, false, name);
	steps_say(steps, "link %llu as %.40s", (unsigned long long)node->id.object, name);
	result = hmfs_link(steps->volume, directory->id, name, strlen(name), node->id);
	wanted = tree_is_directory(node) ? -EPERM : tree_find(directory, name) ? -EEXIST : 0;
	if (wanted == -EPERM && result == -EEXIST)
		wanted = result;
	outcome = steps_judge(steps, result, wanted);
	if (outcome == DONE)
		tree_link(directory, name, node);
	return outcome;
}

struct move {
	struct tree_node *from, *to;
	struct tree_child *source, *target;
	unsigned flags;
};

/* What a rename gives: where several rules are broken, either error will do. */
static int rename_wanted(const struct move *move, int result)
{
	struct tree_node *source = move->source ? move->source->node : NULL;
	struct tree_node *target = move->target ? move->target->node : NULL;
	int wanted[6];
	unsigned count = 0;

	if (!source)
		return -ENOENT;
	if (move->flags & HMFS_RENAME_EXCHANGE && !target)
		return -ENOENT;
	if (target && move->flags & HMFS_RENAME_NO_REPLACE)
		wanted[count++] = -EEXIST;
	if (tree_is_directory(source) && tree_is_above(source, move->to))
		wanted[count++] = -EINVAL;
	if (move->flags & HMFS_RENAME_EXCHANGE && tree_is_directory(target) &&
	    tree_is_above(target, move->from))
		wanted[count++] = -EINVAL;
	if (target && target != source && !(move->flags & HMFS_RENAME_EXCHANGE)) {
		if (tree_is_directory(source) && !tree_is_directory(target))
			wanted[count++] = -ENOTDIR;
		if (!tree_is_directory(source) && tree_is_directory(target))
			wanted[count++] = -EISDIR;
		if (target->child_count)
			wanted[count++] = -ENOTEMPTY;
	}
	for (unsigned i = 0; i < count; i++)
		if (wanted[i] == result)
			return result;
	return count ? wanted[0] : 0;
}

static void rename_apply(struct steps *steps, struct move *move, const char *name)
{
	struct tree_node *source = move->source->node;

	if (move->flags & HMFS_RENAME_EXCHANGE) {
		move->source->node = move->target->node;
		move->target->node = source;
		return;
	}
	if (move->target && move->target->node == source)
		return;
	source->holds++;
	tree_unlink(&steps->tree, move->from, move->source);
	move->target = tree_find(move->to, name);
	if (move->target)
		tree_unlink(&steps->tree, move->to, move->target);
	tree_link(move->to, name, source);
	source->holds--;
}

static enum outcome do_rename(struct steps *steps)
{
	struct move move = { choose_directory(steps), choose_directory(steps), NULL, NULL, 0 };
	char name[HMFS_NAME_MAX + 1], new_name[HMFS_NAME_MAX + 1];
	enum outcome outcome;
	int result;

	choose_name(steps, move.from, true, name);
	choose_name(steps, move.to, steps_random(steps, 2), new_name);
	move.source = tree_find(move.from, name);
	move.target = tree_find(move.to, new_name);
	move.flags = (unsigned)steps_random(steps, 6);
	if (move.flags > HMFS_RENAME_EXCHANGE)
		move.flags = 0;
	/* Names of one object, either way: only without flags are the rules plain. */
	if (move.source && move.target && move.source->node == move.target->node)
		move.flags = 0;
	steps_say(steps, "rename %.40s in %llu to %.40s in %llu, flags %u", name,
		  (unsigned long long)move.from->id.object, new_name,
		  (unsigned long long)move.to->id.object, move.flags);
	result = hmfs_rename(steps->volume, move.from->id, name, strlen(name), move.to->id,
			     new_name, strlen(new_name), move.flags);
	outcome = steps_judge(steps, result, rename_wanted(&move, result));
	if (outcome == DONE)
		rename_apply(steps, &move, new_name);
	return outcome;
}

static enum outcome do_set_attributes(struct steps *steps)
{
	struct tree_node *node = steps_choose(steps, NULL);
	struct hmfs_attributes set = {
		.mode = (uint32_t)steps_random(steps, 01000),
		.uid = (uint32_t)steps_random(steps, 70000),
	};
	enum outcome outcome;

	if (!node)
		return DONE;
	steps_say(steps, "set mode and owner of %llu", (unsigned long long)node->id.object);
	outcome = steps_judge(
		steps,
		hmfs_set_attributes(steps->volume, node->id, HMFS_SET_MODE | HMFS_SET_UID, &set),
		0);
	if (outcome == DONE) {
		node->mode = (node->mode & 0170000) | set.mode;
		node->uid = set.uid;
	}
	return outcome;
}

static bool may_have_forks(const struct tree_node *node)
{
	return tree_is_directory(node) || tree_is_file(node);
}

static enum outcome do_set_fork(struct steps *steps)
{
	static const char *const names[] = { "mood", "weather", "a.b", "long", "x", "y" };
	static uint8_t bytes[9000];
	struct tree_node *node = steps_choose(steps, may_have_forks);
	const char *name = names[steps_random(steps, 6)];
	bool removes = steps_random(steps, 3) == 0, there = false;
	size_t size = steps_random(steps, steps_random(steps, 4) ? 60 : sizeof(bytes));
	enum outcome outcome;

	if (!node)
		return DONE;
	for (unsigned i = 0; i < node->fork_count; i++)
		there |= strcmp(node->forks[i].name, name) == 0;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)steps_random(steps, 256);
	steps_say(steps, "%s fork %s of %llu, %zu bytes", removes ? "remove" : "set", name,
		  (unsigned long long)node->id.object, size);
	outcome = steps_judge(steps,
			      hmfs_fork_set(steps->volume, node->id, name, strlen(name),
					    HMFS_FORK_USER, removes ? NULL : bytes, size, 0),
			      removes && !there ? -ENODATA : 0);
	if (outcome == DONE)
		tree_set_fork(node, name, removes ? NULL : bytes, size);
	return outcome;
}

/* Holds an object, or lets go of one. */
static enum outcome do_hold(struct steps *steps)
{
	struct tree_node **held = &steps->held[steps_random(steps, STEPS_HELD)];
	struct tree_node *node = *held;
	enum outcome outcome;

	if (node) {
		steps_say(steps, "let go of %llu", (unsigned long long)node->id.object);
		*held = NULL;
		hmfs_object_let_go(steps->volume, node->id);
		node->holds--;
		tree_let_go(&steps->tree, node);
		return DONE;
	}
	node = steps_choose(steps, tree_is_file);
	if (!node)
		return DONE;
	steps_say(steps, "hold %llu", (unsigned long long)node->id.object);
	outcome = steps_judge(steps, hmfs_object_hold(steps->volume, node->id), 0);
	if (outcome == DONE) {
		node->holds++;
		*held = node;
	}
	return outcome;
}

void steps_let_go(struct steps *steps)
{
	for (unsigned i = 0; i < STEPS_HELD; i++) {
		struct tree_node *node = steps->held[i];

		if (!node)
			continue;
		steps->held[i] = NULL;
		hmfs_object_let_go(steps->volume, node->id);
		node->holds--;
		tree_let_go(&steps->tree, node);
	}
}

bool steps_do(struct steps *steps)
{
	static enum outcome (*const operations[])(struct steps *) = {
		do_create,          do_create,     do_create,     do_unlink,     do_unlink,
		do_rename,          do_rename,     do_link,       do_set_fork,   do_set_attributes,
		do_create_nameless, do_hold,       steps_do_file, steps_do_file, steps_do_file,
		steps_do_file,      steps_do_file, steps_do_file, steps_do_file, steps_do_file,
	};
	uint64_t number = steps_random(steps, sizeof(operations) / sizeof(operations[0]));

	steps->said[0] = 0;
	if (steps->tree.node_count >= steps->most_nodes && number < 2)
		number = 3;
	return operations[number](steps) != WRONG;
}

int steps_begin(struct steps *steps)
{
	return tree_load(&steps->tree, steps->volume, steps->dataset);
}

int steps_reload(struct steps *steps)
{
	memset(steps->held, 0, sizeof(steps->held));
	tree_destroy(&steps->tree);
	return steps_begin(steps);
}

bool steps_compare(struct steps *steps)
{
	char what[256];
	struct tree tree;
	int error = tree_load(&tree, steps->volume, steps->dataset);
	bool same = !error && !tree_differs(&tree, &steps->tree, what, sizeof(what));

	if (error)
		steps_say(steps, "loading the tree gave %d", error);
	else if (!same)
		steps_say(steps, "%s", what);
	tree_destroy(&tree);
	return same;
}
