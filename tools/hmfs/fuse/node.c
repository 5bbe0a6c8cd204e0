/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of nodes: what the kernel has looked up and not forgotten. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "mount.h"

/* Protects the table, and all nodes' `next` and `lookups`. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct node **table;
static size_t table_size, table_count; /* table_size: a power of two */
static struct node root;

int nodes_create(void)
{
	int error;

	root.id = (struct hmfs_id){ mount_state.dataset, HMFS_ROOT_OBJECT };
	root.lookups = 1;
	table_size = 1024;
	table = calloc(table_size, sizeof(*table));
	if (!table)
		return -ENOMEM;
	error = hmfs_object_hold(mount_state.hmfs, root.id);
	if (error)
		free(table);
	return error;
}

void nodes_destroy(void)
{
	size_t i;

	for (i = 0; i < table_size; i++)
		while (table[i]) {
			struct node *node = table[i];

			table[i] = node->next;
			if (node->kind == NODE_OBJECT)
				hmfs_object_let_go(mount_state.hmfs, node->id);
			free(node);
		}
	free(table);
	hmfs_object_let_go(mount_state.hmfs, root.id);
}

struct node *node_of(fuse_ino_t number)
{
	return number == FUSE_ROOT_ID ? &root : (struct node *)(uintptr_t)number;
}

fuse_ino_t node_number(const struct node *node)
{
	return node == &root ? FUSE_ROOT_ID : (fuse_ino_t)(uintptr_t)node;
}

static struct node **slot_of(enum node_kind kind, struct hmfs_id id)
{
	uint64_t hash = (id.object ^ (uint64_t)id.dataset << 40 ^ (uint64_t)kind << 61) *
			0x9e3779b97f4a7c15;
	struct node **slot = &table[hash >> 20 & (table_size - 1)];

	while (*slot && ((*slot)->kind != kind || (*slot)->id.object != id.object ||
			 (*slot)->id.dataset != id.dataset))
		slot = &(*slot)->next;
	return slot;
}

/* Longer chains do no harm if there is no memory. */
static void grow_table(void)
{
	struct node **old = table, **larger = calloc(2 * table_size, sizeof(*larger));
	size_t old_size = table_size, i;

	if (!larger)
		return;
	table = larger;
	table_size *= 2;
	for (i = 0; i < old_size; i++)
		while (old[i]) {
			struct node *node = old[i], **slot;

			old[i] = node->next;
			node->next = NULL;
			slot = slot_of(node->kind, node->id);
			*slot = node;
		}
	free(old);
}

static struct node *insert(enum node_kind kind, struct hmfs_id id, bool *is_new)
{
	struct node **slot, *node;

	*is_new = false;
	if (kind == NODE_OBJECT && id.object == root.id.object && id.dataset == root.id.dataset)
		return &root;
	slot = slot_of(kind, id);
	node = *slot;
	if (!node) {
		node = calloc(1, sizeof(*node));
		if (!node)
			return NULL;
		node->kind = kind;
		node->id = id;
		*slot = node;
		*is_new = true;
		if (++table_count > table_size)
			grow_table();
	}
	node->lookups++;
	return node;
}

struct node *node_get(enum node_kind kind, struct hmfs_id id, bool held, int *error)
{
	bool is_object = kind == NODE_OBJECT, is_new;
	struct node *node;

	if (is_object && !held) {
		*error = hmfs_object_hold(mount_state.hmfs, id);
		if (*error)
			return NULL;
	}
	pthread_mutex_lock(&table_lock);
	node = insert(kind, id, &is_new);
	pthread_mutex_unlock(&table_lock);
	if (!is_new && is_object)
		hmfs_object_let_go(mount_state.hmfs, id);
	*error = node ? 0 : -ENOMEM;
	return node;
}

void node_forget(struct node *node, uint64_t lookups)
{
	struct node **slot;
	bool last;

	if (node == &root)
		return;
	pthread_mutex_lock(&table_lock);
	node->lookups -= min_u64(lookups, node->lookups);
	last = node->lookups == 0;
	if (last) {
		slot = slot_of(node->kind, node->id);
		*slot = node->next;
		table_count--;
	}
	pthread_mutex_unlock(&table_lock);
	if (!last)
		return;
	if (node->kind == NODE_OBJECT)
		hmfs_object_let_go(mount_state.hmfs, node->id);
	free(node);
}
