/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Commands on volumes that are mounted. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "mounted.h"
#include "show.h"

bool is_mounted(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int mounted_open(const char *path, struct hmfs_ioctl_info *info)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		die("%s: %s", path, strerror(errno));
	if (ioctl(folder, HMFS_IOCTL_INFO, info) < 0) {
		if (errno == ENOTTY || errno == EINVAL || errno == ENOSYS)
			die("%s: in no mounted HMFS volume", path);
		die("%s: %s", path, strerror(errno));
	}
	info->label[sizeof(info->label) - 1] = 0;
	return folder;
}

int mounted_request(int folder, const char *path, uint32_t request, void *argument)
{
	if (ioctl(folder, request, argument) >= 0)
		return 0;
	return complain_of(-errno, "%s", path);
}

static int mounted_end(int folder, int error)
{
	close(folder);
	return finish_output() && !error ? 0 : 1;
}

int mounted_info(const struct call *call)
{
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info);

	show_info(call->operands[0], &info);
	return mounted_end(folder, 0);
}

int mounted_df(const struct call *call)
{
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info);

	show_space(call, &info);
	return mounted_end(folder, 0);
}

int mounted_label(const struct call *call)
{
	const char *path = call->operands[0];
	struct hmfs_ioctl_name label = { "" };
	struct hmfs_ioctl_info info;
	int folder = mounted_open(path, &info), error = 0;

	if (call->count == 1)
		printf("%s\n", printable(info.label));
	else if (strlen(call->operands[1]) >= sizeof(info.label))
		error = complain_of(-ENAMETOOLONG, "%s: label", path);
	else
		strcpy(label.name, call->operands[1]);
	if (!error && call->count > 1)
		error = mounted_request(folder, path, HMFS_IOCTL_SET_LABEL, &label);
	return mounted_end(folder, error);
}

int mounted_grow(const struct call *call)
{
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info), error;

	error = mounted_request(folder, call->operands[0], HMFS_IOCTL_GROW, &info);
	if (!error)
		printf("%s: %s\n", call->operands[0], size_text(info.blocks * 4096));
	return mounted_end(folder, error);
}

int mounted_trim(const struct call *call, uint64_t minimum)
{
	struct fstrim_range range = { .len = UINT64_MAX, .minlen = minimum };
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info), error;

	error = mounted_request(folder, call->operands[0], FITRIM, &range);
	if (!error)
		printf("%s: %s trimmed\n", call->operands[0], size_text(range.len));
	return mounted_end(folder, error);
}

int mounted_scrub(const struct call *call)
{
	const char *path = call->operands[0];
	struct hmfs_ioctl_scrub scrub = { .more = 1 };
	uint64_t problems = 0, healed = 0;
	struct hmfs_ioctl_info info;
	int folder = mounted_open(path, &info), error = 0;

	while (scrub.more && !error) {
		error = mounted_request(folder, path, HMFS_IOCTL_SCRUB, &scrub);
		if (error)
			break;
		if (scrub.problems)
			progress_end();
		if (scrub.text_length <= sizeof(scrub.text))
			fwrite(scrub.text, 1, scrub.text_length, stdout);
		problems += scrub.problems;
		healed += scrub.healed;
		progress("scrubbing", scrub.done, scrub.total);
	}
	progress_end();
	if (!error)
		show_scrub(path, scrub.done, problems, healed);
	return mounted_end(folder, error ? error : problems > healed);
}

int mounted_find(const struct call *call, const char *name, const char *value)
{
	static struct hmfs_ioctl_find find;
	const char *path = call->operands[0];
	struct hmfs_ioctl_info info;
	int folder = mounted_open(path, &info), error = 0;

	if (strlen(name) >= sizeof(find.name) || (value && strlen(value) > sizeof(find.value)))
		return mounted_end(folder, complain_of(-E2BIG, "%s", printable(name)));
	do {
		const char *text = find.paths;
		uint32_t i;

		strcpy(find.name, name);
		find.any = !value;
		find.value_length = value ? (uint32_t)strlen(value) : 0;
		if (value)
			memcpy(find.value, value, find.value_length);
		error = mounted_request(folder, path, HMFS_IOCTL_FIND, &find);
		find.paths[sizeof(find.paths) - 1] = 0;
		for (i = 0; !error && i < find.count; i++) {
			puts(printable(text));
			text += strlen(text) + 1;
			if (text >= find.paths + sizeof(find.paths))
				break;
		}
		find.skip += find.count;
	} while (!error && find.more && find.count);
	return mounted_end(folder, error);
}

