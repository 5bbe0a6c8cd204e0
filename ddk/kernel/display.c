/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The display class of the driver kit: a display of kernel/display for each. */
#include "../common/structure.h"

#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <ddk/display.h>
#include <dev/device.h>
#include <display/display.h>
#include <mm/phys/slab.h>

#define AREAS_AT_ONCE    16
#define DISPLAY_NAME_MAX 32

_Static_assert(DDK_DISPLAY_MODES_MAX == DISPLAY_MODES_MAX, "lists of modes are copied");

struct ddk_display {
	struct display display;
	/* Immutable; the device is there while its driver or a handover is. */
	struct device *device;
	char name[DISPLAY_NAME_MAX];
	struct device_parked parked;
	/* The present driver's; changed while nobody draws. */
	struct ddk_display_ops ops;
	void *context;
};

static struct ddk_display *of(struct display *display)
{
	return container_of(display, struct ddk_display, display);
}

static struct framebuffer translate(const struct ddk_framebuffer *from)
{
	return (struct framebuffer){
		.pixels = from->pixels,
		.width = from->width,
		.height = from->height,
		.stride = from->stride,
		.red_first = from->red_first,
	};
}

/* The rest is checked by kernel/display. */
static bool fits_memory(const struct ddk_framebuffer *framebuffer)
{
	return (uint64_t)framebuffer->stride * framebuffer->height <= framebuffer->length;
}

static void flush(struct display *display, const struct blend_rectangle *areas, unsigned count)
{
	const struct framebuffer *framebuffer = &display->framebuffer;
	struct blend_rectangle all =
		blend_rectangle(0, 0, (int32_t)framebuffer->width, (int32_t)framebuffer->height);
	struct ddk_display_area translated[AREAS_AT_ONCE];
	unsigned used = 0;

	for (unsigned i = 0; i < count; i++) {
		struct blend_rectangle area = blend_rectangle_intersect(areas[i], all);

		if (!blend_rectangle_is_empty(&area))
			translated[used++] = (struct ddk_display_area){
				(uint32_t)area.left,
				(uint32_t)area.top,
				(uint32_t)area.right,
				(uint32_t)area.bottom,
			};
		if (used == AREAS_AT_ONCE) {
			of(display)->ops.flush(of(display), translated, used);
			used = 0;
		}
	}
	if (used > 0)
		of(display)->ops.flush(of(display), translated, used);
}

static int set_mode(struct display *display, unsigned index)
{
	const struct display_mode *mode = &display->modes[index];
	struct ddk_framebuffer framebuffer = { 0 };
	int error = of(display)->ops.set_mode(
		of(display), (struct ddk_display_mode){ mode->width, mode->height }, &framebuffer);

	if (error)
		return error;
	if (!fits_memory(&framebuffer))
		return -EIO;
	display->framebuffer = translate(&framebuffer);
	return 0;
}

static void flush_in_panic(struct display *display)
{
	of(display)->ops.flush_in_panic(of(display));
}

/* By what the driver's has: bit 0 flush, bit 1 set_mode. */
static const struct display_ops all_ops[] = {
	{ 0 },
	{ .flush = flush, .flush_in_panic = flush_in_panic },
	{ .set_mode = set_mode },
	{ .flush = flush, .flush_in_panic = flush_in_panic, .set_mode = set_mode },
};

bool ddk_display_firmware(const struct device *device, unsigned index,
			  struct ddk_framebuffer *framebuffer, uint64_t *offset)
{
	struct framebuffer found;

	if (index >= DEVICE_RANGE_MAX || device->ranges[index].kind != DEVICE_RANGE_MEMORY ||
	    !display_firmware_is_within(device->ranges[index].base, device->ranges[index].size,
					&found, offset))
		return false;
	*framebuffer = (struct ddk_framebuffer){
		.width = found.width,
		.height = found.height,
		.stride = found.stride,
		.red_first = found.red_first,
	};
	return true;
}

/* A number of at most five digits. */
static uint32_t parse_number(const char **text)
{
	uint32_t number = 0;

	for (unsigned digits = 0; digits < 5 && **text >= '0' && **text <= '9'; digits++)
		number = number * 10 + (uint32_t)(*(*text)++ - '0');
	return number;
}

bool ddk_display_wish(struct ddk_display_mode *mode)
{
	char value[16];
	const char *text = value;

	if (!command_line_get("video", value, sizeof(value)))
		return false;
	mode->width = parse_number(&text);
	if (*text++ != 'x')
		return false;
	mode->height = parse_number(&text);
	return *text == '\0' && mode->width > 0 && mode->width <= DDK_DISPLAY_SIDE_MAX &&
	       mode->height > 0 && mode->height <= DDK_DISPLAY_SIDE_MAX;
}

static void take_firmwares_place(const struct device *device)
{
	struct ddk_framebuffer framebuffer;
	uint64_t offset;

	for (unsigned i = 0; i < DEVICE_RANGE_MAX; i++)
		if (ddk_display_firmware(device, i, &framebuffer, &offset))
			display_remove_firmware();
}

