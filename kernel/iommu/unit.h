/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intel's IOMMUs (VT-d 4.1): registers, and what the files here share. One unit is for some of the machine's PCI
 * functions, which context tables lead to domains.
 *
 * Locks: domains_lock (RANK_IOMMU) guards the context tables and the list of domains; a domain's lock (RANK_IOMMU, never
 * inside that one) its table; a unit's lock (RANK_LEAF, inside both) its queue of commands. All are taken by interrupt handlers.
 */
#pragma once

#include "table.h"

#include <acpi/iommu.h>
#include <base/list.h>
#include <iommu/iommu.h>
#include <irq/irq.h>
#include <sync/refcount.h>
#include <sync/spinlock.h>

/* Registers (11.4). */
#define VTD_CAPABILITY     0x08
#define VTD_EXTENDED       0x10
#define VTD_COMMAND        0x18
#define VTD_STATUS         0x1c
#define VTD_ROOT           0x20
#define VTD_CONTEXT        0x28
#define VTD_FAULT_STATUS   0x34
#define VTD_FAULT_CONTROL  0x38
#define VTD_FAULT_DATA     0x3c
#define VTD_FAULT_ADDRESS  0x40
#define VTD_FAULT_TOP      0x44
#define VTD_PROTECTED      0x64
#define VTD_QUEUE_TAIL     0x88
#define VTD_QUEUE          0x90
#define VTD_REMAP_TABLE    0xb8
#define VTD_REGISTERS_SIZE 4096

/* Bits of the command and of the status register (11.4.4). */
#define VTD_TRANSLATES   (1u << 31)
#define VTD_ROOT_SET     (1u << 30)
#define VTD_WRITE_BUFFER (1u << 27)
#define VTD_QUEUED       (1u << 26)
#define VTD_REMAPS       (1u << 25)
#define VTD_REMAP_SET    (1u << 24)

/* Capability register (11.4.2). */
#define VTD_CAP_DOMAINS(cap)     (1u << (4 + 2 * ((cap)&7))) /* how many */
#define VTD_CAP_WRITE_BUFFER     (1ull << 4)
#define VTD_CAP_PROTECTED        (3ull << 5)
#define VTD_CAP_CACHES_ABSENT    (1ull << 7)
#define VTD_CAP_LEVELS(cap)      ((unsigned)((cap) >> 8) & 0x1f) /* bit n: n + 2 levels */
#define VTD_CAP_FAULTS_AT(cap)   (((size_t)((cap) >> 24) & 0x3ff) * 16)
#define VTD_CAP_PAGES            (1ull << 39)
#define VTD_CAP_FAULTS(cap)      ((unsigned)((cap) >> 40 & 0xff) + 1)
#define VTD_CAP_PAGES_SHIFT(cap) ((unsigned)((cap) >> 48) & 0x3f)
#define VTD_CAP_DRAINS           (3ull << 54)
/* Extended capability register (11.4.3). */
#define VTD_EXT_COHERENT    (1ull << 0)
#define VTD_EXT_QUEUE       (1ull << 1)
#define VTD_EXT_REMAPS      (1ull << 3)
#define VTD_EXT_WIDE        (1ull << 4) /* destinations of 32 bits */
#define VTD_EXT_PASS        (1ull << 6)
#define VTD_EXT_SNOOPS      (1ull << 7)
#define VTD_EXT_TLB_AT(ext) (((size_t)((ext) >> 8) & 0x3ff) * 16)

/* Of entries in the context tables (9.3), first and second half. */
struct vtd_context_entry {
	uint64_t low, high;
};
_Static_assert(sizeof(struct vtd_context_entry) == 16, "two words");
#define VTD_CONTEXT_PRESENT      (1ull << 0)
#define VTD_CONTEXT_QUIET        (1ull << 1) /* faults are not told */
#define VTD_CONTEXT_PASS         (2ull << 2)
#define VTD_CONTEXT_DOMAIN_SHIFT 8

#define VTD_REQUESTERS_MAX 32

/* Faults of one requester that have not been told yet. */
struct vtd_fault {
	struct iommu_fault first;
	unsigned count;
};
#define VTD_FAULTS_MAX 8

