/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * BOOTX64.EFI: loads the kernel from the volume it was started from and enters it.
 *
 * Files: \cryptos\kernel, and where they exist \cryptos\initramfs and \cryptos\cmdline. Every
 * step that fails says why on the console, and the firmware goes on with its next boot entry.
 */
#include "command_line.h"
#include "console.h"
#include "file.h"
#include "firmware.h"
#include "graphics.h"
#include "handover.h"
#include "kernel_image.h"
#include "seed.h"

#include <base/string.h>

#define KERNEL_FILE_LIMIT       (256ull << 20)
#define INITRAMFS_FILE_LIMIT    0xffffffffull
#define COMMAND_LINE_FILE_LIMIT (64ull << 10)
#define LOAD_OPTIONS_LIMIT      (64ull << 10)
#define FAILURE_WAIT            10 /* seconds, to read the message */

#define PREFERRED_WIDTH  1280
#define PREFERRED_HEIGHT 800

static const CHAR16 kernel_path[] = L"\\cryptos\\kernel";
static const CHAR16 initramfs_path[] = L"\\cryptos\\initramfs";
static const CHAR16 command_line_path[] = L"\\cryptos\\cmdline";

static EFI_STATUS load_kernel(EFI_FILE *volume, struct boot_info *info, uint64_t *entry)
{
	static struct kernel_image image; /* too large for the firmware's stack */
	struct file_content file;
	const char *problem;
	EFI_STATUS status = file_read(volume, "kernel", kernel_path, KERNEL_FILE_LIMIT, &file);

	if (status == EFI_NOT_FOUND)
		console_print("kernel: no file \\cryptos\\kernel\n");
	if (EFI_ERROR(status))
		return status;
	problem = kernel_image_check(pointer_from(file.base), file.size, &image);
	if (problem) {
		console_print("kernel: %s\n", problem);
		return EFI_LOAD_ERROR;
	}
	status = firmware_allocate_code(image.size, KERNEL_ALIGNMENT, &info->kernel_base);
	if (EFI_ERROR(status))
		return status;
	kernel_image_copy(&image, pointer_from(file.base), pointer_from(info->kernel_base));
	firmware_free(file.base);

	info->kernel_size = image.size;
	*entry = info->kernel_base + image.entry;
	console_print("kernel: %llu KiB at 0x%llx\n", (unsigned long long)image.size / 1024,
		      (unsigned long long)info->kernel_base);
	return EFI_SUCCESS;
}

static EFI_STATUS load_initramfs(EFI_FILE *volume, struct boot_info *info)
{
	struct file_content file;
	EFI_STATUS status =
		file_read(volume, "initramfs", initramfs_path, INITRAMFS_FILE_LIMIT, &file);

	if (status == EFI_NOT_FOUND)
		return EFI_SUCCESS;
	if (EFI_ERROR(status) || file.size == 0)
		return status;
	info->initramfs = file.base;
	info->initramfs_size = file.size;
	console_print("initramfs: %llu KiB at 0x%llx\n", (unsigned long long)file.size / 1024,
		      (unsigned long long)file.base);
	return EFI_SUCCESS;
}

/* What the boot entry or the shell passes, or NULL; its length in bytes is stored. */
static const void *load_options(size_t *size)
{
	EFI_LOADED_IMAGE *image =
		firmware_protocol_of(firmware.image, (EFI_GUID)LOADED_IMAGE_PROTOCOL);

	*size = image && image->LoadOptions ? image->LoadOptionsSize : 0;
	if (*size > LOAD_OPTIONS_LIMIT)
		*size = 0;
	return *size ? image->LoadOptions : NULL;
}

static EFI_STATUS load_command_line(EFI_FILE *volume, struct boot_info *info)
{
	struct file_content file;
	size_t length, options_at, options_length, options_size;
	const void *options = load_options(&options_size);
	EFI_STATUS status =
		file_read(volume, "cmdline", command_line_path, COMMAND_LINE_FILE_LIMIT, &file);
	uint64_t base;
	char *text;

	if (EFI_ERROR(status) && status != EFI_NOT_FOUND)
		return status;
	length = command_line_trim(pointer_from(file.base), file.size);
	status = firmware_allocate(length + 1 + options_size, &base);
	if (EFI_ERROR(status))
		return status;
	text = pointer_from(base);
	memcpy(text, pointer_from(file.base), length);
	firmware_free(file.base);

	options_at = length > 0 ? length + 1 : 0;
	options_length = command_line_from_options(options, options_size, text + options_at);
	if (options_length > 0) {
		if (length > 0)
			text[length] = ' ';
		length = options_at + options_length;
	}
	info->command_line = length > 0 ? base : 0;
	info->command_line_size = length;
	return EFI_SUCCESS;
}

static uint64_t find_rsdp(void)
{
	static const EFI_GUID acpi_2 = ACPI_20_TABLE_GUID;
	static const EFI_GUID acpi_1 = ACPI_TABLE_GUID;
	const EFI_CONFIGURATION_TABLE *tables = firmware.system->ConfigurationTable;
	uint64_t rsdp = 0;

	for (UINTN i = 0; i < firmware.system->NumberOfTableEntries; i++) {
		if (memcmp(&tables[i].VendorGuid, &acpi_2, sizeof(acpi_2)) == 0)
			return address_of(tables[i].VendorTable);
		if (memcmp(&tables[i].VendorGuid, &acpi_1, sizeof(acpi_1)) == 0)
			rsdp = address_of(tables[i].VendorTable);
	}
	return rsdp;
}

static void start_graphics(struct boot_info *info)
{
	const struct boot_framebuffer *screen = &info->framebuffer;
	uint32_t width = PREFERRED_WIDTH, height = PREFERRED_HEIGHT;

	command_line_find_video(pointer_from(info->command_line), info->command_line_size, &width,
				&height);
	graphics_start(width, height, &info->framebuffer);
	if (screen->format == BOOT_PIXEL_NONE)
		console_print("graphics: none\n");
	else
		console_print("graphics: %ux%u\n", screen->width, screen->height);
}

static EFI_STATUS load_files(struct boot_info *info, uint64_t *entry)
{
	EFI_FILE *volume;
	EFI_STATUS status = volume_open(&volume);

	if (EFI_ERROR(status))
		return status;
	status = load_kernel(volume, info, entry);
	if (!EFI_ERROR(status))
		status = load_initramfs(volume, info);
	if (!EFI_ERROR(status))
		status = load_command_line(volume, info);
	volume->Close(volume);
	return status;
}

/* Returns only on failure. */
static EFI_STATUS boot(void)
{
	struct handover handover;
	uint64_t entry;
	EFI_STATUS status = handover_prepare(&handover);

	if (EFI_ERROR(status))
		return status;
	status = load_files(handover.info, &entry);
	if (EFI_ERROR(status))
		return status;
	handover.info->rsdp = find_rsdp();
	console_print("seed: from %s\n",
		      seed_fill(handover.info->seed, sizeof(handover.info->seed)));
	start_graphics(handover.info);
	return handover_leave(&handover, entry);
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system);

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system)
{
	EFI_STATUS status;

	firmware_start(image, system);
	firmware.boot->SetWatchdogTimer(0, 0, 0, NULL);
	console_print("CryptOS loader\n");
	status = boot();
	console_print("cannot boot; press a key\n");
	console_wait_key(FAILURE_WAIT);
	firmware_release_all();
	return status;
}
