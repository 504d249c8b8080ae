"""GPUs by any name, narrowed by memory and form factor: "A100 80G" is a family, "A100 80GB PCIe" one product."""

from typing import Final

from planner.question.names import GpuName
from planner.question.reading import Reading
from planner.question.sentence import Match

_BEFORE: Final = (
    "(number|pair|single|single_gpu)? (times|measure|way|device)* (vendor|brand|memory_amount|form|class|vram)*"
)
_AFTER: Final = (
    "(form|memory_amount|brand|vram)* device? "
    "(times number|(number|pair|single) (measure|device)+|pair device?|single_gpu)?"
)
_LEAST_PRODUCT_NUMBER: Final = 100
_MOST_GPUS: Final = 64
_MOBILE: Final = frozenset({"laptop", "mobile", "笔记本", "笔记本的", "笔电", "移动版", "移动端"})
_FORMS: Final = frozenset({"pcie", "sxm", "nvl"})


def read_gpus(reading: Reading) -> None:
    """Read the GPUs that are named, and how many of each."""
    _read_comparatives(reading)
    _refuse_fractions(reading)
    _refuse_unknown(reading)
    _read_bare_sizes(reading)
    _read_sizes_with(reading)
    _read_sizes_of_one(reading)
    _read_forms_of_one(reading)
    counts = [_read_gpu(reading, match) for match in reading.sentence.find(f"{_BEFORE} gpu {_AFTER}")]
    said = [count for count in counts if count is not None]
    if not said:
        return
    if len({number for number, _, _ in said}) == 1 and len(said) == len(counts):
        number, start, end = said[0]
        reading.say_whole("gpu_count", number, start=start, end=end)
    else:
        # Different counts of different GPUs: no field says which belongs to which.
        for _, start, end in said:
            reading.refuse(start, end)


def _read_bare_sizes(reading: Reading) -> None:
    """Read "A100 80" as one of 80 GB: no other number that a GPU has stands behind its name."""
    sentence = reading.sentence
    for match in sentence.find("gpu number"):
        known = _candidates(reading, sentence.lexemes[match.start].value)
        if any(gpu.memory_gb == sentence.number(match.start + 1) for gpu in known):
            sentence.set_kind(match.start + 1, "memory_amount")


def _read_sizes_with(reading: Reading) -> None:
    """Read "A100 with 40 GB" as one of 40 GB, where there are such."""
    sentence = reading.sentence
    for match in sentence.find("gpu device? on memory_amount (?!(ram|storage))"):
        memory = match.end - 1
        name = sentence.lexemes[match.start].value
        names = choose_gpus(reading, Match(start=memory, end=memory + 1), name, 1)
        if len(names) == 1:
            sentence.lexemes[match.start].value = names[0]
            sentence.take(match.start + 1, match.end)


def _read_sizes_of_one(reading: Reading) -> None:
    """Read "A100 40GB or 80GB" and "A100 40 or 80": the second size is another GPU of the same family."""
    sentence = reading.sentence
    for match in sentence.find(
        "gpu memory_amount (or|versus|slash) number (?!(kilo|user|concurrent|at_once|gpu|device))"
    ):
        of_family = _family_of(reading, sentence.lexemes[match.start].value)[1]
        if any(gpu.memory_gb == sentence.number(match.end - 1) for gpu in of_family):
            sentence.set_kind(match.end - 1, "memory_amount")
    for match in sentence.find("gpu memory_amount? (and|or|versus|slash|comma) memory_amount (?!(vram|device|ram))"):
        families, of_family = _family_of(reading, sentence.lexemes[match.start].value)
        memory_gb = sentence.number(match.end - 1)
        fitting = [gpu for gpu in of_family if gpu.memory_gb == memory_gb]
        if fitting and len(fitting) < len(of_family):
            name, _ = _narrow(reading, families[0], of_family, fitting, is_memory=True)
            sentence.lexemes[match.end - 1].value = name
            sentence.set_kind(match.end - 1, "gpu")


