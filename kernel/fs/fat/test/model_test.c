/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random operations on FAT against a model in memory. What is on the image afterwards is checked by
 * fsck.fat and, after another mount, against the model; what mtools read is compared too. The same
 * operations are cut off by a power failure at many points: then fsck.fat may find lost clusters and
 * what goes with them, but nothing worse, and what was synced must be there.
 *
 * More seeds: FAT_SEED=N in the environment shifts them.
 */
#include "image.h"

#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>

/* The C library's. */
char *getenv(const char *name);
void *malloc(size_t size);
void free(void *memory);

#define SIZE_LIMIT (200 * 1024u)
#define OPEN_FILES 4u

static const char *const directories[] = { "", "d/", "Directory with a long name/", "d/sub/" };
static const char *const names[] = {
	"a",
	"B.TXT",
	"mixed Case.Text",
	"lower.txt",
	"\xc3\xa9t\xc3\xa9 \xd0\x96.doc",
	"a very long name that takes quite a number of slots in its directory.with.dots",
	"\xf0\x9f\x90\xa7.png",
	"x",
};

#define DIRECTORIES array_length(directories)
#define NAMES       array_length(names)
#define PATHS       (DIRECTORIES * NAMES)

struct model_file {
	bool exists;
	size_t size;
	uint8_t *bytes; /* SIZE_LIMIT */
};

struct model_open {
	struct file *file;
	bool named; /* still has its name: then contents are those of `path` */
	unsigned path;
	size_t size;
	uint8_t *bytes; /* its contents since it lost its name */
};

struct model {
	struct ktest_tree tree;
	struct image image;
	uint64_t random;
	bool is_there[DIRECTORIES];
	struct model_file files[PATHS];
	struct model_open open[OPEN_FILES];
};

static struct model model;

static unsigned below(unsigned bound)
{
	return (unsigned)unit_random_below(&model.random, bound);
}

static const char *path_of(unsigned path)
{
	static char text[2][256];
	static unsigned turn;

	turn ^= 1;
	snprintf(text[turn], sizeof(text[turn]), "%s%s", directories[path / NAMES],
		 names[path % NAMES]);
	return text[turn];
}

static const char *directory_of(unsigned directory)
{
	static char text[64];

	string_copy(text, directories[directory], sizeof(text));
	text[strlen(text) - 1] = '\0';
	return text;
}

/* --- Operations; each compares what it is told with the model. --- */

static void compare_file(struct file *file, const uint8_t *bytes, size_t size)
{
	static uint8_t read[SIZE_LIMIT + 1];
	struct io io;
	uint64_t offset = 0;

	io_init_kernel(&io, read, sizeof(read));
	EXPECT_EQUAL(file_read(file, &io, &offset), size);
	for (size_t i = 0; i < size; i++)
		if (read[i] != bytes[i])
			unit_fail(__FILE__, __LINE__, "contents differ at %zu of %zu", i, size);
}

static int open_path(unsigned path, unsigned flags, struct file **file)
{
	bool there = model.is_there[path / NAMES];
	int error = ktest_open(&model.tree, path_of(path), flags, file);

	if (!there || (!model.files[path].exists && !(flags & FILE_CREATE)))
		EXPECT_EQUAL(-error, ENOENT);
	else
		EXPECT_EQUAL(-error, 0);
	return error;
}

static void write_some(struct file *file, struct model_file *model_file)
{
	size_t offset = below(4) ? below((unsigned)model_file->size + 1) : below(SIZE_LIMIT);
	size_t length = 1 + below(below(3) ? 3000 : 60000);
	static uint8_t bytes[60001];
	uint8_t start = (uint8_t)below(256);
	ssize_t count;

	if (offset + length > SIZE_LIMIT)
		length = SIZE_LIMIT - offset;
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)(start + i + (i >> 8));
	count = ktest_file_write_at(file, bytes, length, offset);
	if (count == -ENOSPC)
		return;
	EXPECT(count > 0 && (size_t)count <= length);
	if (offset > model_file->size)
		memset(model_file->bytes + model_file->size, 0, offset - model_file->size);
	memcpy(model_file->bytes + offset, bytes, (size_t)count);
	if (offset + (size_t)count > model_file->size)
		model_file->size = offset + (size_t)count;
}

