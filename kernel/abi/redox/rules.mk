# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/abi/redox/, \
	personality.c arguments.c path.c \
	open.c io.c \
	descriptor.c attributes.c names.c namespace.c \
	identity.c clone.c time.c \
	exec.c fexec.c \
	signal_deliver.c)
