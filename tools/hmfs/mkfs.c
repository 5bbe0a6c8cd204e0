/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mkfs.hmfs: makes volumes, empty or of a tree. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"
#include "programs.h"
#include "tree.h"

#define MIB ((uint64_t)1 << 20)

struct make {
	const char *path, *source;
	uint64_t bytes; /* 0: as the device, or as fits */
	struct hmfs_make_options options;
	bool has_uuid, has_time, force, quiet, keep_contents, root_owner;
	bool made; /* the file is this program's */
};

static const char help[] =
	"usage: mkfs.hmfs [OPTION...] DEVICE-OR-FILE\n"
	"\n"
	"Makes an HMFS volume on a disk, in a partition or in a file, which is made if there is\n"
	"none. What was there before is lost.\n"
	"\n"
	"  -s, --size SIZE     of the volume: 64M, 1.5GiB, 2TB (of a file; default: as it is)\n"
	"  -L, --label TEXT    up to 63 bytes\n"
	"  -H, --hash HASH     checksums by xxh3 (the default), sha3-256 or sha3-512\n"
	"  -c, --copies 1|2    of data; metadata always has two\n"
	"  -U, --uuid UUID     else random, or of the tree's with a fixed time\n"
	"  -d, --from FOLDER   stores that tree: contents, holes, modes, owners, times, extended\n"
	"                      attributes, links, devices. A new file gets a fitting size\n"
	"      --root-owner    all of it belongs to root; else an empty volume belongs to who "
	"makes\n"
	"                      it, a tree to those it belongs to\n"
	"      --time TIME     fixes the volume's times, and is the latest of files, so that the\n"
	"                      same tree gives the same bytes: seconds since 1970, 2024-01-31 or\n"
	"                      2024-01-31T12:00:00 (UTC). Default: SOURCE_DATE_EPOCH, if it is "
	"set\n"
	"  -K, --keep          does not discard what the device holds first\n"
	"  -f, --force         does not ask before overwriting\n"
	"  -q, --quiet         prints nothing but errors\n"
	"      --help, --version\n"
	"\n"
	"Exit status: 0 done, 1 an error, 2 wrong usage.\n";

static void parse_copies(struct make *make, const char *value)
{
	if (strcmp(value, "1") != 0 && strcmp(value, "2") != 0)
		die_of_usage("--copies is 1 or 2, not \"%s\"", value);
	make->options.data_twice = *value == '2';
}

static void parse_label(struct make *make, const char *value)
{
	if (strlen(value) >= sizeof(((struct hmfs_super *)0)->label))
		die_of_usage("--label: longer than 63 bytes");
	make->options.label = value;
}

static void parse_make_time(struct make *make, const char *name, const char *value)
{
	if (!parse_time(value, &make->options.time) || make->options.time == 0)
		die_of_usage("%s: \"%s\" is no time", name, value);
	make->has_time = true;
}

static bool parse_value_option(struct make *make, const char *option, struct option_reader *reader)
{
	const char *value;

	if (option_is(option, "s", "size")) {
		value = option_value(reader);
		if (!parse_size(value, &make->bytes) || make->bytes == 0)
			die_of_usage("--size: \"%s\" is no size", value);
	} else if (option_is(option, "L", "label")) {
		parse_label(make, option_value(reader));
	} else if (option_is(option, "H", "hash")) {
		value = option_value(reader);
		make->options.hash = parse_hash(value);
		if (!make->options.hash)
			die_of_usage("--hash is xxh3, sha3-256 or sha3-512, not \"%s\"", value);
	} else if (option_is(option, "c", "copies")) {
		parse_copies(make, option_value(reader));
	} else if (option_is(option, "U", "uuid")) {
		value = option_value(reader);
		make->has_uuid = parse_uuid(value, make->options.uuid);
		if (!make->has_uuid)
			die_of_usage("--uuid: \"%s\" is no UUID", value);
	} else if (option_is(option, "d", "from")) {
		make->source = option_value(reader);
	} else if (option_is(option, NULL, "time")) {
		parse_make_time(make, "--time", option_value(reader));
	} else {
		return false;
	}
	return true;
}

