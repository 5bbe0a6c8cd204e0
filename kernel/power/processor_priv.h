/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processors as firmware tells of them: what the files of this driver share. */
#pragma once

#include <acpi/device.h>

struct processor {
	struct acpi_device *device;
	uint32_t hardware_id;
	unsigned cpu; /* its number; CPU_MAX: it never ran */
	bool there;   /* in the machine, as far as we know */
};

/* processor_idle.c: asks for its idle states, and has the scheduler use them. */
void processor_read_idle(struct processor *processor);
/* processor_speed.c: the same for its performance states, and for how many of them it may use. */
void processor_read_speeds(struct processor *processor);
void processor_read_limit(struct processor *processor);
/* After the machine slept, or the CPU was away. */
void processor_resume_speed(struct processor *processor);
