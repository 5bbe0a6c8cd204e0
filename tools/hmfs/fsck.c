/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fsck.hmfs: checks volumes, explains what is wrong, repairs. */
#include <errno.h>
#include <hmfs/check.h>
#include <string.h>
#include <unistd.h>

#include "device.h"
#include "program.h"
#include "programs.h"

/* fsck(8)'s */
enum fsck_status {
	FSCK_CLEAN = 0,
	FSCK_REPAIRED = 1,
	FSCK_LEFT = 4,
	FSCK_FAILED = 8,
	FSCK_USAGE = 16,
};

enum fsck_mode {
	MODE_ASK,    /* repair, if the user says so */
	MODE_LOOK,   /* -n */
	MODE_PREEN,  /* -p: no questions, few words */
	MODE_REPAIR, /* -y */
};

static const char help[] =
	"usage: fsck.hmfs [OPTION...] DEVICE-OR-FILE\n"
	"\n"
	"Checks an HMFS volume that is not mounted: superblocks, roots, every copy of every node,\n"
	"names, links, sizes, space, snapshots, the index. Says what it finds, which file it is\n"
	"about, and what is done. On a terminal it asks before it repairs.\n"
	"\n"
	"  -n   only looks\n"
	"  -p   repairs without asking, says only what was wrong (also -a)\n"
	"  -y   repairs without asking\n"
	"  -d   reads and verifies the contents of all files, too (--data)\n"
	"  -q   prints problems only\n"
	"  -f   is accepted: it always checks all\n"
	"       --help, --version\n"
	"\n"
	"Exit status: 0 clean, 1 repaired, 4 problems are left, 8 the check failed, 16 wrong "
	"usage.\n";

struct fsck {
	const char *path;
	enum fsck_mode mode;
	bool data, quiet;
	const char *what;    /* of the progress bar */
	uint64_t repairable; /* problems that were, or can be, repaired */
};

static void print_problem(void *context, const char *line, bool repaired)
{
	struct fsck *fsck = context;

	fsck->repairable += repaired;
	progress_end();
	printf("%s: %s%s\n", fsck->path, line,
	       repaired ? fsck->mode == MODE_LOOK || fsck->mode == MODE_ASK ? " (can be repaired)"
									    : " (repaired)"
			: "");
}

static void show_progress(void *context, uint64_t done, uint64_t total)
{
	const struct fsck *fsck = context;

	progress(fsck->what, done, total);
}

static int check(struct fsck *fsck, bool repair, struct hmfs_check_result *result)
{
	struct hmfs_check_options options = { .repair = repair, .data = fsck->data };
	struct hmfs_report report = { print_problem, show_progress, fsck };
	struct file_device device;
	int error;

	file_device_open(&device, fsck->path, repair ? FILE_DEVICE_WRITE : FILE_DEVICE_READ);
	if (file_device_missing(&device))
		die("%s: cut off: has %s of %s; nothing is changed", fsck->path,
		    size_text(device.bytes), size_text(file_device_missing(&device)));
	*result = (struct hmfs_check_result){ 0 };
	fsck->repairable = 0;
	error = hmfs_check(&device.device, program_host(fsck->path), &options, &report, result);
	progress_end();
	if (!error && repair && fsync(device.file) < 0)
		error = -errno;
	file_device_close(&device);
	if (error == -EINVAL)
		complain("%s: no HMFS volume", fsck->path);
	else if (error)
		complain_of(error, "%s", fsck->path);
	return error;
}

static int status_of(const struct hmfs_check_result *result, bool repaired)
{
	if (result->problems == 0)
		return FSCK_CLEAN;
	if (!repaired || result->repaired < result->problems)
		return FSCK_LEFT;
	return FSCK_REPAIRED;
}

static void print_summary(const struct fsck *fsck, const struct hmfs_check_result *result,
			  int status)
{
	static const char *const verdicts[] = {
		[FSCK_CLEAN] = "clean",
		[FSCK_REPAIRED] = "was damaged and is repaired",
		[FSCK_LEFT] = "DAMAGED",
	};

	if (fsck->quiet || (fsck->mode == MODE_PREEN && status == FSCK_CLEAN))
		return;
	printf("%s: %ju objects, %ju of them folders, %ju snapshots; %s of metadata, %s of "
	       "data%s\n",
	       fsck->path, (uintmax_t)result->objects, (uintmax_t)result->directories,
	       (uintmax_t)result->snapshots, size_text(result->metadata_blocks * HMFS_BLOCK_SIZE),
	       size_text(result->data_blocks * HMFS_BLOCK_SIZE), fsck->data ? " (verified)" : "");
	if (result->problems)
		printf("%s: %ju problems, %ju of which %s repaired\n", fsck->path,
		       (uintmax_t)result->problems, (uintmax_t)fsck->repairable,
		       fsck->mode == MODE_LOOK ? "can be" : "were");
	printf("%s: %s\n", fsck->path, verdicts[status]);
}

static bool user_agrees(const struct fsck *fsck, const struct hmfs_check_result *result)
{
	char answer[16] = "";

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	printf("%s: %ju problems, %ju of which can be repaired. Repair? (y/N) ", fsck->path,
	       (uintmax_t)result->problems, (uintmax_t)fsck->repairable);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int run(struct fsck *fsck)
{
	bool repair = fsck->mode == MODE_REPAIR || fsck->mode == MODE_PREEN;
	struct hmfs_check_result result;
	int status;

	fsck->what = repair ? "checking and repairing" : "checking";
	if (check(fsck, repair, &result))
		return FSCK_FAILED;
	status = status_of(&result, repair);
	if (fsck->mode == MODE_ASK && status == FSCK_LEFT && fsck->repairable > 0 &&
	    user_agrees(fsck, &result)) {
		fsck->mode = MODE_REPAIR;
		fsck->what = "repairing";
		if (check(fsck, true, &result))
			return FSCK_FAILED;
		status = status_of(&result, true);
	} else if (fsck->mode == MODE_ASK && status == FSCK_LEFT) {
		fsck->mode = MODE_LOOK;
	}
	print_summary(fsck, &result, status);
	return finish_output() ? status : FSCK_FAILED;
}

static void set_mode(struct fsck *fsck, enum fsck_mode mode)
{
	if (fsck->mode != MODE_ASK && fsck->mode != mode)
		die_of_usage("only one of -n, -p and -y may be given");
	fsck->mode = mode;
}

int fsck_main(int count, char **arguments)
{
	struct fsck fsck = { .path = NULL };
	struct option_reader reader;
	const char *option;

	program_failure = FSCK_FAILED;
	program_usage_failure = FSCK_USAGE;
	options_begin(&reader, count, arguments);
	while ((option = options_next(&reader))) {
		if (program_common_option(option, help))
			continue;
		if (option_is(option, "n", "no"))
			set_mode(&fsck, MODE_LOOK);
		else if (option_is(option, "p", "preen") || option_is(option, "a", "auto"))
			set_mode(&fsck, MODE_PREEN);
		else if (option_is(option, "y", "yes"))
			set_mode(&fsck, MODE_REPAIR);
		else if (option_is(option, "d", "data"))
			fsck.data = true;
		else if (option_is(option, "q", "quiet"))
			fsck.quiet = true;
		else if (!option_is(option, "f", "force"))
			option_unknown(&reader);
	}
	if (reader.count - reader.next != 1)
		die_of_usage("needs one device or file");
	fsck.path = arguments[reader.next];
	return run(&fsck);
}
