/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects of the classes, and messages to them that the pool handles. */
#include "object.h"

#define OBJECTS_MAX 128 /* more than the kernel lets a host have */

static struct {
	_Atomic uint32_t lock;
	/* Under the lock. */
	struct object *objects[OBJECTS_MAX]; /* at their number, or behind it */
	struct object *making[OBJECT_KINDS];
	/* Held while an object of the kind is made. */
	_Atomic uint32_t making_locks[OBJECT_KINDS];
} table;

/* Where the number is, or where it would be; NULL: the table is full. Under the lock. */
static struct object **find_place(uint32_t number)
{
	for (unsigned i = 0; i < OBJECTS_MAX; i++) {
		struct object **place = &table.objects[(number + i) % OBJECTS_MAX];

		if (*place && (*place)->number == number)
			return place;
	}
	for (unsigned i = 0; i < OBJECTS_MAX; i++) {
		struct object **place = &table.objects[(number + i) % OBJECTS_MAX];

		if (!*place)
			return place;
	}
	return NULL;
}

/* Under the lock. */
static void insert(struct object *object, uint32_t number)
{
	struct object **place = find_place(number);

	if (!place || *place)
		kit_fail("the table of objects is full");
	object->number = number;
	*place = object;
}

void object_begin(struct object *object, enum object_kind kind)
{
	wait_begin();
	word_acquire(&table.making_locks[kind]);
	wait_end();
	word_acquire(&table.lock);
	object->kind = kind;
	object->number = 0;
	object->users = 1;
	table.making[kind] = object;
	word_release(&table.lock);
}

int object_made(struct object *object, long result)
{
	int error = result > 0 ? 0 : (int)result;

	word_acquire(&table.lock);
	table.making[object->kind] = NULL;
	if (!error && object->number == 0)
		insert(object, (uint32_t)result);
	word_release(&table.lock);
	word_release(&table.making_locks[object->kind]);
	if (error)
		object_remove(object);
	return error;
}

void object_remove(struct object *object)
{
	uint32_t users;

	word_acquire(&table.lock);
	if (object->number) {
		struct object **place = find_place(object->number);

		if (place)
			*place = NULL;
	}
	word_release(&table.lock);
	wait_begin();
	object_put(object);
	while ((users = object->users) != 0)
		(void)wait_word(&object->users, users, NEVER);
	wait_end();
}

struct object *object_get(enum object_kind kind, uint32_t number)
{
	struct object *object;
	struct object **place;

	if (number == 0)
		return NULL;
	word_acquire(&table.lock);
	place = find_place(number);
	object = place ? *place : NULL;
	if (!object && table.making[kind] && table.making[kind]->number == 0) {
		object = table.making[kind];
		insert(object, number);
	}
	if (object && object->kind != kind)
		object = NULL;
	if (object)
		object->users++;
	word_release(&table.lock);
	return object;
}

void object_put(struct object *object)
{
	if (atomic_fetch_sub(&object->users, 1) == 1)
		wake_word(&object->users, UINT32_MAX);
}

void object_visit(enum object_kind kind, void (*visit)(struct object *object))
{
	for (unsigned i = 0; i < OBJECTS_MAX; i++) {
		struct object *object;

		word_acquire(&table.lock);
		object = table.objects[i];
		if (object && object->kind != kind)
			object = NULL;
		if (object)
			object->users++;
		word_release(&table.lock);
		if (!object)
			continue;
		visit(object);
		object_put(object);
	}
}

/* --- Messages for the pool ------------------------------------------------------------------- */

struct deferred {
	struct task task;
	struct object *object; /* a user */
	struct host_message message;
	message_handler *handle;
};

/* By slot: each has one message at a time. */
static struct deferred deferred[HOST_SLOTS];

static void run_deferred(struct task *task)
{
	struct deferred own = *container_of(task, struct deferred, task);

	/* Once it replies, its slot may have another message. */
	own.handle(own.object, &own.message);
	object_put(own.object);
}

void object_defer(struct object *object, const struct host_message *message,
		  message_handler *handle)
{
	struct deferred *own = &deferred[message->slot];

	task_init(&own->task, run_deferred, object);
	object->users++;
	own->object = object;
	own->message = *message;
	own->handle = handle;
	task_queue(&own->task);
}
