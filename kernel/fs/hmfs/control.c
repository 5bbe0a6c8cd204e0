/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ioctls: those of <native/hmfs.h>, and of Linux's what HMFS can. */
#include <base/errno.h>
#include <base/format.h>
#include <base/string.h>
#include <mm/phys/slab.h>
#include <mm/vm/user.h>
#include <native/hmfs.h>
#include <scheme/credentials.h>
#include <scheme/file.h>

#include "hmfs_vfs.h"

#define LINUX_TRIM      0xc0185879u
#define LINUX_GET_LABEL 0x81009431u
#define LINUX_SET_LABEL 0x41009432u
#define LINUX_LABEL_MAX 256u

/* The structure in user memory, for as long as a call takes. */
struct call {
	struct file *file;
	struct hmfs_inode *inode;
	struct hmfs_vfs *fs;
	uintptr_t address;
};

static void *fetch(const struct call *call, size_t size)
{
	void *bytes = kmalloc(size);

	if (bytes && copy_from_user(bytes, user_in(call->address, size))) {
		kfree(bytes);
		return NULL;
	}
	return bytes;
}

/* Copies it back unless there was an error, and frees it. */
static long give_back(const struct call *call, void *bytes, size_t size, long result)
{
	if (result >= 0 && copy_to_user(user_out(call->address, size), bytes))
		result = -EFAULT;
	kfree(bytes);
	return result;
}

/* Whether it ends within its room. */
static bool is_text(const char *text, size_t size)
{
	return strnlen(text, size) < size;
}

/* --- The volume. --- */

static void fill_info(const struct call *call, struct hmfs_ioctl_info *info)
{
	const struct hmfs_super *super = hmfs_super_of(call->fs->volume);
	struct hmfs_statistics statistics;

	memset(info, 0, sizeof(*info));
	hmfs_read_statistics(call->fs->volume, &statistics);
	memcpy(info->uuid, super->uuid, sizeof(info->uuid));
	memcpy(info->label, super->label, sizeof(info->label));
	info->blocks = statistics.blocks;
	info->free_blocks = statistics.free_blocks;
	info->available_blocks = statistics.available_blocks;
	info->objects = statistics.objects;
	info->created = super->created;
	info->commits = statistics.commits;
	info->log_batches = statistics.log_batches;
	info->merges = statistics.merges;
	info->node_reads = statistics.node_reads;
	info->node_writes = statistics.node_writes;
	info->healed = statistics.healed;
	info->damaged = statistics.damaged;
	info->hash = super->hash;
	info->flags = hmfs_is_read_only(call->fs->volume) ? HMFS_INFO_READ_ONLY : 0;
	if (statistics.data_twice)
		info->flags |= HMFS_INFO_DATA_TWICE;
	info->dataset =
		call->inode->id.dataset ? call->inode->id.dataset : call->fs->root->id.dataset;
	info->version = super->version;
}

static long tell_info(const struct call *call)
{
	struct hmfs_ioctl_info *info = kmalloc(sizeof(*info));

	if (!info)
		return -ENOMEM;
	fill_info(call, info);
	return give_back(call, info, sizeof(*info), 0);
}

static long grow(const struct call *call)
{
	struct hmfs_disk *disk = &call->fs->disk;
	int error;

	/* Others may read the volume's size meanwhile, which only grows. */
	__atomic_store_n(&disk->device.blocks,
			 max_u64(disk->device.blocks,
				 disk->block->sector_count / (HMFS_BLOCK_SIZE / SECTOR_SIZE)),
			 __ATOMIC_RELAXED);
	error = hmfs_grow(call->fs->volume);
	return error ? error : tell_info(call);
}

static long set_label(const struct call *call, size_t size)
{
	char *label = fetch(call, size);
	long result;

	if (!label)
		return -EFAULT;
	result = is_text(label, size) && strlen(label) <= sizeof(((struct hmfs_super *)0)->label)
			 ? hmfs_set_label(call->fs->volume, label)
			 : -EINVAL;
	kfree(label);
	return result;
}

