# SPDX-License-Identifier: GPL-3.0-or-later
#
# IOMMUs: Intel's.

kernel-sources += $(addprefix kernel/iommu/,table.c unit.c queue.c scope.c context.c domain.c map.c fault.c remap.c)
kernel-sources += $(addprefix kernel/iommu/,start.c text.c)
