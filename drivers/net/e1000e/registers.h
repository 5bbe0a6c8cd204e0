/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers and descriptors of the Intel 82574 gigabit controller, from its datasheet (316439), chapters 7 (descriptors)
 * and 10 (registers).
 */
#pragma once

#include <base/types.h>

enum e1000e_register {
	REGISTER_CTRL = 0x0000,
	REGISTER_STATUS = 0x0008,
	REGISTER_EECD = 0x0010,
	REGISTER_EERD = 0x0014,
	REGISTER_CTRL_EXT = 0x0018,
	REGISTER_ICR = 0x00c0, /* interrupt causes: read, and cleared by writing ones */
	REGISTER_ITR = 0x00c4,
	REGISTER_ICS = 0x00c8, /* set */
	REGISTER_IMS = 0x00d0, /* enable */
	REGISTER_IMC = 0x00d8, /* disable */
	REGISTER_IVAR = 0x00e4,
	REGISTER_EITR = 0x00e8, /* of MSI-X vector 0 */
	REGISTER_RCTL = 0x0100,
	REGISTER_FCTTV = 0x0170,
	REGISTER_TCTL = 0x0400,
	REGISTER_TIPG = 0x0410,
	REGISTER_RDBAL = 0x2800,
	REGISTER_RDBAH = 0x2804,
	REGISTER_RDLEN = 0x2808,
	REGISTER_RDH = 0x2810,
	REGISTER_RDT = 0x2818,
	REGISTER_RDTR = 0x2820,
	REGISTER_RADV = 0x282c,
	REGISTER_TDBAL = 0x3800,
	REGISTER_TDBAH = 0x3804,
	REGISTER_TDLEN = 0x3808,
	REGISTER_TDH = 0x3810,
	REGISTER_TDT = 0x3818,
	REGISTER_TIDV = 0x3820,
	REGISTER_TXDCTL = 0x3828,
	REGISTER_CRCERRS = 0x4000, /* counters are cleared by reading */
	REGISTER_RXERRC = 0x400c,
	REGISTER_MPC = 0x4010, /* frames for which there was no buffer */
	REGISTER_RXCSUM = 0x5000,
	REGISTER_RFCTL = 0x5008,
	REGISTER_MTA = 0x5200, /* 128 words: hashes of groups */
	REGISTER_RAL = 0x5400, /* 16 pairs: addresses */
	REGISTER_RAH = 0x5404,
	REGISTERS_LENGTH = 0x20000,
};

#define MTA_COUNT     128
#define ADDRESS_COUNT 16

enum { /* CTRL */
       CTRL_MASTER_DISABLE = 1 << 2,
       CTRL_SET_LINK_UP = 1 << 6,
       CTRL_FORCE_SPEED = 1 << 11,
       CTRL_FORCE_DUPLEX = 1 << 12,
       CTRL_RESET = 1 << 26,
       CTRL_RECEIVE_FLOW = 1 << 27,
       CTRL_SEND_FLOW = 1 << 28,
};

enum { /* STATUS */
       STATUS_FULL_DUPLEX = 1 << 0,
       STATUS_LINK_UP = 1 << 1,
       STATUS_SPEED_SHIFT = 6, /* 2 bits: 10, 100, 1000, 1000 */
       STATUS_MASTER_ENABLED = 1 << 19,
};

enum { /* EECD, EERD, CTRL_EXT */
       EECD_READ_DONE = 1 << 9,
       EERD_START = 1 << 0,
       EERD_DONE = 1 << 1,
       EERD_ADDRESS_SHIFT = 2,
       EERD_DATA_SHIFT = 16,
       CTRL_EXT_DRIVER_LOADED = 1 << 28,
};

enum { /* interrupt causes */
       CAUSE_SENT = 1 << 0,
       CAUSE_LINK = 1 << 2,
       CAUSE_RECEIVE_LOW = 1 << 4,
       CAUSE_OVERRUN = 1 << 6,
       CAUSE_RECEIVED = 1 << 7,
       /* With MSI-X: of the queues, and all the others. */
       CAUSE_RECEIVE_QUEUE = 1 << 20,
       CAUSE_SEND_QUEUE = 1 << 22,
       CAUSE_OTHER = 1 << 24,
};

/* IVAR: all causes to vector 0; valid bits. Bit 31: at each write-back. */
#define IVAR_ALL_TO_FIRST (1u << 31 | 0x8u << 16 | 0x8u << 8 | 0x8u)

enum { /* RCTL */
       RCTL_ENABLE = 1 << 1,
       RCTL_EVERYTHING = 1 << 3,
       RCTL_ALL_GROUPS = 1 << 4,
       RCTL_BROADCAST = 1 << 15,
       RCTL_STRIP_CHECK = 1 << 26, /* buffers have 2048 bytes */
};

enum { /* TCTL */
       TCTL_ENABLE = 1 << 1,
       TCTL_PAD_SHORT = 1 << 3,
       TCTL_COLLISIONS = 0xf << 4,
       TCTL_COLLISION_DISTANCE = 0x3f << 12,
       TCTL_RETRANSMIT_LATE = 1 << 24,
};

/* 10.2.6.1: what copper at 10 to 1000 megabits needs. */
#define TIPG_VALUE (8u | 8u << 10 | 6u << 20)
/* 10.2.6.9: descriptors counted singly, written back one by one; bit 22 must be 1. */
#define TXDCTL_VALUE (1u << 24 | 1u << 22 | 1u << 16)
/* In units of 256 ns: at most 20,000 interrupts a second. */
#define THROTTLE_VALUE 195u
#define RAH_VALID      (1u << 31)

/* 7.1.4, legacy receive descriptor. */
struct receive_descriptor {
	uint64_t address;
	uint16_t length;
	uint16_t checksum;
	uint8_t status;
	uint8_t errors;
	uint16_t tag;
};

/* 7.2.10, legacy transmit descriptor. */
struct send_descriptor {
	uint64_t address;
	uint16_t length;
	uint8_t checksum_offset;
	uint8_t command;
	uint8_t status;
	uint8_t checksum_start;
	uint16_t tag;
};

_Static_assert(sizeof(struct receive_descriptor) == 16, "hardware");
_Static_assert(sizeof(struct send_descriptor) == 16, "hardware");

enum {
	RECEIVE_DONE = 1 << 0,
	RECEIVE_END = 1 << 1,        /* of a frame */
	RECEIVE_ERRORS_FATAL = 0x97, /* check sequence, symbol, sequence, carrier, data */
	SEND_END = 1 << 0,
	SEND_CHECK = 1 << 1, /* the device adds the check sequence */
	SEND_REPORT = 1 << 3,
	SEND_DONE = 1 << 0,
};
