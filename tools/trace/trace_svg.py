# SPDX-License-Identifier: GPL-3.0-or-later
"""A trace as a picture: a lane per CPU, a colour per program, arrows for wake-ups and tokens.

Only plain shapes and texts are used, so that every viewer can draw it.
"""

import colorsys
from collections import defaultdict
from xml.sax.saxutils import escape

from trace_format import TOKEN_EVENTS, detail_name

WIDTH = 1600  # of the lanes, pixels
LEFT, RIGHT, TOP = 64, 24, 48
LANE, GAP = 30, 22
AXIS = 34
LEGEND_COLUMN, LEGEND_LINE = 210, 18
LEGEND_MAX = 40
LABEL_WIDTH = 6.2  # of a character
TICKS = 10
# More arrows than this hide what they are to show.
ARROWS_MAX = 400
SHADES = (0.62, 0.72, 0.54, 0.78, 0.67)
FONT = 'font-family="sans-serif" font-size="11"'


def _colour(rank, shade=0):
    """The colour of the program that ran longest (0), second longest, and so on.

    Its threads differ by shades, of which there are some only.
    """
    # Steps of the golden section keep each hue away from those before it.
    hue = (0.58 + rank * 0.618034) % 1
    light = SHADES[shade % len(SHADES)]
    red, green, blue = colorsys.hls_to_rgb(hue, light, 0.6)
    return f"#{int(red * 255):02x}{int(green * 255):02x}{int(blue * 255):02x}"


