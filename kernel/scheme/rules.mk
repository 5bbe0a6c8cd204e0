# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/scheme/,attributes.c change.c credentials.c dentry.c \
	dentry_path.c device.c file.c file_control.c file_lock.c file_provider.c log_scheme.c memory_devices.c \
	mount.c namespace.c node.c opaque.c open.c pipe.c pipe_buffer.c poll.c random.c rename.c scheme.c \
	scheme_directory.c scheme_file.c text.c tree.c walk.c anonymous.c event_counter.c event_queue.c \
	event_watch.c timer_file.c extended.c trace_scheme.c trace_stream.c)
kernel-sources += $(addprefix kernel/scheme/,bare_tree.c directory_text.c link_file.c)
kernel-sources += $(addprefix kernel/scheme/,change_ktest.c ktest_tree.c path_ktest.c \
	pipe_ktest.c scheme_ktest.c trace_ktest.c)
