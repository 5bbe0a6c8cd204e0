/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serial ATA AHCI 1.3.1: the registers (section 3) and what lies in memory (section 4), as far as
 * they are used. The names are the specification's, spelt out.
 */
#pragma once

#include <base/types.h>

#define AHCI_BAR       5
#define AHCI_PORTS_MAX 32
#define AHCI_SLOTS_MAX 32

/* Of the host bus adapter. */
#define HBA_CAPABILITIES             0x00
#define HBA_CAPABILITIES_PORTS       0x1fu /* the count - 1 */
#define HBA_CAPABILITIES_SLOTS_SHIFT 8     /* five bits: the count - 1 */
#define HBA_CAPABILITIES_CLO         (1u << 24)
#define HBA_CAPABILITIES_STAGGERED   (1u << 27)
#define HBA_CAPABILITIES_NCQ         (1u << 30)
#define HBA_CAPABILITIES_64BIT       (1u << 31)
#define HBA_CONTROL                  0x04
#define HBA_CONTROL_RESET            (1u << 0)
#define HBA_CONTROL_INTERRUPTS       (1u << 1)
#define HBA_CONTROL_AHCI             (1u << 31)
#define HBA_INTERRUPTS               0x08
#define HBA_PORTS                    0x0c
#define HBA_VERSION                  0x10
#define HBA_CAPABILITIES2            0x24
#define HBA_CAPABILITIES2_HANDOFF    (1u << 0)
#define HBA_HANDOFF                  0x28
#define HBA_HANDOFF_FIRMWARE         (1u << 0)
#define HBA_HANDOFF_SYSTEM           (1u << 1)
#define HBA_HANDOFF_BUSY             (1u << 4)

/* Of a port. */
#define PORT_REGISTERS(number)       (0x100 + 0x80 * (size_t)(number))
#define PORT_REGISTERS_SIZE          0x80
#define PORT_COMMAND_LIST            0x00
#define PORT_COMMAND_LIST_HIGH       0x04
#define PORT_FIS                     0x08
#define PORT_FIS_HIGH                0x0c
#define PORT_INTERRUPTS              0x10
#define PORT_INTERRUPT_ENABLE        0x14
#define PORT_COMMAND                 0x18
#define PORT_COMMAND_START           (1u << 0)
#define PORT_COMMAND_SPIN_UP         (1u << 1)
#define PORT_COMMAND_POWER_ON        (1u << 2)
#define PORT_COMMAND_OVERRIDE        (1u << 3) /* CLO */
#define PORT_COMMAND_FIS_ENABLE      (1u << 4)
#define PORT_COMMAND_FIS_RUNNING     (1u << 14)
#define PORT_COMMAND_RUNNING         (1u << 15)
#define PORT_COMMAND_COLD            (1u << 20) /* cold presence detection: power is switched */
#define PORT_COMMAND_ATAPI           (1u << 24)
#define PORT_COMMAND_ACTIVE          (1u << 28) /* interface communication control: active */
#define PORT_TASK_FILE               0x20
#define PORT_SIGNATURE               0x24
#define PORT_STATUS                  0x28
#define PORT_STATUS_DETECTION        0x0fu
#define PORT_STATUS_ABSENT           0x0u
#define PORT_STATUS_LINKED           0x3u
#define PORT_CONTROL                 0x2c
#define PORT_CONTROL_RESET           0x001u
#define PORT_CONTROL_SLOWEST         0x010u /* 1.5 Gbit/s at most */
#define PORT_CONTROL_NO_POWER_SAVING 0x300u
#define PORT_ERROR                   0x30
#define PORT_ACTIVE                  0x34 /* SActive: queued commands that are under way */
#define PORT_ISSUE                   0x38

/* PORT_INTERRUPTS and PORT_INTERRUPT_ENABLE. */
#define PORT_IRQ_REGISTER_FIS   (1u << 0)
#define PORT_IRQ_PIO_FIS        (1u << 1)
#define PORT_IRQ_DEVICE_BITS    (1u << 3)
#define PORT_IRQ_UNKNOWN_FIS    (1u << 4)
#define PORT_IRQ_CONNECT        (1u << 6)
#define PORT_IRQ_PHY            (1u << 22)
#define PORT_IRQ_MULTIPLIER     (1u << 23)
#define PORT_IRQ_OVERFLOW       (1u << 24)
#define PORT_IRQ_INTERFACE_SOFT (1u << 26) /* not fatal: the adapter goes on */
#define PORT_IRQ_INTERFACE      (1u << 27)
#define PORT_IRQ_BUS_DATA       (1u << 28)
#define PORT_IRQ_BUS            (1u << 29)
#define PORT_IRQ_TASK_FILE      (1u << 30)

