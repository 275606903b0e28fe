"""One life of a function before the stand-in -> what its start and its records cost.

The stand-in's own CPU is taken off the time on the wall: it answers the more slowly the more users it holds.
"""

import joins
from aws import Aws
from function import IN_INIT, Function
from variants import FOLDER, PROVISIONCTL, SEED

# Batches of each size, so that none is measured by one alone, but for the largest.
BATCHES = {1: 40, 10: 10, 100: 3, 1000: 1}


def life(variant, service_time, sizes, event=joins.hr_join):
    """A cold start with a batch of 10, then warm batches of each size."""
    aws = Aws(PROVISIONCTL, FOLDER, SEED, service_time)
    with aws:
        environment = {**aws.environment(), **IN_INIT, **variant.environment}
        with Function(variant.command, environment, variant.folder, FOLDER / "functions.log") as function:
            result = cold(function, aws, variant, event)
            people = 10
            for size in sizes:
                result[f"warm {size}"] = warm(function, aws, variant, size, event)
                people += size * BATCHES[size]
                result[f"peak {size}"] = {"MiB": function.peak_kib() / 1024}
    if variant.creates and aws.created() != people:
        raise RuntimeError(f"{variant.name} made {aws.created()} of {people} users: {dict(aws.calls)}")
    result["calls"] = {operation: times / people for (operation, _), times in aws.calls.items()}
    return result


def cold(function, aws, variant, event):
    ready = function.waiting.since(function.spawned)
    before = aws.cpu()
    answered = answer(function, variant, joins.batch(10, event))[0].since(function.spawned)
    answered.wall -= aws.cpu() - before
    return {
        "first next": cost(ready),
        "first answer": cost(answered),
        "peak cold": {"MiB": function.peak_kib() / 1024},
    }


def warm(function, aws, variant, size, event):
    """The cost of each record, over all batches of a size."""
    wall = cpu = 0
    for _ in range(BATCHES[size]):
        batch = joins.batch(size, event)
        before, aws_before = function.moment(), aws.cpu()
        answered, ready = answer(function, variant, batch)
        wall += answered.wall - before.wall - (aws.cpu() - aws_before)
        cpu += ready.cpu - before.cpu
    records = size * BATCHES[size]
    return {"cpu ms": cpu / records * 1e3, "wall ms": wall / records * 1e3}


def answer(function, variant, batch):
    body, answered, ready = function.invoke(batch)
    wanted = {"batchItemFailures": []} if variant.creates else batch
    if body != wanted:
        raise RuntimeError(f"{variant.name} answered {str(body)[:500]}; see {FOLDER / 'functions.log'}")
    return answered, ready


def cost(moment):
    return {"cpu ms": moment.cpu * 1e3, "wall ms": moment.wall * 1e3}