def _read_forms_of_one(reading: Reading) -> None:
    """Read "PCIe or SXM H100" as two products."""
    sentence = reading.sentence
    for match in sentence.find("gpu (or|versus|slash) form (?!gpu)"):
        # "H100 SXM or PCIe": the name of one product, and the form of another.
        name, form = sentence.lexemes[match.start].value, sentence.lexemes[match.end - 1].value
        sizes = {gpu.memory_gb for gpu in _candidates(reading, name)}
        alike = [gpu for gpu in _family_of(reading, name)[1] if form in _forms(gpu) and gpu.memory_gb in sizes]
        if _FORMS.intersection(name.split("-")) and len(alike) == 1:
            sentence.lexemes[match.end - 1].value = alike[0].gpu_id
            sentence.set_kind(match.end - 1, "gpu")
            reading.compares = True
    for match in sentence.find(
        "form (or|versus|and|slash|comma) form gpu|gpu form (or|versus|and|slash|comma) form (?!gpu)"
    ):
        index = sentence.first(match, "gpu")
        name = sentence.lexemes[index].value
        ids = [
            gpu.gpu_id
            for form in sentence.indices(match, "form")
            for gpu in _candidates(reading, name)
            if sentence.lexemes[form].value in gpu.gpu_id.split("-")
        ]
        if len(ids) > 1:
            reading.compares = reading.compares or sentence.holds(match, "or", "versus")
            for gpu_id in ids:
                reading.say("gpu", gpu_id, start=match.start, end=match.end)


def _family_of(reading: Reading, name: str) -> tuple[list[str], list[GpuName]]:
    """Return the families that a GPU belongs to, the widest first, and the GPUs of that one."""
    known = _candidates(reading, name)
    families = sorted({family for gpu in known for family in gpu.families}, key=len)
    return families, [gpu for gpu in reading.names.gpus if families and families[0] in gpu.families]


def _read_comparatives(reading: Reading) -> None:
    """Read "X faster than Y" as a comparison; "cheaper than an A100" wants no A100, and no field says what it wants."""
    sentence = reading.sentence
    is_pair = sum(1 for _ in sentence.find("gpu")) > 1
    for match in sentence.find("(at_most|at_least|compare) (vendor|brand|memory_amount|form|number|times)* gpu"):
        if not sentence.lexemes[match.start].text.endswith("than"):
            continue
        if is_pair:
            reading.compares = True
        else:
            reading.refuse(match.start, match.end)
    for match in sentence.find("versus (vendor|brand)* gpu (memory_amount|form|vram)* (objective|compare)?"):
        if sentence.lexemes[match.start].text == "比" and not is_pair:
            reading.refuse(match.start, match.end)
    for match in sentence.find("gpu (memory_amount|form|device)* at_least (single|pair|number)? times? brand? gpu"):
        # "Why an A10G over an L4?"
        if sentence.lexemes[sentence.first(match, "at_least")].text == "over":
            reading.compares = True
            sentence.take(sentence.first(match, "at_least"))
    for match in sentence.find("gpu device? at_least|at_least (vendor|brand)* gpu"):
        # "An L40S or better": the card is asked for, what is better than it no field says.
        index = sentence.first(match, "at_least")
        if not sentence.lexemes[index].text.endswith("than"):
            reading.refuse(index, index + 1)


def _refuse_fractions(reading: Reading) -> None:
    """Refuse "half the price of an A100": it wants no A100."""
    for match in reading.sentence.find("half rent? gpu"):
        reading.refuse(match.start, match.end)
    for match in reading.sentence.find("number slash number gpu"):
        # "1/4 H100".
        if reading.sentence.number(match.start) < reading.sentence.number(match.start + 2):
            reading.refuse(match.start, match.end)


def _refuse_unknown(reading: Reading) -> None:
    """Refuse what is named like a GPU but known to nobody: "GTX 1080 Ti", "4080 Super", "4090 laptop"."""
    sentence = reading.sentence
    for match in sentence.find(
        "(vendor|brand)* gpu variant+|(vendor|brand)* number variant+|vendor* brand+ unknown variant*"
    ):
        reading.refuse(match.start, match.end)
    for match in sentence.find("variant gpu"):
        if sentence.lexemes[match.start].text in _MOBILE:
            reading.refuse(match.start, match.end)
    for match in sentence.find("second gpu"):
        # "A second 4090": how many there are then, no field is told.
        reading.refuse(match.start, match.start + 1)
    for match in sentence.find("vendor* (brand|vendor) number"):
        if sentence.number(match.end - 1) >= _LEAST_PRODUCT_NUMBER:
            reading.refuse(match.start, match.end)


