/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of kernel/acpi. */
#pragma once

#include <acpi/acpi.h>
#include <acpi/device.h>
#include <acpi/namespace.h>

/* --- Static tables --- */

#define ACPI_TABLE_MAX 256

/* Before the first table is read. */
void acpi_table_read_init(void);
/* A copy of the table at a physical address; NULL (said in the log): its place, length or checksum is wrong,
 * or it overlaps one that was read before. */
const struct acpi_header *acpi_read_table(uint64_t physical);
/* Undoes it, for the one that was read last. */
void acpi_drop_table(const struct acpi_header *table);
/* Says so in the log, unless that was said often enough. */
void acpi_complain_of_table(uint64_t physical, const char *what);
/* Copies from memory that is not the kernel's, or lies lowest. False: there is none. */
bool must_check acpi_read_physical(uint64_t physical, void *buffer, size_t size);
bool acpi_checksum_is_right(const void *data, size_t length);
/* The signature's letters that names of files may have, terminated. */
void acpi_table_letters(const struct acpi_header *table, char *name);
/* Firmware's code loaded a table, or unloaded one: under the instance's lock. */
void acpi_table_loaded(const void *table, size_t size);
void acpi_table_unloaded(void);
/* Loads the table list. False: there is none. */
bool acpi_load(uint64_t rsdp);
struct platform;
/* Takes out what cannot be. */
void acpi_check_platform(struct platform *platform);
/* The sleep types of S5 from the DSDT's \_S5 package. */
bool acpi_soft_off_types(const struct acpi_header *dsdt, uint8_t *type_a, uint8_t *type_b);

/* --- The interpreter's host --- */

/* Called once, before the instance is made. */
void acpi_host_init(void);
extern const struct aml_host acpi_host;
/* Wakes who waits for what is not the interpreter's: the global lock. Any context. */
void acpi_host_wake(void);
/* What was set by acpi_set_pci_access(), or NULL. */
const struct acpi_pci_access *acpi_pci_access(void);
/* False: not (all of it) an address, or some of it is memory that the kernel uses. */
bool acpi_memory_reachable(uint64_t physical, uint64_t size);
/* aml_host's access: memory, ports, PCI configuration space, the battery-backed memory. */
int acpi_host_access(const struct aml_host *host, struct aml_access *access);

/* How long acpi_start() took, in nanoseconds, and how many operations of the interpreter. */
void acpi_read_load(uint64_t *time, uint64_t *operations);

/* --- Devices --- */

/* Lists what devices of the name space are not in the list yet, and tells how many that were. */
unsigned acpi_devices_find(void);
/* Does so, asks all whether they are there, and attaches and detaches drivers. In the thread of notifications. */
void acpi_devices_update(void);

/* --- The thread of notifications --- */

/* aml_host's notify. */
void acpi_notify_queue(struct aml_node *name, uint64_t value);
/* Starts the thread, behind what is queued already. -ENOMEM. */
int must_check acpi_notify_start(void);
/* Handles one notification, in that thread. */
void acpi_notify_deliver(struct aml_node *name, uint64_t value);
