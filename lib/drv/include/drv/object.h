/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Driver objects (.drv): relocatable ELF64 files for x86-64 that hold one driver's code, with the record of
 * ddk/driver.h. The same object is loaded in the kernel and in driver hosts, by this library; it is told
 * where the memory is and who supplies what the object needs, and does the rest.
 *
 * Not a byte of an object is trusted. Nothing here allocates or keeps state; `bytes` must stay as they are
 * while a struct drv_object is used. Functions that fail say why in words: *reason is static.
 *
 * What is accepted: ET_REL; sections PROGBITS, NOBITS, RELA, SYMTAB, STRTAB, INIT_ARRAY not (a driver has no
 * constructors), others that are not allocated are passed over; relocations 64, PC32, PLT32, 32S (within the
 * object only if it fits), GOTPCREL, GOTPCRELX, REX_GOTPCRELX, PC64; no TLS, no COMMON, no IFUNC. Sections
 * are writable or executable, never both. Functions from outside are called through stubs, which lie
 * with the code, and data from outside through a table of addresses with the constants, so that the object can be
 * anywhere: its three segments need only lie within 1 GiB of each other.
 */
#pragma once

#include <ddk/driver.h>

#define DRV_SIZE_MAX    (16u << 20) /* of a file, and of what it becomes in memory */
#define DRV_MATCHES_MAX 256
#define DRV_STRING_MAX  256 /* of a name, a version, a licence, with its end */

enum drv_segment {
	DRV_CODE,      /* executable */
	DRV_CONSTANTS, /* read-only once loaded */
	DRV_DATA,      /* read and written */
	DRV_SEGMENTS,
};

/* A file that was found to be in order. Opaque to others but for the sizes: whole pages of 4096. */
struct drv_object {
	const uint8_t *bytes;
	size_t length;
	size_t size[DRV_SEGMENTS];
	/* The library's. */
	uint64_t own[24];
};

/* The record, as far as it can be told without loading; strings lie in `bytes`. */
struct drv_record {
	const char *name, *version;
	const char *licence; /* NULL: the object says none */
	uint16_t version_major, version_minor;
	size_t match_count;
};

/* Checks the whole file: structure, sections, symbols, relocations, record. 0; -EINVAL (damaged), -EOPNOTSUPP
 * (something that objects may not have), -ENOEXEC (no driver object at all), -E2BIG. */
int must_check drv_open(const void *bytes, size_t length, struct drv_object *object,
			const char **reason);
/* Cannot fail for an object that was opened. */
void drv_read_record(const struct drv_object *object, struct drv_record *record);
/* Entry `index` < match_count of the table; its name lies in `bytes`. */
void drv_read_match(const struct drv_object *object, size_t index, struct driver_match *match);
/* The symbols that the object needs from outside, one after the other, *position 0 at first; NULL: no more. */
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

/* Writes the object to its places, relocated. The addresses of struct driver in *record and, after success, what
 * drv_find_function() tells are those of the places. -ENOENT (`missing` is the name of what nobody
 * supplies), -ERANGE (a relocation does not fit). */
int must_check drv_load(const struct drv_object *object, const struct drv_load *load,
			uint64_t *record, const char **reason, const char **missing);

/* The function that holds the byte at `offset` of the code, with where it begins; NULL: none. For backtraces: does
 * not wait, and takes time in proportion to the number of symbols. */
const char *drv_find_function(const struct drv_object *object, size_t offset, size_t *begin);