static long tell_label(const struct call *call)
{
	const struct hmfs_super *super = hmfs_super_of(call->fs->volume);
	char *label = kzalloc(LINUX_LABEL_MAX);

	if (!label)
		return -ENOMEM;
	memcpy(label, super->label, sizeof(super->label));
	return give_back(call, label, LINUX_LABEL_MAX, 0);
}

static long trim(const struct call *call)
{
	uint64_t *range = fetch(call, 3 * sizeof(*range)); /* start, length, least */
	uint64_t trimmed = 0;
	long result;

	if (!range)
		return -EFAULT;
	result = hmfs_trim(call->fs->volume, max_u64(range[2] >> HMFS_BLOCK_SHIFT, 1), &trimmed);
	range[1] = trimmed << HMFS_BLOCK_SHIFT;
	return give_back(call, range, 3 * sizeof(*range), result);
}

/* --- Datasets. --- */

static long next_dataset(const struct call *call)
{
	struct hmfs_ioctl_dataset *dataset = fetch(call, sizeof(*dataset));
	struct hmfs_dataset_info *info = kmalloc(sizeof(*info));
	long result = -ENOMEM;

	if (dataset && info)
		result = hmfs_dataset_next(call->fs->volume, dataset->number, info);
	if (!result) {
		*dataset = (struct hmfs_ioctl_dataset){
			.number = info->number,
			.flags = info->flags & HMFS_DATASET_READ_ONLY,
			.parent = info->parent,
			.created = info->created,
			.objects = info->objects,
			.commit = info->commit,
		};
		string_copy(dataset->name, info->name, sizeof(dataset->name));
	}
	kfree(info);
	return dataset ? give_back(call, dataset, sizeof(*dataset), result) : -EFAULT;
}

static long make_snapshot(const struct call *call)
{
	struct hmfs_ioctl_snapshot *snapshot = fetch(call, sizeof(*snapshot));
	uint32_t of =
		call->inode->id.dataset ? call->inode->id.dataset : call->fs->root->id.dataset;
	long result = -EINVAL;

	if (!snapshot)
		return -EFAULT;
	if (is_text(snapshot->name, sizeof(snapshot->name)))
		result = hmfs_snapshot_make(call->fs, snapshot->of ? snapshot->of : of,
					    snapshot->name, snapshot->writable, &snapshot->number);
	return give_back(call, snapshot, sizeof(*snapshot), result);
}

static long delete_snapshot(const struct call *call)
{
	struct hmfs_ioctl_name *name = fetch(call, sizeof(*name));
	long result = -EINVAL;

	if (!name)
		return -EFAULT;
	if (is_text(name->name, sizeof(name->name)))
		result = hmfs_snapshot_remove(call->fs, name->name, NULL);
	kfree(name);
	return result;
}

/* --- Scrubbing. --- */

_Static_assert(sizeof(struct hmfs_scrub_position) <= sizeof(uint64_t[7]), "programs keep it");

static void add_problem(void *context, const char *line, bool repaired)
{
	struct hmfs_ioctl_scrub *scrub = context;
	size_t left = sizeof(scrub->text) - scrub->text_length, length = strlen(line);

	scrub->problems++;
	scrub->healed += repaired;
	if (length + 1 >= left)
		return;
	memcpy(scrub->text + scrub->text_length, line, length);
	scrub->text_length += (uint32_t)length + 1;
	scrub->text[scrub->text_length - 1] = '\n';
}

static void note_progress(void *context, uint64_t done, uint64_t total)
{
	struct hmfs_ioctl_scrub *scrub = context;

	scrub->done = done;
	scrub->total = total;
}

static long scrub_step(const struct call *call)
{
	struct hmfs_ioctl_scrub *scrub = fetch(call, sizeof(*scrub));
	struct hmfs_report report = { add_problem, note_progress, scrub };
	struct hmfs_scrub_position position;
	int result;

	if (!scrub)
		return -EFAULT;
	memcpy(&position, scrub->position, sizeof(position));
	scrub->problems = scrub->healed = 0;
	scrub->text_length = 0;
	result = hmfs_scrub_step(call->fs->volume, &position, &report);
	memset(scrub->text + scrub->text_length, 0, sizeof(scrub->text) - scrub->text_length);
	memcpy(scrub->position, &position, sizeof(position));
	scrub->more = result > 0;
	return give_back(call, scrub, sizeof(*scrub), result < 0 ? result : 0);
}

