/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams: what is received is what was sent, as a whole and as a change; what is damaged, cut or
 * makes no sense is refused, and leaves nothing. */
#include <base/format.h>
#include <hmfs/stream.h>

#include <stdlib.h>

#include "contents_model.h"
#include "object_fixture.h"
#include "stream_fixture.h"

#include "unit.h"

static uint32_t snapshot(struct memory_volume *v, const char *name)
{
	uint32_t number = 0;

	EXPECT_EQUAL(hmfs_snapshot(v->volume, HMFS_DATASET_LIVE, name, false, &number), 0);
	return number;
}

static uint32_t find(struct memory_volume *v, const char *name)
{
	static struct hmfs_dataset_info info;

	EXPECT_EQUAL(hmfs_dataset_find(v->volume, name, &info), 0);
	return info.number;
}

static unsigned datasets(struct memory_volume *v)
{
	static struct hmfs_dataset_info info;
	unsigned count = 0;

	for (uint32_t number = 0; hmfs_dataset_next(v->volume, number, &info) == 0; count++)
		number = info.number + 1;
	return count;
}

static void write_text(struct memory_volume *v, struct hmfs_id id, uint64_t offset,
		       const char *text)
{
	EXPECT_EQUAL(hmfs_write(v->volume, id, offset, text, strlen(text)), strlen(text));
}

static void write_many(struct memory_volume *v, struct hmfs_id id, uint64_t offset, size_t size,
		       int byte)
{
	uint8_t *bytes = malloc(size);

	memset(bytes, byte, size);
	EXPECT_EQUAL(hmfs_write(v->volume, id, offset, bytes, size), size);
	free(bytes);
}

static void set_fork(struct memory_volume *v, struct hmfs_id id, const char *name, uint8_t type,
		     const char *value)
{
	EXPECT_EQUAL(
		hmfs_fork_set(v->volume, id, name, strlen(name), type, value, strlen(value), 0), 0);
}

/* Something of everything. */
static void make_tree(struct memory_volume *v)
{
	const struct hmfs_attributes old = { .mode = 0604,
					     .uid = 7,
					     .gid = 8,
					     .modify = 12345,
					     .access = 99,
					     .change = 3,
					     .birth = 1 };
	struct hmfs_id a, b, file;

	EXPECT_EQUAL(object_directory(v, object_root(), "a", &a), 0);
	EXPECT_EQUAL(object_directory(v, a, "b", &b), 0);
	EXPECT_EQUAL(object_file(v, a, "small", &file), 0);
	write_text(v, file, 0, "hello");
	set_fork(v, file, "author", HMFS_FORK_USER, "somebody");
	set_fork(v, file, "security.x", HMFS_FORK_ATTRIBUTE, "y");
	EXPECT_EQUAL(object_link(v, b, "again", file), 0);
	EXPECT_EQUAL(object_file(v, b, "large", &file), 0);
	write_many(v, file, 5000, 300000, 'l');
	EXPECT_EQUAL(hmfs_set_attributes(v->volume, file, 127, &old), 0);
	EXPECT_EQUAL(object_file(v, b, "sparse", &file), 0);
	write_many(v, file, 1000000, 70000, 's');
	EXPECT_EQUAL(hmfs_resize(v->volume, file, (uint64_t)1 << 40), 0);
	EXPECT_EQUAL(object_make(v, b, "link", HMFS_MODE_LINK | 0777, "../small", NULL), 0);
	EXPECT_EQUAL(object_make(v, object_root(), "fifo", HMFS_MODE_FIFO | 0600, NULL, NULL), 0);
	set_fork(v, b, "colour", HMFS_FORK_USER, "red");
}

