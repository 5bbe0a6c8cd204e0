name System monitor
icon monitor
command monitor
order 50
