/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The interpreter of ACPI's machine language (ACPI 6.5, chapters 19 and 20), as ACPICA behaves where
 * the specification leaves room.
 *
 *	aml_create(&host, &limits, &aml);
 *	aml_load(aml, dsdt, size); aml_load(aml, ssdt, size); ...
 *	aml_initialize(aml);
 *	node = aml_find(aml, NULL, "\\_SB.PCI0._PRT");
 *	error = aml_evaluate(aml, node, NULL, 0, &result);
 *
 * Rules
 * - What tables hold is hostile: nothing in them makes the interpreter touch memory that it was not
 *   given, recurse on the C stack by their depth, allocate more than the limit, or go on for ever.
 * - There are no globals; several instances live beside each other.
 * - All functions may be called from any thread. One thread at a time interprets: the host's lock is
 *   held, but not during callbacks of the host that wait (sleep, wait, lock_wait, the handlers of
 *   regions).
 * - Results are 0 or a negative number, an enum aml_error with its sign changed.
 */
#pragma once

#include <base/types.h>

#include <aml/error.h>

struct aml;
struct aml_node;
struct aml_object;

/* As ObjectType tells them; from AML_REFERENCE on, it never does. */
enum aml_type {
	AML_UNINITIALIZED = 0,
	AML_INTEGER = 1,
	AML_STRING = 2,
	AML_BUFFER = 3,
	AML_PACKAGE = 4,
	AML_FIELD_UNIT = 5,
	AML_DEVICE = 6,
	AML_EVENT = 7,
	AML_METHOD = 8,
	AML_MUTEX = 9,
	AML_REGION = 10,
	AML_POWER_RESOURCE = 11,
	AML_PROCESSOR = 12,
	AML_THERMAL_ZONE = 13,
	AML_BUFFER_FIELD = 14,
	AML_TABLE_HANDLE = 15, /* DDBHandle */
	AML_DEBUG = 16,
	AML_REFERENCE = 20,
	AML_SCOPE,
	AML_ALIAS,
};

/* Address spaces of operation regions (ACPI 6.5, table 5.183). */
enum aml_space {
	AML_SPACE_MEMORY = 0,
	AML_SPACE_IO = 1,
	AML_SPACE_PCI =
		2, /* address: segment << 48 | bus << 40 | device << 35 | function << 32 | offset */
	AML_SPACE_EMBEDDED_CONTROLLER = 3,
	AML_SPACE_SMBUS = 4,
	AML_SPACE_CMOS = 5,
	AML_SPACE_PCI_BAR = 6,
	AML_SPACE_IPMI = 7,
	AML_SPACE_GPIO = 8,
	AML_SPACE_GENERIC_SERIAL = 9,
	AML_SPACE_PCC = 10,
	AML_SPACE_PRM = 11,
	AML_SPACE_FIXED_HARDWARE = 0x7f,
	AML_SPACES = 256,
};

/* A transfer of a region's field. `bits`: 8, 16, 32, 64; of GPIO, as many as the field has, and `address` is
 * the index of its first pin in the connection. Of the spaces that transfer buffers (SMBus, IPMI, generic
 * serial, PRM), 0, and `buffer` of `length` bytes is given and filled. */
struct aml_access {
	enum aml_space space;
	struct aml_node *region;
	uint64_t address; /* region's offset and field's */
	unsigned bits;
	bool write;
	uint64_t value;
	uint8_t *buffer;
	size_t length;
	unsigned attribute; /* of AccessAs */
	unsigned attribute_length;
	const uint8_t *connection; /* GPIO, generic serial: the descriptor of Connection; or NULL */
	size_t connection_length;
};

enum aml_log_level { AML_LOG_ERROR, AML_LOG_WARNING, AML_LOG_NOTE, AML_LOG_DEBUG };