static void change_tree(struct memory_volume *v)
{
	struct hmfs_id a, b, file, made;

	EXPECT_EQUAL(object_find(v, object_root(), "a", &a), 0);
	EXPECT_EQUAL(object_find(v, a, "b", &b), 0);
	/* The directories change places. */
	EXPECT_EQUAL(object_rename(v, a, "b", object_root(), "c", 0), 0);
	EXPECT_EQUAL(object_rename(v, object_root(), "a", b, "d", 0), 0);
	EXPECT_EQUAL(object_find(v, b, "large", &file), 0);
	write_many(v, file, 100000, 20000, 'L');
	EXPECT_EQUAL(hmfs_punch(v->volume, file, 200000, 30000), 0);
	EXPECT_EQUAL(object_find(v, b, "sparse", &file), 0);
	EXPECT_EQUAL(hmfs_resize(v->volume, file, 1010000), 0);
	EXPECT_EQUAL(object_unlink(v, b, "again"), 0);
	EXPECT_EQUAL(object_find(v, a, "small", &file), 0);
	EXPECT_EQUAL(hmfs_fork_remove(v->volume, file, "author", 6, HMFS_FORK_USER), 0);
	set_fork(v, file, "other", HMFS_FORK_USER, "value");
	write_many(v, file, 2000, 5000, 'g');
	EXPECT_EQUAL(object_unlink(v, object_root(), "fifo"), 0);
	EXPECT_EQUAL(object_directory(v, a, "new", &made), 0);
	EXPECT_EQUAL(object_file(v, made, "fifo", &file), 0);
	EXPECT_EQUAL(object_link(v, object_root(), "fifo", file), 0);
	set_fork(v, b, "colour", HMFS_FORK_USER, "green");
}

UNIT_TEST(hmfs_stream, whole)
{
	struct memory_volume from, to;
	struct stream_bytes stream = { 0 };
	uint32_t sent;

	memory_volume_make(&from, OBJECT_BLOCKS, NULL);
	stream_make_other(&to);
	make_tree(&from);
	sent = snapshot(&from, "one");
	EXPECT_EQUAL(hmfs_send(from.volume, 0, HMFS_DATASET_LIVE, stream_write, &stream), -EINVAL);
	EXPECT_EQUAL(hmfs_send(from.volume, 0, sent, stream_write, &stream), 0);
	EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), 0);
	EXPECT_EQUAL(stream.read, stream.length);
	stream_compare(&from, sent, &to, find(&to, "one"));
	stream.read = 0;
	EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), -EEXIST);
	memory_volume_crash(&to);
	stream_compare(&from, sent, &to, find(&to, "one"));
	free(stream.bytes);
	model_check(&to);
	stream_end_other(&to);
	memory_volume_end(&from);
}

UNIT_TEST(hmfs_stream, changes)
{
	struct memory_volume from, to;
	struct stream_bytes whole = { 0 }, change = { 0 }, again = { 0 };
	uint32_t one, two;

	memory_volume_make(&from, OBJECT_BLOCKS, NULL);
	stream_make_other(&to);
	make_tree(&from);
	one = snapshot(&from, "one");
	change_tree(&from);
	two = snapshot(&from, "two");
	EXPECT_EQUAL(hmfs_send(from.volume, 0, one, stream_write, &whole), 0);
	EXPECT_EQUAL(hmfs_send(from.volume, one, two, stream_write, &change), 0);
	EXPECT(change.length < whole.length / 2);
	EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &change), -ENOENT);
	EXPECT_EQUAL(hmfs_receive(to.volume, "eins", stream_read, &whole), 0);
	change.read = 0;
	EXPECT_EQUAL(hmfs_receive(to.volume, "zwei", stream_read, &change), 0);
	stream_compare(&from, one, &to, find(&to, "eins"));
	stream_compare(&from, two, &to, find(&to, "zwei"));
	/* What was received can be sent on. */
	EXPECT_EQUAL(
		hmfs_send(to.volume, find(&to, "eins"), find(&to, "zwei"), stream_write, &again),
		0);
	EXPECT_EQUAL(hmfs_snapshot_delete(from.volume, two), 0);
	EXPECT_EQUAL(hmfs_receive(from.volume, "back", stream_read, &again), 0);
	stream_compare(&from, find(&from, "back"), &to, find(&to, "zwei"));
	free(whole.bytes);
	free(change.bytes);
	free(again.bytes);
	model_check(&to);
	stream_end_other(&to);
	memory_volume_end(&from);
}

/* --- At random. --- */

static struct hmfs_id some_directory(struct memory_volume *v, uint64_t *state)
{
	struct hmfs_id at = object_root();

	for (uint64_t depth = unit_random_below(state, 4); depth > 0; depth--) {
		char name[16];
		struct hmfs_id next;
		uint8_t type;

		snprintf(name, sizeof(name), "n%u", (unsigned)unit_random_below(state, 6));
		if (hmfs_lookup(v->volume, at, name, strlen(name), &next, &type) == 0 &&
		    type == HMFS_MODE_DIRECTORY >> 12)
			at = next;
	}
	return at;
}

