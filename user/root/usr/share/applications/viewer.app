# SPDX-License-Identifier: GPL-3.0-or-later
name Images
icon image
command viewer
order 40
