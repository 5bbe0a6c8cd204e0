/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One program for mkfs.hmfs, fsck.hmfs and hmfs: it is what its name says. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "programs.h"

bool program_common_option(const char *option, const char *help)
{
	if (option_is(option, "h", "help"))
		fputs(help, stdout);
	else if (option_is(option, NULL, "version"))
		puts("HMFS 1, of CryptOS");
	else
		return false;
	exit(finish_output() ? 0 : program_failure);
}

int main(int count, char **arguments)
{
	const char *name = count > 0 ? arguments[0] : "hmfs", *slash = strrchr(name, '/');

	name = slash ? slash + 1 : name;
	if (strcmp(name, "mkfs.hmfs") == 0) {
		program_name = "mkfs.hmfs";
		return mkfs_main(count, arguments);
	}
	if (strcmp(name, "fsck.hmfs") == 0) {
		program_name = "fsck.hmfs";
		return fsck_main(count, arguments);
	}
	return hmfs_main(count, arguments);
}
