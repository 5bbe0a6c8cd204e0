/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The entries of a directory. A name is one slot with the short name, and before it as many as the
 * long one needs, the last part first. Everything that a disk may say is expected here: parts
 * without an end, of other names, in any order; whatever does not fit together counts as absent.
 */
#include <base/errno.h>
#include <base/string.h>

#include "fat_priv.h"

#define SLOTS_PER_SECTOR (SECTOR_SIZE / FAT_SLOT_SIZE)

/* Where a walk over slots is. */
struct cursor {
	struct fat_node *directory;
	uint32_t slot, left; /* slots in one piece from here on */
	uint64_t sector;
	struct fat_buffer *buffer;
	struct fat_entry *entry;
};

static bool is_fixed_root(const struct fat_node *directory)
{
	return directory->place == 0 && directory->fs->geometry.bits != 32;
}

/* The sector of a slot, and how many follow it there. 1; 0: past the end. */
static int find_slot(struct fat_node *directory, uint32_t slot, uint64_t *sector, uint32_t *left)
{
	const struct fat_geometry *geometry = &directory->fs->geometry;
	uint32_t per_cluster = geometry->cluster_size / FAT_SLOT_SIZE, cluster, count;
	int found;

	if (is_fixed_root(directory)) {
		*sector = geometry->root_start + slot / SLOTS_PER_SECTOR;
		*left = slot < geometry->root_slots ? geometry->root_slots - slot : 0;
		return *left > 0;
	}
	if (slot >= FAT_DIRECTORY_SLOTS)
		return 0;
	found = fat_chain_find_locked(directory, slot / per_cluster, &cluster, &count);
	if (found <= 0)
		return found;
	*sector = fat_cluster_sector(geometry, cluster) + slot % per_cluster / SLOTS_PER_SECTOR;
	*left = per_cluster - slot % per_cluster;
	return 1;
}

/* Moves to a slot: 1; 0: past the end. */
static int cursor_move(struct cursor *cursor, uint32_t slot)
{
	uint32_t in_buffer;
	uint8_t *bytes;
	int found, error;

	if (cursor->left > 1 && slot == cursor->slot + 1) {
		cursor->slot++;
		cursor->left--;
		cursor->entry++;
		if (slot % SLOTS_PER_SECTOR == 0)
			cursor->sector++;
		return 1;
	}
	found = find_slot(cursor->directory, slot, &cursor->sector, &cursor->left);
	if (found <= 0)
		return found;
	error = fat_buffer_get(cursor->directory->fs, cursor->sector, &cursor->buffer, &bytes);
	if (error)
		return error;
	cursor->slot = slot;
	cursor->entry = (struct fat_entry *)bytes + slot % SLOTS_PER_SECTOR;
	in_buffer = (uint32_t)(FAT_BUFFER_SECTORS - cursor->sector % FAT_BUFFER_SECTORS) *
			    SLOTS_PER_SECTOR -
		    slot % SLOTS_PER_SECTOR;
	cursor->left = (uint32_t)min_u64(cursor->left, in_buffer);
	return 1;
}

static uint64_t cursor_place(const struct cursor *cursor)
{
	return cursor->sector * SLOTS_PER_SECTOR + cursor->slot % SLOTS_PER_SECTOR;
}

static void cursor_dirty(struct cursor *cursor)
{
	fat_buffer_dirty(cursor->directory->fs, cursor->buffer, cursor->sector, FAT_ENTRIES);
}

/* --- Reading. --- */

/* A long name as its parts come. */
struct assembly {
	unsigned expected; /* the next part's number; 0: the name is there, or none is */
	bool whole;
	uint8_t checksum;
	uint32_t first;
	struct fat_name *name;
};

static bool is_long_part(const struct fat_entry *entry)
{
	return (entry->attributes & FAT_ATTRIBUTES) == FAT_LONG;
}

/* Copies a part; false: nothing that a name could have. */
static bool add_part(struct assembly *assembly, const struct fat_long_entry *part, unsigned number,
		     bool last)
{
	uint16_t units[FAT_LONG_UNITS];
	unsigned start = (number - 1) * FAT_LONG_UNITS, length = 0;

	memcpy(units, part->name_1, sizeof(part->name_1));
	memcpy(units + 5, part->name_2, sizeof(part->name_2));
	memcpy(units + 11, part->name_3, sizeof(part->name_3));
	while (length < FAT_LONG_UNITS && units[length])
		length++;
	if (start + length > FAT_NAME_UNITS || length == 0 || (!last && length < FAT_LONG_UNITS))
		return false;
	memcpy(assembly->name->units + start, units, length * sizeof(*units));
	if (last)
		assembly->name->length = start + length;
	return true;
}

