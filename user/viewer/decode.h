/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoding pictures in a process of its own: a damaged or hostile file may end that one, eat its
 * memory or its time, all of which are bounded; the viewer sees a picture that is not whole.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DECODE_SIDE_MAX   16384
#define DECODE_PIXELS_MAX (48u << 20)

/* A picture that arrives. Zeros before the first use. */
struct decode {
	pid_t process; /* 0: none runs */
	int fd;        /* to be polled for input while it runs */
	int width, height;
	bool has_alpha;   /* some pixel is not opaque; known when it is whole */
	uint32_t *pixels; /* premultiplied ARGB; NULL while its size is not known */
	size_t received;  /* bytes of the header and the pixels */
	uint8_t header[16];
};

enum decode_state {
	DECODE_RUNS,
	DECODE_DONE,
	DECODE_FAILED,
};

/* Begins with a file. -1 with errno: there is no such file, or no process. `close_fd`: a descriptor
 * that is not for the other process (-1: none). */
int decode_start(struct decode *decode, const char *path, int close_fd);
/* Takes what has arrived. */
enum decode_state decode_continue(struct decode *decode);
/* Ends it, frees the pixels. */
void decode_stop(struct decode *decode);
