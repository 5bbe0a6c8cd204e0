/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots for cards, those of firmware and those that report themselves, as programs see them. */
#pragma once

#include "pci_bus.h"

struct node;
struct node_ops;

struct pci_slot_info {
	char name[16];             /* the number that is on the case, made unique */
	uint16_t segment;          /* as pci_domain() has it */
	uint8_t bus, slot;         /* where the card's functions are */
	struct aml_node *firmware; /* NULL: it reports itself */
};

/* Collects them. The thread of hotplug, when buses came or went. */
void pci_slots_refresh(void);
/* The index-th of them; false: there are no more. */
bool pci_slot_info(unsigned index, struct pci_slot_info *info);

/* pci_scheme_slots.c: of the directory `slots` of scheme `pci:`, whose node pci_scheme.c makes and frees. */
extern const struct node_ops pci_slots_ops;
void pci_scheme_release(struct node *node);