/* What the embedder supplies; `self` is given to all. Those marked (may be NULL) are optional. */
struct aml_host {
	void *(*allocate)(const struct aml_host *host, size_t size); /* not zeroed; NULL: none */
	void (*release)(const struct aml_host *host, void *memory, size_t size);
	/* The instance's lock: recursive use does not occur. (may be NULL: one thread only) */
	void (*lock)(const struct aml_host *host);
	void (*unlock)(const struct aml_host *host);
	/* Who interprets: owners of mutexes. (may be NULL: one thread) */
	uint64_t (*thread)(const struct aml_host *host);
	/* Regions without a handler: memory, I/O, PCI configuration, CMOS as the machine has them. 0, or
	 * -AML_E_... */
	int (*access)(const struct aml_host *host, struct aml_access *access);
	uint64_t (*now_100ns)(const struct aml_host *host); /* monotonic: Timer, limits of time */
	void (*stall_us)(const struct aml_host *host, unsigned us); /* busy; at most 255 */
	/* Sleeps; lock let go of. */
	void (*sleep_ms)(const struct aml_host *host, uint64_t ms);
	/* Waits until something was signalled or released, or for `ms`; spurious returns are fine. Lock let go
	 * of. (may be NULL: nothing that is waited for ever comes; time passes by sleep_ms) */
	void (*wait)(const struct aml_host *host, uint64_t ms);
	void (*wake)(const struct aml_host *host); /* all who wait; (may be NULL) */
	/* The global lock of the FACS: true if it is held now. (may be NULL: always) */
	bool (*global_lock)(const struct aml_host *host, bool acquire);
	void (*notify)(const struct aml_host *host, struct aml_node *node, uint64_t value);
	void (*fatal)(const struct aml_host *host, unsigned type, unsigned code, uint64_t argument);
	/* Stores to Debug, and what is wrong. `text` is terminated, without newline. */
	void (*log)(const struct aml_host *host, enum aml_log_level level, const char *text);
	/* What becomes of an error in a method: it may be another, or 0 to leave the term out, whose result is
	 * missing then. Methods may be evaluated. (may be NULL: errors end the evaluation) */
	int (*exception)(const struct aml_host *host, struct aml_node *method, int error);
	/* What _OSI answers. (may be NULL: the usual Windows strings are known) */
	bool (*knows_interface)(const struct aml_host *host, const char *name);
	/* LoadTable: finds a table by signature, OEM id, OEM table id ("" matches all). The bytes stay.
	 * (may be NULL: there is none) */
	const void *(*find_table)(const struct aml_host *host, const char *signature,
				  const char *oem_id, const char *oem_table_id, size_t *size);
	/* Load or LoadTable brought a table; NULL: Unload took one away. Under the lock. (may be NULL) */
	void (*loaded)(const struct aml_host *host, const void *table, size_t size);
	void *context; /* the host's */
};

/* 0: the default. */
struct aml_limits {
	size_t memory;  /* bytes: 16 MiB */
	unsigned depth; /* of calls and of nested terms: 256 */
	uint64_t
		operations; /* of one evaluation from outside: 10 million. Loading a table may take twice as many,
			      * aml_initialize() four times */
	uint64_t loop_ms; /* that a While may go on: 30 seconds, as ACPICA */
};

int must_check aml_create(const struct aml_host *host, const struct aml_limits *limits,
			  struct aml **aml);
void aml_destroy(struct aml *aml);

/* Loads a table (with its header, whose length and checksum are checked): names are entered, module-level
 * code runs. The bytes are the caller's, and stay until aml_destroy(). A table of revision 1 that comes
 * first (the DSDT) makes integers 32 bits wide, for all. Errors in a part leave the rest out. */
int must_check aml_load(struct aml *aml, const void *table, size_t size);
/* When all tables are loaded: _REG of the regions, _INI as the specification says, below what _STA tells to
 * be there. */
int must_check aml_initialize(struct aml *aml);
/* Serves regions of a space below `node` (NULL: everywhere), and tells _REG. `handler` NULL: no longer.
 * Called without the lock. */
