# SPDX-License-Identifier: GPL-3.0-or-later

drivers += virtio_console
driver-sources-virtio_console += $(virtio-sources)
driver-sources-virtio_console += drivers/char/virtio_console/control.c drivers/char/virtio_console/port.c \
	drivers/char/virtio_console/virtio_console.c

unit-sources += drivers/char/virtio_console/control.c drivers/char/virtio_console/port.c \
	drivers/char/virtio_console/test/virtio_console_test.c

driver-sources-virtio_console += drivers/char/virtio_console/sleep.c
unit-sources += drivers/char/virtio_console/sleep.c
