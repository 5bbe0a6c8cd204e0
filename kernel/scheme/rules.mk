# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/scheme/,attributes.c change.c credentials.c dentry.c)
kernel-sources += $(addprefix kernel/scheme/,dentry_path.c bare_tree.c directory_text.c link_file.c)
kernel-sources += $(addprefix kernel/scheme/,mount.c namespace.c namespace_made.c node.c open.c rename.c tree.c walk.c)
kernel-sources += $(addprefix kernel/scheme/,file.c file_control.c file_lock.c file_provider.c)
kernel-sources += $(addprefix kernel/scheme/,scheme.c scheme_directory.c scheme_file.c opaque.c)
kernel-sources += $(addprefix kernel/scheme/,anonymous.c extended.c text.c poll.c)
kernel-sources += $(addprefix kernel/scheme/,event_counter.c event_queue.c event_watch.c)
kernel-sources += $(addprefix kernel/scheme/,device.c memory_devices.c random.c pipe.c pipe_buffer.c)
kernel-sources += $(addprefix kernel/scheme/,log_scheme.c trace_scheme.c trace_stream.c)
kernel-sources += $(addprefix kernel/scheme/,irq_scheme.c timer_file.c)
kernel-sources += $(addprefix kernel/scheme/,change_ktest.c ktest_tree.c path_ktest.c)
kernel-sources += $(addprefix kernel/scheme/,pipe_ktest.c scheme_ktest.c trace_ktest.c)