/* --- datasets --- */

int mounted_find_dataset(int folder, const char *path, const char *name,
			 struct hmfs_ioctl_dataset *dataset)
{
	uint32_t next = 1;

	for (;;) {
		*dataset = (struct hmfs_ioctl_dataset){ .number = next };
		if (ioctl(folder, HMFS_IOCTL_DATASET_NEXT, dataset) < 0)
			return complain_of(-errno, "%s: snapshot \"%s\"", path, printable(name));
		dataset->name[sizeof(dataset->name) - 1] = 0;
		if (*name && strcmp(dataset->name, name) == 0)
			return 0;
		next = dataset->number + 1;
	}
}

int mounted_snapshot(const struct call *call, const char *of, const char *name, bool writable)
{
	const char *path = call->operands[0];
	struct hmfs_ioctl_snapshot snapshot = { .writable = writable };
	struct hmfs_ioctl_dataset dataset = { .number = 0 };
	struct hmfs_ioctl_info info;
	int folder = mounted_open(path, &info), error = 0;

	if (strlen(name) >= sizeof(snapshot.name))
		error = complain_of(-ENAMETOOLONG, "%s", printable(name));
	if (!error && of)
		error = mounted_find_dataset(folder, path, of, &dataset);
	if (!error) {
		snapshot.of = dataset.number;
		strcpy(snapshot.name, name);
		if (ioctl(folder, HMFS_IOCTL_SNAPSHOT, &snapshot) < 0)
			error = complain_of(-errno, "%s: %s", path, printable(name));
	}
	return mounted_end(folder, error);
}

int mounted_snapshot_list(const struct call *call)
{
	struct hmfs_ioctl_dataset dataset = { .number = 1 };
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info), error = 0;

	while (ioctl(folder, HMFS_IOCTL_DATASET_NEXT, &dataset) == 0) {
		dataset.name[sizeof(dataset.name) - 1] = 0;
		show_dataset(call, dataset.name, dataset.flags & 1, dataset.created,
			     dataset.objects);
		dataset.number++;
	}
	if (errno != ENOENT)
		error = complain_of(-errno, "%s", call->operands[0]);
	return mounted_end(folder, error);
}

int mounted_snapshot_delete(const struct call *call)
{
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info), i, error = 0;

	for (i = 1; i < call->count; i++) {
		struct hmfs_ioctl_name name = { "" };

		if (strlen(call->operands[i]) >= sizeof(name.name)) {
			error = complain_of(-ENAMETOOLONG, "%s", printable(call->operands[i]));
			continue;
		}
		strcpy(name.name, call->operands[i]);
		if (ioctl(folder, HMFS_IOCTL_SNAPSHOT_DELETE, &name) < 0)
			error = complain_of(-errno, "%s: %s", call->operands[0],
					    printable(call->operands[i]));
	}
	return mounted_end(folder, error);
}

/* --- streams --- */

/* hmfs-fuse takes the descriptor out of this process; some systems want that to be allowed. */
static void allow_descriptor(void)
{
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
}

int mounted_send(const struct call *call, int file)
{
	const char *path = call->operands[0];
	struct hmfs_ioctl_stream stream = { .file = file };
	struct hmfs_ioctl_dataset dataset;
	struct hmfs_ioctl_info info;
	int folder = mounted_open(path, &info), error;

	error = mounted_find_dataset(folder, path, call->operands[1], &dataset);
	stream.dataset = dataset.number;
	if (!error && call_has(call, CALL_BASE)) {
		error = mounted_find_dataset(folder, path, call->values[CALL_BASE], &dataset);
		stream.base = dataset.number;
	}
	allow_descriptor();
	if (!error)
		error = mounted_request(folder, path, HMFS_IOCTL_SEND, &stream);
	return mounted_end(folder, error);
}

int mounted_receive(const struct call *call, int file)
{
	struct hmfs_ioctl_stream stream = { .file = file };
	struct hmfs_ioctl_info info;
	int folder = mounted_open(call->operands[0], &info), error = 0;

	if (call_has(call, CALL_NAME) && strlen(call->values[CALL_NAME]) >= sizeof(stream.name))
		error = complain_of(-ENAMETOOLONG, "%s", printable(call->values[CALL_NAME]));
	else if (call_has(call, CALL_NAME))
		strcpy(stream.name, call->values[CALL_NAME]);
	allow_descriptor();
	if (!error)
		error = mounted_request(folder, call->operands[0], HMFS_IOCTL_RECEIVE, &stream);
	return mounted_end(folder, error);
}
