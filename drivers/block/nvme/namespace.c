/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Namespaces come, go and change their size; each that can be used is a disk. */
#include <base/errno.h>
#include <ddk/log.h>
#include <ddk/memory.h>

#include "nvme.h"

struct id_list {
	uint32_t ids[NVME_NAMESPACE_MAX];
	unsigned count;
};

/* What a scan reads, a page at a time. */
union page {
	uint32_t ids[NVME_IDENTIFY_LIST];
	struct nvme_namespace_data namespace;
};

/* Fills the list with the namespaces that are active: under `control`. */
static int read_ids(struct nvme_controller *controller, union page *page, struct id_list *list)
{
	uint32_t previous = 0;
	unsigned count = NVME_NAMESPACE_MAX + 1;
	int error;

	if (controller->version >= NVME_VERSION_1_1) {
		error = nvme_identify(controller, NVME_IDENTIFY_ACTIVE_NAMESPACES, 0, page);
		if (error)
			return error;
	} else {
		/* It has no list; those that are not active say so. */
		count = (unsigned)min_u64(count, controller->data.namespace_count);
		for (unsigned i = 0; i < NVME_NAMESPACE_MAX + 1; i++)
			page->ids[i] = i < count ? i + 1 : 0;
	}
	/* In ascending order, up to a zero (5.15.2.4). */
	list->count = 0;
	for (unsigned i = 0; i < NVME_IDENTIFY_LIST && page->ids[i] > previous; i++) {
		previous = page->ids[i];
		if (previous >= NVME_ALL_NAMESPACES - 1)
			break;
		if (list->count == NVME_NAMESPACE_MAX) {
			ddk_warning(controller->device, "only %u namespaces are used",
				    NVME_NAMESPACE_MAX);
			break;
		}
		list->ids[list->count++] = previous;
	}
	return 0;
}

static bool is_listed(const struct id_list *list, uint32_t id)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (list->ids[i] == id)
			return true;
	}
	return false;
}

static const struct nvme_format *format_of(const struct nvme_namespace_data *data)
{
	return &data->formats[data->format & 0xf];
}

/* Whether the namespace can be a disk; says why not. One without blocks is not active. */
static bool is_usable(const struct nvme_controller *controller, uint32_t id,
		      const struct nvme_namespace_data *data)
{
	const struct nvme_format *format = format_of(data);
	const struct device *device = controller->device;

	if (data->size == 0)
		return false;
	if ((data->format & 0xf) > data->format_count || data->capacity > data->size) {
		ddk_warning(device, "namespace %u: makes no sense", id);
		return false;
	}
	if (format->block_shift < 9 || format->block_shift > 12) {
		ddk_warning(device, "namespace %u: blocks of 2^%u bytes are not supported", id,
			    format->block_shift);
		return false;
	}
	if (format->metadata_size) {
		ddk_warning(device,
			    "namespace %u: blocks with %u bytes of metadata are not "
			    "supported",
			    id, format->metadata_size);
		return false;
	}
	if (data->size > (uint64_t)INT64_MAX >> format->block_shift) {
		ddk_warning(device, "namespace %u: is impossibly large", id);
		return false;
	}
	return true;
}

static bool is_read_only(const struct nvme_namespace_data *data)
{
	return data->attributes & NVME_NAMESPACE_WRITE_PROTECTED;
}

/* --- Slots ----------------------------------------------------------------------------------- */

/* A range of `depth` free slots; the first, or -1. */
static int find_slots(const struct nvme_controller *controller, unsigned depth)
{
	unsigned limit = controller->queues[0].slot_count;
	unsigned length = 0;

	for (unsigned i = 0; i < limit; i++) {
		length = bitmap_test(controller->used_slots, i) ? 0 : length + 1;
		if (length == depth)
			return (int)(i + 1 - depth);
	}
	return -1;
}

/* Takes slots, such that `expected` namespaces and one more would get as many. */
static int take_slots(struct nvme_namespace *namespace, unsigned expected)
{
	struct nvme_controller *controller = namespace->controller;
	unsigned depth = controller->queues[0].slot_count / (expected + 1);
	int first;

	depth = (unsigned)max_u64(min_u64(depth, NVME_DEPTH_MAX), 1);
	while ((first = find_slots(controller, depth)) < 0 && depth > 1)
		depth /= 2;
	if (first < 0)
		return -ENOSPC;
	namespace->first_slot = (unsigned)first;
	namespace->depth = depth;
	for (unsigned i = 0; i < depth; i++)
		bitmap_set(controller->used_slots, (unsigned)first + i);
	return 0;
}

static void give_slots_back(struct nvme_namespace *namespace)
{
	for (unsigned i = 0; i < namespace->depth; i++)
		bitmap_clear(namespace->controller->used_slots, namespace->first_slot + i);
}

static int provide_lists(const struct nvme_namespace *namespace)
{
	struct nvme_controller *controller = namespace->controller;
	int error = 0;

	for (unsigned i = 0; i < controller->queue_count && !error; i++)
		error = nvme_queue_provide(&controller->queues[i], namespace->first_slot,
					   namespace->depth);
	return error;
}

