/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sys:located: where firmware's tables say that things are. */
#include <acpi/located.h>
#include <scheme/text.h>

typedef unsigned long long llu;

static int generate(struct text *text)
{
	const struct acpi_located *located = acpi_located();
	const struct acpi_security_module *module = &located->security_module;

	if (located->hpet.present)
		text_print(text, "hpet %u at %#llx, id %#x, minimum tick %u\n",
			   located->hpet.number, (llu)located->hpet.base, located->hpet.block_id,
			   located->hpet.minimum_tick);
	if (module->present)
		text_print(text, "tpm2 control area at %#llx, start method %u, class %u\n",
			   (llu)module->control_area, module->start_method, module->platform_class);
	if (module->present && module->log)
		text_print(text, "tpm2 log at %#llx, %u bytes\n", (llu)module->log,
			   module->log_length);
	if (located->picture.present)
		text_print(text, "picture at %#llx, %llu bytes\n", (llu)located->picture.address,
			   (llu)located->picture.length);
	return 0;
}

SYS_TEXT(located) = { .name = "located", .generate = generate };
