/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Displays: the kernel draws into memory that this program has mapped, and asks for what the driver does with it. */
#include <ddk/display.h>

#include <base/string.h>
#include <ddk/memory.h>

#include "object.h"

struct ddk_display {
	struct object object;
	/* Immutable. */
	struct ddk_display_ops ops;
	void *context;
};

static void put_framebuffer(struct host_framebuffer *to, const struct ddk_framebuffer *from)
{
	*to = (struct host_framebuffer){
		.address = address_of(from->pixels),
		.length = from->length,
		.width = from->width,
		.height = from->height,
		.stride = from->stride,
		.red_first = from->red_first,
	};
}

static void handle_flush(struct object *object, const struct host_message *message)
{
	struct ddk_display *display = (struct ddk_display *)object;
	const size_t room = HOST_SLOT_BYTES / sizeof(struct ddk_display_area);

	if (display->ops.flush && message->arguments[0] <= room)
		display->ops.flush(display, channel_slot(message->slot),
				   (unsigned)message->arguments[0]);
	channel_reply(message->slot, 0, 0);
}

void display_flush_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_flush);
}

static void handle_mode(struct object *object, const struct host_message *message)
{
	struct ddk_display *display = (struct ddk_display *)object;
	struct ddk_display_mode mode = { (uint32_t)message->arguments[0],
					 (uint32_t)message->arguments[1] };
	struct ddk_framebuffer framebuffer = { 0 };
	int error = -EOPNOTSUPP;

	if (display->ops.set_mode)
		error = display->ops.set_mode(display, mode, &framebuffer);
	put_framebuffer(channel_slot(message->slot), &framebuffer);
	channel_reply(message->slot, error, 0);
}

void display_mode_message(struct object *object, const struct host_message *message)
{
	object_defer(object, message, handle_mode);
}

bool ddk_display_firmware(const struct device *device, unsigned index,
			  struct ddk_framebuffer *framebuffer, uint64_t *offset)
{
	struct host_firmware_display found;

	(void)device;
	if (kernel_call2(HOST_DISPLAY_FIRMWARE, index, address_of(&found)) != 1)
		return false;
	*framebuffer = (struct ddk_framebuffer){
		.width = found.width,
		.height = found.height,
		.stride = found.stride,
		.red_first = found.red_first != 0,
	};
	*offset = found.offset;
	return true;
}

bool ddk_display_wish(struct ddk_display_mode *mode)
{
	return kernel_call1(HOST_DISPLAY_WISH, address_of(mode)) == 1;
}

/* -EINVAL: there are more modes, or a longer name, than can be said. */
static int describe(const struct ddk_display_description *description, struct host_display_add *add)
{
	if (description->mode_count > array_length(add->modes))
		return -EINVAL;
	if (description->name &&
	    string_copy(add->name, description->name, sizeof(add->name)) >= sizeof(add->name))
		return -EINVAL;
	put_framebuffer(&add->framebuffer, &description->framebuffer);
	add->mode_count = description->mode_count;
	add->mode = description->mode;
	for (unsigned i = 0; i < description->mode_count; i++) {
		add->modes[i][0] = description->modes[i].width;
		add->modes[i][1] = description->modes[i].height;
	}
	return 0;
}

int ddk_display_add_sized(struct device *device, const struct ddk_display_description *description,
			  size_t description_size, const struct ddk_display_ops *ops,
			  size_t ops_size, void *context, struct ddk_display **made)
{
	struct ddk_display_description own = { 0 };
	struct host_display_add add = { 0 };
	struct ddk_display *display;
	int error;

	(void)device;
	memcpy(&own, description, min_size(description_size, sizeof(own)));
	error = describe(&own, &add);
	if (error)
		return error;
	display = ddk_allocate(sizeof(*display));
	if (!display)
		return -ENOMEM;
	memcpy(&display->ops, ops, min_size(ops_size, sizeof(display->ops)));
	display->context = context;
	add.has_flush = display->ops.flush != NULL;
	add.has_set_mode = display->ops.set_mode != NULL;
	*made = display;
	object_begin(&display->object, OBJECT_DISPLAY);
	error = object_made(&display->object,
			    waiting_call(HOST_DISPLAY_ADD, address_of(&add), 0, 0, 0));
	if (error)
		ddk_free(display);
	return error;
}

void ddk_display_remove(struct ddk_display *display)
{
	(void)waiting_call(HOST_DISPLAY_REMOVE, display->object.number, 0, 0, 0);
	object_remove(&display->object);
	ddk_free(display);
}

void *ddk_display_context(const struct ddk_display *display)
{
	return display->context;
}

void ddk_display_suspend(struct ddk_display *display)
{
	(void)waiting_call(HOST_DISPLAY_SUSPEND, display->object.number, 0, 0, 0);
}

void ddk_display_resume(struct ddk_display *display)
{
	(void)waiting_call(HOST_DISPLAY_RESUME, display->object.number, 0, 0, 0);
}

void ddk_display_modes_changed(struct ddk_display *display, const struct ddk_display_mode *modes,
			       unsigned count, unsigned preferred)
{
	(void)waiting_call(HOST_DISPLAY_MODES, display->object.number, address_of(modes), count,
			   preferred);
}
