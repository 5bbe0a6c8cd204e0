/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /sbin/init, the first process.
 *
 * It mounts file systems (mounts.h), starts the services (services.h), and then does one of two
 * things:
 *   - If /etc/exec/argv exists (`./cryptos exec` puts it there) it holds a program's arguments,
 *     each ended by a zero byte. The program runs on three virtio ports as its stdin, stdout and
 *     stderr; when it ends, one line, "exit N" or "signal N", goes to the status port and the
 *     machine is switched off.
 *   - Otherwise it starts the desktop's session (/etc/session.init, like the services), and keeps a
 *     login shell running on /dev/console, and on the serial line and the screen's console if these
 *     are not the same.
 *
 * It reaps every orphan, and as busybox's poweroff, halt and reboot expect it switches off on
 * SIGUSR2, halts on SIGUSR1 and restarts on SIGTERM and SIGINT.
 */
#include "mounts.h"
#include "services.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS_FILE "/etc/exec/argv"
#define PORT_FOLDER    "/dev/virtio-ports/cryptos."
#define SEARCH_PATH    "/bin:/sbin:/usr/bin:/usr/sbin"

/* As shells report a program that could not be started. */
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND      127

/* Ends every process and the machine; called from signal handlers too. */
static void shut_down(int command)
{
	struct timespec grace = { .tv_nsec = 200 * 1000 * 1000 };

	kill(-1, SIGTERM);
	nanosleep(&grace, NULL);
	kill(-1, SIGKILL);
	unmount_file_systems();
	sync();
	reboot(command);
	_exit(1); /* only where reboot(2) is refused */
}

static void on_shut_down_signal(int number)
{
	switch (number) {
	case SIGUSR1:
		shut_down(RB_HALT_SYSTEM);
		break;
	case SIGUSR2:
		shut_down(RB_POWER_OFF);
		break;
	default:
		shut_down(RB_AUTOBOOT);
	}
}

static void set_up_signals(void)
{
	static const int numbers[] = { SIGUSR1, SIGUSR2, SIGTERM, SIGINT };
	struct sigaction action = { .sa_handler = on_shut_down_signal };

	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* In a child, before it becomes another program: signals as a program expects them. */
static void reset_signals(void)
{
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
}

static void write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t count = write(fd, text, length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return;
		text += count;
		length -= (size_t)count;
	}
}

/* Reads a whole file; the caller frees it. Returns NULL with errno set on failure. */
static char *read_file(const char *path, size_t *length)
{
	struct stat information;
	char *content;
	size_t done = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &information) < 0 || !(content = malloc((size_t)information.st_size + 1))) {
		close(fd);
		return NULL;
	}
	while (done < (size_t)information.st_size) {
		ssize_t count = read(fd, content + done, (size_t)information.st_size - done);

		if (count <= 0)
			break;
		done += (size_t)count;
	}
	close(fd);
	content[done] = '\0';
	*length = done;
	return content;
}

/* Splits text of zero-terminated strings into an argument vector, or returns NULL. */
static char **split_arguments(char *text, size_t length)
{
	size_t count = 0;
	char **arguments;

	for (size_t i = 0; i < length; i++)
		count += text[i] == '\0';
	arguments = calloc(count + 1, sizeof(*arguments));
	if (!arguments)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		arguments[i] = text;
		text += strlen(text) + 1;
	}
	return arguments;
}

/* True if `name`, looked up as execvp() does, names a file that is there. */
static bool program_exists(const char *name)
{
	char path[4096];

	if (strchr(name, '/'))
		return access(name, F_OK) == 0;
	for (const char *folder = SEARCH_PATH; *folder;) {
		size_t length = strcspn(folder, ":");

		snprintf(path, sizeof(path), "%.*s/%s", (int)length, folder, name);
		if (access(path, F_OK) == 0)
			return true;
		folder += length + (folder[length] == ':');
	}
	return false;
}

