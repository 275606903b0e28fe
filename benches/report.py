"""Measurements of all rounds -> medians with their spread, ratios, and Markdown."""

from statistics import median, quantiles

OURS = "provisioner"
PEERS = ["floor", "python", "node"]
ESTATE = ["large estate", "large estate, 20th source"]
SIZES = (1, 10, 100, 1000)
# Lambda gives a whole CPU at this memory, and less in proportion (Lambda Developer Guide, "Configure Lambda function memory").
MIB_OF_A_CPU = 1769
DOLLARS_A_GB_SECOND = 0.0000133334
DOLLARS_A_REQUEST = 0.20 / 1e6


class Results:
    """The lives of every variant, a list for each service time, in the order of the rounds."""

    def __init__(self, lives):
        self.lives = lives

    def values(self, variant, service_time, phase, unit):
        lives = self.lives[variant][service_time]
        return [life[phase][unit] for life in lives if phase in life]

    def cell(self, *what):
        values = self.values(*what)
        return f"{three(median(values))} ± {spread(values):.0f} %" if values else "-"

    def ratio(self, of, to, *what):
        """The median of the rounds' ratios: what slows a whole round down does not count."""
        pairs = zip(self.values(of, *what), self.values(to, *what))
        ratios = [a / b for a, b in pairs]
        return f"{three(median(ratios))}" if ratios else "-"


def spread(values):
    """Half of what lies between the quartiles, in per cent of the median."""
    if len(values) < 2:
        return 0
    lower, _, upper = quantiles(values, n=4, method="inclusive")
    return (upper - lower) / 2 / median(values) * 100


def three(number):
    """Three figures, without an exponent."""
    return f"{float(f'{number:.3g}'):,.10g}"


def phases(service_time, sizes):
    if service_time == 0:
        yield "start to the first /next", "first next", ("cpu ms", "wall ms")
    yield "start to the first answer, 10 records", "first answer", ("cpu ms", "wall ms")
    for size in sizes:
        yield f"a warm record, batches of {size}", f"warm {size}", ("cpu ms", "wall ms")
    if service_time == 0:
        yield "peak memory after the first 10 records", "peak cold", ("MiB",)
        for size in sizes[2:]:
            yield f"peak memory after batches of {size}", f"peak {size}", ("MiB",)


def comparison(results, service_time, sizes):
    yield f"| AWS answers in {service_time} ms | floor | provisioner | Python | Node | to the floor | Python to ours | Node to ours |"
    yield "|---|---|---|---|---|---|---|---|"
    for title, phase, units in phases(service_time, sizes):
        for unit in units:
            what = (service_time, phase, unit)
            cells = [results.cell(variant, *what) for variant in ["floor", OURS, "python", "node"]]
            ratios = [results.ratio(OURS, "floor", *what)]
            ratios += [results.ratio(peer, OURS, *what) for peer in ["python", "node"]]
            yield row(f"{title}, {unit}", *cells, *(f"x {ratio}" for ratio in ratios))


def estates(results, sizes):
    yield "| | shipped configuration | 500 rows, 20 sources, `hr.join/1` | the same, event of the 20th source | to the shipped |"
    yield "|---|---|---|---|---|"
    for title, phase, units in phases(0, sizes):
        unit = units[0]
        cells = [results.cell(variant, 0, phase, unit) for variant in [OURS, *ESTATE]]
        ratios = [results.ratio(variant, OURS, 0, phase, unit) for variant in ESTATE]
        yield row(f"{title}, {unit}", *cells, " and ".join(f"x {ratio}" for ratio in ratios))


def artifacts(zips):
    yield "| artifact | floor | provisioner | Python | Node |"
    yield "|---|---|---|---|---|"
    yield row("zip, MB", *(three(zips[variant] / 1e6) for variant in ["floor", OURS, "python", "node"]))


def quotas(runs):
    yield "| 100 joins | quota a second | copies | seconds | ideal | over it | throttled | handed back | GB-seconds for 1,000 |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for run in runs:
        over = (run["seconds"] / run["ideal"] - 1) * 100
        yield row(
            run["variant"], run["rate"], run["copies"], f"{run['seconds']:.2f}", f"{run['ideal']:.2f}",
            f"{over:.1f} %", run["throttled"], run["handed back"], three(run["gb seconds"] * 10),
        )


def costs(results, memories):
    """A model: CPU at the share that the memory buys, and waiting as it was measured."""
    yield "| 1,000 joins, unpaced, AWS answers in 20 ms | provisioner | Python | Node |"
    yield "|---|---|---|---|"
    bills = [bill(results, variant, memories[variant]) for variant in [OURS, "python", "node"]]
    for title in bills[0]:
        yield row(title, *(bill[title] for bill in bills))


def bill(results, variant, memory):
    """100 batches of 10, of which the first starts cold."""
    share = memory / MIB_OF_A_CPU

    def billed(phase, times):
        cpu = median(results.values(variant, 20, phase, "cpu ms")) / 1e3
        wall = median(results.values(variant, 20, phase, "wall ms")) / 1e3
        return times * (cpu / share + max(wall - cpu, 0))

    seconds = billed("first answer", 1) + billed("warm 10", 990)
    gb_seconds = seconds * memory / 1024
    lives = results.lives[variant][20]
    calls = {name: median(life["calls"].get(name, 0) for life in lives) for name in lives[0]["calls"]}
    # What a life does once is spread over 150 joins here.
    each = {name: times for name, times in calls.items() if times > 0.05}
    return {
        "memory, MiB": memory,
        "billed, seconds": three(seconds),
        "GB-seconds": three(gb_seconds),
        "dollars (arm64 list price, 100 requests)": f"{gb_seconds * DOLLARS_A_GB_SECOND + 100 * DOLLARS_A_REQUEST:.5f}",
        "API calls a join, a third of them in batches of 1": ", ".join(f"{name} {each[name]:.2f}" for name in each),
        "API calls once in a life": ", ".join(sorted(set(calls) - set(each))),
    }


def row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
