# SPDX-License-Identifier: GPL-3.0-or-later
kernel-sources += $(aml-sources)
kernel-sources += $(addprefix kernel/acpi/,namespace.c host.c host_access.c device.c driver.c notify.c resources.c)
kernel-sources += $(addprefix kernel/acpi/,scheme.c scheme_names.c scheme_call.c table_name.c table_loaded.c)
kernel-sources += kernel/acpi/tables.c kernel/acpi/table_read.c kernel/acpi/platform.c kernel/acpi/platform_check.c kernel/acpi/soft_off.c
kernel-sources += $(addprefix kernel/acpi/,fadt.c register.c control.c facs.c sleep.c event.c event_device.c event_thread.c fixed.c gpe.c gpe_method.c global_lock.c)

unit-sources += $(addprefix kernel/acpi/,tables.c platform.c soft_off.c test/acpi_test.c)
unit-sources += $(addprefix kernel/acpi/,table_read.c platform_check.c test/tables_test.c test/memory.c test/make.c)
unit-sources += kernel/acpi/fadt.c
$(HOST_OUT)/unit/obj/kernel/acpi/%: unit-flags += $(unit-kernel-flags)
kernel-sources += $(addprefix kernel/acpi/,ec.c ec_protocol.c ec_table.c power_state.c driver_sleep.c)
unit-sources += $(addprefix kernel/acpi/,ec_protocol.c ec_table.c test/ec_model.c test/ec_test.c test/ec_table_test.c)
kernel-sources += kernel/acpi/processor_table.c
unit-sources += kernel/acpi/processor_table.c
kernel-sources += $(addprefix kernel/acpi/,pci_board.c pci_control.c pci_link.c pci_root.c pci_route.c)
kernel-sources += kernel/acpi/affinity.c
unit-sources += kernel/acpi/affinity.c kernel/acpi/test/affinity_test.c
kernel-sources += $(addprefix kernel/acpi/,iommu.c iommu_dmar.c iommu_ivrs.c iommu_text.c)
unit-sources += $(addprefix kernel/acpi/,iommu.c iommu_dmar.c iommu_ivrs.c test/iommu_test.c)
kernel-sources += kernel/acpi/located.c kernel/acpi/located_text.c
unit-sources += kernel/acpi/located.c kernel/acpi/test/located_test.c
sim-test-sources += $(addprefix kernel/acpi/,fixed.c gpe.c test/event_test.c)
