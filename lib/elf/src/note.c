/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks notes. */
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <elf/elf.h>

#define NOTE_ALIGNMENT 4

/* Takes `length` bytes and their padding off the front of the notes. The padding after the
 * last descriptor may be missing. Returns NULL where there are fewer. */
static const uint8_t *note_take(const uint8_t **notes, size_t *size, uint32_t length)
{
	const uint8_t *part = *notes;
	size_t padded;

	if (length > *size)
		return NULL;
	padded = min_size(align_up(length, NOTE_ALIGNMENT), *size);
	*notes += padded;
	*size -= padded;
	return part;
}

int elf_find_note(const void *notes, size_t size, const char *name, uint32_t type,
		  const void **desc, size_t *desc_size)
{
	const uint8_t *rest = notes;
	size_t name_size = strlen(name) + 1;

	while (size > 0) {
		struct elf64_note note;
		const uint8_t *part = note_take(&rest, &size, sizeof(note));
		const uint8_t *note_name;
		const uint8_t *note_desc;

		if (!part)
			return -ENOEXEC;
		memcpy(&note, part, sizeof(note));
		note_name = note_take(&rest, &size, note.namesz);
		if (!note_name)
			return -ENOEXEC;
		note_desc = note_take(&rest, &size, note.descsz);
		if (!note_desc)
			return -ENOEXEC;
		if (note.type == type && note.namesz == name_size &&
		    memcmp(note_name, name, name_size) == 0) {
			*desc = note_desc;
			*desc_size = note.descsz;
			return 0;
		}
	}
	return -ENOENT;
}
