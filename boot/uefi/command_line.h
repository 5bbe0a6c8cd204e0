/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kernel's command line: the text of \cryptos\cmdline, then what the firmware's boot
 * entry or shell passed to the loader. Nothing here calls the firmware.
 */
#pragma once

#include <base/types.h>

/* The length of `text` without the line ends that editors leave behind it. */
size_t command_line_trim(const char *text, size_t size);

/*
 * Turns load options, `size` bytes of UTF-16, into text; `text` has room for size / 2 bytes.
 * Firmware also keeps binary data there, so anything but printable ASCII up to a terminating
 * zero makes the result empty. A first word that ends in ".efi" is the loader's own name, as
 * the shell passes it, and is left out. Returns the text's length.
 */
size_t command_line_from_options(const void *options, size_t size, char *text);

/* Finds the last word "video=WIDTHxHEIGHT" with both in 1 .. 65535; false if there is none. */
bool command_line_find_video(const char *text, size_t size, uint32_t *width, uint32_t *height);
