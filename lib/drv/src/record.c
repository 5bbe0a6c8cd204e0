/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The record: read out of the file, so that what decides on an object's place is decided before a byte of it is
 * loaded. Pointers are relocations; numbers are bytes that no relocation changes.
 */
#include "drv_priv.h"

#include <base/checked.h>
#include <base/errno.h>
#include <base/string.h>

/* What version 1.0 of the kit had. */
#define DRIVER_SIZE_MIN (offsetof(struct driver, resume) + sizeof(void *))
#define MATCH_SIZE_MIN  (offsetof(struct driver_match, name) + sizeof(void *))

/* The first relocation that changes one of the `length` bytes at `place`; the number of such. */
static unsigned find_relocation(const struct drv_object *object, struct drv_place place,
				uint64_t length, struct drv_relocation *found)
{
	struct drv_relocation_walk walk = { .next = 0 };
	struct drv_relocation relocation;
	unsigned count = 0;

	while (drv_next_relocation(object, &walk, &relocation)) {
		if (relocation.section != place.section ||
		    relocation.offset >= place.offset + length ||
		    relocation.offset + drv_relocation_width(relocation.type) <= place.offset)
			continue;
		if (count++ == 0)
			*found = relocation;
	}
	return count;
}

/* The bytes of a section that is loaded; NULL: there are fewer, or they are not in the file. */
static const uint8_t *bytes_at(const struct drv_object *object, struct drv_place place,
			       uint64_t length)
{
	struct elf64_section_header section;

	if (!drv_is_loaded(object, place.section))
		return NULL;
	drv_read_section(object, place.section, &section);
	if (section.type == ELF_SECTION_NOBITS || !range_within(place.offset, length, section.size))
		return NULL;
	return object->bytes + section.offset + place.offset;
}

/* Bytes that are after loading what they are in the file. */
static const uint8_t *constant_at(const struct drv_object *object, struct drv_place place,
				  uint64_t length)
{
	struct drv_relocation relocation;

	if (find_relocation(object, place, length, &relocation) > 0)
		return NULL;
	return bytes_at(object, place, length);
}

/* What the pointer at `place` leads to; of NULL, section 0. */
static bool pointer_at(const struct drv_object *object, struct drv_place place,
		       struct drv_place *target)
{
	const uint8_t *bytes = bytes_at(object, place, sizeof(uint64_t));
	struct elf64_symbol symbol;
	struct drv_relocation relocation;
	unsigned count;
	uint64_t value;

	*target = (struct drv_place){ .section = 0 };
	if (!bytes)
		return false;
	count = find_relocation(object, place, sizeof(uint64_t), &relocation);
	memcpy(&value, bytes, sizeof(value));
	if (count == 0)
		return value == 0;
	if (count > 1 || relocation.type != ELF_X86_64_64 || relocation.offset != place.offset)
		return false;
	drv_read_symbol(object, relocation.symbol, &symbol);
	if (symbol.shndx == ELF_SYMBOL_UNDEFINED)
		return false;
	target->section = symbol.shndx;
	target->offset = symbol.value + (uint64_t)relocation.addend;
	return true;
}

/* The string that the pointer at `place` leads to, printable; *string is NULL where that is NULL. */
static bool string_at(const struct drv_object *object, struct drv_place place, const char **string)
{
	struct drv_place target;

	*string = NULL;
	if (!pointer_at(object, place, &target))
		return false;
	if (target.section == 0)
		return true;
	for (uint64_t length = 0; length < DRV_STRING_MAX; length++) {
		const uint8_t *text = bytes_at(object, target, length + 1);

		if (!text)
			return false;
		if (text[length] == '\0') {
			*string = (const char *)text;
			return true;
		}
		if (text[length] < ' ' || text[length] > '~')
			return false;
	}
	return false;
}

static struct drv_place behind(struct drv_place place, uint64_t offset)
{
	place.offset += offset;
	return place;
}

