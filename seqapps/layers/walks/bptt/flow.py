"""What depends on what in a traced step."""


def added_alone(leaves, products, results) -> dict[int, int]:
    """For leaves of `projected` that a product is added to: which product.

    Nothing else may read either of the two, so that the step depends on their
    sum alone.
    """
    ends = {x.name for x in results}

    def reader(tensor):
        """The one operation that reads a tensor, or None."""
        while True:
            if tensor.name in ends or len(tensor.consumers()) != 1:
                return None
            (op,) = tensor.consumers()
            if op.type != "Identity":
                return op
            tensor = op.outputs[0]

    sums = {}
    readers = [reader(product) for product in products]
    for i, leaf in enumerate(leaves):
        op = reader(leaf)
        if op is None or op.type not in ("Add", "AddV2"):
            continue
        if readers.count(op) == 1 and len(set(map(id, op.inputs))) == 2:
            m = readers.index(op)
            if leaf.shape == products[m].shape:
                sums[i] = m
    return sums


def reached(tensors) -> set[str]:
    """The names of all tensors that tensors are made of."""
    names, ahead = set(), [x for x in tensors if x is not None]
    while ahead:
        tensor = ahead.pop()
        if tensor.name not in names:
            names.add(tensor.name)
            ahead += tensor.op.inputs
    return names
