# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += kernel/dev/device.c kernel/dev/device_irq.c kernel/dev/driver.c kernel/dev/pci.c \
	kernel/dev/pci_capability.c kernel/dev/pci_config.c kernel/dev/pci_interrupt.c \
	kernel/dev/pci_reset.c kernel/dev/platform.c

kernel-sources += kernel/dev/pci_assign.c kernel/dev/pci_bar.c kernel/dev/pci_bridge.c \
	kernel/dev/pci_class.c kernel/dev/pci_describe.c kernel/dev/pci_pin.c kernel/dev/pci_scheme.c kernel/dev/pci_hotplug.c kernel/dev/pci_scan.c kernel/dev/pci_slot.c kernel/dev/pci_space.c
kernel-sources += kernel/dev/pci_ktest.c

kernel-sources += $(addprefix kernel/dev/,suspend.c suspend_test.c pci_state.c)

sim-test-sources += $(addprefix kernel/dev/,device.c pci_assign.c pci_bar.c pci_bridge.c pci_capability.c \
	pci_hotplug.c pci_reset.c pci_scan.c pci_slot.c pci_space.c)
sim-test-sources += kernel/dev/pci_state.c
sim-test-sources += $(addprefix kernel/dev/test/,pci_capability_test.c pci_model.c pci_slot_test.c pci_tree_test.c)
kernel-sources += kernel/dev/pci_firmware.c
kernel-sources += kernel/dev/pci_board.c
kernel-sources += kernel/dev/pci_acpi.c kernel/dev/pci_acpi_slot.c
kernel-sources += kernel/dev/platform_acpi.c
kernel-sources += kernel/dev/pci_scheme_slots.c kernel/dev/pci_slots.c
kernel-sources += kernel/dev/pci_power.c
kernel-sources += kernel/dev/device_memory.c
kernel-sources += kernel/dev/handover.c
sim-test-sources += kernel/dev/handover.c
kernel-sources += kernel/dev/iommu_ktest.c
