/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the controller and the driver share: registers, commands, completions and the data
 * structures of admin commands, as NVM Express 1.4 lays them out. Numbers in parentheses are
 * its sections. All is little endian.
 */
#pragma once

#include <base/types.h>

/* --- Registers (3.1). --- */

#define NVME_REGISTER_CAPABILITIES  0x00 /* 64 bits */
#define NVME_REGISTER_VERSION       0x08
#define NVME_REGISTER_CONFIGURATION 0x14
#define NVME_REGISTER_STATUS        0x1c
#define NVME_REGISTER_ADMIN_ENTRIES 0x24
#define NVME_REGISTER_ADMIN_SQ      0x28 /* 64 bits */
#define NVME_REGISTER_ADMIN_CQ      0x30 /* 64 bits */
#define NVME_REGISTERS_LENGTH       0x1000
#define NVME_DOORBELLS              0x1000 /* where they begin */

#define NVME_CAPABILITIES_MAX_ENTRIES(value)  ((uint32_t)((value)&0xffff) + 1)
#define NVME_CAPABILITIES_TIMEOUT(value)      ((unsigned)((value) >> 24 & 0xff)) /* of 500 ms */
#define NVME_CAPABILITIES_STRIDE(value)       ((unsigned)((value) >> 32 & 0xf))
#define NVME_CAPABILITIES_NVM_COMMANDS        (1ull << 37)
#define NVME_CAPABILITIES_PAGE_MINIMUM(value) ((unsigned)((value) >> 48 & 0xf)) /* 4 KiB << it */

#define NVME_VERSION_1_1 0x00010100u

#define NVME_CONFIGURATION_ENABLE      (1u << 0)
#define NVME_CONFIGURATION_SHUTDOWN    (1u << 14)            /* a normal one */
#define NVME_CONFIGURATION_ENTRY_SIZES (6u << 16 | 4u << 20) /* 64 and 16 bytes */

#define NVME_STATUS_READY             (1u << 0)
#define NVME_STATUS_FATAL             (1u << 1)
#define NVME_STATUS_SHUTDOWN_MASK     (3u << 2)
#define NVME_STATUS_SHUTDOWN_COMPLETE (2u << 2)
#define NVME_STATUS_GONE              UINT32_MAX /* what no device answers to */

/* --- Commands (4.2). --- */

struct nvme_command {
	/* 0x00 */ uint8_t opcode;
	/* 0x01 */ uint8_t flags;
	/* 0x02 */ uint16_t id;
	/* 0x04 */ uint32_t namespace;
	/* 0x08 */ uint32_t word2, word3;
	/* 0x10 */ uint64_t metadata;
	/* 0x18 */ uint64_t data[2]; /* two PRP entries, or one SGL descriptor */
	/* 0x28 */ uint32_t word10, word11, word12, word13, word14, word15;
};

_Static_assert(sizeof(struct nvme_command) == 64, "4.2");
_Static_assert(offsetof(struct nvme_command, data) == 0x18, "4.2");
_Static_assert(offsetof(struct nvme_command, word10) == 0x28, "4.2");

#define NVME_FLAGS_SGL 0x40 /* `data` is an SGL descriptor, metadata is contiguous */

/* SGL descriptors (4.4): of data, or of the last list of them. */
struct nvme_sgl {
	/* 0x00 */ uint64_t address;
	/* 0x08 */ uint32_t length; /* bytes */
	/* 0x0c */ uint8_t reserved[3];
	/* 0x0f */ uint8_t kind; /* enum nvme_sgl_kind */
};

_Static_assert(sizeof(struct nvme_sgl) == 16, "4.4");
_Static_assert(offsetof(struct nvme_sgl, kind) == 0xf, "4.4");

enum nvme_sgl_kind {
	NVME_SGL_DATA = 0x00,
	NVME_SGL_LAST_SEGMENT = 0x30,
};

/* --- Completions (4.6). --- */

struct nvme_completion {
	/* 0x00 */ uint32_t result;
	/* 0x04 */ uint32_t reserved;
	/* 0x08 */ uint16_t head; /* of the submission queue */
	/* 0x0a */ uint16_t queue;
	/* 0x0c */ uint16_t id;
	/* 0x0e */ uint16_t status; /* bit 0: phase; above it the status field */
};

