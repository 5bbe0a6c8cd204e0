# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/abi/redox/, \
	personality.c arguments.c path.c \
	open.c io.c \
	identity.c clone.c time.c \
	exec.c fexec.c \
	signal_deliver.c)
