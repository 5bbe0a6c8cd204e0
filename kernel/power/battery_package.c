/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "battery_package.h"

#include <base/errno.h>
#include <base/string.h>

enum { /* elements of _BIF and _BIX */
       BIF_UNIT = 0,
       BIF_DESIGN,
       BIF_FULL,
       BIF_TECHNOLOGY,
       BIF_VOLTAGE,
       BIF_WARNING,
       BIF_LOW,
       BIF_MODEL = 9,
       BIF_SERIAL,
       BIF_TYPE,
       BIF_MAKER,
       BIF_COUNT,
       BIX_CYCLES = 8,
       BIX_MODEL = 16,
       BIX_COUNT = 20,
};

enum { BST_STATE, BST_RATE, BST_AMOUNT, BST_VOLTAGE, BST_COUNT };

enum { /* bits of BST_STATE */
       STATE_DISCHARGING = 1 << 0,
       STATE_CHARGING = 1 << 1,
       STATE_CRITICAL = 1 << 2,
       STATE_CHARGE_LIMITED = 1 << 3,
};

static char upper(char letter)
{
	return letter >= 'a' && letter <= 'z' ? (char)(letter - 32) : letter;
}

static bool begins_with(const char *text, const char *prefix)
{
	for (; *prefix; text++, prefix++)
		if (upper(*text) != *prefix)
			return false;
	return true;
}

/* By the names that ACPI gives, and those that firmware does. */
static const char *technology_of(const char *type)
{
	static const struct {
		const char *prefix, *name;
	} known[] = {
		{ "LIP", "Li-poly" }, { "LI-POLY", "Li-poly" }, { "LI", "Li-ion" },
		{ "NIMH", "NiMH" },   { "NICD", "NiCd" },
	};

	for (unsigned i = 0; i < array_length(known); i++)
		if (begins_with(type, known[i].prefix))
			return known[i].name;
	return "Unknown";
}

int battery_read_information(const struct aml_object *package, bool extended,
			     struct supply_information *information)
{
	unsigned shift = extended ? 1 : 0, texts = extended ? BIX_MODEL : BIF_MODEL;
	char type[16];

	if (!package_has(package, extended ? BIX_COUNT : BIF_COUNT))
		return -EIO;
	information->charge = package_amount(package, shift + BIF_UNIT) == 1;
	information->design = package_amount(package, shift + BIF_DESIGN);
	information->full = package_amount(package, shift + BIF_FULL);
	information->warning = package_amount(package, shift + BIF_WARNING);
	information->low = package_amount(package, shift + BIF_LOW);
	information->design_voltage = package_amount(package, shift + BIF_VOLTAGE);
	information->cycles = extended ? package_amount(package, BIX_CYCLES) : SUPPLY_UNKNOWN;
	package_text(package, texts, information->model, sizeof(information->model));
	package_text(package, texts + 1, information->serial, sizeof(information->serial));
	package_text(package, texts + 2, type, sizeof(type));
	package_text(package, texts + 3, information->maker, sizeof(information->maker));
	string_copy(information->technology, technology_of(type), sizeof(information->technology));
	return 0;
}

/* What counts as full; 0: not known. */
static uint32_t full_amount(const struct supply_information *information)
{
	if (information->full != SUPPLY_UNKNOWN && information->full > 0)
		return information->full;
	return information->design == SUPPLY_UNKNOWN ? 0 : information->design;
}

static uint32_t percent_of(const struct supply_reading *reading)
{
	uint32_t full = full_amount(&reading->information);
	uint64_t percent;

	if (reading->amount == SUPPLY_UNKNOWN || full == 0)
		return SUPPLY_UNKNOWN;
	percent = ((uint64_t)reading->amount * 100 + full / 2) / full;
	return percent > 100 ? 100 : (uint32_t)percent;
}

static enum supply_status status_of(const struct supply_reading *reading, uint32_t state,
				    bool online)
{
	uint32_t full = full_amount(&reading->information);

	if (state == PACKAGE_UNKNOWN)
		return SUPPLY_STATUS_UNKNOWN;
	if (state & STATE_CHARGING)
		return SUPPLY_CHARGING;
	/* Some call it discharging when nothing flows. */
	if (state & STATE_DISCHARGING)
		return online && reading->rate == 0 ? SUPPLY_NOT_CHARGING : SUPPLY_DISCHARGING;
	if (state & STATE_CHARGE_LIMITED)
		return SUPPLY_NOT_CHARGING;
	if (full != 0 && reading->amount != SUPPLY_UNKNOWN && reading->amount >= full)
		return SUPPLY_FULL;
	return online ? SUPPLY_NOT_CHARGING : SUPPLY_STATUS_UNKNOWN;
}

int battery_read_status(const struct aml_object *package, bool online,
			struct supply_reading *reading)
{
	uint32_t state;

	if (!package_has(package, BST_COUNT))
		return -EIO;
	state = package_amount(package, BST_STATE);
	reading->rate = package_amount(package, BST_RATE);
	/* Some give a current that flows out as a negative number of 16 bits. */
	if (reading->information.charge && reading->rate >= 0x8000 && reading->rate <= 0xffff)
		reading->rate = 0x10000 - reading->rate;
	reading->amount = package_amount(package, BST_AMOUNT);
	reading->voltage = package_amount(package, BST_VOLTAGE);
	reading->critical = state != PACKAGE_UNKNOWN && (state & STATE_CRITICAL);
	reading->status = status_of(reading, state, online);
	reading->percent = percent_of(reading);
	return 0;
}
