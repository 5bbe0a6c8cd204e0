/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compositor: puts canvases on top of each other, and what changed of them on the displays.
 *
 * It runs in the loop at the end of the boot thread: woken by damage or by its host (the desktop), at
 * most once in COMPOSITOR_FRAME_NS; while nothing changes it sleeps. Each pixel of a display that
 * changed is written once a frame, and never read; what opaque canvases hide is not looked at.
 *
 * Displays lie beside each other, from left to right, on one plane.
 */
#pragma once

#include <base/list.h>
#include <blend/region.h>
#include <blend/shadow.h>
#include <blend/surface.h>
#include <sched/mutex.h>

struct display_owner;

#define COMPOSITOR_FRAME_NS (1000000000ull / 60)

/* From the lowest. */
enum canvas_layer {
	CANVAS_BACKGROUND,
	CANVAS_BACK, /* windows that are always below */
	CANVAS_NORMAL,
	CANVAS_FRONT, /* windows that are always above */
	CANVAS_PANEL,
	CANVAS_POPUP, /* menus, the switcher of windows */
	CANVAS_LAYERS,
};

/* How many rectangles are told apart of what changed in a canvas since the last frame. */
#define CANVAS_PENDING_MAX 4

/* One picture in the compositing table. Storage is the creator's, cleared at first; changed by the
 * functions below only, with the compositor's lock held, while it is shown. */
struct canvas {
	/* The compositor's. */
	struct list_node node;     /* in its layer, the lowest first */
	struct canvas *next_below; /* while a frame is drawn: in the list of those that count */
	bool shown;
	/* Under a spinlock of its own: canvas_damage_soon(). */
	struct list_node pending_node;
	unsigned pending_count;
	struct blend_rectangle pending[CANVAS_PENDING_MAX];

	/* The creator's. */
	enum canvas_layer layer;
	int32_t x, y, width, height; /* on the plane; both sizes at least 1 */
	/* Its pixels, mapped in the kernel; NULL: `colour` everywhere. What of the size they do not
	 * cover shows `colour`. */
	const uint32_t *pixels;
	int32_t pixels_width, pixels_height;
	uint32_t stride; /* pixels */
	unsigned scale;  /* 1, 2: each of its pixels is so many wide and high on the screen */
	uint32_t colour; /* premultiplied */
	bool opaque;     /* alpha does not count */
	uint8_t alpha;   /* of the whole, 255: none */
	uint8_t radius;  /* of its round corners, 0: none */
	uint8_t corners; /* enum blend_corners: which of them are round */
	/* A shadow around a rectangle at (shadow_x, shadow_y) of the canvas, of shadow_width x
	 * shadow_height; NULL: none. */
	const struct blend_shadow *shadow;
	int32_t shadow_x, shadow_y, shadow_width, shadow_height;
};

/* Protects the table and all canvases in it; held while a frame is drawn. RANK_COMPOSITOR. No user
 * memory is touched, and no input waited for, by who holds it. */
extern struct mutex compositor_lock;

/* All with the lock held. */

/* Puts the canvas into its layer, right above `below`, or (NULL) on top of the layer. */
void canvas_show(struct canvas *canvas, struct canvas *below);
void canvas_hide(struct canvas *canvas);
/* Brings a canvas to the top of its layer, or right above another one of it. */
void canvas_raise(struct canvas *canvas, struct canvas *below);
void canvas_move(struct canvas *canvas, int32_t x, int32_t y);
/* New size and pixels; all of it is damaged. */
void canvas_resize(struct canvas *canvas, int32_t width, int32_t height, const uint32_t *pixels,
		   int32_t pixels_width, int32_t pixels_height, uint32_t stride);
/* Other fields are about to change, or have changed (call it before and after). */
void canvas_damage_all(struct canvas *canvas);
/* Its pixels changed in `area` (its own coordinates, clipped). */
void canvas_damage(struct canvas *canvas, struct blend_rectangle area);
/* The same without the lock, from any thread; cheap. The canvas must not vanish meanwhile. */
void canvas_damage_soon(struct canvas *canvas, struct blend_rectangle area);

/* The pointer, on top of everything. `image` stays the caller's, who keeps it unchanged. */
struct compositor_cursor {
	const struct blend_surface *image;
	int32_t hot_x, hot_y;
};
void compositor_set_cursor(const struct compositor_cursor *cursor); /* NULL: none is shown */
void compositor_move_cursor(int32_t x, int32_t y);

/* The displays' places on the plane. */
unsigned compositor_display_count(void);
struct blend_rectangle compositor_display_area(unsigned index);
/* The rectangle around all displays. */
struct blend_rectangle compositor_plane(void);
/* Reads anew which displays there are, as the loop does when it hears of a change; for self tests. */
void compositor_read_displays(void);

/* Whom the loop works for. */
struct compositor_host {
	/* Called in each round before a frame is drawn, with the lock held: handles input, draws own
	 * canvases, damages. Returns when it wants to be called at the latest, even if nothing
	 * happens (monotonic ns; UINT64_MAX: never). */
	uint64_t (*prepare)(uint64_t now_ns);
	/* The displays changed; with the lock held. */
	void (*displays_changed)(void);
};
/* Wakes the loop, so that it calls `prepare` without delay. Any context. */
void compositor_wake(void);

struct compositor_statistics {
	uint64_t rounds;         /* the loop was woken */
	uint64_t frames;         /* of them, something was drawn */
	uint64_t pixels_damaged; /* pixels of displays that had to be drawn */
	uint64_t pixels_written; /* to frame buffers: the same, if each is written once */
	uint64_t pixels_blended; /* in between, for what is not opaque */
	uint64_t draw_ns;        /* time spent drawing */
	uint64_t longest_ns;     /* the slowest frame */
	uint64_t late_frames;    /* began more than a frame after they could */
};
void compositor_read_statistics(struct compositor_statistics *statistics);

/* At boot, before displays and schemes. */
void compositor_init(void);
/* For display_set_owner(): shows the canvases. compositor_run() begins with it. */
extern const struct display_owner compositor_display_owner;
/* True if there is a display, and the desktop is not turned off. */
bool compositor_is_wanted(void);
/* The loop; of the boot thread, at the end of boot. -ENODEV (returns: no desktop is wanted), -ENOMEM. */
int compositor_run(const struct compositor_host *host);
