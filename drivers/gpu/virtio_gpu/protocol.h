/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is said on the control queue of virtio's GPU device (virtio 1.2, 5.7.6), as far as a frame
 * buffer needs it: pictures ("resources") that the host has, with memory of ours behind them, are copied
 * to the host and shown on outputs ("scanouts").
 */
#pragma once

#include <base/types.h>

#define GPU_OUTPUTS_MAX 16

enum gpu_command_type {
	GPU_GET_DISPLAY_INFO = 0x0100,
	GPU_CREATE_PICTURE = 0x0101,
	GPU_DESTROY_PICTURE = 0x0102,
	GPU_SET_OUTPUT = 0x0103,
	GPU_FLUSH = 0x0104,
	GPU_TRANSFER = 0x0105,
	GPU_ATTACH_MEMORY = 0x0106,
	GPU_DETACH_MEMORY = 0x0107,
};

enum gpu_response_type {
	GPU_OK = 0x1100,
	GPU_OK_DISPLAY_INFO = 0x1101,
};

/* The bytes of a pixel from the first on: blue, green, red, unused. */
#define GPU_FORMAT_BGRX 2

/* In the device's configuration. */
#define GPU_CONFIG_EVENTS       0x0
#define GPU_CONFIG_EVENTS_CLEAR 0x4
#define GPU_CONFIG_OUTPUTS      0x8

#define GPU_EVENT_DISPLAY 1u

struct gpu_header {
	/* 0x00 */ uint32_t type;
	/* 0x04 */ uint32_t flags;
	/* 0x08 */ uint64_t fence;
	/* 0x10 */ uint32_t context;
	/* 0x14 */ uint32_t ring;
};

struct gpu_rectangle {
	/* 0x00 */ uint32_t x, y, width, height;
};

struct gpu_display_info {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ struct {
		/* 0x00 */ struct gpu_rectangle area;
		/* 0x10 */ uint32_t enabled;
		/* 0x14 */ uint32_t flags;
	} outputs[GPU_OUTPUTS_MAX];
};

struct gpu_create_picture {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ uint32_t picture;
	/* 0x1c */ uint32_t format;
	/* 0x20 */ uint32_t width;
	/* 0x24 */ uint32_t height;
};

/* Destroys a picture, or detaches its memory. */
struct gpu_name_picture {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ uint32_t picture;
	/* 0x1c */ uint32_t padding;
};

struct gpu_set_output {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ struct gpu_rectangle area;
	/* 0x28 */ uint32_t output;
	/* 0x2c */ uint32_t picture; /* 0: none */
};

struct gpu_flush {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ struct gpu_rectangle area;
	/* 0x28 */ uint32_t picture;
	/* 0x2c */ uint32_t padding;
};

struct gpu_transfer {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ struct gpu_rectangle area;
	/* 0x28 */ uint64_t offset; /* of the area's first pixel in the memory */
	/* 0x30 */ uint32_t picture;
	/* 0x34 */ uint32_t padding;
};

/* A list of pieces follows. */
struct gpu_attach_memory {
	/* 0x00 */ struct gpu_header header;
	/* 0x18 */ uint32_t picture;
	/* 0x1c */ uint32_t count;
};

struct gpu_piece {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint32_t length;
	/* 0x0c */ uint32_t padding;
};

_Static_assert(sizeof(struct gpu_header) == 0x18, "virtio 1.2, 5.7.6.7");
_Static_assert(sizeof(struct gpu_display_info) == 0x18 + 16 * 0x18, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_create_picture) == 0x28, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_name_picture) == 0x20, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_set_output) == 0x30, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_flush) == 0x30, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_transfer) == 0x38, "virtio 1.2, 5.7.6.8");
_Static_assert(__builtin_offsetof(struct gpu_transfer, offset) == 0x28, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_attach_memory) == 0x20, "virtio 1.2, 5.7.6.8");
_Static_assert(sizeof(struct gpu_piece) == 0x10, "virtio 1.2, 5.7.6.8");
