name Terminal
icon terminal
command terminal
order 10
