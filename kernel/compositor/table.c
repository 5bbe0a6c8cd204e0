/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The compositing table: canvases in layers, from the lowest to the highest, and what changes of them.
 */
#include "compositor_priv.h"

#include <mm/phys/slab.h>
#include <sync/spinlock.h>

/* Above all that canvases can ask for. */
#define LAYER_CURSOR CANVAS_LAYERS

struct mutex compositor_lock;

static struct list layers[CANVAS_LAYERS + 1];
static struct canvas cursor;
static int32_t cursor_x, cursor_y, cursor_hot_x, cursor_hot_y;

/* Protects canvases' rectangles that are pending, and the list of who has some. */
static struct spinlock pending_lock = SPINLOCK_INIT(RANK_LEAF, "compositor pending");
static struct list pending = LIST_INIT(pending);

void compositor_init(void)
{
	mutex_init(&compositor_lock, RANK_COMPOSITOR, "compositor");
	for (unsigned layer = 0; layer < array_length(layers); layer++)
		list_init(&layers[layer]);
	loop_init();
}

static struct blend_rectangle canvas_body(const struct canvas *canvas)
{
	return blend_rectangle(canvas->x, canvas->y, canvas->width, canvas->height);
}

struct blend_rectangle canvas_bounds(const struct canvas *canvas)
{
	struct blend_rectangle bounds = canvas_body(canvas);
	int32_t blur;

	if (!canvas->shadow)
		return bounds;
	blur = (int32_t)canvas->shadow->blur;
	return blend_rectangle_unite(bounds, blend_rectangle(canvas->x + canvas->shadow_x - blur,
							     canvas->y + canvas->shadow_y - blur,
							     canvas->shadow_width + 2 * blur,
							     canvas->shadow_height + 2 * blur));
}

int32_t canvas_radius(const struct canvas *canvas)
{
	int32_t side = canvas->width < canvas->height ? canvas->width : canvas->height;
	int32_t radius = canvas->radius;

	if (!canvas->corners)
		return 0;
	if (radius > BLEND_RADIUS_MAX)
		radius = BLEND_RADIUS_MAX;
	return radius > side / 2 ? side / 2 : radius;
}

const uint8_t *canvas_corner_mask(unsigned radius)
{
	static uint8_t *masks[BLEND_RADIUS_MAX + 1];

	if (!masks[radius]) {
		masks[radius] = kmalloc((size_t)radius * radius);
		if (masks[radius])
			blend_corner_mask(masks[radius], radius);
	}
	return masks[radius];
}

/* The canvas above, in any layer. */
static struct canvas *canvas_above(const struct canvas *canvas, unsigned *layer)
{
	struct list_node *node = list_next(&layers[*layer], &canvas->node);

	while (!node && ++*layer < array_length(layers))
		node = list_first(&layers[*layer]);
	return node ? container_of(node, struct canvas, node) : NULL;
}

/* What of the canvas hides all below, which is what lies between its round corners, is taken away from
 * the region. */
static void subtract_hidden(struct blend_region *region, const struct canvas *canvas)
{
	struct blend_rectangle body = canvas_body(canvas), piece = body;
	int32_t radius = canvas_radius(canvas);

	if (!canvas_hides(canvas, canvas->pixels != NULL) || !blend_region_overlaps(region, body))
		return;
	piece.top += radius;
	piece.bottom -= radius;
	blend_region_subtract(region, piece);
	if (!radius)
		return;
	piece = body;
	piece.left += radius;
	piece.right -= radius;
	blend_region_subtract(region, piece);
}

/* How many changes in a row are compared with all canvases above: a flood of them is just drawn. */
#define CAREFUL_CHANGES 256

/* Since the loop last took what was pending. */
static unsigned changes;

/* `area` of the plane changed in the canvas: what those above do not hide has to be drawn. */
static void damage_visible(const struct canvas *canvas, unsigned layer, struct blend_rectangle area)
{
	static struct blend_region region;
	struct canvas *above = canvas_above(canvas, &layer);

	if (changes++ >= CAREFUL_CHANGES) {
		plane_damage(area);
		return;
	}
	blend_region_clear(&region);
	blend_region_add(&region, area);
	for (; above && region.count > 0; above = canvas_above(above, &layer))
		subtract_hidden(&region, above);
	for (unsigned i = 0; i < region.count; i++)
		plane_damage(region.rectangles[i]);
}

