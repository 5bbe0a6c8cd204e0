/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Displays: what shows pixels. Firmware's frame buffer and drivers (through the driver kit's
 * ddk/display.h) provide them; the console and the compositor draw on them.
 *
 * Who draws is the owner of all displays, one at a time: the console from the start, the compositor
 * when the desktop is in front. A panic takes them for the console, for good.
 */
#pragma once

#include <base/list.h>
#include <base/types.h>
#include <blend/rectangle.h>
#include <gfx/framebuffer.h>
#include <sched/mutex.h>
#include <sync/refcount.h>

#define DISPLAY_MAX       8
#define DISPLAY_MODES_MAX 32

struct display;

struct display_mode {
	uint32_t width, height;
};

struct display_ops {
	/* Shows what was drawn in these rectangles of the frame buffer. NULL: the display shows
	 * memory as it is written. Thread context; returns when the pixels may be drawn over. */
	void (*flush)(struct display *display, const struct blend_rectangle *areas, unsigned count);
	/* Changes the mode to modes[index], and *framebuffer. NULL: it has only one. The old pixels are
	 * not drawn into any more. -EIO, -ENOMEM: as it was. */
	int (*set_mode)(struct display *display, unsigned index);
};

struct display {
	const char *name;              /* "firmware", or the device's; immutable, the provider's */
	const struct display_ops *ops; /* immutable */
	void *context;                 /* the provider's */
	unsigned number;               /* from 0; immutable once added */
	/* Protects what follows, and is held while the owner draws and during the operations:
	 * RANK_DISPLAY. */
	struct mutex lock;
	struct framebuffer framebuffer; /* what is shown now */
	unsigned mode;                  /* index */
	unsigned mode_count;
	struct display_mode modes[DISPLAY_MODES_MAX];
	bool lost; /* the device has gone: nothing is drawn any more */
	struct list_node node;
	/* Who holds: the provider until display_remove(), the registry, whoever draws. */
	struct refcount references;
};

/* Makes a display known; storage is the provider's until `references` are gone, which display_remove()
 * waits for. The first one gets the console. Thread context. -EINVAL (makes no sense), -ENOSPC. */
int must_check display_add(struct display *display);
/* The device goes: marks it lost, tells the owner, waits until nobody draws on it. */
void display_remove(struct display *display);
/* Display `number`, with a reference; NULL: there is none. */
struct display *display_get(unsigned number);
void display_put(struct display *display);
unsigned display_count(void);

/* Changes the mode; the owner is told. -EINVAL, what the driver said. */
int must_check display_set_mode(struct display *display, unsigned index);
/* A provider found that other modes are there now (virtio-gpu: the window was resized), and prefers
 * modes[preferred]. Thread context. */
void display_modes_changed(struct display *display, const struct display_mode *modes,
			   unsigned count, unsigned preferred);

/* Who draws. Called in thread context, without locks. */
struct display_owner {
	void (*changed)(void); /* displays came, went, or have another mode */
	void (*hidden)(void);  /* somebody else draws now: nothing is drawn from its return on */
	void (*shown)(void);   /* draws everything anew */
};
/* Makes `owner` the one that draws. */
void display_set_owner(const struct display_owner *owner);
const struct display_owner *display_owner(void);
