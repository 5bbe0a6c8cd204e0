/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fat_fuzz.c takes its input apart, and the steps of a run that use up parts of it. */
#pragma once

#include <base/types.h>

struct fat_disk;
struct scheme;

struct input {
	const uint8_t *next, *end;
};

static inline uint8_t take(struct input *input)
{
	return input->next < input->end ? *input->next++ : 0;
}

static inline uint32_t take_16(struct input *input)
{
	uint32_t low = take(input);

	return low | (uint32_t)take(input) << 8;
}

static inline uint32_t take_32(struct input *input)
{
	uint32_t low = take_16(input);

	return low | take_16(input) << 16;
}

/* Numbers that may be believed too easily, and any. */
uint32_t take_number(struct input *input);

/* Changes some bytes of the disk, where it matters. */
void fat_damage(struct input *input, struct fat_disk *disk);
/* Reads all that is mounted there, and changes it. Puts the scheme, which unmounts it. */
void fat_use(struct input *input, struct scheme *scheme, struct fat_disk *disk);