static void take_part(struct assembly *assembly, const struct fat_entry *entry, uint32_t slot)
{
	const struct fat_long_entry *part = (const struct fat_long_entry *)entry;
	unsigned number = part->order & 0x3fu;
	bool last = part->order & FAT_LONG_LAST;

	assembly->whole = false;
	if (last) {
		assembly->first = slot;
		assembly->checksum = part->checksum;
	} else if (number != assembly->expected || part->checksum != assembly->checksum) {
		number = 0;
	}
	assembly->expected = 0;
	if (number == 0 || number > FAT_LONG_PARTS || !add_part(assembly, part, number, last))
		return;
	assembly->expected = number - 1;
	assembly->whole = number == 1;
}

static bool is_dots(const struct fat_entry *entry)
{
	return memcmp(entry->name, ".          ", 11) == 0 ||
	       memcmp(entry->name, "..         ", 11) == 0;
}

static void finish(struct assembly *assembly, const struct cursor *cursor, struct fat_found *found)
{
	found->entry = *cursor->entry;
	found->slot = found->first = cursor->slot;
	found->place = cursor_place(cursor);
	found->is_long =
		assembly->whole && assembly->checksum == fat_short_checksum(found->entry.name);
	if (found->is_long)
		found->first = assembly->first;
	else
		fat_name_from_short(&found->entry, &found->name);
}

int fat_slot_next(struct fat_node *directory, uint32_t slot, struct fat_found *found)
{
	struct cursor cursor = { .directory = directory };
	struct assembly assembly = { .name = &found->name };

	for (;; slot++) {
		int result = cursor_move(&cursor, slot);

		if (result <= 0)
			return result;
		if (cursor.entry->name[0] == FAT_SLOT_END)
			return 0;
		if (cursor.entry->name[0] == FAT_SLOT_FREE) {
			assembly.whole = false;
			assembly.expected = 0;
		} else if (is_long_part(cursor.entry)) {
			take_part(&assembly, cursor.entry, slot);
		} else if ((cursor.entry->attributes & FAT_VOLUME) || is_dots(cursor.entry)) {
			assembly.whole = false;
			assembly.expected = 0;
		} else {
			finish(&assembly, &cursor, found);
			return 1;
		}
	}
}

int fat_slot_find(struct fat_node *directory, const struct fat_name *name, struct fat_found *found)
{
	struct fat_name alias;
	uint32_t slot = 0;

	for (;;) {
		int result = fat_slot_next(directory, slot, found);

		if (result <= 0)
			return result ? result : -ENOENT;
		if (fat_names_equal(&found->name, name))
			return 0;
		if (found->is_long && name->length <= 12) {
			fat_name_from_short(&found->entry, &alias);
			if (fat_names_equal(&alias, name))
				return 0;
		}
		slot = found->slot + 1;
	}
}

size_t fat_found_text(const struct fat_found *found, char *text)
{
	size_t length = fat_name_to_text(&found->name, text, NAME_MAX_LENGTH);
	struct fat_name alias;

	if (!length && found->is_long) {
		fat_name_from_short(&found->entry, &alias);
		length = fat_name_to_text(&alias, text, NAME_MAX_LENGTH);
	}
	text[length] = '\0';
	return length;
}

int fat_slot_check_empty(struct fat_node *directory)
{
	struct fat_found found;
	int result = fat_slot_next(directory, 0, &found);

	return result > 0 ? -ENOTEMPTY : result;
}

/* --- Looking for room. --- */

#define ALIASES 16u /* tried in one look at the directory */

struct search {
	struct fat_room *room;
	const struct fat_found *old;
	uint8_t aliases[ALIASES][11];
	unsigned alias_count;
	uint32_t taken; /* a bit for each */
	uint32_t run;   /* free slots up to here */
	bool found;
	uint32_t end; /* the slots that there are */
};

static bool is_old(const struct search *search, uint32_t slot)
{
	return search->old && slot >= search->old->first && slot <= search->old->slot;
}

static void look_at_slot(struct search *search, const struct cursor *cursor, bool at_end)
{
	const struct fat_entry *entry = cursor->entry;

	if (at_end || entry->name[0] == FAT_SLOT_FREE || is_old(search, cursor->slot)) {
		search->run++;
	} else {
		search->run = 0;
		if (!is_long_part(entry))
			for (unsigned i = 0; i < search->alias_count; i++)
				if (memcmp(entry->name, search->aliases[i], 11) == 0)
					search->taken |= 1u << i;
	}
	if (!search->found && search->run == search->room->count) {
		search->found = true;
		search->room->first = cursor->slot + 1 - search->run;
		search->room->at_end = at_end;
	}
}

