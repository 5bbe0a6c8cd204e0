/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tables are called where they are files: as on Linux. */
#include "acpi_priv.h"

#include <base/format.h>
#include <base/string.h>

/* Signatures may hold anything that can be printed, file names may not. */
static char letter_of(char letter)
{
	bool is_plain = (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
			(letter >= '0' && letter <= '9');

	return is_plain ? letter : '_';
}

static bool is_same(const struct acpi_header *one, const struct acpi_header *other)
{
	for (unsigned i = 0; i < sizeof(one->signature); i++)
		if (letter_of(one->signature[i]) != letter_of(other->signature[i]))
			return false;
	return true;
}

void acpi_table_letters(const struct acpi_header *table, char *name)
{
	for (unsigned i = 0; i < sizeof(table->signature); i++)
		name[i] = letter_of(table->signature[i]);
	name[sizeof(table->signature)] = 0;
}

void acpi_table_name(const struct acpi_header *table, char name[ACPI_TABLE_NAME_SIZE])
{
	const struct acpi_header *other;
	unsigned count = 0, number = 0;

	for (unsigned i = 0; (other = acpi_table_at(i)) != NULL; i++) {
		count += is_same(other, table);
		if (other == table)
			number = count;
	}
	acpi_table_letters(table, name);
	if (count > 1)
		snprintf(name + sizeof(table->signature),
			 ACPI_TABLE_NAME_SIZE - sizeof(table->signature), "%u", number);
}