static void truncate_some(struct file *file, struct model_file *model_file)
{
	size_t size = below(3) ? below((unsigned)model_file->size + 1) : below(SIZE_LIMIT);
	int error = file_truncate(file, size);

	if (error == -ENOSPC)
		return;
	EXPECT_EQUAL(-error, 0);
	if (size > model_file->size)
		memset(model_file->bytes + model_file->size, 0, size - model_file->size);
	model_file->size = size;
}

static void change_file(void)
{
	unsigned path = below(PATHS);
	struct model_file *model_file = &model.files[path];
	struct file *file;
	int error = ktest_open(&model.tree, path_of(path), FILE_CREATE | FILE_READ_WRITE, &file);

	if (error == -ENOSPC)
		return;
	EXPECT_EQUAL(-error, model.is_there[path / NAMES] ? 0 : ENOENT);
	if (error)
		return;
	if (!model_file->exists)
		model_file->size = 0;
	model_file->exists = true;
	for (unsigned i = below(4); i > 0; i--) {
		if (below(3))
			write_some(file, model_file);
		else
			truncate_some(file, model_file);
	}
	compare_file(file, model_file->bytes, model_file->size);
	if (below(4) == 0)
		EXPECT_EQUAL(file_sync(file, false), 0);
	file_put(file);
}

static void check_file(void)
{
	unsigned path = below(PATHS);
	struct file *file;

	if (open_path(path, FILE_READ_ONLY, &file))
		return;
	compare_file(file, model.files[path].bytes, model.files[path].size);
	file_put(file);
}

/* The path's file is about to lose its name: open ones keep the contents. */
static void lose_name(unsigned path)
{
	for (unsigned i = 0; i < OPEN_FILES; i++) {
		struct model_open *open = &model.open[i];

		if (!open->file || !open->named || open->path != path)
			continue;
		open->named = false;
		open->size = model.files[path].size;
		memcpy(open->bytes, model.files[path].bytes, open->size);
	}
	model.files[path].exists = false;
}

static void remove_file(void)
{
	unsigned path = below(PATHS);
	int error = ktest_unlink(&model.tree, path_of(path));
	bool exists = model.is_there[path / NAMES] && model.files[path].exists;

	EXPECT_EQUAL(-error, exists ? 0 : ENOENT);
	if (exists)
		lose_name(path);
}

static void rename_file(void)
{
	unsigned from = below(PATHS), to = below(PATHS);
	int error = ktest_rename(&model.tree, path_of(from), path_of(to), 0);
	bool can = model.is_there[from / NAMES] && model.files[from].exists &&
		   model.is_there[to / NAMES];

	if (error == -ENOSPC)
		return;
	EXPECT_EQUAL(-error, can ? 0 : ENOENT);
	if (error || from == to)
		return;
	if (model.files[to].exists)
		lose_name(to);
	for (unsigned i = 0; i < OPEN_FILES; i++)
		if (model.open[i].file && model.open[i].named && model.open[i].path == from)
			model.open[i].path = to;
	model.files[from].exists = false;
	model.files[to].exists = true;
	model.files[to].size = model.files[from].size;
	memcpy(model.files[to].bytes, model.files[from].bytes, model.files[to].size);
}

static bool is_empty(unsigned directory)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (model.files[directory * NAMES + i].exists)
			return false;
	return directory != 1 || !model.is_there[3];
}

static void make_or_remove_directory(void)
{
	unsigned directory = 1 + below(DIRECTORIES - 1);
	bool parent = directory != 3 || model.is_there[1];
	int error;

	if (below(2)) {
		error = ktest_mkdir(&model.tree, directory_of(directory));
		if (error == -ENOSPC)
			return;
		EXPECT_EQUAL(-error, !parent ? ENOENT : model.is_there[directory] ? EEXIST : 0);
		model.is_there[directory] |= !error;
		return;
	}
	error = ktest_rmdir(&model.tree, directory_of(directory));
	if (!parent || !model.is_there[directory])
		EXPECT_EQUAL(-error, ENOENT);
	else
		EXPECT_EQUAL(-error, is_empty(directory) ? 0 : ENOTEMPTY);
	if (!error)
		model.is_there[directory] = false;
}

