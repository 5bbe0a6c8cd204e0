/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command line: what is trimmed, taken from load options, and found in it. */
#include "../command_line.h"

#include <string.h>

#include "unit.h"

UNIT_TEST(loader_command_line, trim)
{
	EXPECT_EQUAL(command_line_trim("a b\n", 4), 3);
	EXPECT_EQUAL(command_line_trim("a b\r\n\n", 6), 3);
	EXPECT_EQUAL(command_line_trim("a\nb ", 4), 4);
	EXPECT_EQUAL(command_line_trim("\n", 1), 0);
	EXPECT_EQUAL(command_line_trim("", 0), 0);
}

/* Gives `text` as UTF-16 with its terminator and compares the outcome. */
static void expect_options(const char *text, const char *wanted)
{
	size_t length = strlen(text) + 1;
	uint8_t options[256];
	char result[128];

	EXPECT(2 * length <= sizeof(options));
	for (size_t i = 0; i < length; i++) {
		options[2 * i] = (uint8_t)text[i];
		options[2 * i + 1] = 0;
	}
	EXPECT_EQUAL(command_line_from_options(options, 2 * length, result), strlen(wanted));
	EXPECT_BYTES(result, wanted, strlen(wanted));
}

UNIT_TEST(loader_command_line, options)
{
	expect_options("root=disk debug", "root=disk debug");
	expect_options("fs0:\\EFI\\BOOT\\BOOTX64.EFI root=disk", "root=disk");
	expect_options("  bootx64.efi", "");
	expect_options("a.efi b.efi", "b.efi");
	expect_options(".efix", ".efix");
	expect_options("", "");
	expect_options("two\nlines", "");
	expect_options("caf\xe9", "");
}

UNIT_TEST(loader_command_line, options_binary)
{
	/* What EDK II stores with the boot entries that it makes by itself. */
	static const uint8_t guid[16] = { 0x4e, 0xac, 0x08, 0x81, 0x11, 0x9f, 0x59, 0x4d,
					  0x85, 0x0e, 0xe2, 0x1a, 0x52, 0x2c, 0x59, 0xb2 };
	static const uint8_t odd[3] = { 'a', 0, 'b' };
	char result[8];

	EXPECT_EQUAL(command_line_from_options(guid, sizeof(guid), result), 0);
	EXPECT_EQUAL(command_line_from_options(odd, sizeof(odd), result), 1);
	EXPECT_EQUAL(command_line_from_options(NULL, 0, result), 0);
}

static bool find(const char *text, uint32_t *width, uint32_t *height)
{
	return command_line_find_video(text, strlen(text), width, height);
}

UNIT_TEST(loader_command_line, video)
{
	uint32_t width = 1, height = 2;

	EXPECT(!find("", &width, &height));
	EXPECT(!find("video=", &width, &height));
	EXPECT(!find("video=800", &width, &height));
	EXPECT(!find("video=800x", &width, &height));
	EXPECT(!find("video=x600", &width, &height));
	EXPECT(!find("video=800x600x", &width, &height));
	EXPECT(!find("video=800x0", &width, &height));
	EXPECT(!find("video=99999x600", &width, &height));
	EXPECT(!find("video=4294967297x600", &width, &height));
	EXPECT(!find("novideo=800x600", &width, &height));
	EXPECT(!find("video=efifb:off", &width, &height));
	EXPECT(width == 1 && height == 2);
	EXPECT(find("a video=800x600 b", &width, &height));
	EXPECT(width == 800 && height == 600);
	EXPECT(find("video=800x600 video=1024x768", &width, &height));
	EXPECT(width == 1024 && height == 768);
	EXPECT(find("video=65535x1 video=bad", &width, &height));
	EXPECT(width == 65535 && height == 1);
	EXPECT(!command_line_find_video("video=800x600", 9, &width, &height));
}