static void change_file(struct memory_volume *v, struct hmfs_id id, uint64_t *state)
{
	const uint64_t offset = unit_random_below(state, 200000);
	char fork[8];

	if ((object_attributes(v, id).mode & HMFS_MODE_TYPE) != HMFS_MODE_REGULAR)
		return;
	snprintf(fork, sizeof(fork), "f%u", (unsigned)unit_random_below(state, 2));
	switch (unit_random_below(state, 5)) {
	case 0:
		EXPECT_EQUAL(hmfs_resize(v->volume, id, offset), 0);
		break;
	case 1:
		EXPECT_EQUAL(hmfs_punch(v->volume, id, offset, 50000), 0);
		break;
	case 2:
		set_fork(v, id, fork, HMFS_FORK_USER, "value");
		break;
	case 3:
		(void)!hmfs_fork_remove(v->volume, id, fork, strlen(fork), HMFS_FORK_USER);
		break;
	default:
		write_many(v, id, offset, 1 + (size_t)unit_random_below(state, 30000),
			   (int)unit_random_below(state, 256));
	}
}

/* Whatever it gives: most of it is possible. */
static void do_something(struct memory_volume *v, uint64_t *state)
{
	const struct hmfs_id directory = some_directory(v, state), other = some_directory(v, state);
	struct hmfs_id id;
	char name[16], other_name[16];

	snprintf(name, sizeof(name), "n%u", (unsigned)unit_random_below(state, 6));
	snprintf(other_name, sizeof(other_name), "n%u", (unsigned)unit_random_below(state, 6));
	switch (unit_random_below(state, 9)) {
	case 0:
	case 1:
		(void)!object_directory(v, directory, name, NULL);
		break;
	case 2:
		if (object_file(v, directory, name, &id) == 0)
			change_file(v, id, state);
		break;
	case 3:
		(void)!object_unlink(v, directory, name);
		break;
	case 4:
	case 5:
		(void)!object_rename(v, directory, name, other, other_name,
				     (unsigned)unit_random_below(state, 3));
		break;
	case 6:
		if (object_find(v, directory, name, &id) == 0)
			(void)!object_link(v, other, other_name, id);
		break;
	default:
		if (object_find(v, directory, name, &id) == 0)
			change_file(v, id, state);
	}
}

static void follow_randomly(uint64_t seed)
{
	struct memory_volume from, to;
	uint32_t last = 0;
	uint64_t state = seed;

	memory_volume_make(&from, OBJECT_BLOCKS, NULL);
	stream_make_other(&to);
	for (unsigned round = 0; round < 6; round++) {
		struct stream_bytes stream = { 0 };
		char name[16];
		uint32_t number;

		for (unsigned i = 0; i < 60; i++)
			do_something(&from, &state);
		snprintf(name, sizeof(name), "s%u", round);
		number = snapshot(&from, name);
		EXPECT_EQUAL(hmfs_send(from.volume, last, number, stream_write, &stream), 0);
		EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), 0);
		stream_compare(&from, number, &to, find(&to, name));
		free(stream.bytes);
		last = number;
	}
	model_check(&to);
	stream_end_other(&to);
	memory_volume_end(&from);
}

UNIT_TEST(hmfs_stream, random_changes)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		follow_randomly(seed);
}

/* --- Refused. --- */

UNIT_TEST(hmfs_stream, damage)
{
	struct memory_volume from, to;
	struct stream_bytes stream = { 0 };
	uint64_t state = 3;
	size_t length;

	memory_volume_make(&from, OBJECT_BLOCKS, NULL);
	stream_make_other(&to);
	make_tree(&from);
	EXPECT_EQUAL(hmfs_send(from.volume, 0, snapshot(&from, "one"), stream_write, &stream), 0);
	length = stream.length;
	for (unsigned i = 0; i < 60; i++) {
		const size_t at = i < 30 ? (size_t)unit_random_below(&state, 2000)
					 : (size_t)unit_random_below(&state, length);
		const uint8_t bit = (uint8_t)(1 << unit_random_below(&state, 8));

		stream.bytes[at] ^= bit;
		stream.read = 0;
		EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), -EBADMSG);
		stream.bytes[at] ^= bit;
		stream.length = at;
		stream.read = 0;
		EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), -EBADMSG);
		stream.length = length;
		EXPECT_EQUAL(datasets(&to), 1);
	}
	stream.read = 0;
	EXPECT_EQUAL(hmfs_receive(to.volume, NULL, stream_read, &stream), 0);
	EXPECT_EQUAL(datasets(&to), 2);
	free(stream.bytes);
	model_check(&to);
	stream_end_other(&to);
	memory_volume_end(&from);
}