struct vtd_unit {
	/* Immutable. */
	const struct acpi_iommu_unit *firmware;
	volatile uint8_t *registers;
	uint64_t capability, extended;
	unsigned levels, width; /* of tables; how contexts name that */
	unsigned widest;        /* for contexts that pass everything */
	bool coherent, remaps;
	struct vtd_context_entry *root;
	/* Under domains_lock. */
	uint64_t *domain_ids; /* a bit for each */
	unsigned domain_id_count;
	/* Under `lock`. */
	struct spinlock lock;
	uint64_t (*queue)[2]; /* NULL: registers are used */
	bool on;              /* commands are done */
	unsigned tail;
	volatile uint32_t *answer; /* what the last command of all writes */
	uint32_t sequence;
	bool stuck; /* it does not answer; said once */
	uint64_t flushes;
	/* Faults; under `lock` too. */
	struct irq_handler handler;
	uint64_t fault_address;
	uint32_t fault_data;
	struct vtd_fault faults[VTD_FAULTS_MAX];
	unsigned fault_count;
	uint64_t faults_lost;
};

/* Whole pages. */
struct vtd_range {
	phys_t first, end;
};

struct iommu_domain {
	/* Who holds: each device whose it is; who looks at faults; memory that was mapped by the driver kit. */
	struct refcount references;
	/* Immutable. */
	struct vtd_unit *unit;
	uint16_t segment, id;
	bool reserved_any;           /* `reserved` is not empty */
	struct iommu_table reserved; /* what firmware wants mapped whatever the mode */
	/* domains_lock. */
	struct list_node node;
	uint16_t requesters[VTD_REQUESTERS_MAX]; /* the first is its name */
	unsigned requester_count;
	enum iommu_mode mode;
	unsigned users, devices;
	bool quiet; /* too many faults */
	uint64_t faults, faults_since, faults_then;
	/* `lock`. */
	struct spinlock lock;
	struct iommu_table table;
	/* Pages that were unmapped and the unit may still know: ranges, or too many to tell. */
	struct vtd_range stale[8];
	unsigned stale_count;
	bool stale_all;
	uint64_t maps, flushes;
};

extern struct spinlock vtd_domains_lock;
extern struct list vtd_domains;

/* unit.c */
unsigned vtd_unit_count(void);
struct vtd_unit *vtd_unit(unsigned index);
/* Makes ready all units that firmware tells of; those that cannot be used are left out. */
void vtd_units_start(void);
/* Lets the unit translate (and, where it can, remap interrupts), by what its tables say. */
void vtd_unit_enable(struct vtd_unit *unit);
void vtd_unit_disable(struct vtd_unit *unit);
uint32_t vtd_read32(const struct vtd_unit *unit, size_t offset);
uint64_t vtd_read64(const struct vtd_unit *unit, size_t offset);
void vtd_write32(struct vtd_unit *unit, size_t offset, uint32_t value);
void vtd_write64(struct vtd_unit *unit, size_t offset, uint64_t value);
/* Memory that the unit reads was written. */
void vtd_write_back(const struct vtd_unit *unit, const void *address, size_t length);

/* queue.c: what the unit may know is forgotten on return. Any context, no lock of RANK_LEAF. */
void vtd_queue_start(struct vtd_unit *unit);
void vtd_flush_all(struct vtd_unit *unit);
/* The context of a function, and all translations of its domain. */
void vtd_flush_context(struct vtd_unit *unit, uint16_t requester, uint16_t domain);
void vtd_flush_domain(struct vtd_unit *unit, uint16_t domain);
void vtd_flush_ranges(struct vtd_unit *unit, uint16_t domain, const struct vtd_range *ranges,
		      unsigned count);
void vtd_flush_interrupt(struct vtd_unit *unit, unsigned entry);

/* domain.c: the reference stays, but is not a device's any more. */
void vtd_domain_forget_device(struct iommu_domain *domain);

/* scope.c */
bool vtd_scopes_hold(const struct acpi_iommu *iommu, unsigned first, unsigned count,
		     const struct iommu_function *function);
/* The index of the unit that the function is behind, or -ENODEV. */
int must_check vtd_find_unit(const struct acpi_iommu *iommu, const struct iommu_function *function);

/* context.c; under domains_lock. */
/* Has the requesters of the domain reach what its mode says. */
void vtd_context_write(struct iommu_domain *domain);
void vtd_context_clear(struct iommu_domain *domain);
/* Makes the table for the bus; -ENOMEM. Thread context, without the lock. */
int must_check vtd_context_prepare(struct vtd_unit *unit, uint16_t requester);

/* fault.c */
void vtd_faults_start(struct vtd_unit *unit);
void vtd_faults_resume(struct vtd_unit *unit);

/* remap.c */
/* Makes the table, if interrupts can be remapped. */
void vtd_remap_start(void);
/* The I/O APICs use it; between the two, while units are switched on, they send nothing. */
void vtd_remap_controllers_begin(void);
void vtd_remap_controllers_end(void);
/* Has the unit use the table. */
void vtd_remap_set(struct vtd_unit *unit);
