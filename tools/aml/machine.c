/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interpreter's host: callbacks over the C library. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acpiexec.h"
#include "machine.h"
#include "memory.h"
#include "program.h"

#define TABLE_MAX  (64u << 20) /* bytes of a file */
#define TABLES_MAX 4096

/* Of tables' headers (ACPI 6.5, table 5.4). */
#define HEADER_SIZE         36
#define HEADER_LENGTH       4
#define HEADER_OEM_ID       10
#define OEM_ID_SIZE         6
#define HEADER_OEM_TABLE_ID 16
#define OEM_TABLE_ID_SIZE   8

struct table {
	const char *file;
	uint8_t *bytes;
	size_t size;
};

struct machine {
	struct aml_host host;
	struct aml *aml;
	struct memory *memory;
	struct table *tables;
	unsigned tables_count;
	uint64_t allocated; /* bytes that the interpreter has */
	uint64_t slept_100ns;
};

static struct machine *machine_of(const struct aml_host *host)
{
	return host->context;
}

static void *host_allocate(const struct aml_host *host, size_t size)
{
	machine_of(host)->allocated += size;
	return malloc(size);
}

static void host_release(const struct aml_host *host, void *memory, size_t size)
{
	if (!memory)
		return;
	machine_of(host)->allocated -= size;
	free(memory);
}

static uint64_t host_now(const struct aml_host *host)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 10000000 + (uint64_t)time.tv_nsec / 100 +
	       machine_of(host)->slept_100ns;
}

static void host_stall(const struct aml_host *host, unsigned us)
{
	machine_of(host)->slept_100ns += us * 10ull;
}

static void host_sleep(const struct aml_host *host, uint64_t ms)
{
	machine_of(host)->slept_100ns += ms * 10000;
}

/* How many bytes a transfer of a bus is for, by its attribute (ACPI 6.5, table 5.186). */
static size_t transfer_length(const struct aml_access *access)
{
	switch (access->attribute) {
	case 0x02: /* AttribQuick */
		return 0;
	case 0x04: /* AttribSendReceive */
	case 0x06: /* AttribByte */
		return 1;
	case 0x08: /* AttribWord */
	case 0x0c: /* AttribProcessCall */
		return 2;
	case 0x0a: /* AttribBlock */
	case 0x0d: /* AttribBlockProcessCall */
		return 32;
	default:
		return access->attribute_length;
	}
}

/* What devices on such buses answer, as acpiexec's do: a status, a length, and bytes that tell their place. */
static void answer_transfer(struct aml_access *access)
{
	size_t length =
		min_size(transfer_length(access), access->length - min_size(access->length, 2));

	memset(access->buffer, 0, access->length);
	if (access->length < 2)
		return;
	if (access->space == AML_SPACE_IPMI) {
		access->buffer[1] = 64;
		for (size_t i = 4; i < access->length; i++)
			access->buffer[i] = (uint8_t)i;
		return;
	}
	access->buffer[1] = (uint8_t)length;
	for (size_t i = 0; i < length; i++)
		access->buffer[2 + i] = (uint8_t)(0xa0 + i);
}

static int host_access(const struct aml_host *host, struct aml_access *access)
{
	if (!access->bits) {
		answer_transfer(access);
		return 0;
	}
	return memory_access(machine_of(host)->memory, access->space, access->address,
			     access->bits / 8, access->write, &access->value)
		       ? 0
		       : -AML_E_NO_MEMORY;
}

/* Of the spaces that acpiexec serves; that they can be used is told to _REG. */
static int serve(void *argument, struct aml_access *access)
{
	struct machine *machine = argument;

	return host_access(&machine->host, access);
}

static int host_exception(const struct aml_host *host, struct aml_node *method, int error)
{
	(void)method;
	return acpiexec_exception(machine_of(host)->aml, error);
}

static bool host_knows_interface(const struct aml_host *host, const char *name)
{
	(void)host;
	return acpiexec_knows_interface(name);
}

static void host_notify(const struct aml_host *host, struct aml_node *node, uint64_t value)
{
	char path[256];

	(void)host;
	aml_node_path(node, path, sizeof(path));
	fprintf(stderr, "Notify %s 0x%" PRIX64 "\n", path, value);
}

static void host_fatal(const struct aml_host *host, unsigned type, unsigned code, uint64_t argument)
{
	(void)host;
	fprintf(stderr, "Fatal 0x%X 0x%X 0x%" PRIX64 "\n", type, code, argument);
}

static void host_log(const struct aml_host *host, enum aml_log_level level, const char *text)
{
	static const char *const names[] = {
		[AML_LOG_ERROR] = "error: ",
		[AML_LOG_WARNING] = "warning: ",
		[AML_LOG_NOTE] = "note: ",
		[AML_LOG_DEBUG] = "Debug ",
	};

	(void)host;
	fprintf(stderr, "%s%s\n", names[level], text);
}

/* "" matches all; else the header's field, which zeros fill up. */
static bool is_field(const uint8_t *field, size_t size, const char *wanted)
{
	return !*wanted || !strncmp((const char *)field, wanted, size);
}

static const void *host_find_table(const struct aml_host *host, const char *signature,
				   const char *oem_id, const char *oem_table_id, size_t *size)
{
	const struct machine *machine = machine_of(host);

	for (unsigned i = 0; i < machine->tables_count; i++) {
		const struct table *table = &machine->tables[i];

		if (table->size < HEADER_SIZE || !is_field(table->bytes, 4, signature) ||
		    !is_field(table->bytes + HEADER_OEM_ID, OEM_ID_SIZE, oem_id) ||
		    !is_field(table->bytes + HEADER_OEM_TABLE_ID, OEM_TABLE_ID_SIZE, oem_table_id))
			continue;
		*size = table->size;
		return table->bytes;
	}
	return NULL;
}