static int check_version(const struct ddk_object_header *header, const char **reason)
{
	if (header->magic != DDK_OBJECT_MAGIC)
		return drv_refuse(reason, -EINVAL, "its record is damaged");
	if (header->version_major != DDK_VERSION_MAJOR)
		return drv_refuse(reason, -EOPNOTSUPP, "it was built for another driver kit");
	if (header->version_minor > DDK_VERSION_MINOR)
		return drv_refuse(reason, -EOPNOTSUPP, "it was built for a newer driver kit");
	if (header->header_size < sizeof(*header) || header->driver_size < DRIVER_SIZE_MIN ||
	    header->driver_size > sizeof(struct driver) || header->match_size < MATCH_SIZE_MIN ||
	    header->match_size > sizeof(struct driver_match))
		return drv_refuse(reason, -EINVAL, "its record has no size that the kit had");
	if (header->flags & DDK_OBJECT_VECTOR)
		return drv_refuse(reason, -EOPNOTSUPP,
				  "it may use vector registers: compile with -mgeneral-regs-only");
	if (header->flags != 0)
		return drv_refuse(reason, -EINVAL, "its record is damaged");
	return 0;
}

/* The one section .ddk, with the header at its beginning. */
static int find_header(struct drv_object *object, const char **reason)
{
	struct ddk_object_header header;
	struct elf64_section_header section;
	struct drv_place place = { .section = 0 };
	const uint8_t *bytes;
	int error;

	for (unsigned i = 1; i < object->section_count; i++) {
		drv_read_section(object, i, &section);
		if (!drv_is_loaded(object, i) ||
		    strcmp(drv_section_name(object, &section), ".ddk") != 0)
			continue;
		if (place.section != 0)
			return drv_refuse(reason, -EINVAL, "it has several records");
		place.section = i;
	}
	if (place.section == 0)
		return drv_refuse(reason, -ENOEXEC, "it has no record: DRIVER() is missing");
	bytes = constant_at(object, place, offsetof(struct ddk_object_header, driver));
	drv_read_section(object, place.section, &section);
	if (!bytes || section.size < sizeof(header))
		return drv_refuse(reason, -EINVAL, "its record is damaged");
	memcpy(&header, bytes, offsetof(struct ddk_object_header, driver));
	error = check_version(&header, reason);
	if (error)
		return error;
	if (section.size != header.header_size)
		return drv_refuse(reason, -EINVAL, "it has several records");
	if (!pointer_at(object, behind(place, offsetof(struct ddk_object_header, driver)),
			&object->driver) ||
	    object->driver.section == 0)
		return drv_refuse(reason, -EINVAL, "its record is damaged");
	object->version_major = header.version_major;
	object->version_minor = header.version_minor;
	object->driver_size = header.driver_size;
	object->match_size = header.match_size;
	return 0;
}

