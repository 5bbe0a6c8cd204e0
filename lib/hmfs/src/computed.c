/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forks that are made of what an object has: `mime`, a guess at what it is, and `checksum`, the hash
 * of its contents in hexadecimal. They are computed when somebody asks, and kept with the version of
 * the contents that they were computed from; so a change makes them wrong without touching them.
 */
#include <base/errno.h>
#include <base/format.h>
#include <base/hash.h>
#include <base/string.h>
#include <hash/sha3.h>
#include <hash/xxh3.h>

#include "fork_priv.h"
#include "mime.h"

#define PIECE (64u * 1024)
/* More than that would keep whoever asks waiting for too long. */
#define CHECKSUM_SIZE_MAX ((uint64_t)1 << 40)
/* While others write the contents, how often to try. */
#define TRIES 3u

static const char mime_name[] = "mime", checksum_name[] = "checksum";

static bool is(const char *name, size_t length, const char *what)
{
	return length == strlen(what) && memcmp(name, what, length) == 0;
}

bool hmfs_computed_name(const char *name, size_t length)
{
	return is(name, length, mime_name) || is(name, length, checksum_name);
}

bool hmfs_computed_may_be_set(const char *name, size_t length)
{
	return is(name, length, mime_name);
}

uint32_t hmfs_computed_mark(const char *name, size_t length, const struct hmfs_object *of)
{
	if (!is(name, length, mime_name))
		return 0;
	/* The name has a say in it. */
	return (uint32_t)hash_bytes(0, of->name, of->record.name_length);
}

/* --- Checksums --- */

union stream {
	struct xxh3_stream xxh3;
	struct sha3_stream sha3;
};

struct summing {
	union stream stream;
	uint8_t sum[HMFS_SUM_MAX];
	uint8_t piece[PIECE];
};

static void summing_begin(struct summing *summing, uint32_t hash)
{
	if (hash == HMFS_HASH_XXH3)
		xxh3_128_begin(&summing->stream.xxh3, 0);
	else if (hash == HMFS_HASH_SHA3_256)
		sha3_256_begin(&summing->stream.sha3);
	else
		sha3_512_begin(&summing->stream.sha3);
}

static void summing_add(struct summing *summing, uint32_t hash, size_t length)
{
	if (hash == HMFS_HASH_XXH3)
		xxh3_128_add(&summing->stream.xxh3, summing->piece, length);
	else
		sha3_add(&summing->stream.sha3, summing->piece, length);
}

static void summing_end(struct summing *summing, uint32_t hash)
{
	if (hash == HMFS_HASH_XXH3)
		xxh3_128_end(&summing->stream.xxh3, summing->sum);
	else
		sha3_end(&summing->stream.sha3, summing->sum);
}

static int sum(struct hmfs_volume *volume, struct hmfs_id id, struct summing *summing)
{
	const uint32_t hash = volume->super.hash;
	uint64_t offset = 0;
	ssize_t got;

	summing_begin(summing, hash);
	while ((got = hmfs_read(volume, id, offset, summing->piece, PIECE)) > 0) {
		summing_add(summing, hash, (size_t)got);
		offset += (uint64_t)got;
		if (offset > CHECKSUM_SIZE_MAX)
			return -EFBIG;
	}
	summing_end(summing, hash);
	return (int)got;
}

static ssize_t compute_checksum(struct hmfs_volume *volume, struct hmfs_id id,
				const struct hmfs_object *of, char text[HMFS_COMPUTED_MAX])
{
	const size_t size = hmfs_sum_size(volume->super.hash);
	struct summing *summing;
	int error;

	if ((of->record.mode & HMFS_MODE_TYPE) != HMFS_MODE_REGULAR)
		return -ENOENT;
	if (of->record.size > CHECKSUM_SIZE_MAX)
		return -EFBIG;
	summing = volume->host->allocate(sizeof(*summing));
	if (!summing)
		return -ENOMEM;
	error = sum(volume, id, summing);
	for (size_t i = 0; !error && i < size; i++)
		snprintf(text + 2 * i, HMFS_COMPUTED_MAX - 2 * i, "%02x", summing->sum[i]);
	volume->host->release(summing);
	return error ? error : (ssize_t)(2 * size);
}

static ssize_t compute_mime(struct hmfs_volume *volume, struct hmfs_id id,
			    const struct hmfs_object *of, char text[HMFS_COMPUTED_MAX])
{
	const uint32_t kind = of->record.mode & HMFS_MODE_TYPE;
	const char *type = hmfs_mime_of_kind(kind);
	uint8_t *head;
	ssize_t got;

	if (!type) {
		head = volume->host->allocate(HMFS_MIME_HEAD);
		if (!head)
			return -ENOMEM;
		got = hmfs_read(volume, id, 0, head, HMFS_MIME_HEAD);
		if (got >= 0)
			type = hmfs_mime_guess(head, (size_t)got, of->name, of->record.name_length);
		volume->host->release(head);
		if (got < 0)
			return got;
	}
	return (ssize_t)string_copy(text, type, HMFS_COMPUTED_MAX);
}

