name Clock
icon clock
command clock
order 60