/* --- Finding by forks. --- */

struct finding {
	struct hmfs_volume *volume;
	struct hmfs_ioctl_find *find;
	uint64_t skip;
	size_t used;
	char path[PATH_MAX_LENGTH];
};

static bool add_found(void *context, struct hmfs_id id)
{
	struct finding *finding = context;
	struct hmfs_ioctl_find *find = finding->find;
	size_t length;

	if (finding->skip) {
		finding->skip--;
		return true;
	}
	hmfs_describe(finding->volume, id, finding->path, sizeof(finding->path));
	length = strlen(finding->path) + 1;
	if (sizeof(find->paths) - finding->used < length) {
		find->more = 1;
		return false;
	}
	memcpy(find->paths + finding->used, finding->path, length);
	finding->used += length;
	find->count++;
	return true;
}

static long find_files(const struct call *call)
{
	struct hmfs_ioctl_find *find = fetch(call, sizeof(*find));
	struct finding *finding = kmalloc(sizeof(*finding));
	uint32_t dataset =
		call->inode->id.dataset ? call->inode->id.dataset : call->fs->root->id.dataset;
	long result = -EINVAL;

	if (!find || !finding) {
		kfree(find);
		kfree(finding);
		return -EFAULT;
	}
	finding->volume = call->fs->volume;
	finding->find = find;
	finding->skip = find->skip;
	finding->used = 0;
	find->count = find->more = 0;
	if (is_text(find->name, sizeof(find->name)) && find->value_length <= sizeof(find->value))
		result = hmfs_find(call->fs->volume, dataset, find->name, strlen(find->name),
				   find->any ? NULL : find->value, find->value_length, add_found,
				   finding);
	memset(find->paths + finding->used, 0, sizeof(find->paths) - finding->used);
	kfree(finding);
	return give_back(call, find, sizeof(*find), result);
}

/* --- Which is which. --- */

static long control_privileged(const struct call *call, unsigned request)
{
	switch (request) {
	case HMFS_IOCTL_SNAPSHOT:
		return make_snapshot(call);
	case HMFS_IOCTL_SNAPSHOT_DELETE:
		return delete_snapshot(call);
	case HMFS_IOCTL_SET_LABEL:
		return set_label(call, sizeof(struct hmfs_ioctl_name));
	case LINUX_SET_LABEL:
		return set_label(call, LINUX_LABEL_MAX);
	case HMFS_IOCTL_GROW:
		return grow(call);
	case HMFS_IOCTL_SCRUB:
		return scrub_step(call);
	case HMFS_IOCTL_FIND:
		return find_files(call);
	case LINUX_TRIM:
		return trim(call);
	default:
		return -ENOTTY;
	}
}

long hmfs_op_control(struct file *file, unsigned request, uintptr_t argument)
{
	struct hmfs_inode *inode = hmfs_inode_of(file->node);
	const struct call call = { file, inode, inode->fs, argument };
	const bool privileged = credentials_privileged(file->credentials);

	switch (request) {
	case HMFS_IOCTL_INFO:
		return tell_info(&call);
	case HMFS_IOCTL_DATASET_NEXT:
		return next_dataset(&call);
	case LINUX_GET_LABEL:
		return tell_label(&call);
	case HMFS_IOCTL_SNAPSHOT:
	case HMFS_IOCTL_SNAPSHOT_DELETE:
	case HMFS_IOCTL_SET_LABEL:
	case LINUX_SET_LABEL:
	case HMFS_IOCTL_GROW:
	case HMFS_IOCTL_SCRUB:
	case HMFS_IOCTL_FIND:
	case LINUX_TRIM:
		return privileged ? control_privileged(&call, request) : -EPERM;
	default:
		return -ENOTTY;
	}
}
