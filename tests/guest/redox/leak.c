/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting what the kernel holds. */
#include "leak.h"

#define TEXT_SIZE 16384
/* Ends of processes are tidied up behind their parents' backs; and free frames and objects lie
 * about in caches of CPUs. */
#define SETTLE_MILLISECONDS 3000
#define FRAMES_IN_CACHES    256

static char text[TEXT_SIZE];

static void read_text(const char *path)
{
	int64_t fd = EXPECT_SUCCESS(file_open(path, REDOX_O_RDONLY));
	int64_t length = EXPECT_SUCCESS(file_read_whole(fd, text, sizeof(text) - 1));

	text[length] = '\0';
	EXPECT_EQUAL(file_close(fd), 0);
}

static const char *skip_blanks(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

/* The number there; moves behind it. */
static int64_t take_number(const char **at)
{
	int64_t number = 0;

	for (*at = skip_blanks(*at); **at >= '0' && **at <= '9'; (*at)++)
		number = number * 10 + (**at - '0');
	return number;
}

/* "name  used  total ..." */
static void take_kind(struct leak_count *count, const char *line)
{
	size_t length = 0;

	while (line[length] && line[length] != ' ' && line[length] != '\n')
		length++;
	EXPECT(count->kinds < LEAK_KINDS && length < sizeof(count->kind[0].name));
	memcpy(count->kind[count->kinds].name, line, length);
	count->kind[count->kinds].name[length] = '\0';
	line += length;
	count->kind[count->kinds++].objects = take_number(&line);
}

void leak_count(struct leak_count *count)
{
	static const char free_text[] = "\nMemFree:";
	const char *line = text, *found;

	/* It is filled when somebody looks. */
	file_close(file_open("initfs:", REDOX_O_RDONLY));
	memset(count, 0, sizeof(*count));
	read_text("file:/proc/slabinfo");
	for (; *line; line = strchr(line, '\n') + 1)
		if (*line != '#' && !string_starts_with(line, "slabinfo"))
			take_kind(count, line);
	read_text("file:/proc/meminfo");
	for (found = text; !string_starts_with(found, free_text); found++)
		EXPECT(*found);
	found += sizeof(free_text) - 1;
	count->free_frames = take_number(&found) / 4;
}

static int64_t find_kind(const struct leak_count *count, const char *name)
{
	for (size_t i = 0; i < count->kinds; i++)
		if (strcmp(count->kind[i].name, name) == 0)
			return count->kind[i].objects;
	return 0;
}

/* How many more objects of a kind are no leak: the shell of names and small buffers comes and goes
 * with what the rest of the system does; files, processes and address spaces are counted exactly. */
static int64_t allowance(const char *name)
{
	if (string_starts_with(name, "kmalloc-") || strcmp(name, "dentry") == 0 ||
	    strcmp(name, "ramfs_node") == 0)
		return 24;
	if (strcmp(name, "vm_area") == 0)
		return 8;                               /* servers of schemes grow */
	return strcmp(name, "slab") == 0 ? 1 << 20 : 0; /* the caches' own */
}

/* Prints what there is more of, if asked; returns whether there is. */
static bool has_grown(const struct leak_count *before, const struct leak_count *now, bool talk)
{
	bool grown = now->free_frames < before->free_frames - FRAMES_IN_CACHES;

	if (grown && talk)
		print("free frames: %ld, were %ld\n", now->free_frames, before->free_frames);
	for (size_t i = 0; i < now->kinds; i++) {
		const char *name = now->kind[i].name;
		int64_t objects = now->kind[i].objects, were = find_kind(before, name);

		if (objects <= were + allowance(name))
			continue;
		grown = true;
		if (talk)
			print("%s: %ld objects, were %ld\n", name, objects, were);
	}
	return grown;
}

void leak_expect_none(const struct leak_count *before)
{
	static struct leak_count now;

	for (unsigned waited = 0; waited < SETTLE_MILLISECONDS; waited += 20) {
		leak_count(&now);
		if (!has_grown(before, &now, false))
			return;
		sleep_milliseconds(20);
	}
	has_grown(before, &now, true);
	test_fail(__FILE__, __LINE__, "the kernel holds more than before");
}
