name Images
icon image
command viewer
order 40
