/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking: each kind of damage that checksums do not show is made on purpose, found without
 * writing anything, told, repaired, and not found again.
 */
#include "../src/volume_priv.h"

#include <base/errno.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hmfs/check.h>

#include "memory_volume.h"
#include "unit.h"

#define BLOCKS 4096u

/* --- What is checked --- */

struct told {
	unsigned lines;
	char text[8192];
};

static void tell(void *context, const char *line, bool repaired)
{
	struct told *told = context;
	const size_t used = strlen(told->text);

	(void)repaired;
	told->lines++;
	snprintf(told->text + used, sizeof(told->text) - used, "%s\n", line);
}

static struct hmfs_check_result check(struct memory_volume *v, bool repair, struct told *told)
{
	const struct hmfs_check_options options = { .repair = repair, .data = true };
	const struct hmfs_report report = { .problem = tell, .context = told };
	struct hmfs_check_result result;

	memset(told, 0, sizeof(*told));
	EXPECT_EQUAL(hmfs_check(&v->device.device, &v->host, &options, &report, &result), 0);
	EXPECT_EQUAL(told->lines, result.problems);
	return result;
}

static struct hmfs_id make(struct memory_volume *v, struct hmfs_id in, const char *name,
			   uint32_t mode, size_t size)
{
	const struct hmfs_template like = { .mode = mode };
	uint8_t *bytes = malloc(size + 1);
	struct hmfs_id id;

	memset(bytes, 'x', size);
	EXPECT_EQUAL(hmfs_create(v->volume, in, name, strlen(name), &like, &id), 0);
	if (size > 0)
		EXPECT_EQUAL(hmfs_write(v->volume, id, 0, bytes, size), (ssize_t)size);
	hmfs_object_let_go(v->volume, id);
	free(bytes);
	return id;
}

static const struct hmfs_id top = { HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };

/* What the volume of all tests has. */
static struct {
	struct hmfs_id directory, file, small, inner, fork;
} made;

static void fill(struct memory_volume *v)
{
	uint32_t number;

	memory_volume_make(v, BLOCKS, NULL);
	made.directory = make(v, top, "directory", HMFS_MODE_DIRECTORY | 0755, 0);
	made.file = make(v, made.directory, "file", HMFS_MODE_REGULAR | 0644, 100000);
	made.small = make(v, made.directory, "small", HMFS_MODE_REGULAR | 0644, 10);
	made.inner = make(v, made.directory, "inner", HMFS_MODE_DIRECTORY | 0755, 0);
	EXPECT_EQUAL(hmfs_fork_set(v->volume, made.file, "note", 4, HMFS_FORK_USER, "text", 4, 0),
		     0);
	EXPECT_EQUAL(
		hmfs_fork_open(v->volume, made.file, "note", 4, HMFS_FORK_USER, false, &made.fork),
		0);
	hmfs_object_let_go(v->volume, made.fork);
	EXPECT_EQUAL(hmfs_snapshot(v->volume, HMFS_DATASET_LIVE, "daily", false, &number), 0);
	EXPECT_EQUAL(hmfs_write(v->volume, made.file, 0, "new", 3), 3);
}

/* --- Damage --- */

static struct hmfs_dataset *live(struct hmfs_volume *volume)
{
	struct hmfs_dataset *dataset;

	EXPECT_EQUAL(hmfs_dataset_get(volume, HMFS_DATASET_LIVE, &dataset), 0);
	return dataset;
}

static struct hmfs_object load(struct hmfs_volume *volume, struct hmfs_id id)
{
	struct hmfs_object object;

	EXPECT_EQUAL(hmfs_object_load(live(volume), id.object, &object), 0);
	return object;
}

static void store(struct hmfs_volume *volume, struct hmfs_id id, const struct hmfs_object *object)
{
	EXPECT_EQUAL(hmfs_object_store(live(volume), id.object, object), 0);
}

