/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep states and reset (ACPI 6.5, 4.8.3.6, 7.4 and 16.1). What is needed to switch off is found when the
 * tables are listed, so that it works from then on, whatever happens: the registers, and the types of S5
 * by their pattern in the DSDT. The interpreter's word, once it runs, replaces those.
 */
#include <acpi/power_state.h>
#include <acpi/sleep.h>

#include "acpi_priv.h"
#include "control.h"
#include "facs.h"
#include "register.h"

#include <acpi/event.h>
#include <acpi/namespace.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/suspend.h>
#include <base/errno.h>
#include <core/log.h>
#include <time/clock.h>

#define STATES          6
#define TYPE_MASK       7
#define REDUCED_SHIFT   2 /* of the type, in the sleep control register */
#define REDUCED_ENABLE  (1u << 5)
#define REDUCED_WAKE    (1u << 7) /* in the sleep status register */
#define REAL_MODE_END   0x100000
#define EFFECT_LIMIT_NS (2 * NS_PER_SECOND)

/* What \_SI._SST shows. */
enum indicator { INDICATOR_WORKING = 1, INDICATOR_WAKING = 2, INDICATOR_SLEEPING = 3 };

/* Immutable once acpi_sleep_start() has run. */
static struct {
	bool known;
	uint8_t a, b; /* for either chip */
} types[STATES];
static bool has_control;
static struct acpi_register reset_register, sleep_control, sleep_status;

void acpi_power_init(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();
	const struct acpi_header *dsdt = acpi_find_table("DSDT", 0);

	acpi_facs_map();
	acpi_register_map_reset(&reset_register, &fadt->reset);
	has_control = acpi_control_map();
	if (fadt->flags & ACPI_FADT_REDUCED) {
		has_control = acpi_register_map(&sleep_control, &fadt->sleep_control, 1,
						"the sleep control register") &&
			      acpi_register_map(&sleep_status, &fadt->sleep_status, 1,
						"the sleep status register");
	}
	if (dsdt)
		types[5].known = acpi_soft_off_types(dsdt, &types[5].a, &types[5].b);
}

/* A single element has both types in its bytes. */
static bool read_types(const struct aml_object *package, uint64_t *a, uint64_t *b)
{
	if (aml_object_type(package) != AML_PACKAGE || !acpi_element_integer(package, 0, a))
		return false;
	if (aml_count(package) == 1) {
		*b = *a >> 8 & UINT8_MAX;
		*a &= UINT8_MAX;
		return true;
	}
	return acpi_element_integer(package, 1, b);
}

static void read_state(unsigned state)
{
	const char name[] = { '\\', '_', 'S', (char)('0' + state), '\0' };
	struct aml_object *package = NULL;
	uint64_t a, b;
	int error = acpi_call(NULL, name, NULL, 0, &package);

	if (error == -ENOENT || error == -ENODEV)
		return;
	if (!error && package && read_types(package, &a, &b) && a <= TYPE_MASK && b <= TYPE_MASK) {
		types[state].known = true;
		types[state].a = (uint8_t)a;
		types[state].b = (uint8_t)b;
	} else {
		log_warning("acpi", "\\_S%u is not sound: ignored", state);
	}
	aml_put(acpi_aml(), package);
}

void acpi_sleep_start(void)
{
	static const unsigned states[] = { 1, 3, 4, 5 };

	if (!acpi_aml())
		return;
	for (size_t i = 0; i < array_length(states); i++)
		read_state(states[i]);
	log_info("acpi", "sleep states:%s%s%s%s", acpi_has_sleep_state(1) ? " S1" : "",
		 acpi_has_sleep_state(3) ? " S3" : "", acpi_has_sleep_state(4) ? " S4" : "",
		 acpi_has_sleep_state(5) ? " S5" : "");
}

bool acpi_has_sleep_state(unsigned state)
{
	return state < STATES && has_control && types[state].known;
}

/* Calls a method, if there is one, with an integer. What goes wrong there does not stop us. */
static void tell(const char *method, uint64_t value)
{
	int error = acpi_call(NULL, method, &value, 1, NULL);

	if (error && error != -ENOENT && error != -ENODEV)
		log_warning("acpi", "%s(%lu): error %d", method, value, -error);
}

int acpi_sleep_prepare(unsigned state)
{
	if (!acpi_has_sleep_state(state))
		return -ENODEV;
	tell("\\_TTS", state);
	tell("\\_PTS", state);
	tell("\\_SI._SST", INDICATOR_SLEEPING);
	acpi_events_prepare_sleep(state);
	return 0;
}

static bool is_reduced(void)
{
	return sleep_control.kind != ACPI_REGISTER_NONE;
}

static bool take_wake_status(void)
{
	if (!is_reduced())
		return acpi_events_take_wake_status();
	if (!(acpi_register_read(&sleep_status, 0, 1) & REDUCED_WAKE))
		return false;
	acpi_register_write(&sleep_status, 0, 1, REDUCED_WAKE);
	return true;
}

static void write_registers(unsigned state)
{
	if (is_reduced())
		acpi_register_write(&sleep_control, 0, 1,
				    (uint32_t)types[state].a << REDUCED_SHIFT | REDUCED_ENABLE);
	else
		acpi_control_sleep(types[state].a, types[state].b);
}

int acpi_sleep_enter(unsigned state)
{
	uint64_t end;

	if (!acpi_has_sleep_state(state))
		return -ENODEV;
	if (acpi_events_woken())
		return -EINTR;
	(void)take_wake_status();
	/* Memory is kept, caches are not (ACPI 6.5, 16.2). */
	arch_flush_caches();
	write_registers(state);
	/* The chipset takes its time; and out of S1 we come back here. */
	end = arch_clock_ns() + EFFECT_LIMIT_NS;
	while (!take_wake_status()) {
		if (arch_clock_ns() >= end)
			return -EIO;
		arch_cpu_relax();
	}
	return 0;
}

void acpi_sleep_leave(unsigned state)
{
	struct acpi_facs *facs = acpi_facs();

	if (facs)
		facs->wake_vector = 0;
	tell("\\_SI._SST", INDICATOR_WAKING);
	acpi_events_resume();
	tell("\\_WAK", state);
	(void)take_wake_status();
	acpi_power_resume();
	tell("\\_TTS", 0);
	tell("\\_SI._SST", INDICATOR_WORKING);
}

int acpi_set_wake_vector(uint32_t physical)
{
	struct acpi_facs *facs = acpi_facs();

	if (!facs)
		return -ENODEV;
	if (physical >= REAL_MODE_END)
		return -EINVAL;
	facs->wake_vector = physical;
	facs->wake_vector_64 = 0;
	return 0;
}

void acpi_reset(void)
{
	if (reset_register.kind != ACPI_REGISTER_NONE)
		acpi_register_write(&reset_register, 0, 1, acpi_fadt()->reset_value);
}

void acpi_soft_off(void)
{
	if (!acpi_has_sleep_state(5))
		return;
	if (!is_reduced())
		(void)acpi_control_take_over();
	write_registers(5);
}
