# SPDX-License-Identifier: GPL-3.0-or-later

nvme-sources := $(addprefix drivers/block/nvme/,admin.c controller.c data.c disk.c event.c \
	namespace.c nvme.c queue.c recovery.c ring.c setup.c sleep.c status.c)

drivers += nvme
driver-sources-nvme += $(nvme-sources)

# The model includes nvme.c.
unit-sources += $(filter-out %/nvme.c,$(nvme-sources))
unit-sources += $(addprefix drivers/block/nvme/test/,nvme_model.c nvme_model_commands.c \
	nvme_test.c nvme_broken_test.c nvme_chaos_test.c)
