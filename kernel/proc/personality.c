/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ABIs that the kernel was linked with. */
#include <proc/personality.h>

#include <base/string.h>
#include <proc/process.h>
#include <scheme/extended.h>

const struct personality *personality_find(const char *name)
{
	for (const struct personality *const *each = personalities_start; each < personalities_end;
	     each++) {
		if (strcmp((*each)->name, name) == 0)
			return *each;
	}
	return NULL;
}

#define ATTRIBUTE_NAME "user.abi"

/* What whoever may write the file said of it. */
static const struct personality *find_by_attribute(struct file *file)
{
	char name[16];
	ssize_t length = extended_get(file->node, credentials_current(), ATTRIBUTE_NAME, name,
				      sizeof(name) - 1);

	if (length <= 0)
		return NULL;
	name[length] = '\0';
	return personality_find(name);
}

const struct personality *personality_recognise(struct file *file, const void *header,
						size_t length, const struct personality *fallback)
{
	enum personality_mark surest = PERSONALITY_UNMARKED;
	const struct personality *best = NULL;

	for (const struct personality *const *each = personalities_start; each < personalities_end;
	     each++) {
		enum personality_mark mark = PERSONALITY_UNMARKED;

		if ((*each)->recognise)
			mark = (*each)->recognise(file, header, length);
		if (mark > surest) {
			surest = mark;
			best = *each;
		}
	}
	if (!best)
		best = find_by_attribute(file);
	return best ? best : fallback;
}