static void remove_key(struct hmfs_volume *volume, struct hmfs_key key)
{
	EXPECT_EQUAL(hmfs_map_remove(&live(volume)->map, &key), 0);
}

static void links(struct hmfs_volume *volume)
{
	struct hmfs_object object = load(volume, made.file);

	object.record.links = 7;
	store(volume, made.file, &object);
}

static void entries(struct hmfs_volume *volume)
{
	struct hmfs_object object = load(volume, made.directory);

	object.record.size = 99;
	store(volume, made.directory, &object);
}

static void blocks(struct hmfs_volume *volume)
{
	struct hmfs_object object = load(volume, made.file);

	object.record.blocks++;
	store(volume, made.file, &object);
}

static void forks(struct hmfs_volume *volume)
{
	struct hmfs_object object = load(volume, made.file);

	object.record.forks = 5;
	store(volume, made.file, &object);
}

static void mode(struct hmfs_volume *volume)
{
	struct hmfs_object object = load(volume, made.small);

	object.record.mode = 0777777;
	store(volume, made.small, &object);
}

static void name_lost(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_name_key(volume, made.directory.object, HMFS_KIND_NAME, "file", 4, &key);
	remove_key(volume, key);
}

static void directory_lost(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_name_key(volume, top.object, HMFS_KIND_NAME, "directory", 9, &key);
	remove_key(volume, key);
}

static void object_lost(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_object_key(made.small.object, &key);
	remove_key(volume, key);
}

static void root_lost(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_object_key(HMFS_ROOT_OBJECT, &key);
	remove_key(volume, key);
}

static void fork_lost(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_fork_key(volume, made.file.object, HMFS_FORK_USER, "note", 4, &key);
	remove_key(volume, key);
}

static void put_name(struct hmfs_volume *volume, struct hmfs_id in, const char *text,
		     struct hmfs_id object, uint8_t type)
{
	struct hmfs_name name = { .object = object.object, .type = type };

	hmfs_name_key(volume, in.object, HMFS_KIND_NAME, text, strlen(text), &name.key);
	hmfs_name_put_prepared(live(volume), &name, text, strlen(text));
}

static void name_type(struct hmfs_volume *volume)
{
	put_name(volume, made.directory, "file", made.file, HMFS_MODE_DIRECTORY >> 12);
}

static void second_name(struct hmfs_volume *volume)
{
	put_name(volume, top, "again", made.inner, HMFS_MODE_DIRECTORY >> 12);
}

/* A directory in itself: nothing above it has its name. */
static void ring(struct hmfs_volume *volume)
{
	directory_lost(volume);
	put_name(volume, made.inner, "up", made.directory, HMFS_MODE_DIRECTORY >> 12);
}

static void orphan(struct hmfs_volume *volume)
{
	hmfs_orphan_add(live(volume), made.small.object);
}

static void orphan_of_nothing(struct hmfs_volume *volume)
{
	hmfs_orphan_add(live(volume), 4000);
}

static void index_lost(struct hmfs_volume *volume)
{
	const struct hmfs_object object = load(volume, made.fork);
	struct hmfs_key key;

	hmfs_index_key(volume, "note", 4, object.record.raw_device, made.file.object, &key);
	remove_key(volume, key);
}

static void index_of_nothing(struct hmfs_volume *volume)
{
	struct hmfs_key key;

	hmfs_index_key(volume, "note", 4, 12345, made.small.object, &key);
	EXPECT_EQUAL(hmfs_map_put(&live(volume)->map, &key, "", 0), 0);
}

static void edit_run(struct hmfs_volume *volume, void (*edit)(struct hmfs_run *run))
{
	struct hmfs_chunk *chunk = malloc(sizeof(*chunk));

	EXPECT_EQUAL(hmfs_chunk_load(live(volume), made.file.object, 1, chunk), 0);
	edit(&chunk->run[0]);
	EXPECT_EQUAL(hmfs_chunk_store(live(volume), made.file.object, 1, chunk), 0);
	free(chunk);
}

