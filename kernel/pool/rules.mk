# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += $(addprefix kernel/pool/,pool.c start.c queue.c worker.c share.c)
