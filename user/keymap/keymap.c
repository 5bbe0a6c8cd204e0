/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keymap: changes the layout of the keyboard.
 *
 *	keymap			says which one is in use
 *	keymap -l		lists those there are
 *	keymap NAME|FILE	uses /usr/share/keymaps/NAME, or the file, whose name has a slash
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOLDER   "/usr/share/keymaps"
#define SETTING  "/scheme/input/layout"
#define TEXT_MAX (64 << 10)

static int complain(const char *what)
{
	fprintf(stderr, "keymap: %s: %s\n", what, strerror(errno));
	return 1;
}

/* Reads at most `size` bytes; the length, or -1. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t count = -1;

	if (fd < 0)
		return -1;
	while (length < size && (count = read(fd, text + length, size - length)) > 0)
		length += (size_t)count;
	close(fd);
	return count < 0 ? -1 : (ssize_t)length;
}

static int show(void)
{
	char name[64];
	ssize_t length = read_file(SETTING, name, sizeof(name));

	if (length < 0)
		return complain(SETTING);
	printf("%.*s", (int)length, name);
	return 0;
}

static int list(void)
{
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort);

	if (count < 0)
		return complain(FOLDER);
	for (int i = 0; i < count; i++) {
		if (entries[i]->d_name[0] != '.')
			puts(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int use(const char *name)
{
	static char text[TEXT_MAX + 1];
	char path[4096];
	ssize_t length;
	int fd, error;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : FOLDER "/", name);
	length = read_file(path, text, sizeof(text));
	if (length < 0)
		return complain(path);
	fd = open(SETTING, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return complain(SETTING);
	/* The kernel takes the whole of it, or nothing. */
	error = write(fd, text, (size_t)length) < 0 ? errno : 0;
	close(fd);
	errno = error;
	if (error == EINVAL) {
		fprintf(stderr, "keymap: %s is no layout\n", path);
		return 1;
	}
	return error ? complain(path) : 0;
}

int main(int argc, char **argv)
{
	if (argc == 1)
		return show();
	if (argc == 2 && strcmp(argv[1], "-l") == 0)
		return list();
	if (argc == 2 && argv[1][0] != '-')
		return use(argv[1]);
	fprintf(stderr, "usage: keymap [-l | NAME | FILE]\n");
	return 2;
}
