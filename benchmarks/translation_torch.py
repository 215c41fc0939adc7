"""The translator once more, in PyTorch: the peer of `translation.py decode`.

The same network with the same weights, and the same beam search: no loop in
Python but the one over time, no copy of the source at any step, no work for
histories until the end, where they are followed back for the best alone. It
reads numbers and gives numbers, and keeps no attention.
"""

import keras
import torch
from torch.nn import functional

from seqapps.errors import InputError

PAD, END, UNKNOWN = 0, 1, 2
_NEVER = -float("inf")
_CELLS = {  # a layer, one step of it, and where each of our gates goes
    "gru": (torch.nn.GRU, torch.nn.GRUCell, (1, 0, 2)),
    "lstm": (torch.nn.LSTM, torch.nn.LSTMCell, (0, 1, 2, 3)),
    "simple_rnn": (torch.nn.RNN, torch.nn.RNNCell, (0,)),
}


class Translator(torch.nn.Module):
    """A `TranslationNetwork` with its beam search.

    Args:
        network: ours, trained.

    Raises:
        InputError: PyTorch has no such cell.
    """

    def __init__(self, network):
        super().__init__()
        sizes = network.arguments
        if sizes["cell"] not in _CELLS:
            raise InputError(f"PyTorch has no {sizes['cell']}")
        layer, cell, self.order = _CELLS[sizes["cell"]]
        units = self.units = sizes["units"]
        self.kind, self.gated = sizes["attention"], cell is torch.nn.LSTMCell
        self.encoder = layer(
            sizes["embedding"],
            units,
            sizes["depth"],
            batch_first=True,
            bidirectional=True,
        )
        for i in range(sizes["depth"]):
            self._copy(network.forward[i], self.encoder, f"_l{i}")
            self._copy(network.backward[i], self.encoder, f"_l{i}_reverse")
        self.writer, self.speaker = (
            self._cell(cell, ours)
            for ours in (network.target_rnn, network.output_rnn)
        )
        self.vectors = _tensor(network.embed_source.embeddings)
        self.words = _tensor(network.embed_target.embeddings)
        self.bias = _tensor(network.bias)
        self.begin, self.say = (
            _dense(network.bridge),
            _dense(network.output_hidden),
        )
        self.squeeze, self.narrow = (
            part and _dense(part)
            for part in (network.bottleneck, network.value_projection)
        )
        self.looking = []
        if network.attend:
            self.looking = [_tensor(w) for w in network.attend.weights]

    def _cell(self, kind, ours):
        made = kind(ours.cell.kernel.shape[0], self.units)
        self._copy(ours, made, "")
        return made

    def _copy(self, ours, theirs, suffix):
        """Gives a layer's weights to PyTorch: transposed, its gate order."""

        def ordered(weight):  # (n, gates * units) -> (gates * units, n)
            parts = _tensor(weight).mT.split(self.units)
            return torch.cat([parts[i] for i in self.order])

        cell = ours.cell
        weights = [ordered(cell.kernel), ordered(cell.recurrent_kernel)]
        biases = ordered(keras.ops.reshape(cell.bias, (-1, len(weights[0]))))
        weights += [biases[:, 0], biases[:, 1:].sum(1)]
        for name, weight in zip(
            ("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
            weights,
            strict=True,
        ):
            getattr(theirs, name + suffix).data = weight.contiguous()

    def encode(self, source, beam):
        """What a step needs of the source `(batch, S)`, and first states."""
        there = source != PAD  # (batch, S)
        lengths = there.sum(1)
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            functional.embedding(source, self.vectors),
            lengths,
            batch_first=True,
            enforce_sorted=False,
        )
        values, last = self.encoder(packed)
        values, _ = torch.nn.utils.rnn.pad_packed_sequence(
            values, batch_first=True
        )  # (batch, S, 2 * units)
        last = last[0] if self.gated else last
        ends = torch.cat([last[-2], last[-1]], -1)  # (batch, 2 * units)
        if self.squeeze:
            memory = self.squeeze(ends).tanh()[:, None]
        else:
            values = self.narrow(values) if self.narrow else values
            hidden = torch.zeros(there.shape).masked_fill(~there, _NEVER)
            memory = self._keys(values), values, hidden[:, None]
        state = self.begin(ends).tanh().repeat_interleave(beam, 0)
        if self.gated:
            state = state, torch.zeros_like(state)
        return memory, [state, state]

    def _keys(self, values):
        if self.kind == "general":
            return (values @ self.looking[0].T).mT  # (batch, units, S)
        if self.kind == "additive":
            return (values @ self.looking[1])[:, None]  # (batch, 1, S, units)
        return values.mT

    def _look(self, h, memory):
        if self.squeeze:
            return memory.expand(-1, len(h) // len(memory), -1).flatten(0, 1)
        keys, values, hidden = memory
        h = h.view(len(values), -1, self.units)  # (batch, beam, units)
        if self.kind == "additive":
            query, _, bias, scores = self.looking
            looked = (h @ query + bias)[:, :, None]
            e = ((looked + keys).tanh() @ scores)[..., 0]
        else:
            e = h @ keys  # (batch, beam, S)
        return ((e + hidden).softmax(-1) @ values).flatten(0, 1)

    def step(self, tokens, states, memory):
        """Logits `(rows, target)` of the next sub-word, and states."""
        x = functional.embedding(tokens, self.words)
        first = self.writer(x, states[0])
        h = first[0] if self.gated else first  # (rows, units)
        context = self._look(h, memory)
        second = self.speaker(torch.cat([h, context], -1), states[1])
        g = second[0] if self.gated else second
        said = self.say(torch.cat([g, context, x], -1)).tanh()
        return functional.linear(said, self.words, self.bias), [first, second]

    @torch.inference_mode()
    def translate(self, source, beam=5, length_penalty=1.0) -> list[list[int]]:
        """The best numbers of each source `(batch, S)`, ends left out.

        It stops as `decoding.beam_search` does: a row is done when none of
        its hypotheses can beat the best that has ended.
        """
        batch = len(source)
        memory, states = self.encode(source, beam)
        lengths = (source != PAD).sum(1, keepdim=True) - 1  # (batch, 1)
        limits = torch.where(lengths == 0, 1, 2 * lengths + 10)
        most, least = int(limits.max()), int(limits.min())
        longest = ((5.0 + limits) / 6.0) ** length_penalty
        slot = torch.arange(beam)
        first = torch.arange(batch)[:, None] * beam  # rows
        tokens = torch.full((batch * beam,), END)
        log_p = torch.full((batch, beam), _NEVER)
        log_p[:, 0] = 0.0
        width = torch.full((batch, 1), beam)
        best = torch.full((batch, 1), _NEVER)
        made = []
        for i in range(1, most + 1):
            logits, states = self.step(tokens, states, memory)
            chances = logits.log_softmax(-1)  # (rows, target)
            chances[:, PAD] = chances[:, UNKNOWN] = _NEVER
            if i >= least:  # some rows may only end
                end = chances[:, END].clone()
                last = (limits == i).repeat_interleave(beam)
                chances[last] = _NEVER
                chances[:, END] = end
            values, tokens = chances.topk(beam)  # (rows, beam)
            values = values.view(batch, beam, beam) + log_p[..., None]
            log_p, places = values.flatten(1).topk(beam)  # (batch, beam)
            log_p = log_p.masked_fill(slot >= width, _NEVER)
            tokens = tokens.view(batch, -1).gather(1, places)
            parents = places // beam
            ended = (tokens == END) & (log_p > _NEVER)
            scores = log_p / ((5.0 + i) / 6.0) ** length_penalty
            scores = scores.masked_fill(~ended, _NEVER)
            made.append((tokens, parents, scores))
            best = torch.maximum(best, scores.amax(1, keepdim=True))
            width = width - ended.sum(1, keepdim=True)
            log_p = log_p.masked_fill(ended, _NEVER)
            hope = log_p.amax(1, keepdim=True) / longest
            log_p = log_p.masked_fill(hope <= best, _NEVER)
            if not (log_p > _NEVER).any():
                break
            rows = (first + parents).flatten()
            tokens = tokens.flatten()
            states = [
                tuple(s[rows] for s in state) if self.gated else state[rows]
                for state in states
            ]
        return _backwards(made, beam)


def _backwards(made, beam) -> list[list[int]]:
    """Follows the best hypothesis of each row back to its beginning."""
    tokens, parents, scores = (
        torch.stack(part, 1).numpy() for part in zip(*made, strict=True)
    )  # (batch, time, beam)
    found = []
    for i, best in enumerate(scores.reshape(len(scores), -1).argmax(1)):
        time, slot = divmod(best, beam)
        said = []
        while time:  # what it ends with is the end
            slot = parents[i, time, slot]
            time -= 1
            said.append(int(tokens[i, time, slot]))
        found.append(said[::-1])
    return found


def _tensor(weight):
    return torch.tensor(keras.ops.convert_to_numpy(weight))


def _dense(ours):
    made = torch.nn.Linear(*ours.kernel.shape)
    made.weight.data = _tensor(ours.kernel).T.contiguous()
    made.bias.data = _tensor(ours.bias)
    return made
