/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a PCI function forgets when it is reset or has been without power: its configuration, and which
 * messages it sends as interrupts.
 */
#pragma once

#include "pci_priv.h"

#define PCI_STATE_CONTROLS_MAX 6
#define PCI_STATE_WORDS_MAX    8

struct pci_state {
	uint32_t header[PCI_HEADER_END / 4];
	unsigned express; /* where the capability is; 0: none */
	uint16_t controls[PCI_STATE_CONTROLS_MAX];
	/* Words of other capabilities, and where they are. */
	unsigned word_count;
	uint16_t word_offsets[PCI_STATE_WORDS_MAX];
	uint32_t words[PCI_STATE_WORDS_MAX];
};

/* What firmware and the bus have set up. Any context. */
void pci_state_save(const struct pci_function *pci, struct pci_state *state);
/* Writes it back, with `command` for the command register. */
void pci_state_restore(const struct pci_function *pci, const struct pci_state *state,
		       uint32_t command);
/* True if it may be the function that was saved: its identity is the same. */
bool pci_state_fits(const struct pci_function *pci, const struct pci_state *state);

/* Resets the function, whose configuration is not what it was after. -EOPNOTSUPP: it cannot; -ETIMEDOUT: it
 * does not come back. Thread context. */
int must_check pci_reset_bare(const struct pci_function *pci);

/* Messages that change CPU are only noted from now on, not written to the function. Thread context. */
void pci_irq_suspend(struct device *device);
/* The function has its configuration again: has it send the messages that are connected. */
void pci_irq_resume(struct device *device);
