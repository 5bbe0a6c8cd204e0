# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(addprefix kernel/abi/linux/, \
	personality.c stack.c at.c open.c io.c descriptor.c file_cache.c directory.c stat.c attributes.c names.c \
	memory.c process.c exec.c identity.c limits.c schedule.c priority.c signal.c restart.c time.c poll.c event.c timer.c \
	socket.c socket_option.c message.c process_memory.c \
	futex.c system.c mount.c xattr.c $(ARCH)/signal_frame.c $(ARCH)/thread_pointer.c)
kernel-sources += kernel/abi/linux/memory_policy.c
