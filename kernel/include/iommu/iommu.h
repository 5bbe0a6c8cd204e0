/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * IOMMUs: which memory devices can reach. Each PCI function behind one has a domain of its own (functions that it cannot
 * tell apart share one), in which nothing can be reached until it is mapped. What is mapped has its physical
 * address there too, so a device address is a physical address whether there is an IOMMU or not.
 *
 * Pages count how often they are mapped: memory may be part of several transfers at once. The unit is the page:
 * what shares a page with memory that is mapped can be reached as well.
 *
 * NULL in place of a domain: a device that is behind no IOMMU; then these functions do nothing and succeed.
 */
#pragma once

#include <arch/mmu.h>
#include <base/types.h>

struct iommu_domain;

/* Requesters as PCI has them. */
struct iommu_requester {
	uint16_t segment;
	uint8_t bus;
	uint8_t function; /* slot << 3 | function */
};

/* A PCI function, and the way to it. */
#define IOMMU_WAY_MAX 18
struct iommu_function {
	/* What it appears as: behind a bridge to conventional PCI it is not told from its neighbours. */
	struct iommu_requester requester;
	/* The bridges from the root bus on, and the function itself at the end. */
	unsigned depth; /* at least 1 */
	struct {
		uint8_t bus, function;
	} way[IOMMU_WAY_MAX];
};

enum iommu_access {
	IOMMU_READ = 1 << 0, /* the device reads memory */
	IOMMU_WRITE = 1 << 1,
};

struct iommu_fault {
	struct iommu_requester requester;
	uint64_t address;
	bool write, interrupt; /* it was an interrupt that is not the device's */
	unsigned reason;       /* the hardware's code */
};

/* Finds the machine's, switches them on with nothing allowed but what firmware says must go on (reserved memory). Called
 * once, after acpi_start(), before devices; "iommu=off" on the command line: does nothing. Thread context. */
void iommu_start(void);
/* Whether any is on, and remaps interrupts. */
bool iommu_is_on(void);
bool iommu_remaps_interrupts(void);

/* The domain of the function, made at the first call, with a reference; NULL in *domain: it is behind no IOMMU. -ENOMEM.
 * Thread context. */
int must_check iommu_domain_get(const struct iommu_function *function,
				struct iommu_domain **domain);
/* The function goes. Thread context. */
void iommu_domain_put(struct iommu_domain *domain);
/* References of others than functions. */
void iommu_domain_hold(struct iommu_domain *domain);
void iommu_domain_release(struct iommu_domain *domain);
/* Whether several functions have it: what one of them may reach the others may, too. */
bool iommu_domain_is_shared(const struct iommu_domain *domain);

/* From now on it reaches all memory, or what is mapped, or nothing whatever is mapped (a driver that is being stopped) but
 * what firmware reserves. On return no access of before is under way. -EOPNOTSUPP: ALL cannot be had, and the
 * mode is as before. Any context. */
enum iommu_mode { IOMMU_MODE_MAPPED, IOMMU_MODE_ALL, IOMMU_MODE_NONE };
int must_check iommu_set_mode(struct iommu_domain *domain, enum iommu_mode mode);
/* The same for one of the functions that may share it, when a driver gets it and when it is taken: the last to close
 * leaves NONE. */
int must_check iommu_open(struct iommu_domain *domain, enum iommu_mode mode);
void iommu_close(struct iommu_domain *domain);

/* Any context, no lock of rank >= RANK_IOMMU. [physical, physical + length) rounded out to pages. -ENOMEM (no
 * page was mapped). */
int must_check iommu_map(struct iommu_domain *domain, phys_t physical, size_t length,
			 unsigned access);
/* As often as mapped, with the same range. The device may still reach it until iommu_flush() returns. */
void iommu_unmap(struct iommu_domain *domain, phys_t physical, size_t length);
void iommu_flush(struct iommu_domain *domain);
/* Whether it could reach all of the range. */
bool iommu_is_mapped(struct iommu_domain *domain, phys_t physical, size_t length, unsigned access);
/* How many pages are mapped, for accounting. */
size_t iommu_mapped_pages(const struct iommu_domain *domain);
void iommu_visit_mapped(struct iommu_domain *domain, bool (*visit)(phys_t page, void *context),
			void *context);

/* Who is told of faults, in thread context: set once. Many at a time are counted and told together (`count`). */
void iommu_set_fault_handler(void (*handle)(struct iommu_domain *domain,
					    const struct iommu_fault *fault, unsigned count));

/* Interrupt messages: makes an entry for a message that functions of the domain alone may send, and changes *address and *data to
 * what the device is to write; *entry for the others. Without remapping nothing changes, and *entry is 0. -ENOSPC. */
int must_check iommu_message_create(struct iommu_domain *domain, uint64_t *address, uint32_t *data,
				    unsigned *entry);
/* It leads to another CPU or vector now: `address` and `data` as without remapping. What the device writes stays. */
void iommu_message_change(unsigned entry, uint64_t address, uint32_t data);
/* 0: none. */
void iommu_message_destroy(unsigned entry);

/* Around the machine's sleep: registers and tables are as before after it. */
void iommu_suspend(void);
void iommu_resume(void);
