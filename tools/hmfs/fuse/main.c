/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hmfs-fuse: options and the session. */
#include "mount.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

#define IDLE_THREADS_DEFAULT 10u
#define IDLE_THREADS_MAX     1000u

struct mount mount_state = { .commit_seconds = 5 };

static const char help[] =
	"usage: hmfs-fuse [OPTION...] VOLUME FOLDER\n"
	"\n"
	"Mounts an HMFS volume, an image or a disk. \"fusermount3 -u FOLDER\" unmounts it.\n"
	"\n"
	"  -f                  stays in the foreground\n"
	"  -d                  the same, and shows all requests\n"
	"  -s                  one request at a time\n"
	"  -o ro               for reading only\n"
	"  -o snapshot=NAME    that snapshot or clone instead of the live file system\n"
	"  -o commit=SECONDS   commits at least that often; default: 5\n"
	"  -o noatime          leaves times of access alone; default: as relatime\n"
	"  -o private          only for who mounts it; that is the default for all but root\n"
	"  -o OPTION           libfuse's others: allow_other, nodev, nosuid, ...\n"
	"      --help, --version\n"
	"\n"
	"Snapshots are in FOLDER/.snapshots, where mkdir makes one and rmdir deletes one; forks "
	"of\n"
	"a file are in FILE..namedfork, of a folder in FOLDER/..namedfork. \"hmfs COMMAND "
	"FOLDER\"\n"
	"does the rest.\n"
	"\n"
	"Exit status: 0 mounted (in the foreground: and unmounted), 1 an error, 2 wrong usage.\n";

struct options {
	char *volume, *snapshot;
	unsigned commit;
	int read_only, no_access_times, is_private;
};

#define OPTION(text, member)                              \
	{                                                 \
		text, offsetof(struct options, member), 1 \
	}
enum option_key {
	KEY_HELP,
	KEY_VERSION,
	KEY_READ_ONLY,
};

static const struct fuse_opt option_specifications[] = {
	OPTION("snapshot=%s", snapshot),        OPTION("commit=%u", commit),
	OPTION("noatime", no_access_times),     OPTION("private", is_private),
	FUSE_OPT_KEY("ro", KEY_READ_ONLY),      FUSE_OPT_KEY("-h", KEY_HELP),
	FUSE_OPT_KEY("--help", KEY_HELP),       FUSE_OPT_KEY("-V", KEY_VERSION),
	FUSE_OPT_KEY("--version", KEY_VERSION), FUSE_OPT_END,
};

/* 1: the option is libfuse's. */
static int take_option(void *data, const char *argument, int key, struct fuse_args *left)
{
	struct options *options = data;

	(void)left;
	switch (key) {
	case KEY_HELP:
		fputs(help, stdout);
		exit(finish_output() ? 0 : 1);
	case KEY_VERSION:
		printf("HMFS 1, of CryptOS, with FUSE %s\n", fuse_pkgversion());
		exit(finish_output() ? 0 : 1);
	case KEY_READ_ONLY:
		options->read_only = 1;
		return 1;
	case FUSE_OPT_KEY_NONOPT:
		if (options->volume)
			return 1;
		/* The program changes its folder when it goes to the background. */
		options->volume = realpath(argument, NULL);
		if (!options->volume)
			die("%s: %s", argument, strerror(errno));
		return 0;
	default:
		return 1;
	}
}

static void op_init(void *context, struct fuse_conn_info *connection)
{
	(void)context;
	connection->want |= connection->capable & (FUSE_CAP_IOCTL_DIR | FUSE_CAP_PARALLEL_DIROPS |
						   FUSE_CAP_CACHE_SYMLINKS);
	connection->want &= ~(unsigned)FUSE_CAP_AUTO_INVAL_DATA;
	connection->time_gran = 1;
}

static const struct fuse_lowlevel_ops operations = {
	.init = op_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.open = op_open,
	.create = op_create,
	.read = op_read,
	.write = op_write,
	.fsync = op_fsync,
	.fsyncdir = op_fsync,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.readdirplus = op_readdirplus,
	.statfs = op_statfs,
	.setxattr = op_setxattr,
	.getxattr = op_getxattr,
	.listxattr = op_listxattr,
	.removexattr = op_removexattr,
	.ioctl = op_ioctl,
	.fallocate = op_fallocate,
	.lseek = op_lseek,
	.copy_file_range = op_copy_file_range,
};