static void parse_options(struct make *make, int count, char **arguments)
{
	struct option_reader reader;
	const char *option;

	options_begin(&reader, count, arguments);
	while ((option = options_next(&reader))) {
		if (program_common_option(option, help))
			continue;
		if (parse_value_option(make, option, &reader))
			continue;
		if (option_is(option, "f", "force"))
			make->force = true;
		else if (option_is(option, "q", "quiet"))
			make->quiet = true;
		else if (option_is(option, "K", "keep"))
			make->keep_contents = true;
		else if (option_is(option, NULL, "root-owner"))
			make->root_owner = true;
		else
			option_unknown(&reader);
	}
	if (reader.count - reader.next != 1)
		die_of_usage("needs one device or file");
	make->path = arguments[reader.next];
	if (!make->has_time && getenv("SOURCE_DATE_EPOCH"))
		parse_make_time(make, "SOURCE_DATE_EPOCH", getenv("SOURCE_DATE_EPOCH"));
}

/* Asks, if there is somebody to ask. */
static void confirm(const struct make *make, struct file_device *device)
{
	const char *contents = file_device_contents(device);
	char answer[16] = "";

	if (!contents || make->force)
		return;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		if (!make->quiet)
			complain("%s: overwriting %s", make->path, contents);
		return;
	}
	fprintf(stderr, "%s: %s: there is %s on it. Overwrite it? (y/N) ", program_name, make->path,
		contents);
	if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
		die("%s: left as it is", make->path);
}

/* Blocks that the tree takes, generously. */
static uint64_t fitting_size(const struct make *make, const struct tree_size *tree)
{
	uint64_t copies = make->options.data_twice ? 2 : 1;
	uint64_t sum = hmfs_sum_size(make->options.hash ? make->options.hash : HMFS_HASH_XXH3);
	uint64_t data = tree->bytes * copies, blocks = tree->bytes / HMFS_BLOCK_SIZE;
	uint64_t metadata = tree->objects * 512 + tree->names * 2 + blocks * (sum + 8);
	/* Metadata has two copies; and merging wants room for another two. */
	uint64_t bytes = data + data / 32 + 4 * metadata + 8 * MIB;

	return align_up(bytes, MIB);
}

/* Who does not say which UUID, but the time, gets the same one for the same tree. */
static void derive_uuid(struct make *make, uint64_t digest)
{
	struct {
		uint64_t digest, time;
		uint32_t hash, copies;
		char label[64];
	} identity = { digest, make->options.time, make->options.hash, make->options.data_twice,
		       "" };
	uint8_t sum[HMFS_SUM_MAX];

	if (make->options.label)
		strncpy(identity.label, make->options.label, sizeof(identity.label) - 1);
	hmfs_sum(HMFS_HASH_SHA3_256, &identity, sizeof(identity), sum);
	memcpy(make->options.uuid, sum, sizeof(make->options.uuid));
	make->options.uuid[6] = (uint8_t)((make->options.uuid[6] & 0x0f) | 0x80); /* version 8 */
	make->options.uuid[8] = (uint8_t)((make->options.uuid[8] & 0x3f) | 0x80);
}

