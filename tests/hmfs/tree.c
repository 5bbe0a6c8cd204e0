/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees of files in memory: changing them, and telling whether two are the same. */
#include "tree.h"

#include <hash/xxh3.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_MASK 0170000u

bool tree_is_directory(const struct tree_node *node)
{
	return (node->mode & TYPE_MASK) == 0040000;
}

bool tree_is_file(const struct tree_node *node)
{
	return (node->mode & TYPE_MASK) == 0100000;
}

static void *checked(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

struct tree_node *tree_add_node(struct tree *tree, uint32_t mode)
{
	struct tree_node *node = checked(calloc(1, sizeof(*node)));

	node->mode = mode;
	node->next = tree->nodes;
	tree->nodes = node;
	tree->node_count++;
	return node;
}

static void node_free(struct tree *tree, struct tree_node *node)
{
	struct tree_node **link = &tree->nodes;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	tree->node_count--;
	tree->bytes -= node->size;
	for (unsigned i = 0; i < node->fork_count; i++)
		free(node->forks[i].bytes);
	for (unsigned i = 0; i < node->child_count; i++)
		free(node->children[i].name);
	free(node->children);
	free(node->bytes);
	free(node);
}

void tree_destroy(struct tree *tree)
{
	while (tree->nodes)
		node_free(tree, tree->nodes);
	memset(tree, 0, sizeof(*tree));
}

struct tree_child *tree_find(struct tree_node *directory, const char *name)
{
	for (unsigned i = 0; i < directory->child_count; i++)
		if (strcmp(directory->children[i].name, name) == 0)
			return &directory->children[i];
	return NULL;
}

void tree_link(struct tree_node *directory, const char *name, struct tree_node *node)
{
	if (directory->child_count == directory->child_room) {
		directory->child_room = directory->child_room * 2 + 8;
		directory->children = checked(realloc(
			directory->children, directory->child_room * sizeof(*directory->children)));
	}
	directory->children[directory->child_count++] =
		(struct tree_child){ checked(strdup(name)), node };
	node->names++;
}

void tree_let_go(struct tree *tree, struct tree_node *node)
{
	if (!node->names && !node->holds)
		node_free(tree, node);
}

void tree_unlink(struct tree *tree, struct tree_node *directory, struct tree_child *child)
{
	struct tree_node *node = child->node;

	free(child->name);
	*child = directory->children[--directory->child_count];
	node->names--;
	tree_let_go(tree, node);
}

void tree_set_size(struct tree *tree, struct tree_node *node, size_t size)
{
	if (size) {
		node->bytes = checked(realloc(node->bytes, size));
		if (size > node->size)
			memset(node->bytes + node->size, 0, size - node->size);
	}
	tree->bytes += size - node->size;
	node->size = size;
}

void tree_write(struct tree *tree, struct tree_node *node, size_t offset, const void *bytes,
		size_t size)
{
	if (!size)
		return;
	if (offset + size > node->size)
		tree_set_size(tree, node, offset + size);
	memcpy(node->bytes + offset, bytes, size);
}

void tree_set_fork(struct tree_node *node, const char *name, const void *bytes, size_t size)
{
	unsigned i = 0;

	while (i < node->fork_count && strcmp(node->forks[i].name, name) != 0)
		i++;
	if (i < node->fork_count) {
		free(node->forks[i].bytes);
		node->forks[i] = node->forks[--node->fork_count];
	}
	if (!bytes)
		return;
	if (node->fork_count == TREE_FORKS)
		abort();
	struct tree_fork *fork = &node->forks[node->fork_count++];
	snprintf(fork->name, sizeof(fork->name), "%s", name);
	fork->bytes = checked(malloc(size + 1));
	memcpy(fork->bytes, bytes, size);
	fork->size = size;
}

bool tree_is_above(const struct tree_node *node, const struct tree_node *below)
{
	if (node == below)
		return true;
	for (unsigned i = 0; i < node->child_count; i++)
		if (tree_is_above(node->children[i].node, below))
			return true;
	return false;
}

/* --- Comparing --- */

static uint64_t node_digest(const struct tree_node *node, uint64_t path)
{
	const uint64_t attributes[] = {
		path,
		node->mode,
		node->uid,
		node->gid,
		node->size,
		node->child_count,
		node->fork_count,
		tree_is_directory(node) ? 0 : node->names,
	};
	uint64_t digest = xxh3_64(attributes, sizeof(attributes), 1);

	if (node->size)
		digest += xxh3_64(node->bytes, node->size, digest);
	for (unsigned i = 0; i < node->fork_count; i++) {
		const struct tree_fork *fork = &node->forks[i];
		uint64_t name = xxh3_64(fork->name, strlen(fork->name), path + 2);

		digest += xxh3_64(fork->bytes, fork->size, name + 3);
	}
	for (unsigned i = 0; i < node->child_count; i++) {
		const struct tree_child *child = &node->children[i];

		digest += node_digest(child->node, xxh3_64(child->name, strlen(child->name), path));
	}
	return digest;
}

uint64_t tree_digest(const struct tree *tree)
{
	return node_digest(tree->root, 0);
}

static bool contents_differ(const struct tree_node *a, const struct tree_node *b, const char *path,
			    char *what, size_t size)
{
	if (a->size != b->size) {
		snprintf(what, size, "%s: size %zu, not %zu", path, a->size, b->size);
		return true;
	}
	for (size_t i = 0; i < a->size; i++) {
		if (a->bytes[i] == b->bytes[i])
			continue;
		snprintf(what, size, "%s: byte %zu of %zu is %02x, not %02x", path, i, a->size,
			 a->bytes[i], b->bytes[i]);
		return true;
	}
	return false;
}

static bool forks_differ(const struct tree_node *a, const struct tree_node *b, const char *path,
			 char *what, size_t size)
{
	for (unsigned i = 0; i < a->fork_count; i++) {
		const struct tree_fork *fork = &a->forks[i];
		unsigned other = 0;

		while (other < b->fork_count && strcmp(b->forks[other].name, fork->name) != 0)
			other++;
		if (other < b->fork_count && fork->size == b->forks[other].size &&
		    memcmp(fork->bytes, b->forks[other].bytes, fork->size) == 0)
			continue;
		snprintf(what, size, "%s: fork %s (%zu bytes) is another one", path, fork->name,
			 fork->size);
		return true;
	}
	if (a->fork_count == b->fork_count)
		return false;
	snprintf(what, size, "%s: %u forks, not %u", path, a->fork_count, b->fork_count);
	return true;
}

static bool nodes_differ(struct tree_node *a, struct tree_node *b, const char *path, char *what,
			 size_t size)
{
	if (a->mode != b->mode || a->uid != b->uid || a->gid != b->gid ||
	    (!tree_is_directory(a) && a->names != b->names)) {
		snprintf(what, size, "%s: mode %o, owner %u:%u, %u names, not %o, %u:%u, %u", path,
			 a->mode, a->uid, a->gid, a->names, b->mode, b->uid, b->gid, b->names);
		return true;
	}
	if (contents_differ(a, b, path, what, size) || forks_differ(a, b, path, what, size))
		return true;
	for (unsigned i = 0; i < a->child_count; i++) {
		struct tree_child *other = tree_find(b, a->children[i].name);
		char below[1024];

		snprintf(below, sizeof(below), "%s/%.40s", path, a->children[i].name);
		if (!other) {
			snprintf(what, size, "%s is there", below);
			return true;
		}
		if (nodes_differ(a->children[i].node, other->node, below, what, size))
			return true;
	}
	for (unsigned i = 0; i < b->child_count; i++) {
		if (tree_find(a, b->children[i].name))
			continue;
		snprintf(what, size, "%s/%.40s is not there", path, b->children[i].name);
		return true;
	}
	return false;
}

bool tree_differs(const struct tree *a, const struct tree *b, char *what, size_t size)
{
	return nodes_differ(a->root, b->root, "", what, size);
}