static void open_or_close(void)
{
	struct model_open *open = &model.open[below(OPEN_FILES)];
	unsigned path = below(PATHS);

	if (!open->file) {
		if (open_path(path, FILE_READ_WRITE, &open->file)) {
			open->file = NULL;
			return;
		}
		open->path = path;
		open->named = true;
		return;
	}
	if (open->named)
		compare_file(open->file, model.files[open->path].bytes,
			     model.files[open->path].size);
	else
		compare_file(open->file, open->bytes, open->size);
	file_put(open->file);
	open->file = NULL;
}

static void close_all(void)
{
	for (unsigned i = 0; i < OPEN_FILES; i++)
		if (model.open[i].file)
			file_put(model.open[i].file);
	for (unsigned i = 0; i < OPEN_FILES; i++)
		model.open[i].file = NULL;
}

static void mount_again(void)
{
	close_all();
	ktest_tree_end(&model.tree);
	image_expect_clean(&model.image, "after an unmount");
	EXPECT_EQUAL(image_mount(&model.image, &model.tree, "", false), 0);
}

static void step(void)
{
	unsigned what = below(100);

	if (what < 35)
		change_file();
	else if (what < 50)
		check_file();
	else if (what < 62)
		remove_file();
	else if (what < 76)
		rename_file();
	else if (what < 86)
		make_or_remove_directory();
	else if (what < 95)
		open_or_close();
	else if (what < 98)
		scheme_sync(model.tree.scheme);
	else if (what == 98)
		sim_pass_time(6000000000ull);
}

static void check_all(void)
{
	for (unsigned path = 0; path < PATHS; path++) {
		struct file *file;

		if (open_path(path, FILE_READ_ONLY, &file))
			continue;
		compare_file(file, model.files[path].bytes, model.files[path].size);
		file_put(file);
	}
}

/* mtools read what was written. */
static void check_with_mtools(void)
{
	for (unsigned path = 0; path < PATHS; path++) {
		const struct model_file *file = &model.files[path];

		if (!file->exists || path % NAMES == 4 || path % NAMES == 6)
			continue; /* not in the tools' locale */
		EXPECT_EQUAL(image_shell("test $(MTOOLS_SKIP_CHECK=1 mcopy -n -i %s '::/%s' - | wc "
					 "-c) = %zu",
					 model.image.path, path_of(path), file->size),
			     0);
	}
}

static void begin(uint64_t seed, uint64_t size, const char *arguments)
{
	const char *text = getenv("FAT_SEED");
	uint64_t shift = 0;

	if (text && string_to_u64(text, &shift))
		shift = 0;
	image_start_kernel(seed);
	model.random = seed + 1000 * shift;
	for (unsigned i = 0; i < PATHS; i++)
		model.files[i].bytes = malloc(SIZE_LIMIT);
	for (unsigned i = 0; i < OPEN_FILES; i++)
		model.open[i].bytes = malloc(SIZE_LIMIT);
	model.is_there[0] = true;
	image_make(&model.image, size, arguments);
	EXPECT_EQUAL(image_mount(&model.image, &model.tree, "", false), 0);
}

static void finish(void)
{
	image_remove(&model.image);
	for (unsigned i = 0; i < PATHS; i++)
		free(model.files[i].bytes);
	for (unsigned i = 0; i < OPEN_FILES; i++)
		free(model.open[i].bytes);
}

static void run(uint64_t seed, uint64_t size, const char *arguments, unsigned steps)
{
	begin(seed, size, arguments);
	for (unsigned i = 0; i < steps; i++) {
		step();
		if (below(150) == 0)
			mount_again();
	}
	mount_again();
	check_all();
	ktest_tree_end(&model.tree);
	image_expect_clean(&model.image, "at the end");
	check_with_mtools();
	finish();
}

UNIT_TEST(fat, model_12)
{
	run(11, 4 * MIB, "-F 12 -s 4", 1500);
}

UNIT_TEST(fat, model_12_full)
{
	run(12, 1440 * 1024, "-F 12 -s 1 -r 32", 1500);
}

UNIT_TEST(fat, model_16)
{
	run(13, 16 * MIB, "-F 16 -s 2", 1500);
}

UNIT_TEST(fat, model_32)
{
	run(14, 36 * MIB, "-F 32 -s 1", 1500);
}

UNIT_TEST(fat, model_16_large_clusters)
{
	run(15, 300 * MIB, "-F 16 -s 64", 1000);
}

