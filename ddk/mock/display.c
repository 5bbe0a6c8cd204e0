/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "display.h"
#include "mock_private.h"

#include <base/errno.h>
#include <unit.h>

#include <stdlib.h>

static struct list displays;
struct ddk_display_mode mock_display_wish;
struct ddk_framebuffer mock_display_firmware;
bool mock_display_without_pixels;

void mock_start_displays(void)
{
	list_init(&displays);
	mock_display_wish = (struct ddk_display_mode){ 0 };
	mock_display_firmware = (struct ddk_framebuffer){ 0 };
	mock_display_without_pixels = false;
}

void mock_finish_displays(void)
{
	EXPECT(list_empty(&displays));
}

struct ddk_display *mock_display(unsigned index)
{
	struct list_node *node;

	list_for_each (node, &displays)
		if (index-- == 0)
			return container_of(node, struct ddk_display, node);
	return NULL;
}

unsigned mock_display_count(void)
{
	unsigned count = 0;

	while (mock_display(count))
		count++;
	return count;
}

static void expect_sound(const struct ddk_framebuffer *framebuffer, struct ddk_display_mode mode)
{
	EXPECT_EQUAL(framebuffer->width, mode.width);
	EXPECT_EQUAL(framebuffer->height, mode.height);
	EXPECT(framebuffer->stride % 4 == 0 && framebuffer->stride / 4 >= framebuffer->width);
	EXPECT((uint64_t)framebuffer->stride * framebuffer->height <= framebuffer->length);
	EXPECT(mock_display_without_pixels || framebuffer->pixels);
}

static void expect_sound_modes(const struct ddk_display_mode *modes, unsigned count)
{
	EXPECT(count > 0 && count <= DDK_DISPLAY_MODES_MAX);
	for (unsigned i = 0; i < count; i++)
		EXPECT(modes[i].width > 0 && modes[i].width <= DDK_DISPLAY_SIDE_MAX &&
		       modes[i].height > 0 && modes[i].height <= DDK_DISPLAY_SIDE_MAX);
}

int mock_display_set_mode(struct ddk_display *display, unsigned index)
{
	struct ddk_display_description *description = &display->description;
	struct ddk_framebuffer framebuffer;
	int error;

	EXPECT(!display->suspended);
	error = display->ops->set_mode(display, description->modes[index], &framebuffer);

	if (error)
		return error;
	description->framebuffer = framebuffer;
	description->mode = index;
	expect_sound(&framebuffer, description->modes[index]);
	return 0;
}

void mock_display_flush(struct ddk_display *display, uint32_t left, uint32_t top, uint32_t right,
			uint32_t bottom)
{
	struct ddk_display_area area = { left, top, right, bottom };

	EXPECT(!display->suspended);
	display->ops->flush(display, &area, 1);
}

/* --- The driver's side ----------------------------------------------------------------------- */

bool ddk_display_firmware(const struct device *device, unsigned index,
			  struct ddk_framebuffer *framebuffer, uint64_t *offset)
{
	(void)device;
	if (index != 0 || mock_display_firmware.width == 0)
		return false;
	*framebuffer = mock_display_firmware;
	*offset = 0;
	return true;
}

bool ddk_display_wish(struct ddk_display_mode *mode)
{
	*mode = mock_display_wish;
	return mode->width > 0;
}

int ddk_display_add_sized(struct device *device, const struct ddk_display_description *description,
			  size_t description_size, const struct ddk_display_ops *ops,
			  size_t ops_size, void *context, struct ddk_display **added)
{
	(void)description_size;
	(void)ops_size;
	struct ddk_display *display;

	(void)device;
	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	EXPECT(!ops->flush == !ops->flush_in_panic);
	expect_sound_modes(description->modes, description->mode_count);
	EXPECT(description->mode < description->mode_count);
	expect_sound(&description->framebuffer, description->modes[description->mode]);
	if (mock_allocation_fails())
		return -ENOMEM;
	display = calloc(1, sizeof(*display));
	display->description = *description;
	display->ops = ops;
	display->context = context;
	list_push_back(&displays, &display->node);
	*added = display;
	return 0;
}

void ddk_display_remove(struct ddk_display *display)
{
	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	EXPECT(!display->suspended);
	list_remove(&display->node);
	free(display);
}

void ddk_display_suspend(struct ddk_display *display)
{
	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	EXPECT(!display->suspended);
	display->suspended = true;
}

/* Draws, as the class does. */
void ddk_display_resume(struct ddk_display *display)
{
	const struct ddk_framebuffer *framebuffer = &display->description.framebuffer;

	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	EXPECT(display->suspended);
	display->suspended = false;
	if (display->ops->flush)
		mock_display_flush(display, 0, 0, framebuffer->width, framebuffer->height);
}

void *ddk_display_context(const struct ddk_display *display)
{
	return display->context;
}

void ddk_display_modes_changed(struct ddk_display *display, const struct ddk_display_mode *modes,
			       unsigned count, unsigned preferred)
{
	struct ddk_display_description *description = &display->description;
	struct ddk_display_mode now = description->modes[description->mode];

	EXPECT_EQUAL(mock_locks_held + mock_mutexes_held, 0);
	expect_sound_modes(modes, count);
	EXPECT(preferred < count);
	for (unsigned i = 0; i < count; i++)
		description->modes[i] = modes[i];
	description->mode_count = count;
	description->mode = ddk_display_add_mode(description->modes, &description->mode_count, now);
	display->changes++;
	if (preferred != description->mode)
		(void)mock_display_set_mode(display, preferred);
}
