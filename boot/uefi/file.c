/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the loader's own volume (file.h). */
#include "file.h"

#include "console.h"

#include <base/string.h>

/* Some firmware fails on reads of many megabytes; nobody fails on one. */
#define READ_CHUNK (1024 * 1024)

EFI_STATUS volume_open(EFI_FILE **root)
{
	EFI_FILE_IO_INTERFACE *volume = NULL;
	EFI_LOADED_IMAGE *image;
	EFI_STATUS status = EFI_UNSUPPORTED;

	image = firmware_protocol_of(firmware.image, (EFI_GUID)LOADED_IMAGE_PROTOCOL);
	if (image && image->DeviceHandle)
		volume = firmware_protocol_of(image->DeviceHandle,
					      (EFI_GUID)SIMPLE_FILE_SYSTEM_PROTOCOL);
	if (volume)
		status = volume->OpenVolume(volume, root);
	if (EFI_ERROR(status))
		console_print("cannot open the volume that the loader came from\n");
	return status;
}

/* Stores the size of an open file; a directory is refused. */
static EFI_STATUS file_size(EFI_FILE *file, uint64_t *size)
{
	union {
		EFI_FILE_INFO info;
		uint8_t bytes[1024]; /* the information ends in the file's name */
	} buffer;
	EFI_GUID guid = EFI_FILE_INFO_ID;
	UINTN length = sizeof(buffer);
	EFI_STATUS status = file->GetInfo(file, &guid, &length, &buffer);

	if (EFI_ERROR(status))
		return status;
	if (buffer.info.Attribute & EFI_FILE_DIRECTORY)
		return EFI_UNSUPPORTED;
	*size = buffer.info.FileSize;
	return EFI_SUCCESS;
}

static EFI_STATUS read_exactly(EFI_FILE *file, uint8_t *to, uint64_t size)
{
	while (size > 0) {
		UINTN length = min_u64(size, READ_CHUNK);
		EFI_STATUS status = file->Read(file, &length, to);

		if (EFI_ERROR(status))
			return status;
		if (length == 0 || length > size)
			return EFI_DEVICE_ERROR;
		to += length;
		size -= length;
	}
	return EFI_SUCCESS;
}

static EFI_STATUS read_open_file(EFI_FILE *file, const char *name, uint64_t limit,
				 struct file_content *content)
{
	EFI_STATUS status = file_size(file, &content->size);

	if (EFI_ERROR(status)) {
		console_print("%s: not a file\n", name);
		return status;
	}
	if (content->size > limit) {
		console_print("%s: larger than %llu KiB\n", name, (unsigned long long)limit / 1024);
		return EFI_BAD_BUFFER_SIZE;
	}
	if (content->size == 0)
		return EFI_SUCCESS;
	status = firmware_allocate(content->size, &content->base);
	if (EFI_ERROR(status))
		return status;
	status = read_exactly(file, pointer_from(content->base), content->size);
	if (EFI_ERROR(status))
		console_print("%s: read error\n", name);
	return status;
}

EFI_STATUS file_read(EFI_FILE *root, const char *name, const CHAR16 *path, uint64_t limit,
		     struct file_content *content)
{
	EFI_STATUS status;
	EFI_FILE *file;

	memset(content, 0, sizeof(*content));
	status = root->Open(root, &file, (CHAR16 *)path, EFI_FILE_MODE_READ, 0);
	if (EFI_ERROR(status)) {
		if (status != EFI_NOT_FOUND)
			console_print("%s: cannot be opened\n", name);
		return status;
	}
	status = read_open_file(file, name, limit, content);
	file->Close(file);
	return status;
}
