/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:iommu: what firmware tells of IOMMUs, in words. */
#include <acpi/iommu.h>
#include <scheme/text.h>

static void print_scope(struct text *text, const struct acpi_iommu_scope *scope)
{
	static const char *const names[] = {
		[ACPI_SCOPE_FUNCTION] = "function", [ACPI_SCOPE_HIERARCHY] = "bridge",
		[ACPI_SCOPE_IO_APIC] = "ioapic",    [ACPI_SCOPE_HPET] = "hpet",
		[ACPI_SCOPE_NAMED] = "device",      [ACPI_SCOPE_RANGE] = "requesters",
	};

	text_print(text, "  %s", names[scope->kind]);
	if (scope->kind != ACPI_SCOPE_FUNCTION && scope->kind != ACPI_SCOPE_HIERARCHY &&
	    scope->kind != ACPI_SCOPE_RANGE)
		text_print(text, " %u", scope->id);
	if (scope->kind == ACPI_SCOPE_RANGE)
		text_print(text, " %04x-%04x", scope->first, scope->last);
	if (scope->alias != scope->first)
		text_print(text, " as %04x", scope->alias);
	if (scope->path_length > 0)
		text_print(text, " %02x", scope->bus);
	for (unsigned i = 0; i < scope->path_length; i++)
		text_print(text, "%s%02x.%u", i ? "/" : ":", scope->path[i] >> 3,
			   scope->path[i] & 7);
	text_print(text, "\n");
}

static void print_scopes(struct text *text, unsigned first, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		print_scope(text, &acpi_iommu()->scopes[first + i]);
}

static int generate(struct text *text)
{
	for (unsigned i = 0; i < acpi_iommu()->unit_count; i++) {
		const struct acpi_iommu_unit *unit = &acpi_iommu()->units[i];

		text_print(text, "unit %s at %#llx, segment %u%s\n",
			   unit->kind == ACPI_IOMMU_INTEL ? "intel" : "amd",
			   (unsigned long long)unit->base, unit->segment,
			   unit->all ? ", all others" : "");
		print_scopes(text, unit->first_scope, unit->scope_count);
	}
	for (unsigned i = 0; i < acpi_iommu()->reserved_count; i++) {
		const struct acpi_iommu_reserved *reserved = &acpi_iommu()->reserved[i];

		text_print(text, "memory %#llx, %llu bytes, segment %u%s%s\n",
			   (unsigned long long)reserved->base, (unsigned long long)reserved->length,
			   reserved->segment, reserved->all ? ", all" : "",
			   reserved->excluded ? ", excluded" : "");
		print_scopes(text, reserved->first_scope, reserved->scope_count);
	}
	return 0;
}

SYS_TEXT(iommu) = { .name = "iommu", .generate = generate };
