/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pointer's shapes: drawn once, premultiplied, with what is clicked inside of them. */
#include <compositor/cursor.h>

#include <core/ktest.h>

/* Black inside, a white outline, soft edges, and nothing in the last corner. */
static void check_pixels(const struct blend_surface *image)
{
	unsigned black = 0, white = 0, soft = 0, wrong = 0;

	for (int32_t y = 0; y < image->height; y++)
		for (int32_t x = 0; x < image->width; x++) {
			uint32_t pixel = *blend_surface_at(image, x, y), grey = pixel & 255;

			black += pixel == 0xff000000;
			white += pixel == 0xffffffff;
			soft += pixel != 0 && blend_alpha(pixel) < 255;
			wrong += grey > blend_alpha(pixel) || (pixel & 0xffffff) != grey * 0x010101;
		}
	ktest_expect(black > 10 && white > 5 && soft > 10 && wrong == 0);
	ktest_expect(*blend_surface_at(image, image->width - 1, image->height - 1) == 0);
}

KTEST(compositor, shapes_of_the_pointer)
{
	mutex_lock(&compositor_lock);
	for (unsigned kind = 0; kind < CURSOR_KINDS; kind++)
		for (unsigned scale = 1; scale <= CURSOR_SCALE_MAX; scale++) {
			const struct compositor_cursor *cursor = cursor_shape(kind, scale);

			ktest_expect(cursor != NULL);
			if (!cursor)
				continue;
			ktest_expect(cursor == cursor_shape(kind, scale));
			ktest_expect(cursor->hot_x >= 0 && cursor->hot_x < cursor->image->width);
			ktest_expect(cursor->hot_y >= 0 && cursor->hot_y < cursor->image->height);
			check_pixels(cursor->image);
		}
	ktest_expect(!cursor_shape(CURSOR_KINDS, 1) && !cursor_shape(CURSOR_ARROW, 0) &&
		     !cursor_shape(CURSOR_ARROW, CURSOR_SCALE_MAX + 1));
	mutex_unlock(&compositor_lock);
}
