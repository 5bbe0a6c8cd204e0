/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who controls what behind a root bridge: _OSC (ACPI 6.5, 6.2.11; PCI Firmware 3.3, 4.5). The kernel asks for
 * what it serves. What it is not granted firmware keeps, and the kernel leaves alone.
 */
#include "pci_routes.h"

#include <base/string.h>
#include <core/log.h>

#define WORDS    3
#define QUERY    (1u << 0)
#define FAILURES 0x0eu /* of the first word: failure, unknown UUID, unknown revision */
#define REVISION 1

enum support { /* bits of the second word: what the kernel knows */
	       SUPPORT_EXTENDED_SPACE = 1 << 0,
	       SUPPORT_SEGMENTS = 1 << 3,
	       SUPPORT_MESSAGES = 1 << 4,
};

/* Extended capabilities are only looked at where firmware says that they may be. */
#define WANTED (ACPI_PCI_NATIVE_HOTPLUG | ACPI_PCI_CAPABILITIES)

/* 33DB4D5B-1FF7-401C-9657-7441C03DD766, in the order in which AML stores it. */
static const uint8_t uuid[16] = { 0x5b, 0x4d, 0xdb, 0x33, 0xf7, 0x1f, 0x1c, 0x40,
				  0x96, 0x57, 0x74, 0x41, 0xc0, 0x3d, 0xd7, 0x66 };

/* Evaluates it; false: no sound answer. */
static bool evaluate(struct aml_node *method, uint32_t words[WORDS])
{
	struct aml *aml = acpi_aml();
	struct aml_object *arguments[] = {
		aml_make_buffer(aml, uuid, sizeof(uuid)),
		aml_make_integer(aml, REVISION),
		aml_make_integer(aml, WORDS),
		aml_make_buffer(aml, words, WORDS * sizeof(*words)),
	};
	struct aml_object *result = NULL;
	bool sound = true;
	size_t length = 0;

	for (size_t i = 0; i < array_length(arguments); i++)
		sound = sound && arguments[i];
	if (sound && aml_evaluate(aml, method, arguments, array_length(arguments), &result))
		result = NULL;
	sound = sound && result && aml_object_type(result) == AML_BUFFER;
	if (sound) {
		const uint8_t *bytes = aml_bytes(result, &length);

		sound = length >= WORDS * sizeof(*words);
		if (sound)
			memcpy(words, bytes, WORDS * sizeof(*words));
	}
	aml_put(aml, result);
	for (size_t i = 0; i < array_length(arguments); i++)
		aml_put(aml, arguments[i]);
	return sound && !(words[0] & FAILURES);
}

uint32_t acpi_pci_negotiate(struct acpi_device *bridge, bool segments, bool extended)
{
	struct aml_node *method = acpi_find(bridge->name, "_OSC");
	uint32_t support = SUPPORT_MESSAGES | (segments ? SUPPORT_SEGMENTS : 0) |
			   (extended ? SUPPORT_EXTENDED_SPACE : 0);
	uint32_t words[WORDS] = { QUERY, support, WANTED };
	uint32_t granted;

	if (!method)
		return 0;
	/* First what firmware would grant: it may refuse one thing because of another. */
	if (!evaluate(method, words)) {
		log_warning("acpi", "%s: _OSC fails, firmware keeps control", bridge->path);
		return 0;
	}
	granted = words[2] & WANTED;
	words[0] = 0;
	words[1] = support;
	words[2] = granted;
	if (!granted || !evaluate(method, words))
		return 0;
	return words[2] & granted;
}
