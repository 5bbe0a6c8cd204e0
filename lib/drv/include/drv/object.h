/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver objects (.drv): relocatable ELF64 files for x86-64 that hold one driver's code, with the record of
 * ddk/driver.h. The same object is loaded in the kernel and in driver hosts, by this library; it is told
 * where the memory is and who supplies what the object needs, and does the rest.
 *
 * Not a byte of an object is trusted. Nothing here allocates or keeps state; `bytes` must stay as they are
 * while a struct drv_object is used. Functions that fail say why in words: *reason is static.
 *
 * What is accepted: ET_REL of at most DRV_SECTIONS_MAX sections, with one table of symbols; relocations 64, PC32, PLT32,
 * GOTPCREL, GOTPCRELX, REX_GOTPCRELX, PC64; no constructors, no TLS, no COMMON, no IFUNC, nothing that is not
 * position-independent. Sections are writable or executable, never both; those that are not allocated, notes and
 * unwind tables are passed over. Functions from outside are called through stubs, which lie with the code,
 * and data from outside is reached through a table of addresses with the constants, so that the object can be anywhere:
 * its three segments need only lie within 1 GiB of each other. What is weak and nobody supplies is at address 0.
 */
#pragma once

#include <ddk/driver.h>

#define DRV_SIZE_MAX             (16u << 20) /* of a file, and of each segment that it becomes */
#define DRV_SECTIONS_MAX         256
#define DRV_RELOCATIONS_MAX      (1u << 18)
#define DRV_MATCHES_MAX          256
#define DRV_PLATFORM_MATCHES_MAX 16
#define DRV_STRING_MAX           256 /* of a name, a version, a licence, with its end */

enum drv_segment {
	DRV_CODE,      /* executable */
	DRV_CONSTANTS, /* read-only once loaded */
	DRV_DATA,      /* read and written */
	DRV_SEGMENTS,
};

/* A place in a section, or (section 0) none. */
struct drv_place {
	uint32_t section;
	uint64_t offset;
};

/* A file that was found to be in order. What is below size[] is the library's. */
struct drv_object {
	const uint8_t *bytes;
	size_t length;
	size_t size[DRV_SEGMENTS]; /* whole pages of 4096; 0: it needs none */

	uint64_t section_table; /* all in the file */
	unsigned section_count, symbol_section;
	uint64_t symbols, symbol_count;
	uint64_t strings, strings_size, names, names_size;
	/* Symbols [slots_first, slots_first + slots_count) have an address at slots_offset of the constants and a stub
	 * at stubs_offset of the code. */
	uint64_t slots_first, slots_count, slots_offset, stubs_offset;
	/* The record, and what it tells. */
	struct drv_place driver, matches;
	uint64_t match_count;
	uint16_t version_major, version_minor, driver_size, match_size;
	const char *name, *version, *licence;
	/* Of each section that is loaded: its segment << 28 | where in it. */
	uint32_t placed[DRV_SECTIONS_MAX];
};

/* The record, as far as it can be told without loading; strings lie in `bytes`. */
struct drv_record {
	const char *name, *version;
	const char *licence; /* NULL: the object says none */
	uint16_t version_major, version_minor;
	size_t match_count;
};

/* Checks the whole file: structure, sections, symbols, relocations, record. 0; -EINVAL (damaged), -EOPNOTSUPP
 * (something that objects may not have, or built for a newer kit), -ENOEXEC (no driver object at all), -E2BIG. */
int must_check drv_open(const void *bytes, size_t length, struct drv_object *object,
			const char **reason);
/* Cannot fail for an object that was opened. */
void drv_read_record(const struct drv_object *object, struct drv_record *record);
/* Entry `index` < match_count of the table; its name lies in `bytes`. */
void drv_read_match(const struct drv_object *object, size_t index, struct driver_match *match);
/* The symbols that the object needs from outside, one after the other, *position 0 at first; NULL: no more. Weak
 * ones, without which it can do, are not told. */
const char *drv_next_needed(const struct drv_object *object, size_t *position);

struct drv_segment_place {
	void *memory;     /* where it is written, size[] bytes, zeroed */
	uint64_t address; /* where it will be */
};

struct drv_load {
	struct drv_segment_place places[DRV_SEGMENTS];
	/* The address of `name`, 0: there is none. */
	uint64_t (*find)(void *context, const char *name);
	void *context;
};

/* Writes the object to its places, relocated; *driver is what its record says, with the addresses of the places, and 0
 * where it was built before the kit had a field. Its strings and `matches` lie in the object's memory: who decides by
 * them reads them with the functions above. -ENOENT (*missing is the name of what nobody supplies; NULL
 * after other errors), -ERANGE (a relocation does not fit). */
int must_check drv_load(const struct drv_object *object, const struct drv_load *load,
			struct driver *driver, const char **reason, const char **missing);

/* The function that holds the byte at `offset` of the code, with where it begins; NULL: none. For backtraces: does
 * not wait, and takes time in proportion to the number of symbols. */
const char *drv_find_function(const struct drv_object *object, size_t offset, size_t *begin);
