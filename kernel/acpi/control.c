/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PM1 control register: who has the chipset, the global lock's signal, and the way into sleep. */
#include "control.h"

#include "register.h"

#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/port.h>
#include <time/clock.h>

#define BYTES            2
#define SCI_ENABLE       (1u << 0)
#define LOCK_RELEASE     (1u << 2)
#define SLEEP_TYPE_SHIFT 10
#define SLEEP_TYPE_MASK  (7u << SLEEP_TYPE_SHIFT)
#define SLEEP_ENABLE     (1u << 13)
#define HAND_OVER_NS     (3 * NS_PER_SECOND)

/* Immutable once acpi_control_map() has run. */
static struct acpi_register blocks[2];

bool acpi_control_map(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	bool mapped = false;

	if (fadt->flags & ACPI_FADT_REDUCED)
		return false;
	for (unsigned i = 0; i < array_length(blocks); i++)
		mapped |=
			acpi_register_map(&blocks[i], &fadt->pm1_control[i], BYTES, "PM1 control");
	return mapped;
}

static bool is_ours(void)
{
	return acpi_register_read(&blocks[0], 0, BYTES) & SCI_ENABLE;
}

bool acpi_control_take_over(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	uint64_t end = arch_clock_ns() + HAND_OVER_NS;

	if (blocks[0].kind == ACPI_REGISTER_NONE)
		return false;
	/* Without the two, firmware has never had it. */
	if (is_ours() || !fadt->smi_command || !fadt->acpi_enable)
		return true;
	arch_port_write8(fadt->smi_command, fadt->acpi_enable);
	while (!is_ours()) {
		if (arch_clock_ns() >= end)
			return false;
		arch_cpu_relax();
	}
	return true;
}

void acpi_control_signal_release(void)
{
	uint32_t value = acpi_register_read(&blocks[0], 0, BYTES);

	acpi_register_write(&blocks[0], 0, BYTES, value | LOCK_RELEASE);
}

/* The type first, then with the bit that makes it so, in either chip. */
void acpi_control_sleep(unsigned type_a, unsigned type_b)
{
	const unsigned types[] = { type_a, type_b };
	uint32_t values[array_length(blocks)];

	for (unsigned i = 0; i < array_length(blocks); i++) {
		values[i] = acpi_register_read(&blocks[i], 0, BYTES);
		values[i] &= ~(SLEEP_TYPE_MASK | SLEEP_ENABLE);
		values[i] |= types[i] << SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK;
		acpi_register_write(&blocks[i], 0, BYTES, values[i]);
	}
	for (unsigned i = 0; i < array_length(blocks); i++)
		acpi_register_write(&blocks[i], 0, BYTES, values[i] | SLEEP_ENABLE);
}
