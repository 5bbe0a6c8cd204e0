/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What HMFS costs in blocks, whatever machine it runs on: lib/hmfs over a device in memory that
 * counts. A program of this host; prints "name<tab>value<tab>unit" lines:
 *
 *	hmfs [ENTRIES]
 *	    insert_N            blocks written per name, of a directory of N names, N = 10,000 and
 *	                        ENTRIES (1,000,000), merging included, with commits when as much
 *	                        came together as in the tools
 *	    insert_ratio        how much more these are in the larger one
 *	    commits_N           the same with a commit for each 1000, and commits_ratio
 *	    rest                blocks that are written when nobody uses the volume then
 *	    look_up_reads       what finding one of ENTRIES names reads, nothing being in memory but
 *	                        what the directory's own object took; look_up_blocks: in blocks
 *	    look_ups_reads      the same on average, of 500 names after one mount
 *	    mount_reads         what mounting that volume reads; mount_blocks: in blocks
 *	    crash_mount_reads   the same when it was not unmounted, with what a sync left in the log
 *	    empty_used          of an empty volume of 16 TiB, in use
 *	    make_blocks         blocks that making it writes
 */
#include <hmfs/object.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory_volume.h"

#define FEW          10000u
#define PER_COMMIT   1000u
#define LOOKED_UP    500u
#define NEWEST_BYTES ((size_t)32 << 20) /* as in the tools, where memory is not short */
#define LARGE_BLOCKS ((uint64_t)1 << 32)

static struct memory_volume v;

static void check(int error, const char *what)
{
	if (error < 0) {
		fprintf(stderr, "hmfs: %s: %s\n", what, strerror(-error));
		exit(1);
	}
}

static void report(const char *name, double value, const char *unit)
{
	printf("%s\t%.3f\t%s\n", name, value, unit);
	fflush(stdout);
}

static int name_of(char name[32], unsigned long number)
{
	return snprintf(name, 32, "entry-number-%07lu", number);
}

static struct hmfs_id root_id(void)
{
	return (struct hmfs_id){ HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
}

static struct hmfs_id make(struct hmfs_id directory, const char *name, size_t length, uint32_t mode)
{
	struct hmfs_template like = { .mode = mode };
	struct hmfs_id made;

