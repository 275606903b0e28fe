"""Draws docs/benchmarks.svg: the CPU of a cold start, of this function beside its peers.

    python3 benches/plot.py                                      from the recorded table in docs/benchmarks.md
    python3 benches/plot.py --results target/bench/results.json  from a run of benches/run
    python3 benches/plot.py --check                              draws nothing; fails if the SVG in the tree is another one

Both sources give one SVG, since it shows three figures of each number, as the table does.
"""

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from report import OURS, Results, three

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLE, PLOT = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"

# The measurement: in docs/benchmarks.md, and in results.json.
ROW = "start to the first answer, 10 joins, CPU ms"
SERVICE_TIME, PHASE, UNIT = 0, "first answer", "cpu ms"

# A variant in results.json -> its column in the table, and its label.
BARS = {
    "floor": ("floor", "floor, an echo in Rust"),
    OURS: ("this", "this function, Rust"),
    "node": ("Node", "Node, AWS SDK v3"),
    "python": ("Python", "Python, boto3"),
}

TITLE = "CPU of a cold start"
SUBTITLE = "milliseconds of CPU from the start to the first answer (10 joins), median; less is better"

WIDTH, TOP, STEP, BAR = 760, 84, 40, 24
LEFT, LONGEST = 236, 420

STYLE = """
  .ground { fill: #ffffff; stroke: #d1d9e0 }
  .title { fill: #1f2328; font: 600 18px system-ui, sans-serif }
  .units { fill: #59636e; font: 13px system-ui, sans-serif }
  .label { fill: #1f2328; font: 14px system-ui, sans-serif }
  .number { fill: #1f2328; font: 600 14px system-ui, sans-serif }
  .peer { fill: #818b98 }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    .title, .label, .number { fill: #f0f6fc }
    .units { fill: #9198a1 }
    .peer { fill: #656c76 }
    .ours { fill: #4493f8 }
  }
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--results", type=Path, metavar="FILE", help="results.json of benches/run (default: docs/benchmarks.md)")
    arguments.add_argument("--check", action="store_true", help="fail if the SVG in the tree is another one")
    chosen = arguments.parse_args()
    numbers = measured(chosen.results) if chosen.results else recorded(TABLE.read_text(encoding="utf-8"))
    drawn = svg(numbers)
    if not chosen.check:
        PLOT.write_text(drawn, encoding="utf-8")
    elif not PLOT.exists() or PLOT.read_text(encoding="utf-8") != drawn:
        sys.exit(f"{PLOT} does not show {chosen.results or TABLE}; run benches/plot.py with that source")


def measured(path):
    """The medians of a run's rounds, in milliseconds, of three figures as in the table."""
    lives = json.loads(path.read_text(encoding="utf-8")).get("lives")
    if lives is None:
        sys.exit(f"{path} has no lives; run benches/run without --only quota")
    # JSON has texts for keys.
    results = Results({name: {int(time): each for time, each in times.items()} for name, times in lives.items()})
    return {name: number(three(median(results.values(name, SERVICE_TIME, PHASE, UNIT)))) for name in BARS}


def recorded(page):
    """The numbers of the row in a Markdown page, in milliseconds."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("|")]
    found = next((n for n, row in enumerate(rows) if row[0] == ROW), None)
    if found is None:
        sys.exit(f"{TABLE} has no row {ROW!r}")
    # The row's table begins with the nearest row above that has no title of its own.
    header = next(row for row in reversed(rows[:found]) if row[0] == "")
    return {name: number(rows[found][header.index(column)]) for name, (column, _) in BARS.items()}


def number(cell):
    """A number as `three` writes it."""
    return float(cell.replace(",", ""))


def svg(numbers):
    height = TOP + STEP * len(BARS) + 8
    texts = {name: f"{three(numbers[name])} ms" for name in BARS}
    said = "; ".join(f"{label}: {texts[name]}" for name, (_, label) in BARS.items())
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img"'
        ' aria-labelledby="title description">',
        f'<title id="title">{escape(TITLE)}</title>',
        f'<desc id="description">{escape(SUBTITLE)}. {escape(said)}.</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
        f'<text class="title" x="20" y="34">{escape(TITLE)}</text>',
        f'<text class="units" x="20" y="58">{escape(SUBTITLE)}</text>',
    ]
    longest = max(numbers.values())
    for place, (name, (_, label)) in enumerate(BARS.items()):
        kind = "ours" if name == OURS else "peer"
        lines += bar(TOP + STEP * place, LONGEST * numbers[name] / longest, kind, label, texts[name])
    return "\n".join([*lines, "</svg>", ""])


def bar(top, width, kind, label, text):
    baseline = top + BAR / 2 + 5
    yield f'<text class="label" x="{LEFT - 12}" y="{baseline:g}" text-anchor="end">{escape(label)}</text>'
    yield f'<rect class="{kind}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}"/>'
    yield f'<text class="number" x="{LEFT + width + 8:.1f}" y="{baseline:g}">{escape(text)}</text>'


if __name__ == "__main__":
    main()