ssize_t hmfs_compute(struct hmfs_volume *volume, struct hmfs_id id, const struct hmfs_object *of,
		     const char *name, size_t length, char text[HMFS_COMPUTED_MAX])
{
	if (is(name, length, mime_name))
		return compute_mime(volume, id, of, text);
	return compute_checksum(volume, id, of, text);
}

/* --- Keeping them --- */

bool hmfs_fork_is_up_to_date(const struct hmfs_fork *fork)
{
	const struct hmfs_object_record *record = &fork->object.record;

	return fork->found && record->version == fork->owner.record.version &&
	       record->generation == hmfs_computed_mark(fork->name, fork->length, &fork->owner);
}

/* What it is, if that is up to date; 0: it has to be computed. */
static ssize_t read_kept(struct hmfs_fork *fork, char text[HMFS_COMPUTED_MAX])
{
	const uint64_t size = fork->found ? fork->object.record.size : 0;
	struct hmfs_chunk *chunk;
	ssize_t result;

	if (size == 0 || size > HMFS_COMPUTED_MAX || !hmfs_fork_is_up_to_date(fork))
		return 0;
	chunk = fork->volume->host->allocate(sizeof(*chunk));
	if (!chunk)
		return -ENOMEM;
	result = hmfs_chunk_load(fork->dataset, fork->entry.object, 0, chunk);
	if (!result && chunk->is_inline && chunk->length == size) {
		memcpy(text, chunk->bytes, size);
		result = (ssize_t)size;
	}
	fork->volume->host->release(chunk);
	return result;
}

static int keep(struct hmfs_fork *fork, const char *text, size_t size)
{
	bool in_place = false;
	int error = 0;

	if (fork->found)
		error = hmfs_fork_is_inline(fork, &in_place);
	if (error)
		return error;
	fork->keeping = true;
	if (in_place)
		return hmfs_fork_replace(fork, text, size);
	return hmfs_fork_make(fork, HMFS_FORK_COMPUTED, text, size, false);
}

/* Computes with the lock let go of: the length. *kept: 0, or why it is not; -EAGAIN:
 * the contents changed meanwhile, or somebody set the fork. */
static ssize_t compute_once(struct hmfs_fork *fork, char text[HMFS_COMPUTED_MAX], int *kept)
{
	const struct hmfs_id of = fork->of;
	const struct hmfs_object owner = fork->owner;
	const uint32_t mark = hmfs_computed_mark(fork->name, fork->length, &owner);
	ssize_t result;
	int error;

	hmfs_unlock(fork->volume);
	result = hmfs_compute(fork->volume, of, &owner, fork->name, fork->length, text);
	hmfs_lock(fork->volume);
	if (result < 0)
		return result;
	*kept = hmfs_dataset_get_to_change(fork->volume, of.dataset, &fork->dataset);
	if (*kept)
		return result;
	error = hmfs_fork_find(fork, of, fork->name, fork->length, fork->type);
	if (error)
		return error;
	if (fork->owner.record.version != owner.record.version || !hmfs_fork_is_computed(fork))
		*kept = -EAGAIN;
	if (*kept)
		return result;
	fork->version = owner.record.version;
	fork->mark = mark;
	*kept = keep(fork, text, (size_t)result);
	return result;
}

static ssize_t compute(struct hmfs_fork *fork, char text[HMFS_COMPUTED_MAX], int *kept)
{
	ssize_t result = read_kept(fork, text);

	*kept = 0;
	for (unsigned i = 0; i < TRIES && (result == 0 || (result > 0 && *kept == -EAGAIN)); i++)
		result = compute_once(fork, text, kept);
	return result;
}

ssize_t hmfs_fork_compute(struct hmfs_fork *fork, char text[HMFS_COMPUTED_MAX], struct hmfs_id *id)
{
	const struct hmfs_id of = fork->of;
	ssize_t result;
	int kept, error = hmfs_held_add(fork->volume, of);

	if (error)
		return error;
	result = compute(fork, text, &kept);
	if (result >= 0 && id) {
		*id = (struct hmfs_id){ of.dataset, fork->entry.object };
		error = kept ? kept : hmfs_held_take(fork->volume, *id);
		if (error)
			result = error;
	}
	hmfs_held_drop(fork->volume, of);
	return result;
}