/* Looks at all slots once, for room and for the aliases in question. */
static int look_at_all(struct fat_node *directory, struct search *search)
{
	struct cursor cursor = { .directory = directory };
	bool at_end = false;
	int result;

	search->run = 0;
	for (uint32_t slot = 0;; slot++) {
		result = cursor_move(&cursor, slot);
		if (result <= 0) {
			search->end = slot;
			return result;
		}
		at_end |= cursor.entry->name[0] == FAT_SLOT_END;
		if (at_end && search->found) {
			search->end = slot;
			return 0;
		}
		look_at_slot(search, &cursor, at_end);
	}
}

/* Finds a short name that nobody has yet, and room on the way. */
static int search_directory(struct fat_node *directory, const struct fat_name *name,
			    struct search *search)
{
	struct fat_short *alias = &search->room->alias;
	unsigned attempt = 0;

	for (;;) {
		int error;

		search->alias_count = 0;
		search->taken = 0;
		while (!alias->exact && search->alias_count < ALIASES &&
		       fat_short_alias(alias, name, attempt + search->alias_count,
				       search->aliases[search->alias_count]))
			search->alias_count++;
		if (!alias->exact && !search->alias_count)
			return -EEXIST;
		error = look_at_all(directory, search);
		if (error || alias->exact)
			return error;
		for (unsigned i = 0; i < search->alias_count; i++) {
			if (search->taken >> i & 1)
				continue;
			memcpy(alias->name, search->aliases[i], 11);
			return 0;
		}
		attempt += search->alias_count;
	}
}

/* Adds clusters until there are `slots`. They are on disk as zeros before the FAT shows them. */
static int grow(struct fat_node *directory, uint32_t slots)
{
	struct fat *fs = directory->fs;
	uint32_t per_cluster = fs->geometry.cluster_size / FAT_SLOT_SIZE, old, cluster, count;
	int error;

	if (is_fixed_root(directory) || slots > FAT_DIRECTORY_SLOTS)
		return -ENOSPC;
	error = fat_chain_length(directory, &old);
	if (!error)
		error = fat_chain_grow(directory, (slots + per_cluster - 1) / per_cluster);
	for (uint32_t index = old; !error && index < directory->map.known; index += count) {
		error = fat_chain_find_locked(directory, index, &cluster, &count);
		if (error <= 0)
			return error ? error : -EUCLEAN;
		error = fat_buffer_zero(fs, fat_cluster_sector(&fs->geometry, cluster),
					(uint64_t)count * fs->geometry.cluster_size / SECTOR_SIZE);
		if (error && fat_chain_cut(directory, old))
			(void)fat_complain(fs, "a directory could not be grown");
	}
	return error;
}

int fat_slot_make_room(struct fat_node *directory, const struct fat_name *name,
		       const struct fat_found *old, struct fat_room *room)
{
	struct search search = { .room = room, .old = old };
	struct cursor cursor = { .directory = directory };
	int result;

	*room = (struct fat_room){ .count = 1 };
	fat_short_from_name(name, &room->alias);
	if (!room->alias.exact)
		room->count += (name->length + FAT_LONG_UNITS - 1) / FAT_LONG_UNITS;
	result = search_directory(directory, name, &search);
	if (result)
		return result;
	if (old && old->slot + 1 - old->first >= room->count) {
		/* In its place, so that one sector says the old name or the new one. */
		room->first = old->slot + 1 - room->count;
		room->at_end = false;
	} else if (!search.found) {
		room->first = search.end - search.run;
		room->at_end = true;
		result = grow(directory, room->first + room->count);
		if (result)
			return result;
	}
	result = cursor_move(&cursor, room->first + room->count - 1);
	room->place = cursor_place(&cursor);
	return result > 0 ? 0 : result ? result : -EUCLEAN;
}

/* --- Writing. --- */

/* Fills a part of the long name: what is behind its end is 0, then 0xffff. */
static void make_part(struct fat_long_entry *part, const struct fat_name *name, unsigned number,
		      bool last, uint8_t checksum)
{
	uint16_t units[FAT_LONG_UNITS];
	unsigned start = (number - 1) * FAT_LONG_UNITS;

	for (unsigned i = 0; i < FAT_LONG_UNITS; i++) {
		units[i] = start + i < name->length ? name->units[start + i] : 0xffff;
		if (start + i == name->length)
			units[i] = 0;
	}
	memset(part, 0, sizeof(*part));
	part->order = (uint8_t)(number | (last ? FAT_LONG_LAST : 0));
	part->attributes = FAT_LONG;
	part->checksum = checksum;
	memcpy(part->name_1, units, sizeof(part->name_1));
	memcpy(part->name_2, units + 5, sizeof(part->name_2));
	memcpy(part->name_3, units + 11, sizeof(part->name_3));
}

