/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the editor, in a folder of the host's. */
#include "../file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <unit.h>

static char folder[64], path[128];
static struct text text;
static struct file_state state;

static void start(const char *contents)
{
	FILE *file;

	strcpy(folder, "/tmp/editor.XXXXXX");
	EXPECT(mkdtemp(folder) != NULL);
	snprintf(path, sizeof(path), "%s/file", folder);
	if (contents) {
		file = fopen(path, "w");
		EXPECT(file && fputs(contents, file) >= 0 && fclose(file) == 0);
	}
}

static void finish(void)
{
	char command[128];

	text_free(&text);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	EXPECT_EQUAL(system(command), 0);
}

static void load(const char *wanted)
{
	size_t length;
	char *bytes;

	EXPECT_EQUAL(file_load(path, &bytes, &length, &state), 0);
	EXPECT_EQUAL(length, strlen(wanted));
	EXPECT(length == 0 || memcmp(bytes, wanted, length) == 0);
	EXPECT(text_init(&text));
	EXPECT(text_replace(&text, 0, 0, bytes ? bytes : "", length));
	free(bytes);
}

static void expect_file(const char *wanted)
{
	char contents[256] = "";
	FILE *file = fopen(path, "r");

	EXPECT(file != NULL);
	(void)!fread(contents, 1, sizeof(contents) - 1, file);
	fclose(file);
	EXPECT_STRING(contents, wanted);
}

/* Nothing is left beside the file. */
static void expect_alone(int files)
{
	char command[160];

	snprintf(command, sizeof(command), "test $(ls -A %s | wc -l) = %d", folder, files);
	EXPECT_EQUAL(system(command), 0);
}

UNIT_TEST(editor_file, saves)
{
	struct stat before, after;

	start("a\nb");
	EXPECT_EQUAL(chmod(path, 0640), 0);
	load("a\nb");
	EXPECT(state.exists && state.is_text && !state.carriage_returns);
	EXPECT(text_replace(&text, 1, 0, "x", 1));
	EXPECT_EQUAL(stat(path, &before), 0);
	EXPECT_EQUAL(file_save(path, &text, &state), 0);
	EXPECT_EQUAL(stat(path, &after), 0);
	expect_file("ax\nb");
	EXPECT_EQUAL(after.st_mode & 0777, 0640);
	EXPECT(after.st_ino != before.st_ino); /* another file took its place */
	EXPECT(!file_has_changed(path, &state));
	expect_alone(1);
	finish();
}

UNIT_TEST(editor_file, is_made)
{
	start(NULL);
	load("");
	EXPECT(!state.exists);
	EXPECT(text_replace(&text, 0, 0, "new\n", 4));
	EXPECT(!file_has_changed(path, &state));
	EXPECT_EQUAL(file_save(path, &text, &state), 0);
	expect_file("new\n");
	finish();
}

UNIT_TEST(editor_file, carriage_returns_stay)
{
	start("a\r\nb\r\n");
	load("a\nb\n");
	EXPECT(state.carriage_returns);
	EXPECT(text_replace(&text, 4, 0, "c\nd", 3));
	EXPECT_EQUAL(file_save(path, &text, &state), 0);
	expect_file("a\r\nb\r\nc\r\nd");
	finish();
	start("a\r\nb\n"); /* not all of them: left as it is */
	load("a\r\nb\n");
	EXPECT(!state.carriage_returns);
	finish();
}

UNIT_TEST(editor_file, links_stay)
{
	char link_path[140], other[140];
	struct stat status;

	start("a");
	snprintf(link_path, sizeof(link_path), "%s/link", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	EXPECT_EQUAL(symlink("file", link_path), 0);
	load("a");
	EXPECT(text_replace(&text, 0, 1, "b", 1));
	EXPECT_EQUAL(file_save(link_path, &text, &state), 0);
	expect_file("b");
	EXPECT_EQUAL(lstat(link_path, &status), 0);
	EXPECT(S_ISLNK(status.st_mode));
	EXPECT_EQUAL(unlink(path), 0); /* it leads nowhere now */
	EXPECT_EQUAL(file_save(link_path, &text, &state), 0);
	expect_file("b");
	EXPECT_EQUAL(lstat(link_path, &status), 0);
	EXPECT(S_ISLNK(status.st_mode));
	/* A file with two names keeps both. */
	EXPECT_EQUAL(link(path, other), 0);
	EXPECT(text_replace(&text, 0, 1, "c", 1));
	EXPECT_EQUAL(file_save(other, &text, &state), 0);
	expect_file("c");
	expect_alone(3);
	finish();
}

UNIT_TEST(editor_file, attributes_stay)
{
	char value[8];

	start("a");
	if (setxattr(path, "user.place", "Rome", 4, 0)) {
		finish();
		unit_skip("the host's file system has no attributes");
	}
	load("a");
	EXPECT_EQUAL(file_save(path, &text, &state), 0);
	EXPECT_EQUAL(getxattr(path, "user.place", value, sizeof(value)), 4);
	EXPECT_BYTES(value, "Rome", 4);
	finish();
}

UNIT_TEST(editor_file, others_change_it)
{
	const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	start("a");
	load("a");
	EXPECT_EQUAL(utimensat(AT_FDCWD, path, times, 0), 0);
	EXPECT(file_has_changed(path, &state));
	EXPECT_EQUAL(file_save(path, &text, &state), 0);
	EXPECT(!file_has_changed(path, &state));
	finish();
}

UNIT_TEST(editor_file, refusals)
{
	size_t length;
	char *bytes;

	start("");
	EXPECT_EQUAL(file_load(folder, &bytes, &length, &state), EISDIR);
	EXPECT_EQUAL(truncate(path, FILE_BYTES_MAX + 1l), 0);
	EXPECT_EQUAL(file_load(path, &bytes, &length, &state), EFBIG);
	EXPECT_EQUAL(file_load("/dev/zero", &bytes, &length, &state), EFBIG); /* without an end */
	EXPECT(text_init(&text));
	EXPECT_EQUAL(file_save("/nowhere/at/all", &text, &state), ENOENT);
	EXPECT_EQUAL(truncate(path, 3), 0);
	EXPECT_EQUAL(file_load(path, &bytes, &length, &state), 0);
	EXPECT(!state.is_text);
	free(bytes);
	finish();
}
