/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ABIs that the kernel was linked with. */
#include <proc/personality.h>

#include <base/string.h>

const struct personality *personality_find(const char *name)
{
	for (const struct personality *const *each = personalities_start; each < personalities_end;
	     each++) {
		if (strcmp((*each)->name, name) == 0)
			return *each;
	}
	return NULL;
}

const struct personality *personality_recognise(struct file *file, const void *header,
						size_t length, const struct personality *fallback)
{
	const struct personality *best = NULL;

	for (const struct personality *const *each = personalities_start; each < personalities_end;
	     each++) {
		const struct personality *personality = *each;

		if (best && personality->priority >= best->priority)
			continue;
		if (personality->recognise && personality->recognise(file, header, length))
			best = personality;
	}
	return best ? best : fallback;
}
