/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atlases of the four faces, mapped from their files. */
#include "terminal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/usr/share/fonts/cryptos"

/* False: there is no such file, or it is no atlas. */
static bool atlas_map(struct font_atlas *atlas, const char *name, unsigned scale)
{
	char path[128];
	struct stat status;
	void *bytes;
	int fd;

	snprintf(path, sizeof(path), FOLDER "/%s-%ux.atlas", name, scale);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &status) < 0 || status.st_size <= 0) {
		close(fd);
		return false;
	}
	bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return false;
	if (font_atlas_open(atlas, bytes, (size_t)status.st_size) != 0 ||
	    atlas->header->cell_width == 0) {
		munmap(bytes, (size_t)status.st_size);
		return false;
	}
	return true;
}

void fonts_open(struct terminal *terminal)
{
	static const char *const names[FACES] = { "mono", "mono-bold", "mono-italic",
						  "mono-bold-italic" };
	unsigned scale = terminal->scale;

	/* What an earlier scale had stays mapped: it is the page cache's memory. */
	if (!atlas_map(&terminal->fonts[FACE_PLAIN], names[FACE_PLAIN], scale))
		terminal_fail("no font in " FOLDER);
	for (int face = FACE_PLAIN + 1; face < FACES; face++) {
		if (!atlas_map(&terminal->fonts[face], names[face], scale))
			terminal->fonts[face] = terminal->fonts[FACE_PLAIN];
	}
	terminal->cell_width = terminal->fonts[FACE_PLAIN].header->cell_width;
	terminal->cell_height = terminal->fonts[FACE_PLAIN].header->line_height;
}
