/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes the input for the byte code of ACPI tables: loads them, evaluates what they define, and reads what
 * that gives as resources and routes.
 *
 * The first bytes are options; what follows is the code of a table, whose header is made to fit, or (by an
 * option) a table with its own header. Limits are small, memory may run out at a chosen allocation, and all
 * of it must be free again at the end.
 */
#include <aml/aml.h>
#include <aml/resource.h>
#include <base/string.h>
#include <stdlib.h>

#include "fuzz.h"

#define HEADER      36
#define CODE_MAX    16384
#define MEMORY_MAX  (1u << 20)
#define EVALUATIONS 24

struct options {
	uint8_t flags;   /* enum option */
	uint8_t failing; /* allocations that succeed, in steps of 4; 0: all */
	uint8_t values[2];
};

enum option {
	OPTION_NARROW = 1,     /* integers of 32 bits */
	OPTION_OWN_HEADER = 2, /* the table's header is the input's */
	OPTION_TWICE = 4,      /* loaded as two tables, cut in the middle */
	OPTION_HANDLER = 8,    /* a handler for the embedded controller */
	OPTION_GO_ON = 16,     /* after errors in methods */
	OPTION_LATE = 32,      /* the tables come when all is initialised */
};

static uint8_t space_bytes[512];
static uint8_t tables[2][HEADER + CODE_MAX];
static size_t table_size;
static size_t allocated;
static unsigned failing;
static uint64_t ticks;
static bool goes_on;

/* --- The host --- */

static void *allocate(const struct aml_host *host, size_t size)
{
	(void)host;
	if (failing != 0 && --failing == 0)
		return NULL;
	allocated += size;
	FUZZ_CHECK(allocated <= MEMORY_MAX + (64 << 10));
	return malloc(size);
}

static void release(const struct aml_host *host, void *memory, size_t size)
{
	(void)host;
	FUZZ_CHECK(size <= allocated);
	allocated -= size;
	free(memory);
}

static int access_space(const struct aml_host *host, struct aml_access *access)
{
	uint8_t *bytes = &space_bytes[access->address & 0xff];

	(void)host;
	if (access->bits == 0) {
		FUZZ_CHECK(access->buffer != NULL && access->length >= 2);
		memset(access->buffer, access->write ? 0x55 : 0xaa, access->length);
		return 0;
	}
	FUZZ_CHECK(access->bits <= 64);
	if (access->write)
		memcpy(bytes, &access->value, sizeof(access->value));
	else
		memcpy(&access->value, bytes, sizeof(access->value));
	return (access->address & 0xfff) == 0xfff ? -AML_E_IO_ERROR : 0;
}

static int handle(void *argument, struct aml_access *access)
{
	return access_space(argument, access);
}

static uint64_t now(const struct aml_host *host)
{
	(void)host;
	return ticks += 1000;
}

static void stall(const struct aml_host *host, unsigned us)
{
	(void)host;
	FUZZ_CHECK(us <= 255);
}

static void sleep_ms(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	ticks += ms * 10000;
}

static void wait_ms(const struct aml_host *host, uint64_t ms)
{
	(void)host;
	ticks += ms * 10000;
}

static int exception(const struct aml_host *host, struct aml_node *method, int error)
{
	char path[64];

	(void)host;
	FUZZ_CHECK(error < 0);
	aml_node_path(method, path, sizeof(path));
	return goes_on ? 0 : error;
}

static void notify(const struct aml_host *host, struct aml_node *node, uint64_t value)
{
	char path[64];

	(void)host;
	(void)value;
	aml_node_path(node, path, sizeof(path));
}

static void fatal(const struct aml_host *host, unsigned type, unsigned code, uint64_t argument)
{
	(void)host;
	(void)type;
	(void)code;
	(void)argument;
}

static void say(const struct aml_host *host, enum aml_log_level level, const char *text)
{
	(void)host;
	(void)level;
	FUZZ_CHECK(strlen(text) < 4096);
}

static const void *find_table(const struct aml_host *host, const char *signature,
			      const char *oem_id, const char *oem_table_id, size_t *size)
{
	(void)host;
	(void)oem_id;
	(void)oem_table_id;
	*size = table_size;
	return signature[0] == 'X' ? NULL : tables[1];
}

static const struct aml_host machine = {
	.allocate = allocate,
	.release = release,
	.access = access_space,
	.now_100ns = now,
	.stall_us = stall,
	.sleep_ms = sleep_ms,
	.wait = wait_ms,
	.exception = exception,
	.notify = notify,
	.fatal = fatal,
	.log = say,
	.find_table = find_table,
};

/* --- Results --- */

static void read_resources(const uint8_t *bytes, size_t length)
{
	struct aml_resource resource;
	size_t at = 0, end;

	while (aml_resource_next(bytes, length, &at, &resource) == 0) {
		FUZZ_CHECK(at <= length);
		for (unsigned index = 0; index < 8; index++)
			aml_resource_number(&resource, index);
		if (resource.type == AML_RESOURCE_END)
			break;
	}
	if (aml_resource_end(bytes, length, &end) == 0)
		FUZZ_CHECK(end + 2 <= length);
}

/* Looks at the object, and one level into it. */
static void read_result(const struct aml_object *object, unsigned depth)
{
	struct aml_route route;
	const uint8_t *bytes;
	size_t length;

	switch (aml_object_type(object)) {
	case AML_STRING:
		bytes = aml_bytes(object, &length);
		FUZZ_CHECK(bytes[length] == 0);
		break;
	case AML_BUFFER:
		bytes = aml_bytes(object, &length);
		read_resources(bytes, length);
		break;
	case AML_PACKAGE:
		for (unsigned index = 0; index < aml_count(object) && index < 64; index++) {
			const struct aml_object *element = aml_element(object, index);

			(void)!aml_route_at(object, index, &route);
			if (element != NULL && depth < 2)
				read_result(element, depth + 1);
		}
		break;
	case AML_REFERENCE:
		aml_reference_node(object);
		break;
	default:
		break;
	}
}