static unsigned layer_of(const struct canvas *canvas)
{
	return canvas == &cursor ? (unsigned)LAYER_CURSOR : (unsigned)canvas->layer;
}

void canvas_damage_all(struct canvas *canvas)
{
	if (canvas->shown)
		damage_visible(canvas, layer_of(canvas), canvas_bounds(canvas));
}

void canvas_damage(struct canvas *canvas, struct blend_rectangle area)
{
	int32_t scale = canvas->scale ? (int32_t)canvas->scale : 1;

	if (!canvas->shown)
		return;
	/* Cut before it is multiplied: it may be anything. */
	area = blend_rectangle_intersect(
		area, (struct blend_rectangle){ 0, 0, canvas->width, canvas->height });
	area.left = canvas->x + area.left * scale;
	area.top = canvas->y + area.top * scale;
	area.right = canvas->x + area.right * scale;
	area.bottom = canvas->y + area.bottom * scale;
	area = blend_rectangle_intersect(area, canvas_body(canvas));
	if (!blend_rectangle_is_empty(&area))
		damage_visible(canvas, layer_of(canvas), area);
}

static void insert(struct canvas *canvas, struct canvas *below)
{
	if (below)
		list_insert_after(&canvas->node, &below->node);
	else
		list_push_back(&layers[layer_of(canvas)], &canvas->node);
}

void canvas_show(struct canvas *canvas, struct canvas *below)
{
	if (canvas->shown)
		return;
	insert(canvas, below);
	canvas->shown = true;
	canvas_damage_all(canvas);
}

/* What was told of the canvas counts no more. */
static void forget_pending(struct canvas *canvas)
{
	spin_lock(&pending_lock);
	if (canvas->pending_count > 0)
		list_remove(&canvas->pending_node);
	canvas->pending_count = 0;
	spin_unlock(&pending_lock);
}

void canvas_hide(struct canvas *canvas)
{
	if (canvas->shown) {
		canvas_damage_all(canvas);
		list_remove(&canvas->node);
		canvas->shown = false;
	}
	forget_pending(canvas);
}

void canvas_raise(struct canvas *canvas, struct canvas *below)
{
	struct list_node *last = list_last(&layers[layer_of(canvas)]);

	if (!canvas->shown || canvas == below || (!below && last == &canvas->node))
		return;
	/* Before, for what it uncovers, if it goes down; after, for what it covers. */
	canvas_damage_all(canvas);
	list_remove(&canvas->node);
	insert(canvas, below);
	canvas_damage_all(canvas);
}

void canvas_move(struct canvas *canvas, int32_t x, int32_t y)
{
	if (canvas->x == x && canvas->y == y)
		return;
	canvas_damage_all(canvas);
	canvas->x = x;
	canvas->y = y;
	canvas_damage_all(canvas);
}

void canvas_resize(struct canvas *canvas, int32_t width, int32_t height, const uint32_t *pixels,
		   int32_t pixels_width, int32_t pixels_height, uint32_t stride)
{
	canvas_damage_all(canvas);
	canvas->width = width;
	canvas->height = height;
	canvas->pixels = pixels;
	canvas->pixels_width = pixels_width;
	canvas->pixels_height = pixels_height;
	canvas->stride = stride;
	canvas_damage_all(canvas);
}

static int64_t area_of(struct blend_rectangle rectangle)
{
	return (int64_t)(rectangle.right - rectangle.left) * (rectangle.bottom - rectangle.top);
}

/* Adds to the rectangle that grows least by it, or as one more. */
static void add_pending(struct canvas *canvas, struct blend_rectangle area)
{
	unsigned best = canvas->pending_count;
	int64_t least = best < CANVAS_PENDING_MAX ? area_of(area) : INT64_MAX;

	for (unsigned i = 0; i < canvas->pending_count; i++) {
		struct blend_rectangle both = blend_rectangle_unite(canvas->pending[i], area);
		int64_t growth = area_of(both) - area_of(canvas->pending[i]);

		if (growth < least) {
			least = growth;
			best = i;
		}
	}
	if (best == canvas->pending_count) {
		canvas->pending_count++;
		canvas->pending[best] = area;
	} else {
		canvas->pending[best] = blend_rectangle_unite(canvas->pending[best], area);
	}
}