static void copy_modes(struct display_mode *to, const struct ddk_display_mode *from, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		to[i] = (struct display_mode){ from[i].width, from[i].height };
}

static void discard(struct device_parked *parked)
{
	struct ddk_display *display = container_of(parked, struct ddk_display, parked);

	display_remove(&display->display);
	kfree(display);
}

/* The same by its name, and by what it can do. */
struct wanted {
	const char *name;
	const struct display_ops *ops;
};

static const struct display_ops *ops_for(const struct ddk_display_ops *ops)
{
	return &all_ops[(ops->flush != NULL) | (ops->set_mode != NULL) << 1];
}

static bool fits(struct device_parked *parked, const void *argument)
{
	const struct ddk_display *display = container_of(parked, struct ddk_display, parked);
	const struct wanted *wanted = argument;

	return display->display.ops == wanted->ops &&
	       strncmp(display->name, wanted->name, sizeof(display->name) - 1) == 0;
}

static struct ddk_display *find_parked(struct device *device, const char *name,
				       const struct ddk_display_ops *ops)
{
	const struct wanted wanted = { name, ops_for(ops) };
	struct device_parked *parked = device_find_parked(device, PARKED_DISPLAY, fits, &wanted);

	return parked ? container_of(parked, struct ddk_display, parked) : NULL;
}

static struct ddk_display *make(struct device *device, const char *name,
				const struct ddk_display_ops *ops)
{
	struct ddk_display *display = kzalloc(sizeof(*display));

	if (!display)
		return NULL;
	display->device = device;
	string_copy(display->name, name, sizeof(display->name));
	display->parked.kind = PARKED_DISPLAY;
	display->parked.order = device_parked_order();
	display->parked.discard = discard;
	display->display.name = display->name;
	display->display.ops = ops_for(ops);
	return display;
}

static void describe(struct display *display, const struct ddk_display_description *description)
{
	display->framebuffer = translate(&description->framebuffer);
	display->mode_count = description->mode_count;
	display->mode = description->mode;
	copy_modes(display->modes, description->modes, description->mode_count);
}

/* A display that waited for a driver; what makes no sense has it go on waiting. */
static int adopt(struct ddk_display *display, const struct ddk_display_description *description)
{
	struct display now = { .name = display->name };
	int error;

	describe(&now, description);
	error = display_adopt(&display->display, &now);
	if (error && !device_park(display->device, &display->parked))
		discard(&display->parked);
	return error;
}

static int add(struct ddk_display *display, const struct ddk_display_description *description)
{
	int error;

	describe(&display->display, description);
	error = display_add(&display->display);
	if (error)
		kfree(display);
	return error;
}

int ddk_display_add_sized(struct device *device, const struct ddk_display_description *description,
			  size_t description_size, const struct ddk_display_ops *ops,
			  size_t ops_size, void *context, struct ddk_display **added)
{
	struct ddk_display_description own;
	struct ddk_display_ops own_ops;
	struct ddk_display *display;
	const char *name;
	bool parked;
	int error;

	ddk_take_structure(&own, sizeof(own), description, description_size);
	ddk_take_structure(&own_ops, sizeof(own_ops), ops, ops_size);
	if (own.mode_count > DISPLAY_MODES_MAX || !fits_memory(&own.framebuffer) ||
	    !own_ops.flush != !own_ops.flush_in_panic)
		return -EINVAL;
	name = own.name ? own.name : device->name;
	display = find_parked(device, name, &own_ops);
	parked = display != NULL;
	if (!parked)
		display = make(device, name, &own_ops);
	if (!display)
		return -ENOMEM;
	display->ops = own_ops;
	display->context = context;
	take_firmwares_place(device);
	/* The driver knows it before it is asked for anything. */
	*added = display;
	error = parked ? adopt(display, &own) : add(display, &own);
	if (error)
		*added = NULL;
	return error;
}

void ddk_display_remove(struct ddk_display *display)
{
	if (!display->device->handover) {
		discard(&display->parked);
		return;
	}
	display_park(&display->display);
	display->ops = (struct ddk_display_ops){ 0 };
	display->context = NULL;
	if (!device_park(display->device, &display->parked))
		discard(&display->parked);
}

void ddk_display_suspend(struct ddk_display *display)
{
	display_suspend(&display->display);
}

void ddk_display_resume(struct ddk_display *display)
{
	display_resume(&display->display);
}

void *ddk_display_context(const struct ddk_display *display)
{
	return display->context;
}

void ddk_display_modes_changed(struct ddk_display *display, const struct ddk_display_mode *modes,
			       unsigned count, unsigned preferred)
{
	struct display_mode copy[DISPLAY_MODES_MAX];

	if (count > DISPLAY_MODES_MAX)
		return;
	copy_modes(copy, modes, count);
	display_modes_changed(&display->display, copy, count, preferred);
}