/* --- the session --- */

static void add_option(struct fuse_args *arguments, const char *option)
{
	if (fuse_opt_add_arg(arguments, "-o") || fuse_opt_add_arg(arguments, option))
		die("out of memory");
}

static void add_default_options(struct fuse_args *arguments, const struct options *options)
{
	/* A comma would end the option. */
	const char *name = strchr(options->volume, ',') ? "hmfs" : options->volume;
	char *source = format_text("subtype=hmfs,fsname=%s", name);

	add_option(arguments, source);
	add_option(arguments, "default_permissions");
	/* As mount(8) does for root. */
	if (geteuid() == 0 && !options->is_private)
		add_option(arguments, "allow_other,dev,suid");
	free(source);
}

static void mount_volume(const struct options *options)
{
	enum file_device_access access = options->read_only ? FILE_DEVICE_READ : FILE_DEVICE_WRITE;
	struct hmfs_dataset_info info;
	int error;

	mount_state.read_only = options->read_only;
	mount_state.no_access_times = options->no_access_times;
	if (options->commit)
		mount_state.commit_seconds = options->commit;
	tool_volume_open(&mount_state.volume, options->volume, access);
	mount_state.hmfs = mount_state.volume.volume;
	mount_state.dataset = HMFS_DATASET_LIVE;
	if (options->snapshot) {
		error = hmfs_dataset_find(mount_state.hmfs, options->snapshot, &info);
		if (error)
			die_of(error, "%s: snapshot %s", options->volume, options->snapshot);
		mount_state.dataset = info.number;
	}
	error = nodes_create();
	if (error)
		die_of(error, "%s", options->volume);
}

static int run_session(struct fuse_session *session, const struct fuse_cmdline_opts *line)
{
	struct fuse_loop_config loop = { .clone_fd = line->clone_fd };
	int error = work_start();

	if (error)
		return complain_of(error, "no thread");
	/* Some versions say "not given" by a number that others complain of. */
	loop.max_idle_threads = line->max_idle_threads > IDLE_THREADS_MAX ? IDLE_THREADS_DEFAULT
									  : line->max_idle_threads;
	error = line->singlethread ? fuse_session_loop(session)
				   : fuse_session_loop_mt(session, &loop);
	work_end();
	return error;
}

static int serve(struct fuse_args *arguments, const struct options *options,
		 const struct fuse_cmdline_opts *line)
{
	struct fuse_session *session;
	int error = -1;

	session = fuse_session_new(arguments, &operations, sizeof(operations), NULL);
	if (!session)
		return 1; /* libfuse has said why */
	if (fuse_set_signal_handlers(session) == 0) {
		mount_volume(options);
		if (fuse_session_mount(session, line->mountpoint) == 0) {
			fuse_daemonize(line->foreground);
			error = run_session(session, line);
			fuse_session_unmount(session);
		}
		nodes_destroy();
		if (tool_volume_close(&mount_state.volume))
			error = -1;
		fuse_remove_signal_handlers(session);
	}
	fuse_session_destroy(session);
	return error < 0 ? 1 : 0;
}

int main(int count, char **arguments)
{
	struct fuse_args left = FUSE_ARGS_INIT(count, arguments);
	struct options options = { .volume = NULL };
	struct fuse_cmdline_opts line;
	int status;

	program_name = "hmfs-fuse";
	/* Buffers of requests come and go. */
	mallopt(M_MMAP_THRESHOLD, 16 << 20);
	mallopt(M_TRIM_THRESHOLD, 64 << 20);
	if (fuse_opt_parse(&left, &options, option_specifications, take_option))
		return 2;
	if (!options.volume)
		die_of_usage("needs a volume and a folder");
	if (fuse_parse_cmdline(&left, &line))
		return 2;
	if (!line.mountpoint)
		die_of_usage("needs a folder to mount %s on", options.volume);
	add_default_options(&left, &options);
	status = serve(&left, &options, &line);
	free(line.mountpoint);
	fuse_opt_free_args(&left);
	free(options.volume);
	free(options.snapshot);
	return status;
}
