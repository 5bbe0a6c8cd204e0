/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The session: tells the desktop what its launcher offers and how it is to look, and starts what
 * the user chooses there.
 *
 *	/usr/share/applications/NAME.app	entries of the launcher: lines "name TEXT",
 *						"icon NAME", "command TEXT" (for sh), "order N"
 *	/etc/desktop.conf			lines for the desktop (theme, accent, scale, zone),
 *						"layout NAME" for the keyboard too, and "start
 *						COMMAND" for what runs from the start
 *
 * In both, what begins with '#' is a comment. It ends at once where there is no desktop; else it
 * goes on in a child, when the desktop knows everything (services.h).
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DESKTOP_FILE    "/scheme/orbital/session"
#define APPLICATIONS    "/usr/share/applications"
#define SETTINGS_FILE   "/etc/desktop.conf"
#define ENTRIES_MAX     64
#define STARTS_MAX      16
#define LINE_MAX_LENGTH 256
#define COMMANDS_MAX    4096

struct entry {
	char name[64], icon[32], command[192];
	int order;
};

static struct entry entries[ENTRIES_MAX];
static size_t entry_count;
static char starts[STARTS_MAX][LINE_MAX_LENGTH];
static size_t start_count;

/* The next line. Those that are too long are left out: half a command is another one. */
static bool read_line(FILE *file, char line[LINE_MAX_LENGTH])
{
	while (fgets(line, LINE_MAX_LENGTH, file)) {
		int byte;

		if (strchr(line, '\n') || feof(file))
			return true;
		do
			byte = getc(file);
		while (byte != '\n' && byte != EOF);
		if (*line != '#')
			fprintf(stderr, "session: a line is too long: %.32s...\n", line);
	}
	return false;
}

/* Splits "word rest" in place; false: the line says nothing. */
static bool split_line(char *line, char **word, char **rest)
{
	char *end;

	line[strcspn(line, "\n")] = '\0';
	while (isblank((unsigned char)*line))
		line++;
	if (!*line || *line == '#')
		return false;
	*word = line;
	end = line + strcspn(line, " \t");
	*rest = end + strspn(end, " \t");
	*end = '\0';
	return true;
}

static void read_entry(const char *path)
{
	FILE *file = fopen(path, "re");
	struct entry entry = { .icon = "program", .order = 1000 };
	char line[LINE_MAX_LENGTH], *word, *rest;

	if (!file)
		return;
	while (read_line(file, line)) {
		if (!split_line(line, &word, &rest))
			continue;
		if (strcmp(word, "name") == 0)
			snprintf(entry.name, sizeof(entry.name), "%s", rest);
		else if (strcmp(word, "icon") == 0)
			snprintf(entry.icon, sizeof(entry.icon), "%s", rest);
		else if (strcmp(word, "command") == 0)
			snprintf(entry.command, sizeof(entry.command), "%s", rest);
		else if (strcmp(word, "order") == 0)
			entry.order = atoi(rest);
		else
			fprintf(stderr, "session: %s: what is \"%s\"?\n", path, word);
	}
	fclose(file);
	if (entry.name[0] && entry.command[0] && entry_count < ENTRIES_MAX)
		entries[entry_count++] = entry;
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return left->order != right->order ? left->order - right->order
					   : strcmp(left->name, right->name);
}

static void read_entries(void)
{
	DIR *folder = opendir(APPLICATIONS);
	struct dirent *file;

	while (folder && (file = readdir(folder))) {
		size_t length = strlen(file->d_name);
		char path[sizeof(APPLICATIONS) + 256];

		if (length <= 4 || strcmp(file->d_name + length - 4, ".app") != 0)
			continue;
		snprintf(path, sizeof(path), APPLICATIONS "/%s", file->d_name);
		read_entry(path);
	}
	if (folder)
		closedir(folder);
	qsort(entries, entry_count, sizeof(entries[0]), compare_entries);
}

