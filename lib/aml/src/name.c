/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The name space: a tree of nodes, each in the list of what made it (a table, a call).
 *
 * Nodes are counted: the tree holds one reference. A node that is removed is dead, and stays among the
 * orphans until nothing refers to it.
 */
#include <base/string.h>

#include "instance.h"

void aml_node_get(struct aml_node *node)
{
	node->references++;
}

static void free_node(struct aml_node *node)
{
	list_remove(&node->owned);
	aml_release(node->aml, node, sizeof(*node));
}

void aml_node_put(struct aml_node *node)
{
	struct aml_object *object;
	struct aml_node *alias;

	/* Aliases lead to aliases at most as often as they were made: a loop, no recursion. */
	while (node && --node->references == 0) {
		object = node->object;
		alias = node->alias;
		node->object = NULL;
		struct aml *aml = node->aml;

		free_node(node);
		aml_put(aml, object);
		node = alias;
	}
}

struct aml_node *aml_node_resolve(struct aml_node *node)
{
	while (node && node->type == AML_ALIAS)
		node = node->alias;
	return node && !node->dead ? node : NULL;
}

/* Nodes that are looked at for what a term costs. */
#define NODES_PER_OPERATION 64

struct aml_node *aml_node_child(struct aml_node *parent, const void *segment)
{
	struct aml_node *node = parent->first;
	uint64_t looked_at = 0;

	for (; node && memcmp(node->name, segment, AML_NAME_SIZE) != 0; node = node->next)
		looked_at++;
	/* Where that is too much, the next term will not be begun. */
	if (aml_charge(parent->aml, looked_at / NODES_PER_OPERATION))
		return NULL;
	return node;
}

/* Where the prefixes of a name lead. */
static struct aml_node *find_start(struct aml *aml, struct aml_node *scope,
				   const struct aml_name *name)
{
	struct aml_node *node = name->root || !scope ? aml->root : scope;

	for (unsigned i = 0; i < name->parents && node; i++)
		node = node->parent;
	return node;
}

static struct aml_node *find_upwards(struct aml_node *scope, const uint8_t *segment)
{
	for (struct aml_node *at = scope; at; at = at->parent) {
		struct aml_node *found = aml_node_resolve(aml_node_child(at, segment));

		if (found)
			return found;
	}
	return NULL;
}

struct aml_node *aml_name_find(struct aml *aml, struct aml_node *scope, const struct aml_name *name)
{
	struct aml_node *node = find_start(aml, scope, name);

	if (name->count == 1 && !name->root && !name->parents)
		return find_upwards(node, name->segments);
	for (unsigned i = 0; i < name->count && node; i++)
		node = aml_node_resolve(aml_node_child(node, name->segments + i * AML_NAME_SIZE));
	return node;
}

static struct aml_node *make_node(struct aml *aml, struct aml_node *parent, const void *segment,
				  enum aml_type type, struct list *owner)
{
	struct aml_node *node = aml_allocate(aml, sizeof(*node));
	struct aml_node **end = &parent->first;

	if (!node)
		return NULL;
	memcpy(node->name, segment, AML_NAME_SIZE);
	node->type = (uint8_t)type;
	node->references = 1;
	node->parent = parent;
	node->aml = aml;
	while (*end)
		end = &(*end)->next;
	*end = node;
	list_push_back(owner, &node->owned);
	return node;
}

int aml_name_enter(struct aml *aml, struct aml_node *scope, const struct aml_name *name,
		   enum aml_type type, struct list *owner, struct aml_node **made)
{
	struct aml_node *parent = find_start(aml, scope, name);
	const uint8_t *last;

	*made = NULL;
	if (!name->count)
		return -AML_E_EXISTS;
	for (unsigned i = 0; i + 1 < name->count && parent; i++)
		parent = aml_node_resolve(
			aml_node_child(parent, name->segments + i * AML_NAME_SIZE));
	if (!parent || parent->dead)
		return -AML_E_NOT_FOUND;
	last = name->segments + (name->count - 1) * AML_NAME_SIZE;
	if (aml_node_child(parent, last))
		return -AML_E_EXISTS;
	*made = make_node(aml, parent, last, type, owner);
	return *made ? 0 : -AML_E_NO_MEMORY;
}

static void unlink_node(struct aml_node *node)
{
	struct aml_node **link = &node->parent->first;

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	node->next = NULL;
}

/* A node without children. */
static void remove_leaf(struct aml_node *node)
{
	struct aml *aml = node->aml;
	struct aml_object *object = node->object;

	unlink_node(node);
	node->dead = true;
	node->parent = aml->root;
	node->object = NULL;
	list_remove(&node->owned);
	list_push_back(&aml->orphans, &node->owned);
	aml_put(aml, object);
	aml_node_put(node);
}

static void remove_tree(struct aml_node *top)
{
	struct aml_node *node = top;

	for (;;) {
		struct aml_node *parent = node->parent;

		if (node->first) {
			node = node->first;
			continue;
		}
		remove_leaf(node);
		if (node == top)
			return;
		node = parent;
	}
}