typedef int aml_space_handler(void *argument, struct aml_access *access);
int must_check aml_set_space_handler(struct aml *aml, struct aml_node *node, enum aml_space space,
				     aml_space_handler *handler, void *argument);

/* --- The name space. Nodes stay valid until their table is unloaded. --- */

/* Between the two nobody else changes the name space, but in evaluations that one begins oneself. They nest. */
void aml_lock(struct aml *aml);
void aml_unlock(struct aml *aml);
/* By a path such as "\\_SB.PCI0" or "^^FOO" or "FOO" (searched upwards if it is a single name) from `scope`
 * (NULL: the root). NULL: there is none. */
struct aml_node *aml_find(struct aml *aml, struct aml_node *scope, const char *path);
struct aml_node *aml_parent(struct aml_node *node);
/* The first child, or (after not NULL) the next one. */
struct aml_node *aml_child(struct aml *aml, struct aml_node *parent, struct aml_node *after);
enum aml_type aml_node_type(struct aml_node *node);
/* What an alias stands for; other nodes are their own. NULL: it is gone. */
struct aml_node *aml_node_target(struct aml_node *node);
void aml_node_name(struct aml_node *node, char name[5]);
/* The whole path, "\\_SB_.PCI0", terminated; its length, though it be cut. */
size_t aml_node_path(struct aml_node *node, char *path, size_t size);
/* A node that is held stays a node when its table is unloaded: it is gone then, and evaluates no more. */
void aml_node_hold(struct aml *aml, struct aml_node *node);
void aml_node_release(struct aml *aml, struct aml_node *node); /* NULL is fine */
bool aml_node_is_gone(struct aml *aml, struct aml_node *node);
/* Methods: how many arguments. */
unsigned aml_node_arguments(struct aml_node *node);

/* --- Evaluating. --- */

/* Calls a method, or reads an object or field. Arguments are borrowed; at most 7. *result: a reference, or
 * NULL where nothing was returned. Devices, mutexes and their like are no results: -AML_E_TYPE. */
int must_check aml_evaluate(struct aml *aml, struct aml_node *node,
			    struct aml_object *const *arguments, unsigned count,
			    struct aml_object **result);
/* The same for what must be an integer (converted), below `node` by name. */
int must_check aml_evaluate_integer(struct aml *aml, struct aml_node *node, const char *name,
				    uint64_t *value);
/* Instructions (terms) interpreted so far. */
uint64_t aml_operations(struct aml *aml);
size_t aml_memory_used(struct aml *aml);

/* --- Objects: counted. --- */

void aml_get(struct aml_object *object);
void aml_put(struct aml *aml, struct aml_object *object); /* NULL is fine */
enum aml_type aml_object_type(const struct aml_object *object);
/* NULL: no memory. */
struct aml_object *aml_make_integer(struct aml *aml, uint64_t value);
struct aml_object *aml_make_string(struct aml *aml, const char *text);
struct aml_object *aml_make_buffer(struct aml *aml, const void *bytes, size_t length);
struct aml_object *aml_make_package(struct aml *aml, unsigned count);
/* Puts an element into a package; takes the reference over. */
void aml_set_element(struct aml *aml, struct aml_object *package, unsigned index,
		     struct aml_object *element);
uint64_t aml_integer(const struct aml_object *object);
/* Strings' bytes (terminated behind `length`) and buffers'. */
const uint8_t *aml_bytes(const struct aml_object *object, size_t *length);
unsigned aml_count(const struct aml_object *package);
/* Borrowed; NULL: uninitialised. */
struct aml_object *aml_element(const struct aml_object *package, unsigned index);
/* What is told of a processor (AML_PROCESSOR, which evaluating the name gives): its number, and its block of
 * registers; length 0: none. False: it is no processor. */
bool aml_processor(const struct aml_object *object, unsigned *id, uint32_t *address,
		   unsigned *length);
/* Where a reference leads, if to a name; NULL else. */
struct aml_node *aml_reference_node(const struct aml_object *object);
