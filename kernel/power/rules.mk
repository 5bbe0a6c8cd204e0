# SPDX-License-Identifier: GPL-3.0-or-later
#
# The machine's power: what it runs on, how warm it is, and how it sleeps and ends.

kernel-sources += $(addprefix kernel/power/,package.c battery_package.c supply_summary.c supply_policy.c supply.c \
	cooling.c thermal_policy.c thermal.c fan.c \
	battery.c adapter.c)

unit-sources += $(addprefix kernel/power/,package.c battery_package.c supply_summary.c supply_policy.c \
	thermal_policy.c test/battery_package_test.c test/supply_test.c test/thermal_test.c)
$(HOST_OUT)/unit/obj/kernel/power/%: unit-flags += $(unit-kernel-flags)

kernel-sources += $(addprefix kernel/power/,button.c down.c kstop.c power.c programs.c)
kernel-sources += kernel/power/suspend.c
kernel-sources += kernel/power/wall_clock.c kernel/power/clock_device.c
kernel-sources += kernel/power/processor.c
kernel-sources += kernel/power/processor_idle.c kernel/power/idle_states.c
unit-sources += kernel/power/idle_states.c kernel/power/test/idle_test.c kernel/sched/idle_choose.c
$(HOST_OUT)/unit/obj/kernel/sched/%: unit-flags += $(unit-kernel-flags)
kernel-sources += $(addprefix kernel/power/,frequency.c frequency_table.c processor_speed.c)
