/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folders, see folder.h. */
#include "folder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ENTRIES_MAX 1000000
#define SNIFFED     512 /* bytes by which text is told */

static const struct {
	const char *suffixes; /* each between blanks */
	enum kind kind;
} suffix_kinds[] = {
	{ " png jpg jpeg gif bmp tga ppm pgm webp ", KIND_IMAGE },
	{ " txt md c h cc cpp hpp py sh js json xml html css rs go s asm conf ini cfg log mk csv "
	  "tsv "
	  "yaml yml toml keymap app list ",
	  KIND_TEXT },
	{ " zip tar gz tgz xz bz2 zst 7z cpio iso img deb rpm ", KIND_ARCHIVE },
};

static enum kind kind_of_name(const char *name)
{
	const char *dot = strrchr(name, '.');
	char suffix[16] = " ";

	if (!dot || dot == name || strlen(dot) > sizeof(suffix) - 3)
		return KIND_FILE;
	for (size_t i = 1; dot[i]; i++)
		suffix[i] = (char)tolower((unsigned char)dot[i]);
	strcat(suffix, " ");
	for (size_t i = 0; i < sizeof(suffix_kinds) / sizeof(suffix_kinds[0]); i++)
		if (strstr(suffix_kinds[i].suffixes, suffix))
			return suffix_kinds[i].kind;
	return KIND_FILE;
}

enum kind kind_of(const char *name, mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return KIND_FOLDER;
	case S_IFCHR:
	case S_IFBLK:
		return KIND_DEVICE;
	case S_IFLNK:
		return KIND_BROKEN;
	case S_IFREG: {
		enum kind kind = kind_of_name(name);

		return kind == KIND_FILE && (mode & 0111) ? KIND_PROGRAM : kind;
	}
	default:
		return KIND_OTHER;
	}
}

const char *kind_name(enum kind kind)
{
	static const char *const names[] = {
		[KIND_FOLDER] = "Folder",      [KIND_TEXT] = "Text",
		[KIND_IMAGE] = "Picture",      [KIND_PROGRAM] = "Program",
		[KIND_ARCHIVE] = "Archive",    [KIND_FILE] = "File",
		[KIND_DEVICE] = "Device",      [KIND_OTHER] = "Special",
		[KIND_BROKEN] = "Broken link",
	};

	return names[kind];
}

bool is_text(const char *path)
{
	unsigned char bytes[SNIFFED];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t count = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));

	if (fd >= 0)
		close(fd);
	for (ssize_t i = 0; i < count; i++)
		if (bytes[i] < ' ' && !strchr("\t\n\r\f\033", bytes[i]))
			return false;
	return count >= 0 && !memchr(bytes, 0, (size_t)count);
}

/* --- Reading. --- */

static bool add_entry(struct folder *folder, int fd, const char *name, size_t *room)
{
	struct entry *entry;

	if (folder->entry_count == *room) {
		size_t more = *room ? 2 * *room : 64;
		struct entry *grown = realloc(folder->entries, more * sizeof(*grown));

		if (!grown)
			return false;
		folder->entries = grown;
		*room = more;
	}
	entry = &folder->entries[folder->entry_count];
	*entry = (struct entry){ .name = strdup(name) };
	if (!entry->name)
		return false;
	/* What went meanwhile is left out. */
	if (fstatat(fd, name, &entry->status, AT_SYMLINK_NOFOLLOW) < 0) {
		free(entry->name);
		return true;
	}
	if (S_ISLNK(entry->status.st_mode)) {
		struct stat target;

		entry->link = true;
		if (fstatat(fd, name, &target, 0) == 0)
			entry->status = target;
	}
	entry->kind = kind_of(name, entry->status.st_mode);
	folder->entry_count++;
	return true;
}

void folder_free(struct folder *folder)
{
	for (size_t i = 0; i < folder->entry_count; i++)
		free(folder->entries[i].name);
	free(folder->entries);
	free(folder->rows);
	*folder = (struct folder){ 0 };
}

int folder_read(struct folder *folder, const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *found;
	size_t room = 0;
	int error = 0;

	folder_free(folder);
	if (!directory)
		return errno;
	while (!error && folder->entry_count < ENTRIES_MAX && (found = readdir(directory))) {
		if (strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0)
			continue;
		if (!add_entry(folder, dirfd(directory), found->d_name, &room))
			error = ENOMEM;
	}
	closedir(directory);
	if (error)
		folder_free(folder);
	return error;
}

/* --- What is shown. --- */

struct arrangement {
	const struct entry *entries;
	enum order order;
	bool descending;
};

/* Names as people sort them: upper and lower case alike, numbers by their value. */
static int compare_names(const char *a, const char *b)
{
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *after_a, *after_b;
			unsigned long long left = strtoull(a, &after_a, 10);
			unsigned long long right = strtoull(b, &after_b, 10);

			if (left != right)
				return left < right ? -1 : 1;
			a = after_a;
			b = after_b;
			continue;
		}
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return tolower((unsigned char)*a) - tolower((unsigned char)*b);
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

static int compare_by(enum order order, const struct entry *a, const struct entry *b)
{
	switch (order) {
	case ORDER_SIZE:
		return (a->status.st_size > b->status.st_size) -
		       (a->status.st_size < b->status.st_size);
	case ORDER_TIME:
		return (a->status.st_mtime > b->status.st_mtime) -
		       (a->status.st_mtime < b->status.st_mtime);
	case ORDER_KIND:
		return strcmp(kind_name(a->kind), kind_name(b->kind));
	default:
		return 0;
	}
}

static int compare_rows(const void *left, const void *right, void *argument)
{
	const struct arrangement *how = argument;
	const struct entry *a = &how->entries[*(const size_t *)left];
	const struct entry *b = &how->entries[*(const size_t *)right];
	int result;

	if ((a->kind == KIND_FOLDER) != (b->kind == KIND_FOLDER))
		return a->kind == KIND_FOLDER ? -1 : 1;
	result = compare_by(how->order, a, b);
	if (!result)
		result = compare_names(a->name, b->name);
	if (!result)
		result = strcmp(a->name, b->name);
	return how->descending ? -result : result;
}

void folder_arrange(struct folder *folder, bool hidden, const char *text, enum order order,
		    bool descending)
{
	struct arrangement how = { folder->entries, order, descending };

	free(folder->rows);
	folder->row_count = 0;
	folder->rows = calloc(folder->entry_count + 1, sizeof(*folder->rows));
	for (size_t i = 0; folder->rows && i < folder->entry_count; i++) {
		const char *name = folder->entries[i].name;

		if ((hidden || name[0] != '.') && (!*text || strcasestr(name, text)))
			folder->rows[folder->row_count++] = i;
	}
	if (folder->row_count > 1)
		qsort_r(folder->rows, folder->row_count, sizeof(*folder->rows), compare_rows, &how);
}

const struct entry *folder_entry(const struct folder *folder, size_t row)
{
	return &folder->entries[folder->rows[row]];
}

size_t folder_find(const struct folder *folder, const char *name)
{
	for (size_t row = 0; row < folder->row_count; row++)
		if (strcmp(folder_entry(folder, row)->name, name) == 0)
			return row;
	return SIZE_MAX;
}