_Static_assert(sizeof(struct nvme_completion) == 16, "4.6");
_Static_assert(offsetof(struct nvme_completion, status) == 0xe, "4.6");

#define NVME_STATUS_CODE(type, code) ((type) << 8 | (code))
#define NVME_STATUS_CODE_MASK        0x7ff /* of the status field: type and code */
#define NVME_STATUS_NO_RETRY         0x4000

enum nvme_status_code { /* (4.6.1.2) */
			NVME_SUCCESS = NVME_STATUS_CODE(0, 0x00),
			NVME_INVALID_OPCODE = NVME_STATUS_CODE(0, 0x01),
			NVME_INVALID_FIELD = NVME_STATUS_CODE(0, 0x02),
			NVME_ID_CONFLICT = NVME_STATUS_CODE(0, 0x03),
			NVME_TRANSFER_ERROR = NVME_STATUS_CODE(0, 0x04),
			NVME_POWER_LOSS = NVME_STATUS_CODE(0, 0x05),
			NVME_INTERNAL_ERROR = NVME_STATUS_CODE(0, 0x06),
			NVME_ABORTED = NVME_STATUS_CODE(0, 0x07),
			NVME_ABORTED_QUEUE_DELETED = NVME_STATUS_CODE(0, 0x08),
			NVME_INVALID_NAMESPACE = NVME_STATUS_CODE(0, 0x0b),
			NVME_WRITE_PROTECTED = NVME_STATUS_CODE(0, 0x20),
			NVME_COMMAND_INTERRUPTED = NVME_STATUS_CODE(0, 0x21),
			NVME_LBA_OUT_OF_RANGE = NVME_STATUS_CODE(0, 0x80),
			NVME_CAPACITY_EXCEEDED = NVME_STATUS_CODE(0, 0x81),
			NVME_NAMESPACE_NOT_READY = NVME_STATUS_CODE(0, 0x82),
			NVME_WRITE_TO_READ_ONLY = NVME_STATUS_CODE(1, 0x82),
			NVME_WRITE_FAULT = NVME_STATUS_CODE(2, 0x80),
			NVME_UNRECOVERED_READ = NVME_STATUS_CODE(2, 0x81),
			NVME_GUARD_CHECK = NVME_STATUS_CODE(2, 0x82),
			NVME_APPLICATION_TAG_CHECK = NVME_STATUS_CODE(2, 0x83),
			NVME_REFERENCE_TAG_CHECK = NVME_STATUS_CODE(2, 0x84),
			NVME_ACCESS_DENIED = NVME_STATUS_CODE(2, 0x86),
			NVME_UNWRITTEN_BLOCK = NVME_STATUS_CODE(2, 0x87),
};

/* --- Admin commands (5). --- */

enum nvme_admin_opcode {
	NVME_ADMIN_CREATE_SQ = 0x01,
	NVME_ADMIN_GET_LOG = 0x02,
	NVME_ADMIN_CREATE_CQ = 0x05,
	NVME_ADMIN_IDENTIFY = 0x06,
	NVME_ADMIN_ABORT = 0x08,
	NVME_ADMIN_SET_FEATURES = 0x09,
	NVME_ADMIN_ASYNC_EVENT = 0x0c,
	NVME_ADMIN_SET_DOORBELL_BUFFERS = 0x7c,
};

#define NVME_ALL_NAMESPACES UINT32_MAX

#define NVME_QUEUE_CONTIGUOUS (1u << 0) /* in word 11 of both commands that make queues */
#define NVME_QUEUE_INTERRUPTS (1u << 1)

enum nvme_identify {
	NVME_IDENTIFY_NAMESPACE = 0x00,
	NVME_IDENTIFY_CONTROLLER = 0x01,
	NVME_IDENTIFY_ACTIVE_NAMESPACES = 0x02,
};

#define NVME_IDENTIFY_LENGTH 4096
#define NVME_IDENTIFY_LIST   1024 /* numbers in a list of namespaces */

