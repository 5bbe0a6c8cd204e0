/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linked lists. */
#include <base/list.h>

#include "unit.h"

struct item {
	int number;
	struct list_node node;
};

/* The numbers of a list as decimal digits, checking the links backwards too. */
static int digits(const struct list *list)
{
	const struct list_node *node;
	const struct list_node *previous = &list->head;
	int value = 0;

	list_for_each (node, list) {
		EXPECT(node->previous == previous);
		previous = node;
		value = value * 10 + container_of(node, struct item, node)->number;
	}
	EXPECT(list->head.previous == previous);
	return value;
}

UNIT_TEST(list, order)
{
	struct list list = LIST_INIT(list);
	struct item items[5];

	for (int i = 0; i < 5; i++) {
		items[i].number = i + 1;
		list_node_init(&items[i].node);
	}
	EXPECT(list_empty(&list) && !list_first(&list) && !list_last(&list));
	list_push_back(&list, &items[1].node);
	list_push_front(&list, &items[0].node);
	list_push_back(&list, &items[4].node);
	list_insert_before(&items[2].node, &items[4].node);
	list_insert_after(&items[3].node, &items[2].node);
	EXPECT_EQUAL(digits(&list), 12345);
	EXPECT(list_next(&list, &items[3].node) == &items[4].node);
	EXPECT(!list_next(&list, &items[4].node));
	list_remove(&items[2].node);
	EXPECT(!list_node_attached(&items[2].node));
	list_remove(&items[2].node);
	EXPECT_EQUAL(digits(&list), 1245);
	EXPECT(list_pop_front(&list) == &items[0].node);
	EXPECT_EQUAL(digits(&list), 245);
	EXPECT(list_last(&list) == &items[4].node);
}

UNIT_TEST(list, splice_and_safe_walk)
{
	struct list a;
	struct list b;
	struct item items[6];
	struct list_node *node;
	struct list_node *following;

	list_init(&a);
	list_init(&b);
	list_splice_back(&a, &b);
	EXPECT(list_empty(&a));
	for (int i = 0; i < 6; i++) {
		items[i].number = i + 1;
		list_push_back(i < 3 ? &a : &b, &items[i].node);
	}
	list_splice_back(&a, &b);
	EXPECT(list_empty(&b) && !list_pop_front(&b));
	EXPECT_EQUAL(digits(&a), 123456);
	list_for_each_safe (node, following, &a) {
		if (container_of(node, struct item, node)->number % 2)
			list_remove(node);
	}
	EXPECT_EQUAL(digits(&a), 246);
}
