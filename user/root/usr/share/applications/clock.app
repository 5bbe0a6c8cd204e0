# SPDX-License-Identifier: GPL-3.0-or-later
name Clock
icon clock
command clock
order 60