/* Of the controller (5.15.2.2): what is used of it. */
struct nvme_controller_data {
	/* 0x000 */ uint16_t vendor, subsystem_vendor;
	/* 0x004 */ char serial[20];
	/* 0x018 */ char model[40];
	/* 0x040 */ char firmware[8];
	/* 0x048 */ uint8_t unused0[5];
	/* 0x04d */ uint8_t max_transfer; /* pages << it; 0: no limit */
	/* 0x04e */ uint8_t unused1[10];
	/* 0x058 */ uint32_t shutdown_time; /* microseconds; 0: unknown */
	/* 0x05c */ uint32_t async_events;  /* optional ones that it knows */
	/* 0x060 */ uint8_t unused2[160];
	/* 0x100 */ uint16_t admin_commands; /* optional ones that it knows */
	/* 0x102 */ uint8_t unused3[254];
	/* 0x200 */ uint8_t
		sq_entry_size; /* log2; low half: the smallest, high half: the largest */
	/* 0x201 */ uint8_t cq_entry_size;
	/* 0x202 */ uint8_t unused4[2];
	/* 0x204 */ uint32_t namespace_count; /* the highest number */
	/* 0x208 */ uint16_t commands;        /* optional ones that it knows */
	/* 0x20a */ uint8_t unused5[3];
	/* 0x20d */ uint8_t volatile_cache;
	/* 0x20e */ uint8_t unused6[10];
	/* 0x218 */ uint32_t sgl;
	/* 0x21c */ uint8_t unused7[3556];
};

_Static_assert(sizeof(struct nvme_controller_data) == NVME_IDENTIFY_LENGTH, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, max_transfer) == 77, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, shutdown_time) == 88, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, admin_commands) == 256, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, sq_entry_size) == 512, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, commands) == 520, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, volatile_cache) == 525, "5.15.2.2");
_Static_assert(offsetof(struct nvme_controller_data, sgl) == 536, "5.15.2.2");

#define NVME_ASYNC_NAMESPACE_CHANGED  (1u << 8) /* in `async_events` and the feature */
#define NVME_ADMIN_KNOWS_DOORBELLS    (1u << 8) /* in `admin_commands` */
#define NVME_KNOWS_DATASET_MANAGEMENT (1u << 2) /* in `commands` */
#define NVME_KNOWS_WRITE_ZEROES       (1u << 3)
#define NVME_VOLATILE_CACHE           (1u << 0)
#define NVME_SGL_SUPPORT(value)       ((value)&3) /* 1: any address, 2: multiples of 4 */

struct nvme_format {
	/* 0x00 */ uint16_t metadata_size;
	/* 0x02 */ uint8_t block_shift;
	/* 0x03 */ uint8_t performance;
};

_Static_assert(sizeof(struct nvme_format) == 4, "5.15.2.1");

/* Of a namespace (5.15.2.1). */
struct nvme_namespace_data {
	/* 0x00 */ uint64_t size;     /* blocks */
	/* 0x08 */ uint64_t capacity; /* blocks that can be allocated */
	/* 0x10 */ uint64_t used;
	/* 0x18 */ uint8_t features;
	/* 0x19 */ uint8_t format_count; /* less 1 */
	/* 0x1a */ uint8_t format;       /* low half: index into `formats` */
	/* 0x1b */ uint8_t unused0[37];
	/* 0x40 */ uint16_t write_granularity; /* blocks, less 1; with the feature below */
	/* 0x42 */ uint8_t unused1[33];
	/* 0x63 */ uint8_t attributes;
	/* 0x64 */ uint8_t unused2[28];
	/* 0x80 */ struct nvme_format formats[16];
	/* 0xc0 */ uint8_t unused3[3904];
};

_Static_assert(sizeof(struct nvme_namespace_data) == NVME_IDENTIFY_LENGTH, "5.15.2.1");
_Static_assert(offsetof(struct nvme_namespace_data, write_granularity) == 64, "5.15.2.1");
_Static_assert(offsetof(struct nvme_namespace_data, attributes) == 99, "5.15.2.1");
_Static_assert(offsetof(struct nvme_namespace_data, formats) == 128, "5.15.2.1");

