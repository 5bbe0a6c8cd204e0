/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Saving and restoring the configuration of PCI functions. Capabilities are saved by what is known of
 * them: registers that do something when they are written must not be.
 */
#include "pci_state.h"

#define EXPRESS_CONTROLS array_length(express_controls)

#define EXPRESS_VERSION         15 /* of the flags */
#define EXPRESS_EVENT_COLLECTOR 10

static const uint8_t express_controls[] = {
	PCI_EXPRESS_DEVICE_CONTROL, PCI_EXPRESS_LINK_CONTROL,     PCI_EXPRESS_SLOT_CONTROL,
	PCI_EXPRESS_ROOT_CONTROL,   PCI_EXPRESS_DEVICE_CONTROL_2, PCI_EXPRESS_LINK_CONTROL_2,
};

_Static_assert(EXPRESS_CONTROLS == PCI_STATE_CONTROLS_MAX, "a place for each");

/* Words of extended capabilities that firmware may have set up (Base 5.0, 7.8). */
static const struct {
	uint16_t capability, offset;
} extended_words[] = {
	{ PCI_EXTENDED_ERRORS, 0x08 }, /* which uncorrectable errors are masked, */
	{ PCI_EXTENDED_ERRORS, 0x0c }, /* which of them are fatal, */
	{ PCI_EXTENDED_ERRORS, 0x14 }, /* and which correctable ones are masked */
	{ PCI_EXTENDED_ERRORS, 0x18 }, /* checksums */
	{ PCI_EXTENDED_ACCESS, 0x04 }, /* what functions may send each other */
	{ PCI_EXTENDED_LATENCY, 0x04 },
};

_Static_assert(array_length(extended_words) <= PCI_STATE_WORDS_MAX, "a place for each");

static void save_extended(const struct pci_function *pci, struct pci_state *state)
{
	state->word_count = 0;
	for (size_t i = 0; i < array_length(extended_words); i++) {
		unsigned at = pci_find_extended(pci, extended_words[i].capability, 0);
		unsigned offset = at + extended_words[i].offset;

		if (!at)
			continue;
		state->word_offsets[state->word_count] = (uint16_t)offset;
		state->words[state->word_count++] = pci_read_config(pci, offset, 4);
	}
}

/* In version 1 of the capability, functions that have no use for a control end before it, and what lies there is
 * another capability's (Base 1.1, 7.8). Later ones have them all, as zeros. */
static bool has_control(const struct pci_function *pci, unsigned express, unsigned control)
{
	uint32_t flags = pci_read_config(pci, express + PCI_EXPRESS_FLAGS, 2);
	unsigned type = flags >> PCI_EXPRESS_TYPE_SHIFT & PCI_EXPRESS_TYPE_MASK;

	if ((flags & EXPRESS_VERSION) >= 2)
		return true;
	switch (control) {
	case PCI_EXPRESS_SLOT_CONTROL:
		return flags & PCI_EXPRESS_SLOT;
	case PCI_EXPRESS_ROOT_CONTROL:
		return type == PCI_EXPRESS_ROOT_PORT || type == EXPRESS_EVENT_COLLECTOR;
	case PCI_EXPRESS_DEVICE_CONTROL_2:
	case PCI_EXPRESS_LINK_CONTROL_2:
		return false;
	default:
		return true;
	}
}

void pci_state_save(const struct pci_function *pci, struct pci_state *state)
{
	for (unsigned i = 0; i < array_length(state->header); i++)
		state->header[i] = pci_read_config(pci, 4 * i, 4);
	state->express = pci_find_capability(pci, PCI_CAPABILITY_EXPRESS, 0);
	for (unsigned i = 0; state->express && i < EXPRESS_CONTROLS; i++)
		if (has_control(pci, state->express, express_controls[i]))
			state->controls[i] = (uint16_t)pci_read_config(
				pci, state->express + express_controls[i], 2);
	state->controls[0] &= (uint16_t)~PCI_EXPRESS_DEVICE_RESET;
	save_extended(pci, state);
}

/* The command register is the first word after the identity and comes last: addresses first. */
void pci_state_restore(const struct pci_function *pci, const struct pci_state *state,
		       uint32_t command)
{
	pci_write_config(pci, PCI_COMMAND, 2, PCI_COMMAND_NO_PINS);
	for (unsigned i = 0; state->express && i < EXPRESS_CONTROLS; i++)
		if (has_control(pci, state->express, express_controls[i]))
			pci_write_config(pci, state->express + express_controls[i], 2,
					 state->controls[i]);
	for (unsigned i = 0; i < state->word_count; i++)
		pci_write_config(pci, state->word_offsets[i], 4, state->words[i]);
	for (unsigned i = array_length(state->header) - 1; i > PCI_COMMAND / 4; i--)
		pci_write_config(pci, 4 * i, 4, state->header[i]);
	pci_write_config(pci, PCI_COMMAND, 2, command);
}

bool pci_state_fits(const struct pci_function *pci, const struct pci_state *state)
{
	return pci_read_config(pci, PCI_VENDOR, 4) == state->header[PCI_VENDOR / 4] &&
	       pci_read_config(pci, PCI_REVISION, 4) == state->header[PCI_REVISION / 4];
}