/* Tables of other signatures are data, or wait for LoadTable. */
static bool is_byte_code(const uint8_t *bytes, size_t size)
{
	static const char signatures[][5] = { "DSDT", "SSDT", "PSDT", "OSDT" };

	for (unsigned i = 0; i < array_length(signatures); i++) {
		if (size >= 4 && !memcmp(bytes, signatures[i], 4))
			return true;
	}
	return false;
}

static uint8_t *read_file(const char *file, size_t *size)
{
	FILE *stream = fopen(file, "rb");
	uint8_t *bytes = NULL;

	if (!stream)
		die("%s: %s", file, strerror(errno));
	*size = 0;
	for (size_t room = 0, count = 1; count; *size += count) {
		if (*size == room) {
			room = room ? room * 2 : 4096;
			bytes = allocate_more(bytes, room);
		}
		count = fread(bytes + *size, 1, room - *size, stream);
		if (*size + count > TABLE_MAX)
			die("%s: too large", file);
	}
	if (ferror(stream))
		die("%s: %s", file, strerror(errno));
	fclose(stream);
	return bytes;
}

static void add_table(struct machine *machine, const char *file, const uint8_t *bytes, size_t size)
{
	struct table *table;

	machine->tables =
		allocate_more(machine->tables, sizeof(*table) * (machine->tables_count + 1));
	table = &machine->tables[machine->tables_count++];
	/* A size that is exact: sanitizers see what reads beyond it. */
	*table = (struct table){ file, allocate_more(NULL, size ? size : 1), size };
	memcpy(table->bytes, bytes, size);
}

/* How much of the bytes is one table: all, unless byte code of another one stands behind it. */
static size_t measure_table(const uint8_t *bytes, size_t size)
{
	uint32_t length;

	if (size < HEADER_SIZE)
		return size;
	memcpy(&length, bytes + HEADER_LENGTH, sizeof(length));
	if (length < HEADER_SIZE || length >= size || size - length < HEADER_SIZE)
		return size;
	return is_byte_code(bytes + length, size - length) ? length : size;
}

/* A file may hold several tables, one behind the other, as iasl writes them. */
static void read_tables(struct machine *machine, const char *file)
{
	size_t size, at = 0, length;
	uint8_t *bytes = read_file(file, &size);

	do {
		length = measure_table(bytes + at, size - at);
		add_table(machine, file, bytes + at, length);
		at += length;
	} while (at < size && machine->tables_count < TABLES_MAX);
	free(bytes);
}

struct machine *machine_create(char *const *files, unsigned count, const struct aml_limits *limits)
{
	struct machine *machine = allocate_zeroed(sizeof(*machine));
	int error;

	machine->memory = memory_create();
	for (unsigned i = 0; i < count; i++)
		read_tables(machine, files[i]);
	machine->host = (struct aml_host){
		.allocate = host_allocate,
		.release = host_release,
		.access = host_access,
		.now_100ns = host_now,
		.stall_us = host_stall,
		.sleep_ms = host_sleep,
		.notify = host_notify,
		.fatal = host_fatal,
		.log = host_log,
		.exception = host_exception,
		.knows_interface = host_knows_interface,
		.find_table = host_find_table,
		.context = machine,
	};
	error = aml_create(&machine->host, limits, &machine->aml);
	if (error)
		die("the interpreter does not start: %s", aml_error_name(error));
	return machine;
}

bool machine_destroy(struct machine *machine)
{
	bool is_clean;

	aml_destroy(machine->aml);
	is_clean = machine->allocated == 0;
	for (unsigned i = 0; i < machine->tables_count; i++)
		free(machine->tables[i].bytes);
	free(machine->tables);
	memory_destroy(machine->memory);
	free(machine);
	return is_clean;
}

struct aml *machine_aml(struct machine *machine)
{
	return machine->aml;
}

int machine_load(struct machine *machine)
{
	int first_error = 0;

	for (unsigned i = 0; i < machine->tables_count; i++) {
		const struct table *table = &machine->tables[i];
		int error;

		if (!is_byte_code(table->bytes, table->size)) {
			/* What is no table at all is an error, and not silent. */
			if (table->size >= HEADER_SIZE)
				continue;
			error = -AML_E_BAD_HEADER;
		} else {
			error = aml_load(machine->aml, table->bytes, table->size);
		}
		if (error)
			complain("%s: %s", table->file, aml_error_name(error));
		if (!first_error)
			first_error = error;
	}
	return first_error;
}

void machine_initialize(struct machine *machine)
{
	static const uint8_t spaces[] = {
		AML_SPACE_SMBUS, AML_SPACE_CMOS, AML_SPACE_PCI_BAR,
		AML_SPACE_IPMI,  AML_SPACE_GPIO, AML_SPACE_GENERIC_SERIAL,
		AML_SPACE_PCC,   AML_SPACE_PRM,  0x80, /* acpiexec's first one of its own */
	};
	int error = 0;

	for (unsigned i = 0; i < array_length(spaces) && !error; i++)
		error = aml_set_space_handler(machine->aml, NULL, spaces[i], serve, machine);
	if (!error)
		error = aml_initialize(machine->aml);
	if (error)
		complain("initialisation: %s", aml_error_name(error));
}