static void tell(int desktop, const char *line)
{
	if (write(desktop, line, strlen(line)) < 0)
		fprintf(stderr, "session: the desktop refuses \"%.*s\": %s\n",
			(int)strcspn(line, "\n"), line, strerror(errno));
}

static void tell_entry(int desktop, const struct entry *entry)
{
	char line[sizeof(*entry)];

	snprintf(line, sizeof(line), "%.63s\t%.31s\t%.160s\n", entry->name, entry->icon,
		 entry->command);
	tell(desktop, line);
}

/* In a process of its own, which is nobody's child to wait for. */
static void start_command(const char *command)
{
	pid_t child = fork();

	if (child < 0)
		fprintf(stderr, "session: no process for %s: %s\n", command, strerror(errno));
	if (child != 0)
		return;
	signal(SIGCHLD, SIG_DFL);
	setsid();
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Programs show the same time as the desktop. */
static void set_zone(const char *minutes)
{
	int ahead = atoi(minutes), magnitude = abs(ahead);
	char zone[32];

	/* POSIX counts the other way round. */
	snprintf(zone, sizeof(zone), "LOC%c%02d:%02d", ahead >= 0 ? '-' : '+', magnitude / 60 % 100,
		 magnitude % 60);
	setenv("TZ", zone, 1);
}

/* The keyboard's driver learns it too. */
static void set_layout(const char *name)
{
	char command[96];

	for (const char *letter = name; *letter; letter++)
		if (!isalnum((unsigned char)*letter) && *letter != '-')
			return; /* it names a file */
	snprintf(command, sizeof(command), "keymap %.32s", name);
	start_command(command);
}

static void read_settings(int desktop)
{
	FILE *file = fopen(SETTINGS_FILE, "re");
	char line[LINE_MAX_LENGTH], *word, *rest;

	if (!file)
		return;
	while (read_line(file, line)) {
		char setting[LINE_MAX_LENGTH + 2];

		if (!split_line(line, &word, &rest))
			continue;
		if (strcmp(word, "start") == 0) {
			if (start_count < STARTS_MAX)
				strcpy(starts[start_count++], rest);
			continue;
		}
		if (strcmp(word, "layout") == 0)
			set_layout(rest);
		else if (strcmp(word, "zone") == 0)
			set_zone(rest);
		snprintf(setting, sizeof(setting), "%s %s\n", word, rest);
		tell(desktop, setting);
	}
	fclose(file);
}

/* Starts what the user chooses, for as long as there is a desktop. */
static void serve(int desktop)
{
	char commands[COMMANDS_MAX + 1];

	for (;;) {
		ssize_t count = read(desktop, commands, COMMANDS_MAX);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return;
		commands[count] = '\0';
		for (char *line = strtok(commands, "\n"); line; line = strtok(NULL, "\n"))
			start_command(line);
	}
}

/* What programs expect that somebody logged in. */
static void set_environment(void)
{
	clearenv();
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("TERM", "dumb", 1);
	if (chdir("/root") < 0 && chdir("/") < 0)
		fprintf(stderr, "session: no folder to be in\n");
}

int main(void)
{
	int desktop = open(DESKTOP_FILE, O_RDWR | O_CLOEXEC);
	pid_t child;

	if (desktop < 0) {
		if (errno == ENODEV || errno == ENOENT)
			return 0; /* there is no desktop */
		perror("session: " DESKTOP_FILE);
		return 1;
	}
	set_environment();
	signal(SIGCHLD, SIG_IGN); /* nobody waits for them */
	tell(desktop, "clear\n");
	read_settings(desktop);
	read_entries();
	for (size_t i = 0; i < entry_count; i++)
		tell_entry(desktop, &entries[i]);
	child = fork();
	if (child != 0)
		return child < 0;
	for (size_t i = 0; i < start_count; i++)
		start_command(starts[i]);
	serve(desktop);
	return 0;
}
