/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drivers: each is one relocatable object with one record that describes it.
 *
 *     static const struct driver_match matches[] = {
 *             MATCH_PCI(0x1234, 0x1111),
 *     };
 *
 *     DRIVER(example) = {
 *             .name = "example",
 *             .version = "1.0",
 *             .licence = "GPL-3.0-or-later",
 *             .matches = matches,
 *             .match_count = array_length(matches),
 *             .probe = example_probe,
 *     };
 *
 * The licence is an SPDX expression. Where one of its alternatives is compatible with
 * GPL-3.0, the driver runs in the kernel; otherwise in a process of its own, a driver host.
 *
 * A driver includes headers of ddk/ and of lib/base, and of driver libraries, and nothing
 * else. What comes from a device is input from outside: it is checked, never asserted.
 */
#pragma once

#include <ddk/device.h>

enum driver_bus {
	DRIVER_BUS_PCI = 1,
	DRIVER_BUS_PLATFORM = 2, /* devices that the architecture knows of, by name */
};

#define MATCH_ANY 0xffff

/* A device matches if all that is given does. */
struct driver_match {
	enum driver_bus bus;
	uint16_t vendor, device;         /* PCI; MATCH_ANY */
	uint32_t class_code, class_mask; /* PCI: class, subclass, interface; mask 0: any */
	const char *name;                /* platform */
};

#define MATCH_PCI(vendor_id, device_id)                                             \
	{                                                                           \
		.bus = DRIVER_BUS_PCI, .vendor = (vendor_id), .device = (device_id) \
	}

#define MATCH_PCI_CLASS(code, mask)                                              \
	{                                                                        \
		.bus = DRIVER_BUS_PCI, .vendor = MATCH_ANY, .device = MATCH_ANY, \
		.class_code = (code), .class_mask = (mask)                       \
	}

#define MATCH_PLATFORM(device_name)                               \
	{                                                         \
		.bus = DRIVER_BUS_PLATFORM, .name = (device_name) \
	}

/* Grows at its end only; what an older object does not have is 0. */
struct driver {
	const char *name; /* letters, digits, '_' and '-', at most DRIVER_NAME_MAX - 1 */
	const char *version;
	const char *licence; /* SPDX expression */
	const struct driver_match *matches;
	size_t match_count;
	/* Takes the device into service, in thread context: 0, or an error after undoing
	 * everything; then the next driver that matches is asked. */
	int (*probe)(struct device *device);
	/* Gives it back: the device does no DMA and raises no interrupts afterwards, and all
	 * that was acquired for it is released. The device may have been pulled out, and read as
	 * all ones, already. Thread context; no probe or remove runs beside it. NULL: the driver
	 * cannot be taken away. */
	void (*remove)(struct device *device);
	/* The machine is about to sleep: finishes what was begun, keeps what comes (requests wait), writes
	 * what the device holds, and stops it: no DMA, no interrupts. 0, or an error: the machine stays
	 * awake, and resume() is not called. Before it switches off or restarts, too, without resume()
	 * following. Thread context. NULL: the driver is taken away and probes again after waking (remove), or,
	 * where it cannot be, the device is left as it is. */
	int (*suspend)(struct device *device);
	/* It is awake: the device has lost all that it was told, its configuration space and interrupts
	 * are as they were. Goes on with what waits. An error: the device is taken out of service. */
	int (*resume)(struct device *device);
};

#define DRIVER_NAME_MAX 32

/* The kit's version. An object is loaded if its major number is the kernel's and its minor number not greater. */
#define DDK_VERSION_MAJOR 1
#define DDK_VERSION_MINOR 0

#define DDK_OBJECT_MAGIC 0x4b44445350595243ull /* "CRYPSDDK", little-endian */

/* How the file with the record was compiled. */
enum ddk_object_flags {
	DDK_OBJECT_VECTOR =
		1 << 0, /* for vector registers, which in the kernel are programs': not loaded */
};

#ifdef __SSE__
#define DDK_OBJECT_FLAGS DDK_OBJECT_VECTOR
#else
#define DDK_OBJECT_FLAGS 0
#endif

/* What a loader reads first, alone in section .ddk of the object. Grows at its end only. */
struct ddk_object_header {
	uint64_t magic;
	uint16_t version_major, version_minor;
	/* As the object was compiled: of this, struct driver, struct driver_match. */
	uint16_t header_size, driver_size, match_size;
	uint16_t flags; /* enum ddk_object_flags */
	uint16_t reserved[2];
	const struct driver *driver;
};

_Static_assert(sizeof(struct ddk_object_header) == 32, "objects have it");

/* The one record of an object. */
#define DRIVER(identifier)                                               \
	static const struct driver driver_record_##identifier;           \
	static const struct ddk_object_header driver_header_##identifier \
		__attribute__((section(".ddk"), used, aligned(8))) = {   \
			.magic = DDK_OBJECT_MAGIC,                       \
			.version_major = DDK_VERSION_MAJOR,              \
			.version_minor = DDK_VERSION_MINOR,              \
			.header_size = sizeof(struct ddk_object_header), \
			.driver_size = sizeof(struct driver),            \
			.match_size = sizeof(struct driver_match),       \
			.flags = DDK_OBJECT_FLAGS,                       \
			.driver = &driver_record_##identifier,           \
		};                                                       \
	static const struct driver driver_record_##identifier            \
		__attribute__((section(".drivers"), used, aligned(8)))

/* Of programs and kernels that have drivers linked in: the records lie between these two. */
extern const struct driver driver_records_start[], driver_records_end[];