static void point_outside(struct hmfs_run *run)
{
	run->address = BLOCKS + 5;
}

static void run_outside(struct hmfs_volume *volume)
{
	edit_run(volume, point_outside);
}

static void point_at_ring(struct hmfs_run *run)
{
	run->address = HMFS_RING_START;
}

static void run_in_metadata(struct hmfs_volume *volume)
{
	edit_run(volume, point_at_ring);
}

static void make_young(struct hmfs_run *run)
{
	run->birth += 2;
}

/* The snapshot's is another reference then. */
static void shared_unsaid(struct hmfs_volume *volume)
{
	edit_run(volume, make_young);
}

static void shared_too_much(struct hmfs_volume *volume)
{
	EXPECT_EQUAL(hmfs_shared_add(volume->space, 1000, 3), 0);
}

static void leak(struct hmfs_volume *volume)
{
	uint64_t address, got;

	EXPECT_EQUAL(hmfs_space_allocate(volume->space, HMFS_USE_METADATA, 0, 5, 5, &address, &got),
		     0);
}

static void used_is_free(struct hmfs_volume *volume)
{
	struct hmfs_chunk *chunk = malloc(sizeof(*chunk));

	EXPECT_EQUAL(hmfs_chunk_load(live(volume), made.file.object, 1, chunk), 0);
	hmfs_space_free(volume->space, chunk->run[0].address, 1);
	free(chunk);
}

static void group_nonsense(struct hmfs_volume *volume)
{
	const struct hmfs_key key = { .place = HMFS_PLACE(HMFS_KIND_SUMMARY, 0) };

	leak(volume);
	EXPECT_EQUAL(hmfs_map_remove(&volume->map, &key), 0);
}

static void dead_of_nobody(struct hmfs_volume *volume)
{
	const struct hmfs_dead_record record = { .blocks = 3, .birth = 1 };
	const struct hmfs_key key = { 777, HMFS_PLACE(HMFS_KIND_DEAD, 1234), 1 };

	EXPECT_EQUAL(hmfs_map_put(&volume->map, &key, &record, sizeof(record)), 0);
}

static void dead_unused(struct hmfs_volume *volume)
{
	const struct hmfs_dead_record record = { .blocks = 3, .birth = 1 };
	const struct hmfs_key key = { live(volume)->record.dead, HMFS_PLACE(HMFS_KIND_DEAD, 3000),
				      99 };

	EXPECT_EQUAL(hmfs_map_put(&volume->map, &key, &record, sizeof(record)), 0);
}

static void objects(struct hmfs_volume *volume)
{
	live(volume)->record.objects += 3;
	hmfs_dataset_changed(live(volume));
}

static void next_object(struct hmfs_volume *volume)
{
	live(volume)->record.next_object = HMFS_FIRST_OBJECT;
	hmfs_dataset_changed(live(volume));
}

static void parent_gone(struct hmfs_volume *volume)
{
	live(volume)->record.parent = 55;
	hmfs_dataset_changed(live(volume));
}

static void stray(struct hmfs_volume *volume)
{
	const struct hmfs_key key = { 5000, HMFS_PLACE(HMFS_KIND_CHUNK, 3), 0 };

	EXPECT_EQUAL(hmfs_map_put(&live(volume)->map, &key, "bytes", 5), 0);
}

static void chunk_nonsense(struct hmfs_volume *volume)
{
	const struct hmfs_key key = { made.file.object, HMFS_PLACE(HMFS_KIND_CHUNK, 1), 0 };

	EXPECT_EQUAL(hmfs_map_put(&live(volume)->map, &key, "bytes", 5), 0);
}