def _nice_step(span):
    """A round distance, in ns, of at most TICKS marks over a time."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * TICKS >= span:
                return step * factor
        step *= 10


def _time_text(ns):
    for unit, name in ((10**9, "s"), (10**6, "ms"), (10**3, "µs")):
        if ns >= unit:
            return f"{ns / unit:g} {name}"
    return f"{ns} ns"


class Picture:
    """The picture of one trace."""

    def __init__(self, trace):
        self.trace = trace
        self.shapes = []
        self.span = max(trace.end - trace.start, 1)
        self.bottom = TOP + trace.cpus * (LANE + GAP)
        self.busy = defaultdict(int)  # ns by name
        self.turns = [
            (turn, trace.name(turn.thread, turn.end))
            for turn in trace.turns()
            if not trace.is_idle(turn.thread, turn.end)
        ]
        threads = defaultdict(dict)  # of a name, with their numbers in order of appearance
        for turn, name in self.turns:
            self.busy[name] += turn.end - turn.start
            threads[name].setdefault(turn.thread, len(threads[name]))
        self.names = sorted(self.busy, key=lambda name: (-self.busy[name], name))
        self.colours = {
            (name, thread): _colour(rank, shade)
            for rank, name in enumerate(self.names)
            for thread, shade in threads[name].items()
        }

    def x(self, time):
        """Where a time lies."""
        return LEFT + (time - self.trace.start) * WIDTH / self.span

    @staticmethod
    def y(cpu):
        """The upper edge of a CPU's lane."""
        return TOP + cpu * (LANE + GAP)

    def add(self, shape):
        """Adds one element."""
        self.shapes.append(shape)

    def text(self, x, y, text, more=""):
        """Adds a text; `more` are further attributes."""
        self.add(f'<text x="{x:.1f}" y="{y:.1f}" {FONT} {more}>{escape(text)}</text>')

    def draw_frame(self):
        """Title, lanes and the axis of time."""
        trace = self.trace
        lost = f", {sum(trace.lost)} records lost" if any(trace.lost) else ""
        title = f"{_time_text(self.span)}, {len(trace.records)} records{lost}"
        self.text(LEFT, 24, title, 'font-weight="bold"')
        for cpu in range(trace.cpus):
            self.text(8, self.y(cpu) + LANE * 0.65, f"CPU {cpu}")
            self.add(
                f'<rect x="{LEFT}" y="{self.y(cpu)}" width="{WIDTH}" height="{LANE}" '
                'fill="#f4f4f4"/>'
            )
        step = _nice_step(self.span)
        for time in range(0, self.span + 1, step):
            x = self.x(trace.start + time)
            self.add(
                f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{self.bottom}" '
                'stroke="#d0d0d0" stroke-width="1"/>'
            )
            self.text(x, self.bottom + 14, _time_text(time), 'text-anchor="middle"')

    def draw_turns(self):
        """Who ran where. Of turns that share a pixel only the first is drawn."""
        drawn = {}
        for turn, name in self.turns:
            left, right = self.x(turn.start), self.x(turn.end)
            if right < drawn.get(turn.cpu, 0):
                continue
            width = max(right - left, 0.5)
            drawn[turn.cpu] = left + width
            self.add(
                f'<rect x="{left:.2f}" y="{self.y(turn.cpu)}" width="{width:.2f}" '
                f'height="{LANE}" fill="{self.colours[name, turn.thread]}"/>'
            )
            if width > len(name) * LABEL_WIDTH + 6:
                self.text(left + 3, self.y(turn.cpu) + LANE * 0.65, name)

    def draw_interrupts(self):
        """Device interrupts, as a band below the lane."""
        for span in self.trace.spans():
            if span.kind != "irq" or span.end is None:
                continue
            left = self.x(span.start)
            width = max(self.x(span.end) - left, 0.7)
            self.add(
                f'<rect x="{left:.2f}" y="{self.y(span.cpu) + LANE + 1}" width="{width:.2f}" '
                'height="4" fill="#c03030"/>'
            )

    def draw_arrow(self, begin, end, colour):
        """A line from one (time, CPU) to another, with a dot at its end."""
        start_x, end_x = self.x(begin[0]), self.x(end[0])
        start_y = self.y(begin[1]) + (0 if end[1] < begin[1] else LANE)
        end_y = self.y(end[1]) + (LANE if end[1] < begin[1] else 0)
        self.add(
            f'<line x1="{start_x:.2f}" y1="{start_y}" x2="{end_x:.2f}" y2="{end_y}" '
            f'stroke="{colour}" stroke-width="0.8"/>'
        )
        self.add(f'<circle cx="{end_x:.2f}" cy="{end_y}" r="1.8" fill="{colour}"/>')

    def draw_arrows(self):
        """Wake-ups that crossed CPUs, and tokens on their way."""
        wakes = [wake for wake in self.trace.wakes() if wake.turn]
        wakes = [wake for wake in wakes if wake.turn.cpu != wake.record.cpu]
        for wake in wakes[:ARROWS_MAX]:
            begin = (wake.record.time, wake.record.cpu)
            self.draw_arrow(begin, (wake.turn.time, wake.turn.cpu), "#404040")
        for sent, received in list(self.trace.tokens())[:ARROWS_MAX]:
            begin, end = (sent.time, sent.cpu), (received.time, received.cpu)
            self.draw_arrow(begin, end, "#1060c0")
        for record in self.trace.records:
            if record.kind != "token":
                continue
            event = detail_name(TOKEN_EVENTS, record.detail)
            colour = {"lost": "#d00000", "launched": "#008000"}.get(event)
            if colour:
                x, y = self.x(record.time), self.y(record.cpu) + LANE + 8
                self.add(f'<circle cx="{x:.2f}" cy="{y}" r="3" fill="{colour}"/>')

    def draw_legend(self):
        """The programs, those that ran longest first; returns the lower edge."""
        top = self.bottom + AXIS
        columns = WIDTH // LEGEND_COLUMN
        names = self.names[:LEGEND_MAX]
        for index, name in enumerate(names):
            x = LEFT + index % columns * LEGEND_COLUMN
            y = top + index // columns * LEGEND_LINE
            colour = _colour(index)
            self.add(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>')
            self.text(x + 17, y + 10, f"{name}  {_time_text(round(self.busy[name], -3))}")
        lines = -(-len(names) // columns)
        return top + lines * LEGEND_LINE

    def draw(self):
        """The whole as a text."""
        self.draw_frame()
        self.draw_turns()
        self.draw_interrupts()
        self.draw_arrows()
        height = self.draw_legend() + 12
        width = LEFT + WIDTH + RIGHT
        return "\n".join(
            [
                '<?xml version="1.0" encoding="UTF-8"?>',
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}">',
                f'<rect width="{width}" height="{height}" fill="white"/>',
                *self.shapes,
                "</svg>\n",
            ]
        )


def to_svg(trace):
    """The picture of a trace."""
    return Picture(trace).draw()
