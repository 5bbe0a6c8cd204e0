/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dataset's tree, loaded through the same functions that everybody uses. What does not fit
 * together is an error of its own: EBADMSG. */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct names {
	struct {
		char name[HMFS_NAME_MAX + 1];
		uint64_t object;
		uint8_t type;
	} * entries;
	unsigned count, room;
};

static bool note_name(void *context, const char *name, size_t length, uint64_t object, uint8_t type,
		      uint64_t next_cookie)
{
	struct names *names = context;

	(void)next_cookie;
	if (names->count == names->room) {
		names->room = names->room * 2 + 16;
		names->entries = realloc(names->entries, names->room * sizeof(*names->entries));
		if (!names->entries)
			abort();
	}
	memset(names->entries[names->count].name, 0, HMFS_NAME_MAX + 1);
	memcpy(names->entries[names->count].name, name, length);
	names->entries[names->count].object = object;
	names->entries[names->count++].type = type;
	return true;
}

static int load_contents(struct tree *tree, struct hmfs_volume *volume, struct tree_node *node,
			 size_t size)
{
	ssize_t got;

	tree_set_size(tree, node, size);
	if (!size)
		return 0;
	if (tree_is_file(node)) {
		got = hmfs_read(volume, node->id, 0, node->bytes, size);
	} else {
		got = hmfs_read_link(volume, node->id, (char *)node->bytes, size);
	}
	if (got < 0)
		return (int)got;
	return (size_t)got == size ? 0 : -EBADMSG;
}

static int load_forks(struct hmfs_volume *volume, struct tree_node *node)
{
	static uint8_t bytes[HMFS_ATTRIBUTE_MAX];
	struct names names = { 0 };
	uint64_t cookie = 0;
	int error = hmfs_fork_list(volume, node->id, &cookie, note_name, &names);

	for (unsigned i = 0; i < names.count && !error; i++) {
		const char *name = names.entries[i].name;
		ssize_t size;

		if (names.entries[i].type != HMFS_FORK_USER)
			continue;
		size = hmfs_fork_get(volume, node->id, name, strlen(name), HMFS_FORK_USER, bytes,
				     sizeof(bytes));
		if (size < 0)
			error = (int)size;
		else
			tree_set_fork(node, name, bytes, (size_t)size);
	}
	free(names.entries);
	return error;
}

static int load_node(struct tree *tree, struct hmfs_volume *volume, struct hmfs_id id,
		     struct tree_node **made)
{
	struct hmfs_attributes attributes;
	struct tree_node *node;
	int error = hmfs_read_attributes(volume, id, &attributes);

	if (error)
		return error == -ENOENT ? -EBADMSG : error;
	node = tree_add_node(tree, attributes.mode);
	node->id = id;
	node->uid = attributes.uid;
	node->gid = attributes.gid;
	*made = node;
	if (!tree_is_directory(node))
		error = load_contents(tree, volume, node, attributes.size);
	return error ? error : load_forks(volume, node);
}

static struct tree_node *find_node(struct tree *tree, struct hmfs_id id)
{
	struct tree_node *node = tree->nodes;

	while (node && node->id.object != id.object)
		node = node->next;
	return node;
}

static int load_directory(struct tree *tree, struct hmfs_volume *volume,
			  struct tree_node *directory)
{
	struct names names = { 0 };
	struct hmfs_attributes attributes;
	uint64_t cookie = 0;
	int error = hmfs_list(volume, directory->id, &cookie, note_name, &names);

	for (unsigned i = 0; i < names.count && !error; i++) {
		const char *name = names.entries[i].name;
		struct hmfs_id id = { directory->id.dataset, names.entries[i].object }, found;
		struct tree_node *node = find_node(tree, id);

		error = hmfs_lookup(volume, directory->id, name, strlen(name), &found, NULL);
		if (error == -ENOENT || (!error && found.object != id.object) ||
		    tree_find(directory, name))
			error = -EBADMSG;
		if (error)
			break;
		if (!node) {
			error = load_node(tree, volume, id, &node);
			if (!error && tree_is_directory(node))
				error = load_directory(tree, volume, node);
		} else if (tree_is_directory(node)) {
			error = -EBADMSG;
		}
		if (!error && node->mode >> 12 != names.entries[i].type)
			error = -EBADMSG;
		if (!error)
			tree_link(directory, name, node);
	}
	if (!error)
		error = hmfs_read_attributes(volume, directory->id, &attributes);
	if (!error && attributes.size != names.count)
		error = -EBADMSG;
	free(names.entries);
	return error;
}

int tree_load(struct tree *tree, struct hmfs_volume *volume, uint32_t dataset)
{
	struct hmfs_attributes attributes;
	int error;

	memset(tree, 0, sizeof(*tree));
	error = load_node(tree, volume, (struct hmfs_id){ dataset, HMFS_ROOT_OBJECT }, &tree->root);
	if (!error)
		error = load_directory(tree, volume, tree->root);
	/* That there are as many links as names. */
	for (struct tree_node *node = tree->nodes; node && !error; node = node->next) {
		error = hmfs_read_attributes(volume, node->id, &attributes);
		if (!error && !tree_is_directory(node) && attributes.links != node->names)
			error = -EBADMSG;
	}
	return error;
}