static bool is_name(const char *name)
{
	size_t length = 0;

	for (; name[length]; length++) {
		char c = name[length];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return length > 0 && length < DRIVER_NAME_MAX;
}

static int read_strings(struct drv_object *object, const char **reason)
{
	struct drv_place driver = object->driver;

	if (!string_at(object, behind(driver, offsetof(struct driver, name)), &object->name) ||
	    !object->name || !is_name(object->name))
		return drv_refuse(reason, -EINVAL, "its record has no proper name");
	if (!string_at(object, behind(driver, offsetof(struct driver, version)), &object->version))
		return drv_refuse(reason, -EINVAL, "its record has no proper version");
	if (!string_at(object, behind(driver, offsetof(struct driver, licence)), &object->licence))
		return drv_refuse(reason, -EINVAL, "its record has no proper licence");
	if (!object->version)
		object->version = "";
	return 0;
}

static int check_functions(const struct drv_object *object, const char **reason)
{
	static const size_t functions[] = {
		offsetof(struct driver, probe),
		offsetof(struct driver, remove),
		offsetof(struct driver, suspend),
		offsetof(struct driver, resume),
	};

	for (size_t i = 0; i < array_length(functions); i++) {
		struct drv_place target;
		bool is_probe = functions[i] == offsetof(struct driver, probe);

		if (!pointer_at(object, behind(object->driver, functions[i]), &target) ||
		    (target.section == 0 && is_probe) ||
		    (target.section != 0 && (!bytes_at(object, target, 1) ||
					     drv_segment_of(object, target.section) != DRV_CODE)))
			return drv_refuse(reason, -EINVAL,
					  "its record names a function that it does not have");
	}
	return 0;
}

/* The device that entry `index` names, of PCI's without its name: that says nothing. */
static bool match_at(const struct drv_object *object, uint64_t index, struct driver_match *match)
{
	struct drv_place place = behind(object->matches, index * object->match_size);
	const uint8_t *bytes = bytes_at(object, place, object->match_size);

	memset(match, 0, sizeof(*match));
	if (!bytes)
		return false;
	memcpy(match, bytes, object->match_size);
	match->name = NULL;
	if (match->bus == DRIVER_BUS_PCI)
		return true;
	return match->bus == DRIVER_BUS_PLATFORM &&
	       string_at(object, behind(place, offsetof(struct driver_match, name)),
			 &match->name) &&
	       match->name;
}

/* No relocation changes anything in the table but names. In one pass, however long it is. */
static bool numbers_are_constant(const struct drv_object *object)
{
	struct drv_relocation_walk walk = { .next = 0 };
	struct drv_relocation relocation;
	struct drv_place table = object->matches;

	while (drv_next_relocation(object, &walk, &relocation)) {
		uint64_t offset = relocation.offset - table.offset;

		if (relocation.section != table.section ||
		    relocation.offset + drv_relocation_width(relocation.type) <= table.offset ||
		    relocation.offset >= table.offset + object->match_count * object->match_size)
			continue;
		if (relocation.type != ELF_X86_64_64 ||
		    offset % object->match_size != offsetof(struct driver_match, name))
			return false;
	}
	return true;
}

static int check_table(const struct drv_object *object, const char **reason)
{
	size_t platform = 0;

	if (!bytes_at(object, object->matches, object->match_count * object->match_size) ||
	    !numbers_are_constant(object))
		return drv_refuse(reason, -EINVAL, "its table of devices is damaged");
	for (uint64_t i = 0; i < object->match_count; i++) {
		struct driver_match match;

		if (!match_at(object, i, &match))
			return drv_refuse(reason, -EINVAL, "its table of devices makes no sense");
		if (match.bus == DRIVER_BUS_PLATFORM && ++platform > DRV_PLATFORM_MATCHES_MAX)
			return drv_refuse(reason, -E2BIG, "its table of devices is too long");
	}
	return 0;
}

static int check_matches(struct drv_object *object, const char **reason)
{
	struct drv_place driver = object->driver;
	const uint8_t *count =
		constant_at(object, behind(driver, offsetof(struct driver, match_count)),
			    sizeof(object->match_count));

	if (!count ||
	    !pointer_at(object, behind(driver, offsetof(struct driver, matches)), &object->matches))
		return drv_refuse(reason, -EINVAL, "its record has no table of devices");
	memcpy(&object->match_count, count, sizeof(object->match_count));
	if (object->match_count == 0)
		return 0;
	if (object->match_count > DRV_MATCHES_MAX)
		return drv_refuse(reason, -E2BIG, "its table of devices is too long");
	return check_table(object, reason);
}

int drv_check_record(struct drv_object *object, const char **reason)
{
	int error = find_header(object, reason);

	if (!error && !bytes_at(object, object->driver, object->driver_size))
		error = drv_refuse(reason, -EINVAL, "its record is damaged");
	if (!error)
		error = read_strings(object, reason);
	if (!error)
		error = check_functions(object, reason);
	if (!error)
		error = check_matches(object, reason);
	return error;
}

void drv_read_record(const struct drv_object *object, struct drv_record *record)
{
	*record = (struct drv_record){
		.name = object->name,
		.version = object->version,
		.licence = object->licence,
		.version_major = object->version_major,
		.version_minor = object->version_minor,
		.match_count = object->match_count,
	};
}

void drv_read_match(const struct drv_object *object, size_t index, struct driver_match *match)
{
	(void)match_at(object, index, match);
}
