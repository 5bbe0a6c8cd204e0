/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power and sleep buttons, and the lid: input devices, as other systems have them. A button is either an
 * event of the chipset's (fixed), or a device of the name space, which is notified. A machine may have
 * both; then the fixed one is not used, as firmware says by a flag.
 */
#include "power_priv.h"

#include <acpi/device.h>
#include <acpi/event.h>
#include <acpi/namespace.h>
#include <base/errno.h>
#include <core/log.h>
#include <input/input.h>
#include <mm/phys/slab.h>

#define NOTIFY_PRESSED 0x80 /* of a button; the lid: has been moved */
#define NOTIFY_WAKE    0x02 /* it woke the machine, which is all it was to do */

struct button_kind {
	const char *name, *place;
	unsigned kinds;
	unsigned key; /* 0: the lid */
	uint16_t product;
};

struct button {
	struct input_device input;
	const struct button_kind *kind;
};

/* As Linux names them. */
static const struct button_kind power_kind = {
	"Power Button", "PNP0C0C/button/input0", INPUT_HAS_POWER, KEY_POWER, 1,
};
static const struct button_kind sleep_kind = {
	"Sleep Button", "PNP0C0E/button/input0", INPUT_HAS_SLEEP, KEY_SLEEP, 3,
};
static const struct button_kind lid_kind = {
	"Lid Switch", "PNP0C0D/button/input0", INPUT_HAS_LID, 0, 5,
};
static const struct button_kind fixed_power_kind = {
	"Power Button", "LNXPWRBN/button/input0", INPUT_HAS_POWER, KEY_POWER, 1,
};
static const struct button_kind fixed_sleep_kind = {
	"Sleep Button", "LNXSLPBN/button/input0", INPUT_HAS_SLEEP, KEY_SLEEP, 3,
};

static struct button *button_create(const struct button_kind *kind)
{
	struct button *button = kzalloc(sizeof(*button));

	if (!button)
		return NULL;
	button->kind = kind;
	button->input.name = kind->name;
	button->input.kinds = kind->kinds;
	button->input.place = kind->place;
	button->input.product = kind->product;
	input_device_add(&button->input);
	return button;
}

static void button_destroy(struct button *button)
{
	input_device_remove(&button->input);
	kfree(button);
}

/* Firmware does not tell when it is let go. */
static void button_press(struct button *button)
{
	input_report_key(&button->input, button->kind->key, true);
	input_report_key(&button->input, button->kind->key, false);
}

/* --- Devices of the name space. --- */

static void read_lid(struct acpi_device *device)
{
	struct button *button = device->state;
	uint64_t open;

	if (acpi_integer(device->name, "_LID", &open) == 0)
		input_report_switch(&button->input, INPUT_SWITCH_LID, !open);
}

static int button_attach(struct acpi_device *device)
{
	const struct button_kind *kind = acpi_device_is(device, "PNP0C0D")   ? &lid_kind
					 : acpi_device_is(device, "PNP0C0E") ? &sleep_kind
									     : &power_kind;
	struct button *button;
	uint64_t open;

	if (!kind->key && acpi_integer(device->name, "_LID", &open))
		return -ENODEV;
	button = button_create(kind);
	if (!button)
		return -ENOMEM;
	/* A lid that is closed at boot, of a machine with a screen of its own elsewhere, asks for
	 * nothing. */
	if (!kind->key && !open)
		button->input.switches_on = 1u << INPUT_SWITCH_LID;
	device->state = button;
	return 0;
}

static void button_detach(struct acpi_device *device)
{
	button_destroy(device->state);
}

static void button_notify(struct acpi_device *device, uint64_t value)
{
	struct button *button = device->state;

	if (value != NOTIFY_PRESSED && value != NOTIFY_WAKE)
		return;
	if (!button->kind->key)
		read_lid(device);
	else if (value == NOTIFY_PRESSED)
		button_press(button);
}

static void button_resume(struct acpi_device *device)
{
	struct button *button = device->state;

	if (!button->kind->key)
		read_lid(device);
}

static const char *const ids[] = { "PNP0C0C", "PNP0C0D", "PNP0C0E", NULL };

ACPI_DRIVER(button) = {
	.name = "button",
	.ids = ids,
	.attach = button_attach,
	.detach = button_detach,
	.notify = button_notify,
	.resume = button_resume,
};

/* --- Fixed ones. --- */

static void fixed_pressed(void *argument)
{
	button_press(argument);
}

static void start_fixed(enum acpi_fixed_event event, const struct button_kind *kind)
{
	struct button *button;

	/* Asked first, without anything to be called: is there one? */
	if (acpi_fixed_event_connect(event, NULL, NULL))
		return;
	button = button_create(kind);
	if (button && acpi_fixed_event_connect(event, fixed_pressed, button))
		button_destroy(button);
}

void power_buttons_start(void)
{
	start_fixed(ACPI_EVENT_POWER_BUTTON, &fixed_power_kind);
	start_fixed(ACPI_EVENT_SLEEP_BUTTON, &fixed_sleep_kind);
}