/* What a login would have set. */
static void set_environment(const char *terminal)
{
	clearenv();
	setenv("PATH", SEARCH_PATH, 1);
	setenv("HOME", "/root", 1);
	setenv("USER", "root", 1);
	setenv("LOGNAME", "root", 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("TERM", terminal, 1);
}

/* Becomes the program, or says on stderr why not. */
static _Noreturn void run_program(char **arguments)
{
	const char *reason;
	bool missing;

	set_environment("dumb");
	execvp(arguments[0], arguments);
	missing = errno == ENOENT || errno == ENOTDIR;
	reason = missing ? "not found" : strerror(errno);
	if (missing && program_exists(arguments[0]))
		reason = "its interpreter is missing (is it a static program?)";
	fprintf(stderr, "init: %s: %s\n", arguments[0], reason);
	_exit(missing ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

static int open_port(const char *name, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), PORT_FOLDER "%s", name);
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
	return fd;
}

/* Reaps every child until `wanted` has ended; returns its wait status. */
static int reap_until(pid_t wanted)
{
	for (;;) {
		int status;
		pid_t pid = wait(&status);

		if (pid == wanted)
			return status;
		if (pid < 0 && errno == ECHILD)
			return EXIT_NOT_EXECUTABLE << 8;
	}
}

/* Runs the program on the ports; returns its wait status. */
static int run_on_ports(char **arguments, const int ports[3])
{
	pid_t child = fork();

	if (child < 0) {
		dprintf(ports[2], "init: cannot start a process: %s\n", strerror(errno));
		return EXIT_NOT_EXECUTABLE << 8;
	}
	if (child == 0) {
		setsid();
		reset_signals();
		for (int i = 0; i < 3; i++)
			dup2(ports[i], i); /* the copies are not close-on-exec */
		run_program(arguments);
	}
	return reap_until(child);
}

/* Moves a descriptor out of the way of stdin, stdout and stderr. */
static int move_up(int fd)
{
	return fd >= 0 && fd < 3 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;
}

static void execute(char **arguments)
{
	int ports[3] = { move_up(open_port("stdin", O_RDONLY)),
			 move_up(open_port("stdout", O_WRONLY)),
			 move_up(open_port("stderr", O_WRONLY)) };
	int status_port = move_up(open_port("status", O_WRONLY));
	char line[32];
	int status;

	if (ports[0] < 0 || ports[1] < 0 || ports[2] < 0 || status_port < 0)
		return; /* said why; the runner sees that no status came */
	status = run_on_ports(arguments, ports);
	kill(-1, SIGKILL); /* what the program left behind */
	/* What was written must have left the machine before it is off. */
	for (int i = 1; i < 3; i++)
		fsync(ports[i]);
	if (WIFSIGNALED(status))
		snprintf(line, sizeof(line), "signal %d\n", WTERMSIG(status));
	else
		snprintf(line, sizeof(line), "exit %d\n", WEXITSTATUS(status));
	write_all(status_port, line, strlen(line));
	fsync(status_port);
}

/* Names the machine as /etc/hostname says. */
static void set_host_name(void)
{
	size_t length;
	char *name = read_file("/etc/hostname", &length);

	if (!name)
		return;
	sethostname(name, strcspn(name, "\n"));
	free(name);
}

/* A terminal that has a login shell. */
struct console {
	const char *path;
	const char *terminal; /* for TERM */
	bool absent;          /* it is not there, or an earlier one under another name */
	pid_t shell;          /* 0: to be started */
	time_t started;
};

static struct console consoles[] = {
	{ .path = "/dev/console", .terminal = "linux" },
	{ .path = "/dev/ttyS0", .terminal = "vt102" },
	{ .path = "/dev/tty1", .terminal = "linux" },
};

#define CONSOLES (sizeof(consoles) / sizeof(consoles[0]))

/* Becomes the console's shell; exits with EXIT_NOT_FOUND if the console can have none. */
static _Noreturn void run_shell(const struct console *console)
{
	int fd;

	setsid();
	reset_signals();
	fd = open(console->path, O_RDWR | O_NOCTTY);
	/* Refused where it is the terminal of an earlier console's session. */
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0) < 0)
		_exit(EXIT_NOT_FOUND);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	if (chdir("/root") < 0 && chdir("/") < 0)
		_exit(EXIT_NOT_EXECUTABLE);
	set_environment(console->terminal);
	execl("/bin/sh", "-sh", (char *)NULL); /* the dash makes it a login shell */
	perror("init: /bin/sh");
	_exit(EXIT_NOT_EXECUTABLE);
}

/* Starts the shell and waits until it has its terminal, which the next console may be too. */
static void start_shell(struct console *console)
{
	char byte;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	console->started = time(NULL);
	console->shell = fork();
	if (console->shell == 0)
		run_shell(console);
	close(ends[1]);
	if (console->shell < 0)
		console->shell = 0;
	else
		while (read(ends[0], &byte, 1) < 0 && errno == EINTR)
			;
	close(ends[0]);
}

static void note_end(struct console *console, int status)
{
	struct timespec pause_time = { .tv_sec = 1 };

	console->shell = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND && console != consoles)
		console->absent = true;
	else if (time(NULL) - console->started < 1)
		nanosleep(&pause_time, NULL); /* one that cannot live must not keep us busy */
}

/* Keeps a shell on each console for ever. */
static _Noreturn void keep_shells(void)
{
	struct timespec pause_time = { .tv_sec = 1 };

	for (;;) {
		int status;
		pid_t pid;

		for (size_t i = 0; i < CONSOLES; i++)
			if (!consoles[i].absent && consoles[i].shell == 0)
				start_shell(&consoles[i]);
		pid = wait(&status);
		if (pid < 0 && errno == ECHILD)
			nanosleep(&pause_time, NULL);
		for (size_t i = 0; i < CONSOLES && pid > 0; i++)
			if (consoles[i].shell == pid)
				note_end(&consoles[i], status);
	}
}

/* Gives init itself a place for its messages if the kernel has not. */
static void open_console(void)
{
	int fd;

	if (fcntl(2, F_GETFD) >= 0)
		return;
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	for (int i = 0; fd >= 0 && i < 3; i++)
		dup2(fd, i);
}

int main(void)
{
	size_t length;
	char *text;
	char **arguments;

	open_console();
	if (getpid() != 1) {
		fprintf(stderr, "init: I am the first process or none\n");
		return 1;
	}
	set_up_signals();
	set_host_name();
	mount_file_systems();
	start_services("/etc/services.init", reset_signals);
	text = read_file(ARGUMENTS_FILE, &length);
	if (!text) {
		start_services("/etc/session.init", reset_signals);
		keep_shells();
	}
	arguments = split_arguments(text, length);
	if (arguments && arguments[0])
		execute(arguments);
	else
		fprintf(stderr, "init: no program in " ARGUMENTS_FILE "\n");
	unmount_file_systems();
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