/* What was never used may not be all zeros; what is behind the new end must look so. */
static int mark_end(struct cursor *cursor, uint32_t slot)
{
	int result = cursor_move(cursor, slot);

	if (result <= 0)
		return result;
	if (cursor->entry->name[0] != FAT_SLOT_END) {
		memset(cursor->entry, 0, sizeof(*cursor->entry));
		cursor_dirty(cursor);
	}
	return 0;
}

int fat_slot_write(struct fat_node *directory, const struct fat_room *room,
		   const struct fat_name *name, const struct fat_entry *entry)
{
	struct cursor cursor = { .directory = directory };
	uint8_t checksum = fat_short_checksum(room->alias.name);
	int result = 1;

	if (room->at_end)
		result = mark_end(&cursor, room->first + room->count);
	if (result < 0)
		return result;
	for (unsigned i = 0; i < room->count; i++) {
		result = cursor_move(&cursor, room->first + i);
		if (result <= 0)
			return result ? result : -EUCLEAN;
		if (i + 1 < room->count) {
			make_part((struct fat_long_entry *)cursor.entry, name, room->count - 1 - i,
				  i == 0, checksum);
		} else {
			*cursor.entry = *entry;
			memcpy(cursor.entry->name, room->alias.name, 11);
			cursor.entry->lower_case = room->alias.lower_case;
		}
		cursor_dirty(&cursor);
	}
	return 0;
}

static int remove_slots(struct fat_node *directory, uint32_t first, uint32_t end)
{
	struct cursor cursor = { .directory = directory };

	for (uint32_t slot = first; slot < end; slot++) {
		int result = cursor_move(&cursor, slot);

		if (result <= 0)
			return result ? result : -EUCLEAN;
		cursor.entry->name[0] = FAT_SLOT_FREE;
		cursor_dirty(&cursor);
	}
	return 0;
}

int fat_slot_remove(struct fat_node *directory, const struct fat_found *found)
{
	return remove_slots(directory, found->first, found->slot + 1);
}

int fat_slot_remove_before(struct fat_node *directory, const struct fat_found *found, uint32_t end)
{
	return remove_slots(directory, found->first, end);
}

/* --- Entries by their place. --- */

static int entry_at(struct fat *fs, uint64_t place, struct fat_buffer **buffer,
		    struct fat_entry **entry)
{
	uint8_t *bytes;
	int error = fat_buffer_get(fs, place / SLOTS_PER_SECTOR, buffer, &bytes);

	if (!error)
		*entry = (struct fat_entry *)bytes + place % SLOTS_PER_SECTOR;
	return error;
}

int fat_entry_read(struct fat *fs, uint64_t place, struct fat_entry *entry)
{
	struct fat_buffer *buffer;
	struct fat_entry *at;
	int error = entry_at(fs, place, &buffer, &at);

	if (!error)
		*entry = *at;
	return error;
}

int fat_entry_write(struct fat *fs, uint64_t place, const struct fat_entry *entry)
{
	struct fat_buffer *buffer;
	struct fat_entry *at;
	int error = entry_at(fs, place, &buffer, &at);

	if (error || memcmp(at, entry, sizeof(*at)) == 0)
		return error;
	*at = *entry;
	fat_buffer_dirty(fs, buffer, place / SLOTS_PER_SECTOR, FAT_ENTRIES);
	return 0;
}

void fat_entry_set_cluster(const struct fat *fs, struct fat_entry *entry, uint32_t cluster)
{
	entry->cluster_low = (uint16_t)cluster;
	if (fs->geometry.bits == 32)
		entry->cluster_high = (uint16_t)(cluster >> 16);
}

int fat_slot_fill_directory(struct fat *fs, uint32_t cluster, uint32_t parent,
			    const struct fat_entry *like)
{
	uint64_t sector = fat_cluster_sector(&fs->geometry, cluster);
	struct fat_buffer *buffer;
	struct fat_entry *entries;
	uint8_t *bytes;
	int error;

	error = fat_buffer_zero(fs, sector, fs->geometry.cluster_size / SECTOR_SIZE);
	if (!error)
		error = fat_buffer_get(fs, sector, &buffer, &bytes);
	if (error)
		return error;
	entries = (struct fat_entry *)bytes;
	for (unsigned i = 0; i < 2; i++) {
		entries[i] = *like;
		memcpy(entries[i].name, i ? "..         " : ".          ", 11);
		entries[i].lower_case = 0;
		entries[i].attributes = FAT_DIRECTORY;
		entries[i].size = 0;
		fat_entry_set_cluster(fs, &entries[i], i ? parent : cluster);
	}
	return 0;
}