	check(hmfs_create(v.volume, directory, name, length, &like, &made), "create");
	hmfs_object_let_go(v.volume, made);
	return made;
}

static void work(void)
{
	int more;

	do {
		more = hmfs_work(v.volume, 3600);
		check(more, "work");
	} while (more);
}

/* A directory of so many names; what was written for each. `often`: with a commit for each 1000. */
static double fill(unsigned long names, bool often, struct hmfs_id *directory)
{
	uint64_t before;
	char name[32];

	*directory = make(root_id(), "directory", 9, 0040755);
	check(hmfs_commit(v.volume), "commit");
	before = v.device.blocks[MEMORY_WRITE];
	for (unsigned long i = 0; i < names; i++) {
		make(*directory, name, (size_t)name_of(name, i), 0100644);
		if (i % PER_COMMIT == PER_COMMIT - 1) {
			if (often)
				check(hmfs_commit(v.volume), "commit");
			work();
		}
	}
	check(hmfs_commit(v.volume), "commit");
	return (double)(v.device.blocks[MEMORY_WRITE] - before) / (double)names;
}

static void look_up(struct hmfs_id directory, unsigned long names, bool each, const char *figure)
{
	uint64_t reads = 0, blocks = 0, random = 1;
	struct hmfs_attributes attributes;
	struct hmfs_id found;
	char name[32];

	for (unsigned i = 0; i < LOOKED_UP; i++) {
		int length;

		if (each || i == 0)
			memory_volume_remount(&v);
		check(hmfs_read_attributes(v.volume, directory, &attributes), "directory");
		random = random * 6364136223846793005u + 1442695040888963407u;
		length = name_of(name, (random >> 33) % names);
		reads -= v.device.calls[MEMORY_READ];
		blocks -= v.device.blocks[MEMORY_READ];
		check(hmfs_lookup(v.volume, directory, name, (size_t)length, &found, NULL), name);
		reads += v.device.calls[MEMORY_READ];
		blocks += v.device.blocks[MEMORY_READ];
	}
	snprintf(name, sizeof(name), "%s_reads", figure);
	report(name, (double)reads / LOOKED_UP, "reads");
	snprintf(name, sizeof(name), "%s_blocks", figure);
	report(name, (double)blocks / LOOKED_UP, "blocks");
}

static void mount(const char *what)
{
	const uint64_t reads = v.device.calls[MEMORY_READ], blocks = v.device.blocks[MEMORY_READ];
	char name[64];

	check(memory_volume_mount(&v, false), "mount");
	snprintf(name, sizeof(name), "%s_reads", what);
	report(name, (double)(v.device.calls[MEMORY_READ] - reads), "reads");
	snprintf(name, sizeof(name), "%s_blocks", what);
	report(name, (double)(v.device.blocks[MEMORY_READ] - blocks), "blocks");
}

static void mounts(struct hmfs_id directory)
{
	check(hmfs_unmount(v.volume), "unmount");
	mount("mount");
	make(directory, "synced", 6, 0100644);
	check(hmfs_sync(v.volume), "sync");
	hmfs_abandon(v.volume);
	mount("crash_mount");
}

/* Nobody uses the volume for a while. */
static void rest(void)
{
	const uint64_t before = v.device.blocks[MEMORY_WRITE];

	for (unsigned i = 0; i < 10; i++) {
		memory_host.now += 3000000000u;
		work();
	}
	report("rest", (double)(v.device.blocks[MEMORY_WRITE] - before), "blocks");
}

static void volume_of(uint64_t blocks)
{
	memory_volume_make(&v, blocks, NULL);
	v.host.newest_bytes = NEWEST_BYTES;
}

/* Leaves the volume with the larger directory. */
static void insert(unsigned long names, bool often, const char *figure, struct hmfs_id *directory)
{
	double few, many;
	char name[32];

	volume_of(1u << 18);
	few = fill(FEW, often, directory);
	memory_volume_end(&v);
	volume_of(1u << 22);
	many = fill(names, often, directory);
	snprintf(name, sizeof(name), "%s_%u", figure, FEW);
	report(name, few, "blocks");
	snprintf(name, sizeof(name), "%s_%lu", figure, names);
	report(name, many, "blocks");
	snprintf(name, sizeof(name), "%s_ratio", figure);
	report(name, many / few, "times");
}

static void directories(unsigned long names)
{
	struct hmfs_id directory;

	insert(names, false, "insert", &directory);
	memory_volume_end(&v);
	insert(names, true, "commits", &directory);
	rest();
	look_up(directory, names, true, "look_up");
	look_up(directory, names, false, "look_ups");
	mounts(directory);
	memory_volume_end(&v);
}

static void empty_volume(void)
{
	struct hmfs_statistics statistics;

	memory_volume_make(&v, LARGE_BLOCKS, NULL);
	report("make_blocks", (double)v.device.blocks[MEMORY_WRITE], "blocks");
	hmfs_read_statistics(v.volume, &statistics);
	report("empty_used",
	       100.0 * (double)(statistics.blocks - statistics.free_blocks) /
		       (double)statistics.blocks,
	       "%");
	report("empty_kept",
	       100.0 * (double)(statistics.blocks - statistics.available_blocks) /
		       (double)statistics.blocks,
	       "%");
	memory_volume_end(&v);
}

int main(int count, char **words)
{
	unsigned long names = count > 1 ? strtoul(words[1], NULL, 10) : 1000000;

	empty_volume();
	directories(names);
	return 0;
}
