# SPDX-License-Identifier: GPL-3.0-or-later

drivers += ahci
driver-sources-ahci += drivers/block/ahci/ata.c drivers/block/ahci/command.c drivers/block/ahci/disk.c \
	drivers/block/ahci/hba.c drivers/block/ahci/internal.c drivers/block/ahci/port.c \
	drivers/block/ahci/recovery.c

unit-sources += drivers/block/ahci/ata.c drivers/block/ahci/command.c drivers/block/ahci/disk.c \
	drivers/block/ahci/internal.c drivers/block/ahci/port.c drivers/block/ahci/recovery.c
driver-sources-ahci += drivers/block/ahci/sleep.c
unit-sources += drivers/block/ahci/sleep.c

unit-sources += drivers/block/ahci/test/ahci_test.c drivers/block/ahci/test/ata_test.c \
	drivers/block/ahci/test/random_test.c drivers/block/ahci/test/simulated.c