/* --- Evaluating --- */

static void make_arguments(struct aml *aml, const struct options *options,
			   struct aml_object *arguments[7])
{
	arguments[0] = aml_make_integer(aml, options->values[0]);
	arguments[1] = aml_make_buffer(aml, options, sizeof(*options));
	arguments[2] = aml_make_string(aml, "0x12");
	arguments[3] = aml_make_package(aml, 3);
	arguments[4] = aml_make_integer(aml, 1ull << (options->values[1] & 63));
	arguments[5] = aml_make_string(aml, "");
	arguments[6] = aml_make_buffer(aml, "", 0);
	if (arguments[3] != NULL)
		aml_set_element(aml, arguments[3], 0, aml_make_integer(aml, 7));
}

static void evaluate(struct aml *aml, struct aml_node *node, const struct options *options)
{
	unsigned rotation = options->values[1] >> 6, count = aml_node_arguments(node);
	struct aml_object *arguments[7], *turned[7], *result = NULL;
	bool complete = true;

	make_arguments(aml, options, arguments);
	for (unsigned at = 0; at < 7; at++) {
		turned[at] = arguments[(at + rotation) % 7];
		complete = complete && arguments[at] != NULL;
	}
	FUZZ_CHECK(count <= 7);
	if (complete && aml_evaluate(aml, node, turned, count, &result) == 0 && result != NULL)
		read_result(result, 0);
	aml_put(aml, result);
	for (unsigned at = 0; at < 7; at++)
		aml_put(aml, arguments[at]);
}

/* Evaluating may change what is there: each is found anew, by its number in the tree. */
static struct aml_node *find_number(struct aml *aml, unsigned number)
{
	struct aml_node *node = aml_child(aml, NULL, NULL);

	while (node != NULL && number-- > 0) {
		struct aml_node *next = aml_child(aml, node, NULL);

		while (next == NULL && node != NULL) {
			struct aml_node *parent = aml_parent(node);

			next = aml_child(aml, parent, node);
			node = aml_parent(parent) == NULL ? NULL : parent;
		}
		node = next;
	}
	return node;
}

static void evaluate_all(struct aml *aml, const struct options *options)
{
	for (unsigned number = 0, done = 0; done < EVALUATIONS && number < 400; number++) {
		struct aml_node *node = find_number(aml, number);
		enum aml_type type;

		if (node == NULL)
			break;
		type = aml_node_type(node);
		/* Integers and the like say nothing new. */
		if (type != AML_METHOD && type != AML_FIELD_UNIT && type != AML_BUFFER_FIELD &&
		    type != AML_PACKAGE && type != AML_BUFFER)
			continue;
		evaluate(aml, node, options);
		done++;
	}
}

/* --- Tables --- */

static size_t make_table(uint8_t *table, const char *signature, const struct options *options,
			 const uint8_t *code, size_t size)
{
	uint32_t length = (uint32_t)(HEADER + size);
	uint8_t sum = 0;

	memset(table, 0, HEADER);
	memcpy(table, signature, 4);
	memcpy(table + 4, &length, 4);
	table[8] = (options->flags & OPTION_NARROW) != 0 ? 1 : 2;
	memcpy(table + HEADER, code, size);
	for (size_t at = 0; at < length; at++)
		sum += table[at];
	table[9] = (uint8_t)-sum;
	return length;
}

/* A heap block as long as the table, so that a read beyond it is seen. */
static void load(struct aml *aml, const uint8_t *table, size_t size, uint8_t **copy)
{
	*copy = malloc(size + (size == 0));
	memcpy(*copy, table, size);
	(void)!aml_load(aml, *copy, size);
}

static void load_all(struct aml *aml, const struct options *options, const uint8_t *code,
		     size_t size, uint8_t *copies[2])
{
	size_t first = (options->flags & OPTION_TWICE) != 0 ? size / 2 : size;

	if ((options->flags & OPTION_OWN_HEADER) != 0) {
		load(aml, code, size, &copies[0]);
		return;
	}
	load(aml, tables[0], make_table(tables[0], "DSDT", options, code, first), &copies[0]);
	table_size = make_table(tables[1], "SSDT", options, code + first, size - first);
	if (first < size)
		load(aml, tables[1], table_size, &copies[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aml_limits limits = {
		.memory = MEMORY_MAX,
		.depth = 64,
		.operations = 20000,
	};
	uint8_t *copies[2] = { NULL, NULL };
	struct options options;
	struct aml *aml;

	if (size < sizeof(options) || size > sizeof(options) + CODE_MAX)
		return 0;
	memcpy(&options, data, sizeof(options));
	memset(space_bytes, 0, sizeof(space_bytes));
	allocated = 0;
	ticks = 0;
	table_size = 0;
	failing = 4u * options.failing;
	if (aml_create(&machine, &limits, &aml) == 0) {
		if ((options.flags & OPTION_HANDLER) != 0)
			(void)!aml_set_space_handler(aml, NULL, AML_SPACE_EMBEDDED_CONTROLLER,
						     handle, NULL);
		goes_on = (options.flags & OPTION_GO_ON) != 0;
		if ((options.flags & OPTION_LATE) != 0)
			(void)!aml_initialize(aml);
		load_all(aml, &options, data + sizeof(options), size - sizeof(options), copies);
		(void)!aml_initialize(aml);
		evaluate_all(aml, &options);
		aml_destroy(aml);
	}
	FUZZ_CHECK(allocated == 0);
	free(copies[0]);
	free(copies[1]);
	return 0;
}
