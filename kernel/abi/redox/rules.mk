# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/abi/redox/, personality.c arguments.c path.c)
kernel-sources += $(addprefix kernel/abi/redox/, open.c io.c descriptor.c attributes.c names.c)
kernel-sources += $(addprefix kernel/abi/redox/, namespace.c)
kernel-sources += $(addprefix kernel/abi/redox/, identity.c clone.c time.c exec.c fexec.c)
kernel-sources += $(addprefix kernel/abi/redox/, futex.c)
kernel-sources += $(addprefix kernel/abi/redox/, memory.c)
kernel-sources += $(addprefix kernel/abi/redox/, signal.c signal_deliver.c)
kernel-sources += $(addprefix kernel/abi/redox/, $(ARCH)/machine_state.c)
kernel-sources += $(addprefix kernel/abi/redox/, \
	personality.c arguments.c path.c \
	open.c io.c \
	identity.c \
	exec.c \
	signal.c signal_deliver.c \
	proc_scheme.c proc_file.c \
	$(ARCH)/machine_state.c $(ARCH)/proc_registers.c)