UNIT_TEST(fat, model_32_large_sectors)
{
	run(16, 300 * MIB, "-F 32 -S 4096 -s 1", 1000);
}

/* --- Power failures. --- */

/* What fsck.fat may say of a volume that was in use: it counts wrongly, has lost clusters, and files
 * may have more of them than they need. */
static void expect_no_damage(const char *path, size_t point, uint64_t seed)
{
	static const char allowed[] =
		"^fsck.fat |^Dirty bit is set|data may be corrupt|^ Automatically removing dirty|"
		"^There are differences between boot sector|^This is mostly harmless|"
		"^  65:01/00|^  37:01/00|^  Not auto|^  Auto-|^Automatically|"
		"^FATs differ but appear to be intact|^  Using first FAT|"
		"^Reclaimed |^Free cluster summary|cluster chain length is > |^  Truncating file|"
		"^Orphaned long file name part|^A new long file name starts|"
		"^Long filename fragment|^  .Maybe the start bit|^  .*Auto-deleting|^  Deleting|"
		"Wrong checksum for long file name|^Leaving filesystem unchanged|^/|^$";

	if (image_shell("fsck.fat -n %s >%s.log 2>&1; ! grep -vE '%s' %s.log", path, path, allowed,
			path)) {
		image_shell("cat %s.log; cp %s /tmp/fat-test-bad.img", path, path);
		unit_fail(__FILE__, __LINE__, "damage at write %zu, seed %llu", point,
			  (unsigned long long)seed);
	}
	image_shell("rm -f %s.log", path);
}

/* Files that were synced and never changed again. */
#define SYNCED_MAX 64u
static struct {
	size_t point, size;
} synced[SYNCED_MAX];
static unsigned synced_count;

static void make_synced(void)
{
	static uint8_t bytes[20000];
	size_t size = 1 + below(sizeof(bytes));
	struct file *file;
	char name[32];

	snprintf(name, sizeof(name), "synced file %u", synced_count);
	memset(bytes, 'a' + (int)(synced_count % 26), size);
	if (ktest_open(&model.tree, name, FILE_CREATE | FILE_READ_WRITE, &file))
		return;
	if (ktest_file_write(file, bytes, size) == (ssize_t)size && !file_sync(file, false)) {
		synced[synced_count].size = size;
		synced[synced_count++].point = model.image.write_count;
	}
	file_put(file);
}

static void check_synced(const char *path, size_t point)
{
	for (unsigned i = 0; i < synced_count && synced[i].point <= point; i++)
		EXPECT_EQUAL(
			image_shell(
				"test $(MTOOLS_SKIP_CHECK=1 mcopy -n -i %s '::/synced file %u' - | "
				"tr -cd '%c' | wc -c) = %zu",
				path, i, 'a' + (int)(i % 26), synced[i].size),
			0);
}

static void cut_power(uint64_t seed, uint64_t size, const char *arguments, unsigned points)
{
	char path[80];

	begin(seed, size, arguments);
	for (unsigned i = 0; i < 200; i++)
		step();
	scheme_sync(model.tree.scheme);
	image_record(&model.image);
	for (unsigned i = 0; i < 400; i++) {
		step();
		if (below(20) == 0 && synced_count < SYNCED_MAX)
			make_synced();
	}
	model.image.record = false;
	close_all();
	ktest_tree_end(&model.tree);
	snprintf(path, sizeof(path), "%s.cut", model.image.path);
	for (unsigned i = 0; i < points; i++) {
		size_t point =
			(size_t)unit_random_below(&model.random, model.image.write_count + 1);

		image_replay(&model.image, point, i % 2 ? &model.random : NULL, path);
		expect_no_damage(path, point, seed);
		check_synced(path, point);
	}
	image_shell("rm -f %s", path);
	finish();
}

UNIT_TEST(fat, power_12)
{
	cut_power(21, 1440 * 1024, "-F 12 -s 1", 40);
}

UNIT_TEST(fat, power_16)
{
	cut_power(22, 10 * MIB, "-F 16 -s 1", 40);
}

UNIT_TEST(fat, power_32)
{
	cut_power(23, 36 * MIB, "-F 32 -s 1", 40);
}

UNIT_TEST(fat, power_32_large_clusters)
{
	cut_power(24, 300 * MIB, "-F 32 -s 8", 15);
}