/* --- Disks ----------------------------------------------------------------------------------- */

static void unlink_namespace(struct nvme_namespace *namespace)
{
	struct nvme_controller *controller = namespace->controller;

	nvme_control_acquire(controller);
	list_remove(&namespace->node);
	nvme_control_release(controller);
}

static int make_disk(struct nvme_namespace *namespace, const struct nvme_namespace_data *data)
{
	struct nvme_controller *controller = namespace->controller;
	struct ddk_disk_description description = { 0 };
	int error;

	nvme_describe_disk(namespace, data, &description);
	nvme_control_acquire(controller);
	list_push_back(&controller->namespaces, &namespace->node);
	nvme_control_release(controller);
	error = ddk_disk_create(controller->device, &description, &nvme_disk_ops, namespace,
				&namespace->disk);
	if (error)
		unlink_namespace(namespace);
	return error;
}

static void add_namespace(struct nvme_controller *controller, uint32_t id,
			  const struct nvme_namespace_data *data, unsigned expected)
{
	struct nvme_namespace *namespace = ddk_allocate(sizeof(*namespace));
	int error = -ENOMEM;

	if (!namespace)
		goto err_report;
	namespace->controller = controller;
	namespace->id = id;
	namespace->block_shift = format_of(data)->block_shift;
	namespace->block_count = data->size;
	namespace->read_only = is_read_only(data);
	error = take_slots(namespace, expected);
	if (error)
		goto err_free;
	error = provide_lists(namespace);
	if (!error)
		error = make_disk(namespace, data);
	if (!error)
		return;
	give_slots_back(namespace);
err_free:
	ddk_free(namespace);
err_report:
	ddk_error(controller->device, "namespace %u: cannot be used: error %d", id, -error);
}

static void remove_namespace(struct nvme_namespace *namespace)
{
	unlink_namespace(namespace);
	ddk_disk_remove(namespace->disk);
	give_slots_back(namespace);
	ddk_free(namespace);
}

void nvme_remove_namespaces(struct nvme_controller *controller)
{
	struct list_node *node;

	/* Nobody else changes the list. */
	while ((node = list_first(&controller->namespaces)) != NULL)
		remove_namespace(container_of(node, struct nvme_namespace, node));
}

/* --- Scanning -------------------------------------------------------------------------------- */

static struct nvme_namespace *find_namespace(const struct nvme_controller *controller, uint32_t id)
{
	struct list_node *node;

	list_for_each (node, &controller->namespaces) {
		struct nvme_namespace *namespace = container_of(node, struct nvme_namespace, node);

		if (namespace->id == id)
			return namespace;
	}
	return NULL;
}

static void remove_absent(struct nvme_controller *controller, const struct id_list *list)
{
	struct list_node *node, *following;

	list_for_each_safe (node, following, &controller->namespaces) {
		struct nvme_namespace *namespace = container_of(node, struct nvme_namespace, node);

		if (!is_listed(list, namespace->id)) {
			ddk_info(controller->device, "namespace %u is gone", namespace->id);
			remove_namespace(namespace);
		}
	}
}

/* The namespace's disk is as it should be, or has another size; else it goes. */
static bool update_namespace(struct nvme_namespace *namespace,
			     const struct nvme_namespace_data *data)
{
	if (namespace->block_shift != format_of(data)->block_shift ||
	    namespace->read_only != is_read_only(data))
		return false;
	if (namespace->block_count != data->size) {
		namespace->block_count = data->size;
		ddk_disk_resize(namespace->disk, data->size);
	}
	return true;
}

static void scan_namespace(struct nvme_controller *controller, uint32_t id, union page *page,
			   unsigned expected)
{
	struct nvme_namespace *namespace = find_namespace(controller, id);
	const struct nvme_namespace_data *data = &page->namespace;
	bool usable;
	int error;

	nvme_control_acquire(controller);
	error = nvme_identify(controller, NVME_IDENTIFY_NAMESPACE, id, page);
	nvme_control_release(controller);
	if (error) {
		/* That says nothing of a disk that there is. */
		ddk_warning(controller->device, "namespace %u: cannot be identified: error %d", id,
			    -error);
		return;
	}
	usable = is_usable(controller, id, data);
	if (namespace && usable && update_namespace(namespace, data))
		return;
	if (namespace)
		remove_namespace(namespace);
	if (usable)
		add_namespace(controller, id, data, expected);
}

void nvme_scan(struct nvme_controller *controller)
{
	union page *page = ddk_allocate(sizeof(*page));
	struct id_list list;
	int error = -ENOMEM;

	if (page) {
		nvme_control_acquire(controller);
		error = read_ids(controller, page, &list);
		nvme_control_release(controller);
	}
	if (error) {
		ddk_error(controller->device, "cannot list the namespaces: error %d", -error);
	} else {
		remove_absent(controller, &list);
		for (unsigned i = 0; i < list.count && !controller->leaving; i++)
			scan_namespace(controller, list.ids[i], page, list.count);
	}
	ddk_free(page);
}