void aml_names_remove(struct aml *aml, struct list *owner)
{
	(void)aml;
	while (!list_empty(owner))
		remove_tree(container_of(list_first(owner), struct aml_node, owned));
}

void aml_node_attach(struct aml_node *node, struct aml_object *object)
{
	struct aml_object *before = node->object;

	if (object)
		aml_get(object);
	node->object = object;
	if (object)
		node->type = object->type;
	aml_put(node->aml, before);
}

struct aml_node *aml_parent(struct aml_node *node)
{
	return node->parent;
}

struct aml_node *aml_child(struct aml *aml, struct aml_node *parent, struct aml_node *after)
{
	struct aml_node *node;

	aml_lock(aml);
	if (!parent)
		parent = aml->root;
	node = after ? after->next : parent->first;
	aml_unlock(aml);
	return node;
}

struct aml_node *aml_node_target(struct aml_node *node)
{
	return aml_node_resolve(node);
}

void aml_node_hold(struct aml *aml, struct aml_node *node)
{
	aml_lock(aml);
	aml_node_get(node);
	aml_unlock(aml);
}

void aml_node_release(struct aml *aml, struct aml_node *node)
{
	aml_lock(aml);
	aml_node_put(node);
	aml_unlock(aml);
}

bool aml_node_is_gone(struct aml *aml, struct aml_node *node)
{
	bool gone;

	aml_lock(aml);
	gone = node->dead;
	aml_unlock(aml);
	return gone;
}

enum aml_type aml_node_type(struct aml_node *node)
{
	struct aml_node *target = aml_node_resolve(node);

	return target ? target->type : AML_UNINITIALIZED;
}

void aml_node_name(struct aml_node *node, char name[5])
{
	memcpy(name, node->name, AML_NAME_SIZE);
	name[AML_NAME_SIZE] = 0;
}

size_t aml_node_path(struct aml_node *node, char *path, size_t size)
{
	size_t length = 0, at;

	for (struct aml_node *up = node; up->parent; up = up->parent)
		length += AML_NAME_SIZE + 1;
	if (!length)
		return string_copy(path, "\\", size);
	at = length;
	for (struct aml_node *up = node; up->parent; up = up->parent) {
		at -= AML_NAME_SIZE + 1;
		for (unsigned i = 0; i <= AML_NAME_SIZE; i++)
			if (at + i + 1 < size)
				path[at + i] = i ? up->name[i - 1] : at ? '.' : '\\';
	}
	if (size)
		path[length < size ? length : size - 1] = 0;
	return length;
}

/* One segment of a path, filled up with underscores; what follows its point, or NULL if it is too long. */
static const char *read_segment(const char *path, uint8_t segment[AML_NAME_SIZE])
{
	unsigned length = 0;

	for (; *path && *path != '.'; path++) {
		char c = *path >= 'a' && *path <= 'z' ? (char)(*path - 'a' + 'A') : *path;

		if (length == AML_NAME_SIZE)
			return NULL;
		segment[length++] = (uint8_t)c;
	}
	memset(segment + length, '_', AML_NAME_SIZE - length);
	return *path == '.' ? path + 1 : path;
}

int aml_path_find(struct aml *aml, struct aml_node *scope, const char *path,
		  struct aml_node **found)
{
	struct aml_name name = { 0 };
	struct aml_node *node;
	uint8_t segment[AML_NAME_SIZE];
	bool single;

	*found = NULL;
	if (!*path)
		return -AML_E_BAD_PARAMETER;
	if (*path == '\\') {
		name.root = true;
		path++;
	}
	for (; *path == '^' && name.parents < UINT8_MAX; path++)
		name.parents++;
	single = !name.root && !name.parents && !strchr(path, '.');
	node = find_start(aml, scope, &name);
	while (*path) {
		path = read_segment(path, segment);
		if (!path)
			return -AML_E_BAD_PATHNAME;
		if (node)
			node = single ? find_upwards(node, segment)
				      : aml_node_resolve(aml_node_child(node, segment));
	}
	*found = node;
	return node ? 0 : -AML_E_NOT_FOUND;
}

struct aml_node *aml_find(struct aml *aml, struct aml_node *scope, const char *path)
{
	struct aml_node *node;

	aml_lock(aml);
	if (aml_path_find(aml, scope, path, &node))
		node = NULL;
	aml_unlock(aml);
	return node;
}

void aml_log_name(struct aml *aml, const char *what, const struct aml_name *name)
{
	char text[5 * 8 + 1];
	unsigned at = 0, count = name->count < 8 ? name->count : 8;

	for (unsigned i = 0; i < count; i++) {
		if (i)
			text[at++] = '.';
		memcpy(text + at, name->segments + i * AML_NAME_SIZE, AML_NAME_SIZE);
		at += AML_NAME_SIZE;
	}
	text[at] = 0;
	aml_log(aml, AML_LOG_ERROR, "AML: %s%s: %s", name->root ? "\\" : "", text, what);
}
