/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Slots of PCI Express ports in which devices are plugged and pulled while the machine runs (PCI
 * Express Base 5.0, 6.7). All but the interrupt runs in the thread of pci_hotplug.c.
 *
 *     what happens                          what is done
 *     a card comes                          power, wait for the link, scan, addresses, drivers
 *     a card goes, or is another            drivers let go of what is dead; power off
 *     the button, with a card in service    the light blinks for 5 s; pressed again: never mind; then
 *                                           drivers let go, power off, light off
 *     the button, with a card out of it     as if it had come
 */
#pragma once

#include "pci_bus.h"

struct pci_slot {
	struct list_node node; /* the thread's list */
	struct device *port;   /* with a reference */
	struct pci_bus *bus;   /* behind it */
	uint32_t features;
	unsigned irq_index;
	bool polled;      /* it raises no interrupts */
	bool occupied;    /* what is there was scanned */
	bool was_present; /* when it was polled last */
	uint64_t
		button_deadline; /* when the card goes out of service; DEADLINE_NEVER: it does not */
	_Atomic uint32_t
		events;     /* bits of the status register, that came and were not seen to yet */
	void (*wake)(void); /* called by the interrupt */
};

/* Has the slot of `port` report from now on; what is there already is in service, or is put into it
 * by the first pci_slot_step(). NULL: out of memory. */
struct pci_slot *pci_slot_create(struct device *port, void (*wake)(void));
/* Before the port goes. */
void pci_slot_destroy(struct pci_slot *slot);
/* Sees to what has happened; true if devices came or went. *deadline is made earlier if the slot
 * is to be looked at again by then. */
bool pci_slot_step(struct pci_slot *slot, uint64_t *deadline);
/* True if that is still the function that was put into service: another one, or one that was
 * without power, does not know its addresses. */
bool pci_is_same_function(const struct device *device);

/* Something may have happened that was not reported. */
void pci_slot_check(struct pci_slot *slot);

/* pci_hotplug.c: what pci_slot.c has done with the tree. */

/* Scans the bus and puts what is new into service. True if there is anything on it. */
bool pci_bus_arrive(struct pci_bus *bus);
/* Takes all on the bus and behind it out of service, slots too. */
void pci_bus_depart(struct pci_bus *bus);
/* The same for one function, and what is behind it. -EBUSY (a driver cannot let go), -ENODEV (gone
 * already). */
int must_check pci_function_depart(struct device *device);
/* Has the thread call job->function. The storage is the caller's until then. Thread context; may be called
 * before the thread is there. */
struct pci_job {
	struct list_node node;
	void (*function)(struct pci_job *job);
};
void pci_job_queue(struct pci_job *job);
/* Has the thread call `function`, and waits for what it returns. Not from that thread, no lock held.
 * -ENODEV: there is no thread. */
int must_check pci_hotplug_call(int (*function)(void *argument), void *argument);
