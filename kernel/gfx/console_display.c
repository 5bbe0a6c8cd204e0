/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The console as an owner of displays: it draws on the first one and keeps the others dark. It takes
 * a display's size as it comes: lines of the terminal are cut, or there is more room.
 */
#include "console_priv.h"

#include <base/errno.h>
#include <display/display.h>
#include <mm/phys/kernel_map.h>

/* What a terminal of some size needs. */
struct room {
	unsigned columns, rows;
	void *term_memory;
	struct painted_cell *painted;
};

static struct display *first_display(void)
{
	struct display *display = NULL;

	for (unsigned number = 0; number < DISPLAY_MAX && !display; number++)
		display = display_get(number);
	return display;
}

static int allocate_room(const struct console *console, const struct framebuffer *framebuffer,
			 struct room *room)
{
	size_t size;

	room->columns =
		(unsigned)min_u64(framebuffer->width / console->font.width, TERM_COLUMNS_MAX);
	room->rows = (unsigned)min_u64(framebuffer->height / console->font.height, TERM_ROWS_MAX);
	size = term_memory_size(room->columns, room->rows, CONSOLE_HISTORY_LINES);
	if (size == 0)
		return -EINVAL;
	room->term_memory = kernel_vmalloc(size);
	room->painted = kernel_vmalloc((size_t)room->columns * room->rows * sizeof(*room->painted));
	if (room->term_memory && room->painted)
		return 0;
	kernel_vfree(room->term_memory);
	kernel_vfree(room->painted);
	return -ENOMEM;
}

/* Exchanges the console's room for this one. The lock is held. */
static void use_room(struct console *console, struct room *room)
{
	struct room before = { console->columns, console->rows, console->term_memory,
			       console->painted };

	if (before.term_memory)
		term_resize(&console->term, room->term_memory, room->columns, room->rows,
			    CONSOLE_HISTORY_LINES);
	else
		term_init(&console->term, room->term_memory, room->columns, room->rows,
			  CONSOLE_HISTORY_LINES, console->host);
	console->columns = room->columns;
	console->rows = room->rows;
	console->term_memory = room->term_memory;
	console->painted = room->painted;
	*room = before;
}

/* Draws on `display` (NULL: on none) from now on, whose reference it takes over. */
static void use_display(struct console *console, struct display *display,
			const struct framebuffer *framebuffer, struct room *room)
{
	irq_state_t state = spin_lock_irqsave(&console->lock);
	struct display *before = console->display;

	console->display = display;
	console->framebuffer = *framebuffer;
	if (room)
		use_room(console, room);
	if (console->term_memory)
		console_forget_painted(console);
	spin_unlock_irqrestore(&console->lock, state);
	if (before)
		display_put(before);
}

int console_find_display(struct console *console)
{
	struct framebuffer framebuffer = { 0 };
	struct display *display = first_display();
	struct room room = { 0 };
	bool fits = true;
	int error = 0;

	if (display) {
		mutex_lock(&display->lock);
		framebuffer = display->framebuffer;
		mutex_unlock(&display->lock);
		fits = framebuffer.width / console->font.width == console->columns &&
		       framebuffer.height / console->font.height == console->rows;
	}
	if (!fits)
		error = allocate_room(console, &framebuffer, &room);
	if (error) {
		/* Nothing is drawn where it would not fit. */
		display_put(display);
		framebuffer = (struct framebuffer){ 0 };
		display = NULL;
	}
	use_display(console, display, &framebuffer, fits || error ? NULL : &room);
	kernel_vfree(room.term_memory);
	kernel_vfree(room.painted);
	return display ? 0 : error ? error : -ENODEV;
}

static void darken(struct display *display)
{
	const struct framebuffer *framebuffer = &display->framebuffer;
	struct blend_rectangle all;

	mutex_lock(&display->lock);
	if (!display->lost) {
		framebuffer_fill(framebuffer, 0, 0, framebuffer->width, framebuffer->height, 0);
		all = blend_rectangle(0, 0, (int32_t)framebuffer->width,
				      (int32_t)framebuffer->height);
		if (display->ops->flush)
			display->ops->flush(display, &all, 1);
	}
	mutex_unlock(&display->lock);
}

void console_darken_displays(void)
{
	for (unsigned number = 0; number < DISPLAY_MAX; number++) {
		struct display *display = display_get(number);

		if (!display)
			continue;
		darken(display);
		display_put(display);
	}
}

/* Rows [top, bottom) of pixels. */
static void flush_rows(struct display *display, uint32_t top, uint32_t bottom)
{
	struct blend_rectangle area = { .top = (int32_t)top, .bottom = (int32_t)bottom };

	mutex_lock(&display->lock);
	area.right = (int32_t)display->framebuffer.width;
	if (!display->lost && bottom <= display->framebuffer.height)
		display->ops->flush(display, &area, 1);
	mutex_unlock(&display->lock);
}

void console_flush(struct console *console)
{
	irq_state_t state = spin_lock_irqsave(&console->lock);
	struct display *display = console->visible ? console->display : NULL;
	uint32_t top = console->unshown_top, bottom = console->unshown_bottom;

	console->unshown_top = console->unshown_bottom = 0;
	if (display)
		refcount_get(&display->references);
	spin_unlock_irqrestore(&console->lock, state);
	if (!display)
		return;
	if (top < bottom && display->ops->flush)
		flush_rows(display, top, bottom);
	display_put(display);
}

bool console_needs_flush(const struct console *console)
{
	return console->display && console->display->ops->flush &&
	       console->unshown_top < console->unshown_bottom;
}

void console_take_screen(struct console *console)
{
	const struct framebuffer *framebuffer = &console->framebuffer;

	if (console->visible || !framebuffer->pixels)
		return;
	console->visible = true;
	framebuffer_fill(framebuffer, 0, 0, framebuffer->width, framebuffer->height, 0);
	console_forget_painted(console);
}

void console_flush_in_panic(struct console *console)
{
	struct display *display = console->display;

	if (display && display->ops->flush_in_panic)
		display->ops->flush_in_panic(display);
}
