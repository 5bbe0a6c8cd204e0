/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The boot contract: all that the kernel knows of firmware and loader.
 *
 * The loader (boot/uefi, or the PVH entry in kernel/arch/x86_64/boot) fills one
 * `struct boot_info`, leaves firmware and jumps to the kernel's entry point, e_entry of the
 * kernel ELF plus the difference between load and link address, with
 *   - the physical address of the structure in the first argument register (rdi),
 *   - paging on (where the architecture has it), physical memory mapped at its own address
 *     at least as far as the kernel, the structure and all it points to,
 *   - interrupts off.
 * The kernel ELF is position independent: its PT_LOAD segments are copied to any 2 MiB
 * aligned physical address, keeping their distances (p_paddr); it relocates itself.
 *
 * All addresses are physical. Everything pointed to lies in memory of kind
 * BOOT_MEMORY_LOADER, which the kernel frees when it has copied what it needs, except the
 * initramfs, which it keeps. So do the page tables in force at entry: memory of kind
 * BOOT_MEMORY_USABLE may be written at once. (ACPI's tables and the frame buffer lie where
 * firmware put them.)
 */
#pragma once

#include <stdint.h>

#define BOOT_INFO_MAGIC   0x534f545059524321ull /* "!CRYPTOS" */
#define BOOT_INFO_VERSION 1

enum boot_memory_kind {
	BOOT_MEMORY_USABLE = 1,       /* free to use */
	BOOT_MEMORY_LOADER = 2,       /* kernel image, boot_info, what it points to */
	BOOT_MEMORY_ACPI_RECLAIM = 3, /* ACPI tables: usable once they are parsed */
	BOOT_MEMORY_ACPI_NVS = 4,     /* firmware's: never touched */
	BOOT_MEMORY_RESERVED = 5,     /* firmware's, holes, devices */
};

struct boot_memory_range {
	/* 0x00 */ uint64_t base;   /* page-aligned */
	/* 0x08 */ uint64_t length; /* page-aligned, not 0 */
	/* 0x10 */ uint32_t kind;   /* enum boot_memory_kind */
	/* 0x14 */ uint32_t reserved;
};

enum boot_pixel_format {
	BOOT_PIXEL_NONE = 0, /* no frame buffer */
	BOOT_PIXEL_BGRX = 1, /* bytes blue, green, red, unused: 0x00RRGGBB little-endian */
	BOOT_PIXEL_RGBX = 2, /* bytes red, green, blue, unused */
};

struct boot_framebuffer {
	/* 0x00 */ uint64_t base;
	/* 0x08 */ uint64_t size;   /* bytes */
	/* 0x10 */ uint32_t width;  /* pixels */
	/* 0x14 */ uint32_t height; /* pixels */
	/* 0x18 */ uint32_t stride; /* bytes per line */
	/* 0x1c */ uint32_t format; /* enum boot_pixel_format */
};

struct boot_info {
	/* 0x00 */ uint64_t magic;      /* BOOT_INFO_MAGIC */
	/* 0x08 */ uint32_t version;    /* BOOT_INFO_VERSION */
	/* 0x0c */ uint32_t size;       /* of this structure, as the loader knows it */
	/* 0x10 */ uint64_t memory_map; /* struct boot_memory_range[], sorted, not overlapping */
	/* 0x18 */ uint32_t memory_map_count;
	/* 0x1c */ uint32_t reserved;
	/* 0x20 */ uint64_t kernel_base; /* where the kernel image was put */
	/* 0x28 */ uint64_t kernel_size;
	/* 0x30 */ uint64_t initramfs; /* 0 if there is none */
	/* 0x38 */ uint64_t initramfs_size;
	/* 0x40 */ uint64_t command_line; /* UTF-8, not terminated; 0 if there is none */
	/* 0x48 */ uint64_t command_line_size;
	/* 0x50 */ uint64_t rsdp;    /* ACPI's root pointer, 0 if unknown */
	/* 0x58 */ uint8_t seed[32]; /* random; zeros if the loader had no source */
	/* 0x78 */ struct boot_framebuffer framebuffer;
	/* 0x98 */ char loader[32]; /* its name, terminated */
};

_Static_assert(sizeof(struct boot_memory_range) == 0x18, "boot memory range");
_Static_assert(sizeof(struct boot_framebuffer) == 0x20, "boot frame buffer");
_Static_assert(sizeof(struct boot_info) == 0xb8, "boot info");
_Static_assert(__builtin_offsetof(struct boot_info, initramfs) == 0x30, "boot info");
_Static_assert(__builtin_offsetof(struct boot_info, seed) == 0x58, "boot info");
_Static_assert(__builtin_offsetof(struct boot_info, framebuffer) == 0x78, "boot info");
_Static_assert(__builtin_offsetof(struct boot_info, loader) == 0x98, "boot info");