def _read_gpu(reading: Reading, match: Match) -> tuple[float, int, int] | None:
    """Say one GPU; return how many of it with the place of the number, or None where no number is given."""
    sentence = reading.sentence
    index = sentence.first(match, "gpu")
    name = sentence.lexemes[index].value
    counted = sentence.indices(match, "number", "pair")
    # "vLLM 0.10 L40S": a version counts nothing.
    counted = [place for place in counted if sentence.number(place) in range(_MOST_GPUS + 1)]
    count = sentence.number(counted[0]) if counted else None
    chosen = choose_gpus(reading, match, name, int(count or 1))
    if not chosen:
        # "3080 20GB" is another card than the one that is known; its memory still says something.
        reading.refuse(index, index + 1)
        return None
    for gpu in chosen:
        reading.say("gpu", gpu, start=index)
    if sentence.holds(match, "single", "single_gpu"):
        reading.is_single = True
    for other in range(match.start, match.end):
        if sentence.kind(other) != "number" or other in counted:
            sentence.take(other)
    # "one H100" is no count, as "an H100" is none; "1x H100" is.
    if count is None or (count == 1 and sentence.lexemes[counted[0]].value == "word"):
        return None
    return count, counted[0], counted[0] + 1


def choose_gpus(reading: Reading, match: Match, name: str, count: int) -> list[str]:
    """Return the name or names that are left of `name` by the memory and the form factor beside it, or none."""
    sentence = reading.sentence
    wanted = _candidates(reading, name)
    for amount in sentence.indices(match, "memory_amount"):
        fitting = _with_memory(reading.names.gpus, wanted, sentence.number(amount), count)
        if not fitting:
            return []
        name, wanted = _narrow(reading, name, wanted, fitting, is_memory=True)
    for form in sentence.indices(match, "form"):
        fitting = [gpu for gpu in wanted if sentence.lexemes[form].value in gpu.gpu_id.split("-")]
        if fitting:
            name, wanted = _narrow(reading, name, wanted, fitting, is_memory=False)
        elif any(map(_forms, wanted)):
            reading.refuse(form, form + 1)
    return [name] if name else [gpu.gpu_id for gpu in wanted]


def _candidates(reading: Reading, name: str) -> list[GpuName]:
    known = reading.named_gpus.get(name)
    if known is None:
        known = [gpu for gpu in reading.names.gpus if name == gpu.gpu_id or name in gpu.families]
        reading.named_gpus[name] = known
    return known


def _with_memory(gpus: tuple[GpuName, ...], wanted: list[GpuName], total_gb: float, count: int) -> list[GpuName]:
    """Return those of `wanted` that hold `total_gb`, each or together; else their like in the same family.

    "Tesla V100" alone may be an alias of the 16 GB one, but "Tesla V100 32GB" is not.
    """
    fitting = [gpu for gpu in wanted if gpu.memory_gb and total_gb in {gpu.memory_gb, gpu.memory_gb * count}]
    if fitting:
        return fitting
    families = {family for gpu in wanted for family in gpu.families}
    siblings = [gpu for gpu in gpus if families.intersection(gpu.families) and gpu.memory_gb == total_gb]
    forms = frozenset[str]().union(*map(_forms, wanted))
    alike = [gpu for gpu in siblings if forms and _forms(gpu) == forms]
    return alike or siblings


def _forms(gpu: GpuName) -> frozenset[str]:
    return _FORMS.intersection(gpu.gpu_id.split("-"))


def _narrow(
    reading: Reading, name: str, wanted: list[GpuName], fitting: list[GpuName], *, is_memory: bool
) -> tuple[str, list[GpuName]]:
    """Return the name and the GPUs that are left; an empty name stands for a list of identifiers."""
    ids = {gpu.gpu_id for gpu in fitting}
    if ids == {gpu.gpu_id for gpu in wanted}:
        return name, wanted
    if len(ids) == 1:
        return fitting[0].gpu_id, fitting
    families = {family for gpu in fitting for family in gpu.families}
    exact = [f for f in sorted(families) if {gpu.gpu_id for gpu in _candidates(reading, f)} == ids]
    if exact:
        return exact[0], fitting
    # "H100 80GB" is how people say H100; "A100 SXM" is a choice that no family makes.
    return (name, wanted) if is_memory else ("", fitting)
