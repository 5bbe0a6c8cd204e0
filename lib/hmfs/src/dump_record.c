/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of maps as text. A record that is too short for its kind is shown as bytes. */
#include <base/format.h>
#include <base/string.h>

#include "dump_priv.h"

#define SHOWN_BYTES 32u /* of records that are not explained */

static void dump_bytes(struct hmfs_dump *dump, const struct hmfs_key *key,
		       const struct hmfs_value *value, const char *kind)
{
	char text[2 * SHOWN_BYTES + 1] = "";

	for (unsigned i = 0; i < value->length && i < SHOWN_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", value->bytes[i]);
	hmfs_dump_print(dump, "    %s: object %lu, place %lx, minor %lx: %u bytes %s%s", kind,
			key->object, key->place & HMFS_PLACE_MASK, key->minor, value->length, text,
			value->length > SHOWN_BYTES ? "..." : "");
}

static void copy_name(char to[HMFS_NAME_MAX + 1], const uint8_t *name, size_t length)
{
	size_t i;

	length = min_size(length, HMFS_NAME_MAX);
	for (i = 0; i < length; i++)
		to[i] = name[i] < ' ' ? '?' : (char)name[i];
	to[i] = 0;
}

static bool dump_object(struct hmfs_dump *dump, const struct hmfs_key *key,
			const struct hmfs_value *value)
{
	struct hmfs_object_record object;
	char name[HMFS_NAME_MAX + 1];

	if (value->length < sizeof(object))
		return false;
	memcpy(&object, value->bytes, sizeof(object));
	copy_name(name, value->bytes + sizeof(object),
		  min_size(object.name_length, value->length - sizeof(object)));
	hmfs_dump_print(
		dump,
		"    object %lu: mode %o, links %u, owner %u:%u, flags %x, size %lu, blocks %lu, "
		"version %lu, forks %u, modified %lu, parent %lu, name \"%s\"",
		key->object, object.mode, object.links, object.uid, object.gid, object.flags,
		object.size, object.blocks, object.version, object.forks, object.modify,
		object.parent, name);
	return true;
}

static bool dump_name(struct hmfs_dump *dump, const struct hmfs_key *key,
		      const struct hmfs_value *value, const char *kind)
{
	struct hmfs_name_record record;
	char name[HMFS_NAME_MAX + 1];

	if (value->length < HMFS_NAME_RECORD_SIZE)
		return false;
	memcpy(&record, value->bytes, HMFS_NAME_RECORD_SIZE);
	copy_name(name, value->bytes + HMFS_NAME_RECORD_SIZE,
		  min_size(record.length, value->length - HMFS_NAME_RECORD_SIZE));
	hmfs_dump_print(dump, "    %s of %lu: \"%s\" is object %lu, type %u (hash %lx)", kind,
			key->object, name, record.object, record.type,
			key->place & HMFS_PLACE_MASK);
	return true;
}

static bool dump_chunk(struct hmfs_dump *dump, uint32_t hash, const struct hmfs_key *key,
		       const struct hmfs_value *value)
{
	struct hmfs_chunk_record chunk;
	struct hmfs_run run;
	size_t offset = sizeof(chunk);

	if (value->length < sizeof(chunk))
		return false;
	memcpy(&chunk, value->bytes, sizeof(chunk));
	if (chunk.flags & HMFS_CHUNK_INLINE) {
		hmfs_dump_print(dump, "    chunk %lu of %lu: %u bytes in it",
				key->place & HMFS_PLACE_MASK, key->object, chunk.length);
		return true;
	}
	hmfs_dump_print(dump, "    chunk %lu of %lu: %u runs, sums of %lu bytes",
			key->place & HMFS_PLACE_MASK, key->object, chunk.runs,
			(unsigned long)hmfs_sum_size(hash));
	for (unsigned i = 0; i < chunk.runs && offset + sizeof(run) <= value->length; i++) {
		memcpy(&run, value->bytes + offset, sizeof(run));
		offset += sizeof(run);
		hmfs_dump_print(dump,
				"      run: block %u, %u blocks at %lu (and %lu), commit %lu%s%s",
				run.first, run.blocks, run.address, run.mirror, run.birth,
				run.flags & HMFS_RUN_UNWRITTEN ? ", unwritten" : "",
				run.flags & HMFS_RUN_SHARED ? ", shared" : "");
	}
	return true;
}

static bool dump_dead(struct hmfs_dump *dump, const struct hmfs_key *key,
		      const struct hmfs_value *value)
{
	struct hmfs_dead_record dead;

	if (value->length < sizeof(dead))
		return false;
	memcpy(&dead, value->bytes, sizeof(dead));
	hmfs_dump_print(dump, "    dead of list %lu: %u blocks at %lu, commit %lu, flags %x",
			key->object, dead.blocks, key->place & HMFS_PLACE_MASK, dead.birth,
			dead.flags);
	return true;
}

void hmfs_dump_record(struct hmfs_dump *dump, uint32_t hash, const struct hmfs_key *key,
		      const struct hmfs_value *value)
{
	static const char *const kinds[] = {
		[HMFS_KIND_OBJECT] = "object",
		[HMFS_KIND_NAME] = "name",
		[HMFS_KIND_CHUNK] = "chunk",
		[HMFS_KIND_FORK] = "fork",
		[HMFS_KIND_INDEX] = "index",
		[HMFS_KIND_ORPHAN] = "orphan",
		[HMFS_KIND_GROUP] = "group",
		[HMFS_KIND_SUMMARY] = "summary",
		[HMFS_KIND_DATASET] = "dataset",
		[HMFS_KIND_DEAD] = "dead",
		[HMFS_KIND_DEAD_SEGMENT] = "dead segment",
		[HMFS_KIND_SHARED] = "shared",
	};
	uint64_t kind = key->place >> 56;
	const char *name = kind < array_length(kinds) ? kinds[kind] : NULL;
	bool done = false;

	if (kind == HMFS_KIND_OBJECT)
		done = dump_object(dump, key, value);
	else if (kind == HMFS_KIND_NAME || kind == HMFS_KIND_FORK)
		done = dump_name(dump, key, value, name);
	else if (kind == HMFS_KIND_CHUNK)
		done = dump_chunk(dump, hash, key, value);
	else if (kind == HMFS_KIND_DEAD)
		done = dump_dead(dump, key, value);
	if (!done)
		dump_bytes(dump, key, value, name ? name : "record");
}
