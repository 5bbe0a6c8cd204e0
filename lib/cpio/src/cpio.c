/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The "newc" format: each entry is a header of 110 characters (the magic and 13 fields of
 * 8 hexadecimal digits), the name with a 0, and the data; name and data are padded so that
 * what follows is aligned to 4 bytes from the beginning of the archive.
 */
#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>
#include <cpio/cpio.h>

#define MAGIC        "07070" /* then '1', or '2' if the checksum counts */
#define MAGIC_SIZE   6
#define FIELD_DIGITS 8
#define HEADER_SIZE  (MAGIC_SIZE + FIELD_COUNT * FIELD_DIGITS)
#define ALIGNMENT    4
#define TRAILER      "TRAILER!!!"

enum header_field {
	FIELD_INODE,
	FIELD_MODE,
	FIELD_UID,
	FIELD_GID,
	FIELD_NLINK,
	FIELD_MTIME,
	FIELD_FILE_SIZE,
	FIELD_DEV_MAJOR,
	FIELD_DEV_MINOR,
	FIELD_RDEV_MAJOR,
	FIELD_RDEV_MINOR,
	FIELD_NAME_SIZE,
	FIELD_CHECKSUM,
	FIELD_COUNT,
};

_Static_assert(HEADER_SIZE == 110, "newc header");

void cpio_open(struct cpio_reader *reader, const void *bytes, size_t size)
{
	*reader = (struct cpio_reader){ .bytes = bytes, .size = size };
}

static bool parse_digit(uint8_t digit, uint32_t *value)
{
	if (digit >= '0' && digit <= '9')
		*value = digit - '0';
	else if (digit >= 'a' && digit <= 'f')
		*value = digit - 'a' + 10u;
	else if (digit >= 'A' && digit <= 'F')
		*value = digit - 'A' + 10u;
	else
		return false;
	return true;
}

static bool parse_header(const uint8_t *header, uint32_t fields[FIELD_COUNT])
{
	if (memcmp(header, MAGIC, MAGIC_SIZE - 1) != 0 ||
	    (header[MAGIC_SIZE - 1] != '1' && header[MAGIC_SIZE - 1] != '2'))
		return false;
	for (unsigned field = 0; field < FIELD_COUNT; field++) {
		const uint8_t *digits = header + MAGIC_SIZE + field * FIELD_DIGITS;

		fields[field] = 0;
		for (unsigned i = 0; i < FIELD_DIGITS; i++) {
			uint32_t digit;

			if (!parse_digit(digits[i], &digit))
				return false;
			fields[field] = fields[field] << 4 | digit;
		}
	}
	return true;
}

/* Takes `length` bytes off the archive and then its padding, which the end of the memory
 * may cut. Returns NULL if they are not there. */
static const uint8_t *reader_take(struct cpio_reader *reader, size_t length)
{
	const uint8_t *bytes = reader->bytes + reader->offset;
	uint64_t end;

	if (!range_within(reader->offset, length, reader->size))
		return NULL;
	end = reader->offset + length;
	end += -(end - reader->start) & (ALIGNMENT - 1);
	reader->offset = min_size(end, reader->size);
	return bytes;
}

/* The sum of all bytes, which archives of magic 070702 keep for regular files. Hard links
 * without data carry that of the data, so it is only looked at where there is some. */
static uint32_t checksum(const uint8_t *data, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += data[i];
	return sum;
}

static bool name_valid(const uint8_t *name, size_t size)
{
	return size >= 2 && size <= CPIO_NAME_MAX && memchr(name, '\0', size) == name + size - 1;
}

/* Reads one entry, or the trailer, where reader->offset stands. */
static bool read_entry(struct cpio_reader *reader, struct cpio_entry *entry)
{
	uint32_t fields[FIELD_COUNT];
	const uint8_t *header;
	const uint8_t *name;
	const uint8_t *data;

	/* The name follows the header without padding: both are taken at once. */
	if (!range_within(reader->offset, HEADER_SIZE, reader->size))
		return false;
	header = reader->bytes + reader->offset;
	if (!parse_header(header, fields))
		return false;
	if (!reader_take(reader, (size_t)HEADER_SIZE + fields[FIELD_NAME_SIZE]))
		return false;
	name = header + HEADER_SIZE;
	data = reader_take(reader, fields[FIELD_FILE_SIZE]);
	if (!data || !name_valid(name, fields[FIELD_NAME_SIZE]))
		return false;
	if (header[MAGIC_SIZE - 1] == '2' && fields[FIELD_FILE_SIZE] > 0 &&
	    (fields[FIELD_MODE] & CPIO_MODE_TYPE) == CPIO_MODE_REGULAR &&
	    checksum(data, fields[FIELD_FILE_SIZE]) != fields[FIELD_CHECKSUM])
		return false;
	*entry = (struct cpio_entry){
		.name = (const char *)name,
		.name_length = fields[FIELD_NAME_SIZE] - 1,
		.archive = reader->archive,
		.inode = fields[FIELD_INODE],
		.mode = fields[FIELD_MODE],
		.uid = fields[FIELD_UID],
		.gid = fields[FIELD_GID],
		.nlink = fields[FIELD_NLINK],
		.mtime = fields[FIELD_MTIME],
		.dev_major = fields[FIELD_DEV_MAJOR],
		.dev_minor = fields[FIELD_DEV_MINOR],
		.rdev_major = fields[FIELD_RDEV_MAJOR],
		.rdev_minor = fields[FIELD_RDEV_MINOR],
		.data = data,
		.size = fields[FIELD_FILE_SIZE],
	};
	return true;
}

/* Skips zeros between archives. Returns false at the end of the memory. */
static bool find_archive(struct cpio_reader *reader)
{
	while (reader->offset < reader->size && reader->bytes[reader->offset] == 0)
		reader->offset++;
	reader->start = reader->offset;
	return reader->offset < reader->size;
}

int cpio_next(struct cpio_reader *reader, struct cpio_entry *entry)
{
	for (;;) {
		size_t offset = reader->offset;

		if (!reader->inside) {
			if (!find_archive(reader))
				return 0;
			reader->inside = true;
			continue;
		}
		if (!read_entry(reader, entry)) {
			reader->offset = offset;
			return -EINVAL;
		}
		if (strcmp(entry->name, TRAILER) != 0)
			return 1;
		reader->inside = false;
		reader->archive++;
	}
}
