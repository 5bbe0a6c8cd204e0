/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame buffer (graphics.h). */
#include "graphics.h"

#include "console.h"
#include "firmware.h"

#include <base/string.h>

#define BYTES_PER_PIXEL 4

typedef EFI_GRAPHICS_OUTPUT_PROTOCOL gop_t;
typedef EFI_GRAPHICS_OUTPUT_MODE_INFORMATION gop_mode_t;

/* Our name of a mode's pixel format, or BOOT_PIXEL_NONE if the kernel cannot draw in it. */
static enum boot_pixel_format translate_format(const gop_mode_t *mode)
{
	const EFI_PIXEL_BITMASK *mask = &mode->PixelInformation;

	switch (mode->PixelFormat) {
	case PixelBlueGreenRedReserved8BitPerColor:
		return BOOT_PIXEL_BGRX;
	case PixelRedGreenBlueReserved8BitPerColor:
		return BOOT_PIXEL_RGBX;
	case PixelBitMask:
		if (mask->GreenMask != 0xff00)
			return BOOT_PIXEL_NONE;
		if (mask->RedMask == 0xff0000 && mask->BlueMask == 0xff)
			return BOOT_PIXEL_BGRX;
		if (mask->RedMask == 0xff && mask->BlueMask == 0xff0000)
			return BOOT_PIXEL_RGBX;
		return BOOT_PIXEL_NONE;
	default:
		return BOOT_PIXEL_NONE;
	}
}

static bool mode_is_usable(const gop_mode_t *mode)
{
	return translate_format(mode) != BOOT_PIXEL_NONE && mode->HorizontalResolution > 0 &&
	       mode->VerticalResolution > 0 &&
	       mode->PixelsPerScanLine >= mode->HorizontalResolution;
}

/* How much a mode is wanted; 0 if it cannot be used. */
static unsigned rate_mode(gop_t *gop, uint32_t number, uint32_t width, uint32_t height)
{
	gop_mode_t *mode = NULL;
	UINTN size = 0;
	unsigned rating = 0;

	if (EFI_ERROR(gop->QueryMode(gop, number, &size, &mode)) || !mode)
		return 0;
	if (size >= sizeof(*mode) && mode_is_usable(mode)) {
		bool exact =
			mode->HorizontalResolution == width && mode->VerticalResolution == height;

		rating = exact ? 3 : number == gop->Mode->Mode ? 2 : 1;
	}
	firmware.boot->FreePool(mode);
	return rating;
}

static void choose_mode(gop_t *gop, uint32_t width, uint32_t height)
{
	uint32_t best = 0;
	unsigned best_rating = 0;

	for (uint32_t number = 0; number < gop->Mode->MaxMode; number++) {
		unsigned rating = rate_mode(gop, number, width, height);

		if (rating > best_rating) {
			best_rating = rating;
			best = number;
		}
	}
	if (best_rating > 0 && best != gop->Mode->Mode && EFI_ERROR(gop->SetMode(gop, best)))
		console_print("graphics: cannot set mode %u\n", best);
}

/* Describes the mode in force; false if the kernel cannot draw in it. */
static bool describe_mode(const gop_t *gop, struct boot_framebuffer *framebuffer)
{
	const gop_mode_t *mode = gop->Mode->Info;
	uint64_t stride, size;

	if (!mode || !mode_is_usable(mode) || gop->Mode->FrameBufferBase == 0)
		return false;
	stride = (uint64_t)mode->PixelsPerScanLine * BYTES_PER_PIXEL;
	size = stride * mode->VerticalResolution;
	if (stride > UINT32_MAX || size > gop->Mode->FrameBufferSize ||
	    gop->Mode->FrameBufferBase > UINT64_MAX - size)
		return false;
	*framebuffer = (struct boot_framebuffer){
		.base = gop->Mode->FrameBufferBase,
		.size = size,
		.width = mode->HorizontalResolution,
		.height = mode->VerticalResolution,
		.stride = (uint32_t)stride,
		.format = translate_format(mode),
	};
	return true;
}

/*
 * Tries the outputs that are devices (or those that are not: the console splitter offers one
 * of its own, often without a frame buffer) until one serves.
 */
static bool start_any(EFI_HANDLE *handles, UINTN count, bool devices, uint32_t width,
		      uint32_t height, struct boot_framebuffer *framebuffer)
{
	for (UINTN i = 0; i < count; i++) {
		gop_t *gop = firmware_protocol_of(handles[i],
						  (EFI_GUID)EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID);
		bool device = firmware_protocol_of(handles[i], (EFI_GUID)DEVICE_PATH_PROTOCOL);

		if (!gop || !gop->Mode || device != devices)
			continue;
		choose_mode(gop, width, height);
		if (describe_mode(gop, framebuffer))
			return true;
	}
	return false;
}

void graphics_start(uint32_t width, uint32_t height, struct boot_framebuffer *framebuffer)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN count = 0;

	memset(framebuffer, 0, sizeof(*framebuffer));
	if (EFI_ERROR(firmware.boot->LocateHandleBuffer(ByProtocol, &guid, NULL, &count, &handles)))
		return;
	if (!start_any(handles, count, true, width, height, framebuffer))
		start_any(handles, count, false, width, height, framebuffer);
	firmware.boot->FreePool(handles);
}
