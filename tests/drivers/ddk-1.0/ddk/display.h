/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Class interface: displays, each a frame buffer in memory and the modes that it can have. A device may
 * have several.
 *
 * Operations run in thread context, one at a time for each display, without ddk_lock or ddk_mutex; they may
 * sleep. The class may call them from before ddk_display_add() returns until ddk_display_remove() does.
 */
#pragma once

#include <ddk/device.h>

#define DDK_DISPLAY_MODES_MAX 32
#define DDK_DISPLAY_SIDE_MAX  16384

struct ddk_display;

struct ddk_display_mode {
	uint32_t width, height;
};

/* Pixels of 32 bits. */
struct ddk_framebuffer {
	void *pixels;  /* mapped; a multiple of 4 */
	size_t length; /* bytes that are mapped there */
	uint32_t width, height;
	uint32_t stride; /* bytes from one line to the next, a multiple of 4, at least 4 * width */
	bool red_first;  /* bytes red, green, blue, unused; else blue, green, red, unused */
};

/* Half open; not empty, and inside of the frame buffer. */
struct ddk_display_area {
	uint32_t left, top, right, bottom;
};

struct ddk_display_ops {
	/* Shows what was drawn there; on return it may be drawn over. NULL: the display shows memory as
	 * it is written. */
	void (*flush)(struct ddk_display *display, const struct ddk_display_area *areas,
		      unsigned count);
	/* Changes to one of the modes that were told, and describes the new frame buffer; nothing is drawn
	 * into the old one any more. NULL: it has only one mode. An error: all is as it was. */
	int (*set_mode)(struct ddk_display *display, struct ddk_display_mode mode,
			struct ddk_framebuffer *framebuffer);
	/* Shows everything in a panic: no interrupts, no other CPUs, locks may be held for ever. Bounded.
	 * NULL if `flush` is. */
	void (*flush_in_panic)(struct ddk_display *display);
};

struct ddk_display_description {
	const char
		*name; /* of a device's display where it has several; static. NULL: the device's */
	struct ddk_framebuffer framebuffer; /* what is shown now */
	struct ddk_display_mode modes[DDK_DISPLAY_MODES_MAX];
	unsigned mode_count;
	unsigned mode; /* the present one */
};

/* What firmware left: true if its frame buffer lies in the device's region `index`. Describes it, without
 * pixels and length, and where in the region it begins. A driver does well to keep that mode. */
bool ddk_display_firmware(const struct device *device, unsigned index,
			  struct ddk_framebuffer *framebuffer, uint64_t *offset);
/* The mode that the user asked for ("video=WIDTHxHEIGHT"). False: none. */
bool ddk_display_wish(struct ddk_display_mode *mode);

/* Makes a display, and takes the place of firmware's on this device. `description` is copied. Thread
 * context, no lock held. -EINVAL (makes no sense), -ENOMEM, -ENOSPC. */
static inline int must_check ddk_display_add(struct device *device,
					     const struct ddk_display_description *description,
					     const struct ddk_display_ops *ops, void *context,
					     struct ddk_display **display);
/* What the function above is: structures come with the size that they had for the driver. */
int must_check ddk_display_add_sized(struct device *device,
				     const struct ddk_display_description *description,
				     size_t description_size, const struct ddk_display_ops *ops,
				     size_t ops_size, void *context, struct ddk_display **display);
static inline int ddk_display_add(struct device *device,
				  const struct ddk_display_description *description,
				  const struct ddk_display_ops *ops, void *context,
				  struct ddk_display **display)
{
	return ddk_display_add_sized(device, description, sizeof(*description), ops, sizeof(*ops),
				     context, display);
}
/* The display is gone, or given back; on return nobody uses its frame buffer. Thread context, no lock
 * held. */
void ddk_display_remove(struct ddk_display *display);
void *ddk_display_context(const struct ddk_display *display);

/* The device is about to sleep: none of the display's operations runs on return, nor later, and nobody draws,
 * until ddk_display_resume(), after which everything is drawn anew. It is resumed before it is removed, unless
 * its device did not come back. Thread context, no lock held. */
void ddk_display_suspend(struct ddk_display *display);
void ddk_display_resume(struct ddk_display *display);

/* What is connected has other modes now, of which it prefers modes[preferred]; set_mode follows. The list
 * keeps the present mode. Thread context, no lock held. */
void ddk_display_modes_changed(struct ddk_display *display, const struct ddk_display_mode *modes,
			       unsigned count, unsigned preferred);

/*
 * Modes that are usual, for devices that can have any: fills in those that need no more than `bytes` of
 * memory and are no larger than `largest` (NULL: any), and returns how many. At most DDK_DISPLAY_MODES_MAX - 4,
 * so that there is room for what the device, firmware and the user prefer.
 */
unsigned ddk_display_usual_modes(struct ddk_display_mode *modes, uint64_t bytes,
				 const struct ddk_display_mode *largest);
/* The index of a mode in the list, to which it is added if there is room; count: there is none. */
unsigned ddk_display_add_mode(struct ddk_display_mode *modes, unsigned *count,
			      struct ddk_display_mode mode);
/* The mode that a display prefers by its EDID (VESA E-EDID A2, 3.10: the first detailed timing). False: the
 * 128 bytes are none, or say nothing usable. */
bool ddk_display_read_edid(const uint8_t *edid, struct ddk_display_mode *mode);
