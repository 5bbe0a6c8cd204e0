/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The instance of the interpreter: what is loaded into it, and evaluating. */
#include "acpi_priv.h"

#include <acpi/ec.h>
#include <acpi/event.h>
#include <acpi/sleep.h>
#include <base/errno.h>
#include <base/string.h>
#include <core/command_line.h>
#include <core/log.h>
#include <time/clock.h>

#define PIC_MODE_APIC 1
#define ARGUMENT_MAX  7

/* Immutable after acpi_start(). */
static struct aml *instance;
static uint64_t load_time, load_operations;

struct aml *acpi_aml(void)
{
	return instance;
}

void acpi_read_load(uint64_t *time, uint64_t *operations)
{
	*time = load_time;
	*operations = load_operations;
}

int acpi_errno(int aml_error)
{
	switch (-aml_error) {
	case AML_E_OK:
		return 0;
	case AML_E_NO_MEMORY:
		return -ENOMEM;
	case AML_E_NOT_FOUND:
	case AML_E_NOT_EXIST:
	case AML_E_NAME_NOT_FOUND:
		return -ENOENT;
	case AML_E_EXISTS:
		return -EEXIST;
	case AML_E_TIME:
	case AML_E_LOOP_TIMEOUT:
		return -ETIMEDOUT;
	case AML_E_LIMIT:
	case AML_E_METHOD_LIMIT:
		return -ELOOP;
	case AML_E_SUPPORT:
	case AML_E_NOT_IMPLEMENTED:
		return -EOPNOTSUPP;
	case AML_E_ACCESS:
	case AML_E_ILLEGAL_ADDRESS:
		return -EACCES;
	case AML_E_BAD_PARAMETER:
	case AML_E_BAD_CHARACTER:
	case AML_E_BAD_PATHNAME:
		return -EINVAL;
	default:
		return -EIO;
	}
}

struct aml_node *acpi_find(struct aml_node *scope, const char *path)
{
	struct aml_node *node = instance ? aml_find(instance, scope, path) : NULL;
	bool is_single = path[0] != '\\' && path[0] != '^' && !strchr(path, '.');

	return node && scope && is_single && aml_parent(node) != scope ? NULL : node;
}

static void put_all(struct aml_object **objects, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		aml_put(instance, objects[i]);
}

int acpi_call(struct aml_node *scope, const char *path, const uint64_t *arguments, unsigned count,
	      struct aml_object **result)
{
	struct aml_object *objects[ARGUMENT_MAX], *value = NULL;
	struct aml_node *node;
	unsigned made = 0;
	int error = 0;

	if (!instance)
		return -ENODEV;
	if (count > ARGUMENT_MAX)
		return -EINVAL;
	while (!error && made < count) {
		objects[made] = aml_make_integer(instance, arguments[made]);
		if (objects[made])
			made++;
		else
			error = -ENOMEM;
	}
	/* Held from finding it on: its table might be unloaded. */
	aml_lock(instance);
	node = acpi_find(scope, path);
	if (!node)
		error = -ENOENT;
	if (!error)
		error = acpi_errno(aml_evaluate(instance, node, objects, count, &value));
	aml_unlock(instance);
	put_all(objects, made);
	if (error)
		return error;
	if (result)
		*result = value;
	else
		aml_put(instance, value);
	return 0;
}

int acpi_integer(struct aml_node *scope, const char *path, uint64_t *value)
{
	if (!instance)
		return -ENODEV;
	return acpi_errno(aml_evaluate_integer(instance, scope, path, value));
}

bool acpi_element_integer(const struct aml_object *package, unsigned index, uint64_t *value)
{
	const struct aml_object *element;

	if (aml_object_type(package) != AML_PACKAGE || index >= aml_count(package))
		return false;
	element = aml_element(package, index);
	if (!element || aml_object_type(element) != AML_INTEGER)
		return false;
	*value = aml_integer(element);
	return true;
}

static bool load_table(const struct acpi_header *table)
{
	int error = aml_load(instance, table, table->length);

	if (error)
		log_warning("acpi", "%.4s %.8s: %s", table->signature, table->oem_table_id,
			    aml_error_name(error));
	return !error;
}

/* How many there are. */
static unsigned load_tables(const struct acpi_header *dsdt)
{
	static const char signatures[][5] = { "SSDT", "PSDT", "OSDT" };
	unsigned count = load_table(dsdt);

	for (size_t i = 0; i < array_length(signatures); i++) {
		const struct acpi_header *table;

		for (unsigned n = 0; (table = acpi_find_table(signatures[i], n)) != NULL; n++)
			count += load_table(table);
	}
	return count;
}

static void tell_interrupt_mode(void)
{
	static const uint64_t mode = PIC_MODE_APIC;
	int error = acpi_call(NULL, "\\_PIC", &mode, 1, NULL);

	if (error && error != -ENOENT)
		log_warning("acpi", "_PIC: error %d", -error);
}

static bool is_wanted(void)
{
	char value[8];

	return !command_line_get("acpi", value, sizeof(value)) || strcmp(value, "off") != 0;
}

void acpi_start(void)
{
	const struct acpi_header *dsdt = acpi_find_table("DSDT", 0);
	uint64_t start = clock_monotonic_ns();
	unsigned tables, devices;
	int error;

	if (!is_wanted()) {
		log_info("acpi", "off: firmware's code is not run");
		return;
	}
	if (!dsdt) {
		log_warning("acpi", "the firmware has no DSDT");
		return;
	}
	acpi_host_init();
	error = aml_create(&acpi_host, &(struct aml_limits){ 0 }, &instance);
	if (error) {
		instance = NULL;
		log_error("acpi", "no interpreter: %s", aml_error_name(error));
		return;
	}
	tables = load_tables(dsdt);
	acpi_ec_start_early();
	error = aml_initialize(instance);
	if (error)
		log_warning("acpi", "initialisation: %s", aml_error_name(error));
	tell_interrupt_mode();
	devices = acpi_devices_find();
	acpi_sleep_start();
	acpi_events_start();
	acpi_ec_start();
	load_time = clock_monotonic_ns() - start;
	load_operations = aml_operations(instance);
	log_info("acpi", "%u tables, %u devices, %lu operations, %lu us", tables, devices,
		 aml_operations(instance), (unsigned long)(load_time / NS_PER_MICROSECOND));
}