#define PORT_IRQ_HOTPLUG (PORT_IRQ_CONNECT | PORT_IRQ_PHY)
/* After these the port is reset; the transfer is void. */
#define PORT_IRQ_FATAL                                                                       \
	(PORT_IRQ_UNKNOWN_FIS | PORT_IRQ_OVERFLOW | PORT_IRQ_INTERFACE | PORT_IRQ_BUS_DATA | \
	 PORT_IRQ_BUS)
#define PORT_IRQ_ALL                                                       \
	(PORT_IRQ_REGISTER_FIS | PORT_IRQ_PIO_FIS | PORT_IRQ_DEVICE_BITS | \
	 PORT_IRQ_INTERFACE_SOFT | PORT_IRQ_HOTPLUG | PORT_IRQ_FATAL | PORT_IRQ_TASK_FILE)

/* PORT_SIGNATURE: what kind of device there is. */
#define SIGNATURE_ATA        0x00000101u
#define SIGNATURE_ATAPI      0xeb140101u
#define SIGNATURE_ENCLOSURE  0xc33c0101u
#define SIGNATURE_MULTIPLIER 0x96690101u

/* What a register of a device that was pulled out reads as. */
#define REGISTER_GONE UINT32_MAX

/* --- In memory; all little endian. ----------------------------------------------------------- */

/* 4.2.2: a slot of the command list, which has 32 and lies at a multiple of 1 KiB. */
struct command_header {
	uint32_t flags;       /* 0x00 */
	uint32_t transferred; /* 0x04 */
	uint64_t table;       /* 0x08: at a multiple of 128 */
	uint32_t reserved[4]; /* 0x10 */
};

#define HEADER_FIS_LENGTH  5u /* of the register FIS, in words of 32 bits */
#define HEADER_ATAPI       (1u << 5)
#define HEADER_WRITE       (1u << 6)
#define HEADER_COUNT_SHIFT 16 /* regions */

/* 4.2.3.3: a region of memory that takes part in a transfer. */
struct memory_region {
	uint64_t address;  /* 0x00: even */
	uint32_t reserved; /* 0x08 */
	uint32_t length;   /* 0x0c: bytes - 1, odd; 4 MiB at most */
};

#define MEMORY_REGION_MAX (4u << 20)

/* Serial ATA 10.3.4: the FIS that makes a command, as the start of a command table. */
struct command_fis {
	uint8_t type;          /* 0x00: FIS_COMMAND */
	uint8_t flags;         /* 0x01 */
	uint8_t command;       /* 0x02 */
	uint8_t features;      /* 0x03 */
	uint8_t lba[3];        /* 0x04 */
	uint8_t device;        /* 0x07 */
	uint8_t lba_high[3];   /* 0x08 */
	uint8_t features_high; /* 0x0b */
	uint8_t count;         /* 0x0c */
	uint8_t count_high;    /* 0x0d */
	uint8_t isochronous;   /* 0x0e */
	uint8_t control;       /* 0x0f */
	uint32_t auxiliary;    /* 0x10 */
};

#define FIS_COMMAND          0x27
#define FIS_COMMAND_UPDATE   0x80 /* flags: it is a command */
#define FIS_DEVICE_LBA       0x40
#define FIS_DEVICE_FUA       0x80 /* of queued commands */
#define FIS_QUEUED_TAG_SHIFT 3    /* in `count` */

/* 4.2.3 */
struct command_table {
	struct command_fis fis; /* 0x00 */
	uint8_t unused[0x80 - 0x14];
	struct memory_region regions[]; /* 0x80 */
};

/* 4.2.1: where the adapter puts what the device sends. */
#define RECEIVED_FIS_SIZE     256
#define RECEIVED_REGISTER_FIS 0x40

_Static_assert(sizeof(struct command_header) == 32 && offsetof(struct command_header, table) == 8,
	       "AHCI 4.2.2");
_Static_assert(sizeof(struct memory_region) == 16 && offsetof(struct memory_region, length) == 12,
	       "AHCI 4.2.3.3");
_Static_assert(sizeof(struct command_fis) == 20 && offsetof(struct command_fis, count) == 12,
	       "Serial ATA 10.3.4");
_Static_assert(sizeof(struct command_table) == 0x80, "AHCI 4.2.3");