static int store_tree(const struct make *make, struct tool_volume *volume,
		      const struct tree_size *tree, bool quiet_full, uint64_t *failures)
{
	struct hmfs_id root = { HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
	struct import import;
	int error, closed;

	import_begin(&import, volume);
	import.total = tree->bytes + tree->names;
	import.reproducible = make->has_time;
	import.latest = make->options.time;
	import.owners = !make->root_owner;
	import.quiet_full = quiet_full;
	error = import_tree(&import, make->source, root, "", true);
	*failures = import.failures;
	import_end(&import);
	if (error) {
		hmfs_abandon(volume->volume);
		return error;
	}
	closed = hmfs_unmount(volume->volume);
	if (closed && (closed != -ENOSPC || !quiet_full))
		complain_of(closed, "%s: cannot be written", make->path);
	return closed;
}

/* An empty volume that somebody makes for himself can be written by him, when it is mounted. */
static int own_root(const struct make *make, struct tool_volume *volume)
{
	struct hmfs_id root = { HMFS_DATASET_LIVE, HMFS_ROOT_OBJECT };
	struct hmfs_attributes attributes = { .uid = geteuid(), .gid = getegid() };
	int error, closed;

	if (make->root_owner || make->has_time || attributes.uid == 0)
		return 0;
	tool_volume_mount(volume, FILE_DEVICE_WRITE);
	error = hmfs_set_attributes(volume->volume, root, HMFS_SET_UID | HMFS_SET_GID, &attributes);
	closed = hmfs_unmount(volume->volume);
	error = error ? error : closed;
	return error ? complain_of(error, "%s", make->path) : 0;
}

/* One try at a size. */
static int make_volume(struct make *make, struct tool_volume *volume, const struct tree_size *tree,
		       bool quiet_full, uint64_t *failures)
{
	const struct hmfs_host *host = program_host(make->path);
	int error;

	if (!make->keep_contents)
		file_device_clear(&volume->device);
	if (make->has_time) {
		uint64_t seed;

		memcpy(&seed, make->options.uuid, sizeof(seed));
		program_host_reproducible(make->options.time, seed);
		host = program_host(make->path);
	}
	error = hmfs_make(&volume->device.device, host, &make->options);
	if (error == -ENOSPC) {
		complain("%s: too small: %s", make->path, size_text(volume->device.bytes));
		return -EINVAL;
	}
	if (error)
		return complain_of(error, "%s", make->path);
	if (!make->source)
		return own_root(make, volume);
	tool_volume_mount(volume, FILE_DEVICE_WRITE);
	return store_tree(make, volume, tree, quiet_full, failures);
}

static void print_made(const struct make *make, struct tool_volume *volume)
{
	struct hmfs_super super;

	if (make->quiet || hmfs_probe(&volume->device.device, program_host(make->path), &super))
		return;
	printf("%s: HMFS volume of %s, %s, %s of data, UUID %s\n", make->path,
	       size_text(super.blocks * HMFS_BLOCK_SIZE), hash_text(super.hash),
	       make->options.data_twice ? "two copies" : "one copy", uuid_text(super.uuid));
}

/* A new file for a tree grows until the tree fits. */
static int make_fitting(struct make *make, struct tool_volume *volume, const struct tree_size *tree,
			bool fitting, uint64_t *failures)
{
	unsigned tries;
	int error;

	for (tries = 0;; tries++) {
		bool again = fitting && tries < 8;

		error = make_volume(make, volume, tree, again, failures);
		if (error != -ENOSPC || !again)
			break;
		error = file_device_resize(&volume->device, 2 * volume->device.bytes);
		if (error)
			return complain_of(error, "%s", make->path);
	}
	if (error == -ENOSPC)
		complain("%s: the tree does not fit in %s; give a larger --size", make->path,
			 size_text(volume->device.bytes));
	return error;
}

int mkfs_main(int count, char **arguments)
{
	struct make make = { .path = NULL };
	struct tool_volume volume = { .path = NULL };
	struct tree_size tree = { 0 };
	uint64_t failures = 0;
	struct stat status = { 0 };
	bool fitting;
	int error;

	parse_options(&make, count, arguments);
	(void)stat(make.path, &status);
	fitting = !make.bytes && !S_ISBLK(status.st_mode) && status.st_size == 0;
	if (fitting && !make.source)
		die_of_usage("%s: its size is not known: give --size", make.path);
	if (make.source && tree_measure(make.source, status.st_dev, status.st_ino, &tree))
		return program_failure;
	if (fitting)
		make.bytes = fitting_size(&make, &tree);
	file_device_make(&volume.device, make.path, make.bytes, &make.made);
	volume.path = make.path;
	if (!make.made)
		confirm(&make, &volume.device);
	if (make.has_time && !make.has_uuid)
		derive_uuid(&make, tree.digest);
	error = make_fitting(&make, &volume, &tree, fitting, &failures);
	if (!error && fsync(volume.device.file) < 0)
		error = complain_of(-errno, "%s", make.path);
	if (error && make.made)
		unlink(make.path);
	if (error)
		return program_failure;
	print_made(&make, &volume);
	if (failures)
		complain("%s: %ju of %s could not be stored", make.path, (uintmax_t)failures,
			 make.source);
	return finish_output() && !failures && !file_device_close(&volume.device) ? 0
										  : program_failure;
}