static const struct {
	const char *name;
	void (*damage)(struct hmfs_volume *volume);
	const char *told;
} kinds[] = {
	{ "links", links, "/directory/file: it says that it has 7 links, but has 1" },
	{ "entries", entries, "/directory: it says that it has 99 names, but has 3" },
	{ "blocks", blocks, "/directory/file: it says that it has" },
	{ "forks", forks, "/directory/file: it says that it has 5 forks, but has 1" },
	{ "mode", mode, "its record is nonsense" },
	{ "name_lost", name_lost, "it has no name: moved to /lost+found" },
	{ "directory_lost", directory_lost, "it has no name: moved to /lost+found" },
	{ "object_lost", object_lost, "\"small\" in it leads to nothing" },
	{ "root_lost", root_lost, "has no root directory" },
	{ "fork_lost", fork_lost, "a fork of nothing" },
	{ "name_type", name_type, "its name \"file\" tells the wrong type" },
	{ "second_name", second_name, "is the second one of a directory" },
	{ "ring", ring, "lies within itself" },
	{ "orphan", orphan, "it was to be deleted, but has a name" },
	{ "orphan_of_nothing", orphan_of_nothing, "object 4000 is to be deleted" },
	{ "index_lost", index_lost, "missing in the index" },
	{ "index_of_nothing", index_of_nothing, "the index tells of a fork" },
	{ "run_outside", run_outside, "are lost: block 4101 cannot be theirs" },
	{ "run_in_metadata", run_in_metadata, "are lost: block 1 cannot be theirs" },
	{ "shared_unsaid", shared_unsaid, "used more than once" },
	{ "shared_too_much", shared_too_much, "block 1000 says that it has 1 more references" },
	{ "leak", leak, "5 blocks that nobody uses count as used" },
	{ "used_is_free", used_is_free, "1 blocks that are in use count as free" },
	{ "group_nonsense", group_nonsense, "blocks" },
	{ "dead_of_nobody", dead_of_nobody, "of the dead is nobody's" },
	{ "dead_unused", dead_unused, "is used by no older dataset" },
	{ "objects", objects, "objects, but has" },
	{ "next_object", next_object, "has a number that was never given" },
	{ "parent_gone", parent_gone, "comes from 55, which is not one" },
	{ "stray", stray, "an entry of object 5000, which is not there" },
	{ "chunk_nonsense", chunk_nonsense, "the record of its bytes from 65536 on is nonsense" },
};

UNIT_TEST(hmfs_check, finds_nothing_in_what_is_whole)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));
	struct hmfs_check_result result;

	fill(&v);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	result = check(&v, false, told);
	EXPECT_STRING(told->text, "");
	EXPECT_EQUAL(result.snapshots, 1);
	EXPECT_EQUAL(result.directories, 6);
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	memory_volume_end(&v);
	free(told);
}

/* What only the log has, too. */
UNIT_TEST(hmfs_check, replays_the_log)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));

	fill(&v);
	/* Blocks that the commit has, and the log frees. */
	make(&v, top, "gone", HMFS_MODE_REGULAR | 0644, 200000);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	EXPECT_EQUAL(hmfs_unlink(v.volume, top, "gone", 4), 0);
	EXPECT_EQUAL(hmfs_sync(v.volume), 0);
	hmfs_abandon(v.volume);
	check(&v, false, told);
	EXPECT_STRING(told->text, "");
	check(&v, true, told);
	EXPECT_STRING(told->text, "");
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	memory_volume_end(&v);
	free(told);
}

static void try_kind(size_t i)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));
	struct hmfs_check_result result;
	uint64_t writes;

	fill(&v);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	hmfs_lock(v.volume);
	kinds[i].damage(v.volume);
	v.volume->must_commit = true;
	hmfs_unlock(v.volume);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	hmfs_abandon(v.volume);
	writes = v.device.calls[MEMORY_WRITE];
	result = check(&v, false, told);
	EXPECT_EQUAL(v.device.calls[MEMORY_WRITE], writes);
	EXPECT(result.problems > 0 && result.repaired == 0);
	if (!strstr(told->text, kinds[i].told)) {
		EXPECT_STRING(kinds[i].name, "");
		EXPECT_STRING(told->text, kinds[i].told);
	}
	result = check(&v, true, told);
	EXPECT_EQUAL(result.problems, result.repaired);
	check(&v, false, told);
	if (told->lines) {
		EXPECT_STRING(kinds[i].name, "");
		EXPECT_STRING(told->text, "");
	}
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	memory_volume_end(&v);
	free(told);
}

