# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/proc/,id_table.c user_account.c process.c times.c limits.c \
	interval.c credentials.c terminal.c file_context.c fd_table.c fd.c uname.c personality.c \
	signal_queue.c signal_send.c signal_action.c signal_mask.c signal_stop.c signal_deliver.c hold.c debugger.c \
	trap.c out_of_memory.c group.c zombie.c exit.c exit_memory.c wait.c clone.c supply.c first.c exec.c exec_strings.c \
	proc_ktest.c exec_script.c exec_read.c exec_layout.c exec_map.c exec_commit.c \
	posix_timer.c signal_file.c process_file.c)
kernel-sources += $(addprefix kernel/proc/fs/,proc_node.c proc_root.c proc_pid.c proc_task.c proc_fd.c \
	proc_view.c proc_stat.c proc_status.c proc_memory.c proc_mounts.c proc_memory_info.c proc_cpu.c \
	proc_kernel.c proc_sys.c sysfs.c)
kernel-sources += $(addprefix kernel/proc/sys/,sys_root.c sys_open.c sys_sched.c sys_system.c sys_context.c sys_processes.c)
kernel-sources += kernel/proc/priority_futex.c
kernel-sources += kernel/proc/fs/proc_block.c kernel/proc/fs/sysfs_block.c
kernel-sources += $(addprefix kernel/proc/fs/,sysfs_things.c sysfs_supply.c sysfs_thermal.c sysfs_sensors.c)
kernel-sources += kernel/proc/signal_fatal.c
kernel-sources += kernel/proc/process_namespace.c
kernel-sources += kernel/proc/charge.c
kernel-sources += kernel/proc/freeze.c
kernel-sources += kernel/proc/fs/sysfs_power.c
kernel-sources += kernel/proc/fs/sysfs_clock.c
kernel-sources += kernel/proc/fs/sysfs_firmware.c
kernel-sources += kernel/proc/fs/sysfs_node.c
kernel-sources += kernel/proc/fs/sysfs_picture.c
kernel-sources += kernel/proc/fs/sysfs_idle.c
kernel-sources += kernel/proc/fs/sysfs_frequency.c
kernel-sources += kernel/proc/service.c
kernel-sources += kernel/proc/fs/sysfs_net.c
