/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A machine's PCI buses, simulated: functions with configuration space, of which some bits can be
 * written, and bridges that pass accesses on by the numbers in their registers, as the hardware
 * does. Kernel/dev's parts run on it unchanged; drivers and interrupts are recorded only.
 */
#pragma once

#include "../pci_bus.h"
#include "../pci_priv.h"

#define MODEL_FUNCTIONS 64
#define MODEL_SPACE     256

struct model_function {
	bool used;
	bool dead; /* does not answer */
	uint8_t slot, function;
	struct model_function *bridge; /* that it is behind of; NULL: on the root bus */
	uint8_t config[MODEL_SPACE];
	uint8_t writable[MODEL_SPACE]; /* bits */
	/* Asked after each write of configuration; NULL: nothing more happens. */
	void (*written)(struct model_function *function, unsigned offset, uint32_t value);
	bool noise; /* what is read is random */
};

extern struct model_function pci_model[MODEL_FUNCTIONS];
extern struct pci_bus pci_model_root;
extern uint64_t pci_model_random;
/* How many accesses there were. */
extern unsigned long pci_model_accesses;

/* Starts afresh: no functions, a root bus with memory windows, as of a machine with 512 MiB. */
void pci_model_start(void);
/* Gives back what was made of it. */
void pci_model_finish(void);
/* A function with an identity and nothing else. */
struct model_function *pci_model_add(struct model_function *bridge, unsigned slot,
				     unsigned function);
struct model_function *pci_model_add_bridge(struct model_function *bridge, unsigned slot);
/* `size` is a power of two; `low` are the BAR's low bits. 64-bit ones take two. */
void pci_model_add_bar(struct model_function *function, unsigned index, uint64_t size,
		       uint32_t low);
void pci_model_put(struct model_function *function, unsigned offset, unsigned size, uint32_t value);
uint32_t pci_model_get(const struct model_function *function, unsigned offset, unsigned size);
/* Adds a capability at `at`, in front of those that are there. */
void pci_model_add_capability(struct model_function *function, unsigned at, unsigned id);

/* What scanning made of a function, or NULL. */
struct device *pci_model_device(const struct model_function *function);
/* Fails the test if the tree is not sound: numbers of buses that nest, addresses that nest, do not
 * overlap, lie where there is room, and are what the registers say. */
void pci_model_check(void);
/* The same but for the registers, which need not hold what they are told. */
void pci_model_check_addresses(void);
/* How many BARs and memory windows have no address. */
unsigned pci_model_unplaced(void);
/* Scans, claims and assigns. */
void pci_model_enumerate(void);

/* What drivers would have been told. */
extern unsigned pci_model_added, pci_model_removed;
/* Interrupts cannot be connected from now on. */
extern bool pci_model_without_interrupts;
/* Raises the interrupt that was connected for the function, if one was. */
void pci_model_interrupt(const struct model_function *function);
