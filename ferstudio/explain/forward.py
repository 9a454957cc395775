"""Forward passes that leave behind what an explanation needs, and nothing on the network.

All of it is hooks, which every thread sees: use it inside `LoadedModel.exclusive()`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

import torch
from torch import Tensor, nn

from ferstudio.models import LoadedModel
from ferstudio.models.precision import rough
from ferstudio.pauses import pause


@contextmanager
def differentiable_behind(layer: nn.Module) -> Iterator[list[Tensor]]:
    """Record a graph only behind `layer` in the forward passes made inside the block.

    The forward pass runs without gradients up to the output of `layer`, which becomes the leaf of
    the graph. The hook is removed and the grad mode restored on leaving, also after an exception.

    Yields:
        A list that gets the layer's output (N, C, H, W) as a leaf at each pass.
    """
    leaves: list[Tensor] = []

    def start_graph(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        torch.set_grad_enabled(True)
        leaf = output.detach().requires_grad_()
        leaves.append(leaf)
        return leaf.clone()  # a layer behind may work in place, which a leaf doesn't allow

    with without_graph():
        handle = layer.register_forward_hook(start_graph)
        try:
            yield leaves
        finally:
            handle.remove()


@contextmanager
def without_graph() -> Iterator[None]:
    """Record no graph inside the block; unlike in inference mode, its tensors are ordinary ones."""
    with torch.inference_mode(False), torch.no_grad():
        yield


@contextmanager
def outputs_of(layers: Iterable[nn.Module]) -> Iterator[list[tuple[nn.Module, Tensor]]]:
    """Keep the outputs of `layers` in the forward passes made inside the block.

    The network goes on with a copy, so that nothing behind changes them in place.

    Yields:
        A list that gets each layer with its output, in the order in which they ran.
    """
    outputs: list[tuple[nn.Module, Tensor]] = []

    def keep(layer: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        outputs.append((layer, output))
        return output.clone()

    with ExitStack() as stack:
        for layer in layers:
            stack.callback(layer.register_forward_hook(keep).remove)
        yield outputs


class Asked(nn.Module):
    """A network that is held for one batch at a time, so that others may run between two batches.

    The network is no part of it: who sets modes or replaces layers here leaves that alone.

    Attributes:
        start: the identity, which the input passes first: a place for a hook or a stand-in.
    """

    def __init__(
        self,
        model: LoadedModel,
        count: int,
        answer: Callable[[Tensor], Tensor] | None = None,
        *,
        roughly: bool = False,
    ) -> None:
        """Answer as `model` does.

        Args:
            model: what is held.
            count: so many pictures it will be asked about.
            answer: runs the network; None runs all of it.
            roughly: whether three digits will do (see `models.precision.rough`).
        """
        super().__init__()
        self.start = nn.Identity()
        device = next(model.module.parameters()).device
        self.place = nn.Parameter(torch.empty(0, device=device), requires_grad=False)
        self._held = (model, answer or model.module.__call__)
        self._count = count
        self._asked = 0
        self._roughly = roughly

    def forward(self, batch: Tensor) -> Tensor:
        """Return the logits (N, K) of a batch, after a pause."""
        pause(min(1.0, self._asked / self._count))
        self._asked += len(batch)
        model, answer = self._held
        with model.exclusive(), rough(self.place.device) if self._roughly else nullcontext():
            return answer(self.start(batch)).float()


class Tail(nn.Module):
    """The part of a network behind one of its layers, as a network of that layer's output.

    After one recorded pass, calling it runs the network with what ran before the layer answered
    from memory, so that only the layers behind cost time.

    Attributes:
        start: the identity, which the input passes first: a place for a hook or a stand-in.
        network: the whole network.
    """

    def __init__(self, network: nn.Module) -> None:
        """Begin without a recorded pass."""
        super().__init__()
        self.start = nn.Identity()
        self.network = network
        self._inputs: tuple[Tensor, ...] = ()
        self._calls: list[tuple[nn.Module, Tensor]] = []  # the last is the layer's

    @property
    def activations(self) -> Tensor:
        """The layer's output in the recorded pass, (1, C, H, W)."""
        return self._calls[-1][1]

    @contextmanager
    def recording(self, layer: nn.Module) -> Iterator[None]:
        """Let the one pass of one picture made inside the block be the one that is remembered.

        Kept are the outputs of the outermost modules that were done when `layer` was: what ran
        inside them isn't asked again. What stands between modules, such as an addition, is
        computed anew.
        """
        starts: list[int] = []  # of the modules that are running: how many calls there were before
        done = False

        def begin(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            if module is self.network:
                self._inputs = inputs
            if not done:
                starts.append(len(self._calls))

        def end(module: nn.Module, _inputs: object, output: object) -> Tensor | None:
            nonlocal done
            if done:
                return None
            start = starts.pop()
            if not isinstance(output, Tensor):
                return None
            self._calls[start:] = [(module, output)]
            done = module is layer
            return output.clone() if done else None  # a layer behind may work in place

        with ExitStack() as stack:
            for module in self.network.modules():
                stack.callback(module.register_forward_pre_hook(begin).remove)
                stack.callback(module.register_forward_hook(end).remove)
            yield

    def forward(self, activations: Tensor) -> Tensor:
        """Return the network's output for N outputs of the layer, (N, C, H, W)."""
        activations = self.start(activations)
        count = activations.shape[0]
        *before, (layer, _) = self._calls
        answers: dict[nn.Module, list[Tensor]] = {}
        for module, output in before:
            answers.setdefault(module, []).append(_repeated(output, count))
        answers.setdefault(layer, []).append(activations)
        with ExitStack() as stack:
            for module, outputs in answers.items():
                stack.enter_context(_answering(module, outputs))
            return self.network(*(_repeated(each, count) for each in self._inputs))


@contextmanager
def _answering(module: nn.Module, outputs: list[Tensor]) -> Iterator[None]:
    """Let the first calls of `module` inside the block return `outputs`, those after run it."""
    forward, ahead = module.forward, iter(outputs)

    def answer(*inputs: Tensor) -> Tensor:
        known = next(ahead, None)
        return forward(*inputs) if known is None else known

    own = vars(module)
    own["forward"] = answer  # an attribute of the instance goes before the method of its class
    try:
        yield
    finally:
        del own["forward"]


def _repeated(tensor: Tensor, count: int) -> Tensor:
    """Return one picture's tensor (1, ...) as that of `count` pictures, without a copy."""
    return tensor.expand(count, *tensor.shape[1:])
