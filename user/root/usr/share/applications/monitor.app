# SPDX-License-Identifier: GPL-3.0-or-later
name System monitor
icon monitor
command monitor
order 50
