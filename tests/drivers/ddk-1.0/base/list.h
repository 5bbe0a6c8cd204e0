/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intrusive doubly linked lists.
 *
 * A `struct list` is the head; a `struct list_node` is embedded in each element. A node is
 * in at most one list at a time. A node that is in no list is *detached*: list_node_init()
 * and list_remove() leave it so, and list_node_attached() tells.
 */
#pragma once

#include <base/types.h>

struct list_node {
	struct list_node *previous;
	struct list_node *next;
};

struct list {
	struct list_node head;
};

/* Initialiser of a static list named `name`. */
#define LIST_INIT(name)                            \
	{                                          \
		{                                  \
			&(name).head, &(name).head \
		}                                  \
	}

static inline void list_init(struct list *list)
{
	list->head.previous = &list->head;
	list->head.next = &list->head;
}

static inline void list_node_init(struct list_node *node)
{
	node->previous = node;
	node->next = node;
}

static inline bool list_node_attached(const struct list_node *node)
{
	return node->next != node;
}

static inline bool list_empty(const struct list *list)
{
	return list->head.next == &list->head;
}

static inline void list_insert_between(struct list_node *node, struct list_node *previous,
				       struct list_node *next)
{
	node->previous = previous;
	node->next = next;
	previous->next = node;
	next->previous = node;
}

static inline void list_push_front(struct list *list, struct list_node *node)
{
	list_insert_between(node, &list->head, list->head.next);
}

static inline void list_push_back(struct list *list, struct list_node *node)
{
	list_insert_between(node, list->head.previous, &list->head);
}

static inline void list_insert_before(struct list_node *node, struct list_node *position)
{
	list_insert_between(node, position->previous, position);
}

static inline void list_insert_after(struct list_node *node, struct list_node *position)
{
	list_insert_between(node, position, position->next);
}

/* Takes `node` out of its list and leaves it detached; a detached node stays so. */
static inline void list_remove(struct list_node *node)
{
	node->previous->next = node->next;
	node->next->previous = node->previous;
	list_node_init(node);
}

/* The first or last node, or NULL if the list is empty. */
static inline struct list_node *list_first(const struct list *list)
{
	return list_empty(list) ? NULL : list->head.next;
}

static inline struct list_node *list_last(const struct list *list)
{
	return list_empty(list) ? NULL : list->head.previous;
}

/* Removes and returns the first node, or NULL. */
static inline struct list_node *list_pop_front(struct list *list)
{
	struct list_node *node = list_first(list);

	if (node)
		list_remove(node);
	return node;
}

/* The node after `node`, or NULL at the end. */
static inline struct list_node *list_next(const struct list *list, const struct list_node *node)
{
	return node->next == &list->head ? NULL : node->next;
}

/* The node before `node`, or NULL at the beginning. */
static inline struct list_node *list_previous(const struct list *list, const struct list_node *node)
{
	return node->previous == &list->head ? NULL : node->previous;
}

/* Moves all nodes of `from` to the end of `to`; `from` is empty afterwards. */
static inline void list_splice_back(struct list *to, struct list *from)
{
	if (list_empty(from))
		return;
	from->head.next->previous = to->head.previous;
	to->head.previous->next = from->head.next;
	from->head.previous->next = &to->head;
	to->head.previous = from->head.previous;
	list_init(from);
}

/* Walks `list` with `node` (a struct list_node *); `node` must stay in the list. */
#define list_for_each(node, list) \
	for ((node) = (list)->head.next; (node) != &(list)->head; (node) = (node)->next)

/* The same, with `following` kept aside, so that the body may remove `node`. */
#define list_for_each_safe(node, following, list)                                             \
	for ((node) = (list)->head.next, (following) = (node)->next; (node) != &(list)->head; \
	     (node) = (following), (following) = (node)->next)