#define NVME_NAMESPACE_GRANULARITIES   (1u << 4) /* in `features` */
#define NVME_NAMESPACE_WRITE_PROTECTED (1u << 0) /* in `attributes` */

enum nvme_feature {
	NVME_FEATURE_QUEUE_COUNT = 0x07,
	NVME_FEATURE_ASYNC_EVENTS = 0x0b,
};

#define NVME_ASYNC_HEALTH_WARNINGS 0x1fu /* all critical warnings, in the feature */

/* The result of an asynchronous event request (5.2.1). */
#define NVME_EVENT_KIND(result) ((result)&7)
#define NVME_EVENT_INFO(result) ((result) >> 8 & 0xff)
#define NVME_EVENT_LOG(result)  ((result) >> 16 & 0xff)

enum nvme_event_kind {
	NVME_EVENT_ERROR = 0,
	NVME_EVENT_HEALTH = 1,
	NVME_EVENT_NOTICE = 2,
};

#define NVME_ERROR_PERSISTENT         3 /* internal errors, NVME_EVENT_INFO of NVME_EVENT_ERROR */
#define NVME_NOTICE_NAMESPACE_CHANGED 0

enum nvme_log {
	NVME_LOG_ERRORS = 0x01,
	NVME_LOG_HEALTH = 0x02,
	NVME_LOG_CHANGED_NAMESPACES = 0x04,
};

#define NVME_LOG_ERROR_LENGTH 64 /* of one entry */

/* SMART and health (5.14.1.2). Counts have 128 bits. */
struct nvme_health_log {
	/* 0x00 */ uint8_t critical_warning; /* enum nvme_warning */
	/* 0x01 */ uint8_t temperature[2];   /* kelvin */
	/* 0x03 */ uint8_t spare;            /* percent left */
	/* 0x04 */ uint8_t spare_threshold;
	/* 0x05 */ uint8_t percentage_used;
	/* 0x06 */ uint8_t unused0[26];
	/* 0x20 */ uint64_t units_read[2]; /* of 1000 times 512 bytes */
	/* 0x30 */ uint64_t units_written[2];
	/* 0x40 */ uint64_t commands_read[2];
	/* 0x50 */ uint64_t commands_written[2];
	/* 0x60 */ uint64_t busy_minutes[2];
	/* 0x70 */ uint64_t power_cycles[2];
	/* 0x80 */ uint64_t power_on_hours[2];
	/* 0x90 */ uint64_t unsafe_shutdowns[2];
	/* 0xa0 */ uint64_t media_errors[2];
	/* 0xb0 */ uint8_t unused1[336];
};

_Static_assert(sizeof(struct nvme_health_log) == 512, "5.14.1.2");
_Static_assert(offsetof(struct nvme_health_log, units_read) == 32, "5.14.1.2");
_Static_assert(offsetof(struct nvme_health_log, power_cycles) == 112, "5.14.1.2");
_Static_assert(offsetof(struct nvme_health_log, media_errors) == 160, "5.14.1.2");

enum nvme_warning {
	NVME_WARNING_SPARE = 1 << 0,
	NVME_WARNING_TEMPERATURE = 1 << 1,
	NVME_WARNING_RELIABILITY = 1 << 2,
	NVME_WARNING_READ_ONLY = 1 << 3,
	NVME_WARNING_BACKUP = 1 << 4,
};

/* --- Commands of the NVM set (6). --- */

enum nvme_opcode {
	NVME_FLUSH = 0x00,
	NVME_WRITE = 0x01,
	NVME_READ = 0x02,
	NVME_WRITE_ZEROES = 0x08,
	NVME_DATASET_MANAGEMENT = 0x09,
};

#define NVME_FORCE_UNIT_ACCESS (1u << 30) /* in word 12 */
#define NVME_DEALLOCATE        (1u << 2)  /* in word 11 of dataset management */

struct nvme_range {
	/* 0x00 */ uint32_t attributes;
	/* 0x04 */ uint32_t count; /* blocks */
	/* 0x08 */ uint64_t block;
};

_Static_assert(sizeof(struct nvme_range) == 16, "6.7");
