/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes, times, identities as text, both ways. */
#include <ctype.h>
#include <hmfs/format.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "program.h"

#define TEXTS 4u

/* One of a few buffers, so that a line can have several texts. */
static char *next_buffer(size_t *size)
{
	static char buffers[TEXTS][4 * 4096 + 8];
	static unsigned next;

	*size = sizeof(buffers[0]);
	return buffers[next++ % TEXTS];
}

const char *printable_bytes(const void *bytes, size_t length)
{
	const uint8_t *from = bytes;
	size_t size, used = 0, i;
	char *text = next_buffer(&size);

	for (i = 0; i < length && used + 5 < size; i++) {
		if (from[i] < 0x20 || from[i] == 0x7f || from[i] == '\\')
			used += (size_t)snprintf(text + used, size - used, "\\x%02x", from[i]);
		else
			text[used++] = (char)from[i];
	}
	text[used] = 0;
	return text;
}

const char *printable(const char *name)
{
	return printable_bytes(name, strlen(name));
}

/* The factor that a unit stands for; 0: no unit. */
static uint64_t unit_factor(const char *unit)
{
	static const char letters[] = "KMGTPE";
	uint64_t base = 1024, factor = 1;
	const char *letter;

	if (!*unit || strcasecmp(unit, "b") == 0)
		return 1;
	letter = strchr(letters, toupper((unsigned char)*unit));
	if (!letter)
		return 0;
	if (strcasecmp(unit + 1, "b") == 0)
		base = 1000;
	else if (unit[1] && strcasecmp(unit + 1, "ib") != 0 && strcasecmp(unit + 1, "i") != 0)
		return 0;
	for (; letter >= letters; letter--)
		factor *= base;
	return factor;
}

bool parse_size(const char *text, uint64_t *bytes)
{
	uint64_t whole = 0, part = 0, part_scale = 1, factor;

	if (!isdigit((unsigned char)*text))
		return false;
	for (; isdigit((unsigned char)*text); text++) {
		if (whole > (UINT64_MAX - 9) / 10)
			return false;
		whole = whole * 10 + (uint64_t)(*text - '0');
	}
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text); text++) {
			if (part_scale >= 1000000)
				continue;
			part = part * 10 + (uint64_t)(*text - '0');
			part_scale *= 10;
		}
	while (*text == ' ')
		text++;
	factor = unit_factor(text);
	if (factor == 0 || whole > UINT64_MAX / factor)
		return false;
	*bytes = whole * factor;
	part = (uint64_t)((unsigned __int128)part * factor / part_scale);
	if (*bytes + part < part)
		return false;
	*bytes += part;
	return true;
}

const char *size_text(uint64_t bytes)
{
	static const char letters[] = "KMGTPE";
	size_t size;
	char *text = next_buffer(&size);
	uint64_t whole = bytes, rest = 0;
	unsigned unit = 0;

	if (bytes < 1024) {
		snprintf(text, size, "%u bytes", (unsigned)bytes);
		return text;
	}
	for (; whole >= 1024; unit++) {
		rest = whole % 1024;
		whole /= 1024;
	}
	if (whole >= 100 || rest < 52)
		snprintf(text, size, "%u %ciB", (unsigned)(whole + (rest >= 512)),
			 letters[unit - 1]);
	else
		snprintf(text, size, "%u.%u %ciB", (unsigned)whole, (unsigned)(rest * 10 / 1024),
			 letters[unit - 1]);
	return text;
}

bool parse_number(const char *text, uint64_t maximum, uint64_t *number)
{
	uint64_t value = 0;

	if (!*text)
		return false;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text) || value > (UINT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
	}
	*number = value;
	return value <= maximum;
}

bool parse_time(const char *text, uint64_t *nanoseconds)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%dT%H:%M:%SZ" };
	uint64_t seconds;
	unsigned i;

	if (parse_number(*text == '@' ? text + 1 : text, UINT64_MAX / 1000000000, &seconds)) {
		*nanoseconds = seconds * 1000000000;
		return true;
	}
	for (i = 0; i < array_length(forms); i++) {
		struct tm when = { .tm_isdst = 0 };
		const char *end = strptime(text, forms[i], &when);
		time_t result;

		if (!end || *end)
			continue;
		result = timegm(&when);
		if (result < 0)
			return false;
		*nanoseconds = (uint64_t)result * 1000000000;
		return true;
	}
	return false;
}

const char *time_text(uint64_t nanoseconds)
{
	size_t size;
	char *text = next_buffer(&size);
	time_t seconds = (time_t)(nanoseconds / 1000000000);
	struct tm when;

	if (!localtime_r(&seconds, &when) || strftime(text, size, "%Y-%m-%d %H:%M", &when) == 0)
		snprintf(text, size, "?");
	return text;
}

bool parse_uuid(const char *text, uint8_t uuid[16])
{
	char digits[3] = "";
	unsigned i;

	for (i = 0; i < 16; i++, text += 2) {
		if (i >= 4 && i <= 10 && i % 2 == 0 && *text++ != '-')
			return false;
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return false;
		digits[0] = text[0];
		digits[1] = text[1];
		uuid[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return !*text;
}

const char *uuid_text(const uint8_t uuid[16])
{
	size_t size, used = 0;
	char *text = next_buffer(&size);
	unsigned i;

	for (i = 0; i < 16; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%02x",
					 i >= 4 && i <= 10 && i % 2 == 0 ? "-" : "", uuid[i]);
	return text;
}

static const char *const hash_names[] = {
	[HMFS_HASH_XXH3] = "xxh3",
	[HMFS_HASH_SHA3_256] = "sha3-256",
	[HMFS_HASH_SHA3_512] = "sha3-512",
};

uint32_t parse_hash(const char *text)
{
	uint32_t hash;

	for (hash = 1; hash < array_length(hash_names); hash++)
		if (strcasecmp(text, hash_names[hash]) == 0)
			return hash;
	return strcasecmp(text, "xxh3-128") == 0 ? HMFS_HASH_XXH3 : 0;
}

const char *hash_text(uint32_t hash)
{
	return hash > 0 && hash < array_length(hash_names) ? hash_names[hash] : "unknown";
}
