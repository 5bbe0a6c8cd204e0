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
	/* Shows all of the frame buffer in a panic: interrupts are off, the other CPUs stand still, locks
	 * may be held for ever. Does its best, and ends. NULL: as for flush. */
	void (*flush_in_panic)(struct display *display);
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
	bool lost;   /* the device has gone: nothing is drawn any more */
	bool asleep; /* by the registry's lock of owners: it keeps the owner from drawing */
	struct list_node node;
	/* Who holds: the provider until display_remove(), the registry, whoever draws. */
	struct refcount references;
};

/* Once, before everything else here. Thread context. */
void display_init(void);
/* Makes a display known; storage is the provider's until `references` are gone, which display_remove()
 * waits for. The provider has filled in name, ops, context, framebuffer and the modes. Thread context,
 * no lock held. -EINVAL (makes no sense), -ENOSPC. */
int must_check display_add(struct display *display);
/* The device goes: marks it lost, tells the owner, waits until nobody draws on it. Thread context, no
 * lock held. */
void display_remove(struct display *display);
/* Display `number`, with a reference; NULL: there is none. */
struct display *display_get(unsigned number);
/* Thread context. */
void display_put(struct display *display);
unsigned display_count(void);

/* Changes the mode; the owner is hidden meanwhile, and told. Thread context, no lock held. -EINVAL (no
 * such mode, or it cannot be changed), -ENODEV (lost), -EAGAIN (displays sleep), what the driver said. */
int must_check display_set_mode(struct display *display, unsigned index);
/* The device is about to sleep: on return nobody draws on any display, and will not before each that was
 * suspended is resumed; then the owner draws everything anew. Thread context, no lock held. */
void display_suspend(struct display *display);
void display_resume(struct display *display);
/* Its provider is exchanged: on return none of its operations runs, and nobody draws on any display, nor looks at its
 * frame buffer, before it is adopted or removed. Thread context, no lock held. */
void display_park(struct display *display);
/* Another one goes on with it: takes frame buffer and modes of `now`, and everything is drawn anew. Thread context, no lock
 * held. -EINVAL (they make no sense: it stays parked). */
int must_check display_adopt(struct display *display, const struct display *now);
/* A provider found that other modes are there now (virtio-gpu: the window was resized), and prefers
 * modes[preferred], which is set. The present mode stays in the list. Thread context, no lock held. */
void display_modes_changed(struct display *display, const struct display_mode *modes,
			   unsigned count, unsigned preferred);

/* Who draws. Called in thread context, under the lock of the owner alone (RANK_DISPLAY_OWNER): from
 * within, nothing is called that changes displays or owner; looking is fine. */
struct display_owner {
	void (*changed)(void); /* displays came, went, or have another mode */
	void (*hidden)(void);  /* somebody else draws now: nothing is drawn from its return on */
	void (*shown)(void);   /* draws everything anew; changed() was called before */
};
/* Makes `owner` the one that draws. The first one ever is told of changes even while it is hidden. Thread
 * context, no lock held. */
void display_set_owner(const struct display_owner *owner);
/* The same a little later, from any context; of several calls the last one counts. */
void display_set_owner_soon(const struct display_owner *owner);
const struct display_owner *display_owner(void);

/*
 * Firmware's frame buffer, the display that is there from the start: `size` bytes at `base`, described by
 * `framebuffer`, which has no pixels yet. It goes when the driver of its device takes over. Thread
 * context, no lock held.
 */
/* -EINVAL, -ENOMEM. */
int must_check display_add_firmware(const struct framebuffer *framebuffer, uint64_t base,
				    uint64_t size);
/* True if firmware's frame buffer is there and lies in these `size` bytes from `base` on; then describes
 * it, without pixels. */
bool display_firmware_is_within(uint64_t base, uint64_t size, struct framebuffer *framebuffer,
				uint64_t *offset);
/* The driver of its device draws from now on. Harmless if it is not there. */
void display_remove_firmware(void);
