/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the compositor did so far, as the file sys:compositor. */
#include "compositor_priv.h"

#include <scheme/text.h>

static int generate(struct text *text)
{
	struct compositor_statistics now;

	compositor_read_statistics(&now);
	text_print(text, "rounds %lu\nframes %lu\nlate_frames %lu\n", now.rounds, now.frames,
		   now.late_frames);
	text_print(text, "pixels_damaged %lu\npixels_written %lu\npixels_blended %lu\n",
		   now.pixels_damaged, now.pixels_written, now.pixels_blended);
	text_print(text, "draw_ns %lu\nlongest_ns %lu\n", now.draw_ns, now.longest_ns);
	return 0;
}

SYS_TEXT(compositor) = { .name = "compositor", .generate = generate };
