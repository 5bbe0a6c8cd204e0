/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The content of a folder: its entries, which of them are shown, and in which order. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

enum kind {
	KIND_FOLDER,
	KIND_TEXT,
	KIND_IMAGE,
	KIND_PROGRAM,
	KIND_ARCHIVE,
	KIND_FILE,
	KIND_DEVICE,
	KIND_OTHER,  /* pipes and sockets */
	KIND_BROKEN, /* a link that leads nowhere */
};

struct entry {
	char *name;
	struct stat status; /* of what a link leads to, unless it leads nowhere */
	bool link;
	enum kind kind;
};

enum order {
	ORDER_NAME,
	ORDER_SIZE,
	ORDER_TIME,
	ORDER_KIND,
};

struct folder {
	struct entry *entries;
	size_t entry_count;
	/* Those that are shown, as numbers of entries. */
	size_t *rows;
	size_t row_count;
};

/* Reads the folder again. 0, or the errno that it cannot be read for, with nothing in it then. */
int folder_read(struct folder *folder, const char *path);
void folder_free(struct folder *folder);
/* Chooses what is shown: hidden ones (whose names begin with a dot) or not, and those that have `text`
 * in their names; folders come first. */
void folder_arrange(struct folder *folder, bool hidden, const char *text, enum order order,
		    bool descending);
/* The entry of a row. */
const struct entry *folder_entry(const struct folder *folder, size_t row);
/* The row of a name; SIZE_MAX: it is not shown. */
size_t folder_find(const struct folder *folder, const char *name);

/* What something is, by its mode and the end of its name. */
enum kind kind_of(const char *name, mode_t mode);
/* For people: "Folder". */
const char *kind_name(enum kind kind);
/* True if it looks like text; reads its beginning. */
bool is_text(const char *path);