void canvas_damage_soon(struct canvas *canvas, struct blend_rectangle area)
{
	/* Whatever it is, within what can be computed with. */
	area = blend_rectangle_intersect(
		area, (struct blend_rectangle){ 0, 0, BLEND_COORDINATE_MAX, BLEND_COORDINATE_MAX });
	if (blend_rectangle_is_empty(&area))
		return;
	spin_lock(&pending_lock);
	if (canvas->pending_count == 0)
		list_push_back(&pending, &canvas->pending_node);
	add_pending(canvas, area);
	spin_unlock(&pending_lock);
	loop_wake_for_damage();
}

bool table_has_pending(void)
{
	bool has;

	spin_lock(&pending_lock);
	has = !list_empty(&pending);
	spin_unlock(&pending_lock);
	return has;
}

/* Takes one canvas's rectangles out of the list. */
static struct canvas *pop_pending(struct blend_rectangle *areas, unsigned *count)
{
	struct list_node *node;
	struct canvas *canvas = NULL;

	spin_lock(&pending_lock);
	node = list_pop_front(&pending);
	if (node) {
		canvas = container_of(node, struct canvas, pending_node);
		*count = canvas->pending_count;
		for (unsigned i = 0; i < *count; i++)
			areas[i] = canvas->pending[i];
		canvas->pending_count = 0;
	}
	spin_unlock(&pending_lock);
	return canvas;
}

void table_take_pending(void)
{
	struct blend_rectangle areas[CANVAS_PENDING_MAX];
	struct canvas *canvas;
	unsigned count;

	while ((canvas = pop_pending(areas, &count)))
		for (unsigned i = 0; i < count; i++)
			canvas_damage(canvas, areas[i]);
	changes = 0;
}

/* True if nothing below the canvas can be seen in `area`. */
static bool hides_all(const struct canvas *canvas, struct blend_rectangle area)
{
	struct blend_rectangle body = canvas_body(canvas);

	return canvas_hides(canvas, canvas->pixels != NULL) && canvas_radius(canvas) == 0 &&
	       body.left <= area.left && body.top <= area.top && body.right >= area.right &&
	       body.bottom >= area.bottom;
}

struct canvas *table_collect(struct blend_rectangle area)
{
	struct canvas *first = NULL, **link = &first;

	for (unsigned layer = array_length(layers); layer-- > 0;) {
		for (struct list_node *node = list_last(&layers[layer]); node;
		     node = list_previous(&layers[layer], node)) {
			struct canvas *canvas = container_of(node, struct canvas, node);
			struct blend_rectangle seen =
				blend_rectangle_intersect(canvas_bounds(canvas), area);

			if (blend_rectangle_is_empty(&seen) || canvas->alpha == 0)
				continue;
			canvas->next_below = NULL;
			*link = canvas;
			link = &canvas->next_below;
			if (hides_all(canvas, area))
				return first;
		}
	}
	return first;
}

void compositor_set_cursor(const struct compositor_cursor *shape)
{
	if (shape && cursor.shown && cursor.pixels == shape->image->pixels &&
	    cursor_hot_x == shape->hot_x && cursor_hot_y == shape->hot_y)
		return;
	canvas_hide(&cursor);
	if (!shape)
		return;
	cursor.x = cursor_x - shape->hot_x;
	cursor.y = cursor_y - shape->hot_y;
	cursor.width = cursor.pixels_width = shape->image->width;
	cursor.height = cursor.pixels_height = shape->image->height;
	cursor.pixels = shape->image->pixels;
	cursor.stride = shape->image->stride;
	cursor.scale = 1;
	cursor.alpha = 255;
	cursor_hot_x = shape->hot_x;
	cursor_hot_y = shape->hot_y;
	canvas_show(&cursor, NULL);
}

void compositor_move_cursor(int32_t x, int32_t y)
{
	cursor_x = x;
	cursor_y = y;
	canvas_move(&cursor, x - cursor_hot_x, y - cursor_hot_y);
}