UNIT_TEST(hmfs_check, repairs_each_kind_of_damage)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		try_kind(i);
}

UNIT_TEST(hmfs_check, heals_superblocks_and_rings)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));
	const uint8_t zeros[HMFS_BLOCK_SIZE] = { 0 };

	fill(&v);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	memory_device_poke(&v.device, 0, 1, zeros);
	check(&v, true, told);
	EXPECT_STRING(told->text, "the first superblock is damaged\n");
	memory_device_poke(&v.device, BLOCKS - 5, 1, zeros);
	check(&v, true, told);
	EXPECT_STRING(told->text, "the second superblock is damaged\n");
	for (unsigned slot = 0; slot < HMFS_RING_SLOTS; slot++)
		memory_device_poke(&v.device, BLOCKS - 4 + slot, 1, zeros);
	EXPECT(check(&v, true, told).problems >= 2);
	check(&v, false, told);
	EXPECT_STRING(told->text, "");
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	memory_volume_end(&v);
	free(told);
}

UNIT_TEST(hmfs_check, takes_a_volume_that_grew)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));

	fill(&v);
	memory_device_grow(&v.device, BLOCKS + 40000);
	EXPECT_EQUAL(hmfs_grow(v.volume), 0);
	EXPECT_EQUAL(hmfs_unmount(v.volume), 0);
	check(&v, false, told);
	EXPECT_STRING(told->text, "");
	EXPECT_EQUAL(memory_volume_mount(&v, false), 0);
	memory_volume_end(&v);
	free(told);
}

UNIT_TEST(hmfs_check, tells_what_is_no_volume)
{
	const struct hmfs_check_options options = { .repair = true };
	struct memory_volume v = { 0 };
	struct hmfs_check_result result;

	memory_device_create(&v.device, BLOCKS);
	memory_host_init(&v.host, false);
	EXPECT_EQUAL(hmfs_check(&v.device.device, &v.host, &options, NULL, &result), -EINVAL);
	memory_host_end(&v.host);
	memory_device_destroy(&v.device);
}

/* Every block that holds a node of the live dataset's newest segment, both copies. */
static void ruin(struct memory_volume *v)
{
	struct hmfs_map_root root;
	uint8_t garbage[HMFS_BLOCK_SIZE];

	memset(garbage, 0x55, sizeof(garbage));
	hmfs_lock(v->volume);
	hmfs_map_root(&live(v->volume)->map, &root);
	hmfs_unlock(v->volume);
	for (unsigned copy = 0; copy < 2; copy++)
		memory_device_poke(&v->device, root.segments[root.count - 1].head.address[copy], 1,
				   garbage);
}

/* What seems to be of no use may belong to what was lost: a repair leaves it alone. */
UNIT_TEST(hmfs_check, changes_nothing_where_metadata_is_lost)
{
	struct memory_volume v;
	struct told *told = malloc(sizeof(*told));
	struct hmfs_check_result result;
	uint64_t writes;

	fill(&v);
	EXPECT_EQUAL(hmfs_commit(v.volume), 0);
	ruin(&v);
	hmfs_abandon(v.volume);
	writes = v.device.calls[MEMORY_WRITE];
	result = check(&v, true, told);
	EXPECT(result.problems > 0 && result.repaired == 0);
	EXPECT(strstr(told->text, "both copies are damaged") != NULL);
	EXPECT_EQUAL(v.device.calls[MEMORY_WRITE], writes);
	EXPECT_EQUAL(memory_volume_mount(&v, true), 0);
	memory_volume_end(&v);
	free(told);
}
