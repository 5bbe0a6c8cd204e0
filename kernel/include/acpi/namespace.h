/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's one instance of the interpreter of firmware's byte code (lib/aml), and what it needs of
 * the machine. docs/acpi.md.
 *
 * Thread context, for all that evaluates: methods sleep. No spinlock is held, nor a mutex of rank
 * >= RANK_ACPI.
 */
#pragma once

#include <aml/aml.h>

/* How AML reaches PCI configuration space: that is the buses' (kernel/dev), which lie above. `size`: 1, 2
 * or 4, `offset` aligned to it. False: there is no such space. Any context. */
struct acpi_pci_access {
	bool (*read)(uint16_t segment, uint8_t bus, uint8_t slot, uint8_t function, unsigned offset,
		     unsigned size, uint32_t *value);
	bool (*write)(uint16_t segment, uint8_t bus, uint8_t slot, uint8_t function,
		      unsigned offset, unsigned size, uint32_t value);
};
/* Set once, before acpi_start(). */
void acpi_set_pci_access(const struct acpi_pci_access *access);

/* Loads DSDT and SSDTs, tells firmware that I/O APICs are used (_PIC), initialises, and lists the devices
 * (acpi/device.h). Called once, from the boot thread, before devices_start(). What is wrong is logged and
 * left out; with acpi=off, or without tables, there is nothing. */
void acpi_start(void);

/* The instance; NULL: there is none (acpi=off, no DSDT, no memory). Immutable after acpi_start(). */
struct aml *acpi_aml(void);

/* The name at `path` below `scope` (NULL: the root), as aml_find() finds it, but a single name in the scope
 * itself only. NULL: there is none. */
struct aml_node *acpi_find(struct aml_node *scope, const char *path);

/* The negative errno for a negative enum aml_error; 0 stays 0. */
int acpi_errno(int aml_error);

/* Evaluates `path` below `scope` (NULL: the root) with integers for arguments. *result (may be NULL) is the
 * caller's, to be put with aml_put(); it may be set to NULL: nothing was returned. -ENOENT (there is no
 * such object), -ENODEV (no interpreter), others as acpi_errno(). */
int must_check acpi_call(struct aml_node *scope, const char *path, const uint64_t *arguments,
			 unsigned count, struct aml_object **result);
/* The same without arguments, for what is an integer. */
int must_check acpi_integer(struct aml_node *scope, const char *path, uint64_t *value);
/* A package's element as an integer; false: it is none. */
bool acpi_element_integer(const struct aml_object *package, unsigned index, uint64_t *value);
