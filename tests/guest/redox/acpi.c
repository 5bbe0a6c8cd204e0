/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `acpi:` as drivers use it: tables are listed as text, and found by the names that acpid gives them. */
#include "redox_test.h"

struct table_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem_id[6];
	char oem_table_id[8];
};

static int64_t read_file(const char *path, void *bytes, size_t size)
{
	int64_t fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(file_read_whole(fd, bytes, size));

	EXPECT_EQUAL(file_close(fd), 0);
	return length;
}

static bool has_line(const char *text, const char *wanted)
{
	size_t length = strlen(wanted);

	while (strncmp(text, wanted, length) != 0 || (text[length] && text[length] != '\n')) {
		text = strchr(text, '\n');
		if (!text)
			return false;
		text++;
	}
	return true;
}

TEST(acpi, tables)
{
	static char text[4096], bytes[1 << 20];
	struct table_header header;
	uint8_t sum = 0;
	int64_t length = read_file("acpi:tables", text, sizeof(text) - 1);

	text[length] = '\0';
	EXPECT(has_line(text, "DSDT") && has_line(text, "FACP"));
	length = read_file("acpi:tables/DSDT", bytes, sizeof(bytes));
	memcpy(&header, bytes, sizeof(header));
	EXPECT_EQUAL(length, header.length);
	for (int64_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + (uint8_t)bytes[i]);
	EXPECT_EQUAL(sum, 0);
}

TEST(acpi, long_names)
{
	char path[64] = "acpi:tables/", *at = path + strlen(path);
	struct table_header header, again;

	EXPECT(read_file("acpi:tables/FACP", &header, sizeof(header)) > 0);
	memcpy(at, header.signature, sizeof(header.signature));
	at += sizeof(header.signature);
	*at++ = '-';
	for (size_t i = 0; i < sizeof(header.oem_id); i++, at += 2)
		snprintf(at, 3, "%02X", (uint8_t)header.oem_id[i]);
	*at++ = '-';
	for (size_t i = 0; i < sizeof(header.oem_table_id); i++, at += 2)
		snprintf(at, 3, "%02X", (uint8_t)header.oem_table_id[i]);
	EXPECT(read_file(path, &again, sizeof(again)) > 0);
	EXPECT(!memcmp(&header, &again, sizeof(header)));
	at[-1] = at[-1] == '0' ? '1' : '0';
	EXPECT_ERROR(file_open(path, REDOX_O_RDONLY), ENOENT);
}

TEST(acpi, evaluating)
{
	static const char line[] = "\\_SB.PCI0._ADR\n";
	char answer[64];
	int64_t fd = EXPECT_SUCCESS(file_open("acpi:call", REDOX_O_RDWR)), length;

	EXPECT_EQUAL(file_write(fd, line, sizeof(line) - 1), sizeof(line) - 1);
	length = EXPECT_SUCCESS(file_read(fd, answer, sizeof(answer)));
	EXPECT(length > 8 && !memcmp(answer, "Integer ", 8));
	EXPECT_EQUAL(file_read(fd, answer, sizeof(answer)), 0);
	EXPECT_ERROR(file_write(fd, "\\_SB.NONE", 9), ENOENT);
	EXPECT_ERROR(file_write(fd, "", 0), EINVAL);
	EXPECT_EQUAL(file_close(fd), 0);
	EXPECT_ERROR(file_open("acpi:namespace/NONE", REDOX_O_RDONLY), ENOENT);
}
