"""What training minimises: cross-entropy, weighted by class, of two label sets, or a joint loss.

- Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception Architecture for Computer
  Vision", CVPR 2016, section 7: label smoothing, in every form of the cross-entropy.

- Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face Recognition",
  ECCV 2016: the centre loss.
- Cai, Meng, Khan, Li, O'Reilly and Tong, "Island Loss for Learning Discriminative Features in
  Facial Expression Recognition", FG 2018, which papers 3 (Eqs. 7 and 8) and 5 (Eqs. 5 to 7) join to
  cross-entropy.
- Arabian, Battistel, Chase and Moeller, Applied Sciences 13 (2023) 10179, Eq. 2: weights of the
  classes.

Targets are distributions (N, K) everywhere; a label is the distribution that has 1 there. Where a
paper's term belongs to a face's class, the expectation over the face's classes takes its place.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ferstudio.errors import UsageError
from training.recipes.settings import Loss


class Criterion(nn.Module):
    """A loss of a network's logits and features. This one is plain cross-entropy."""

    needs_features = False

    def __init__(self, *, label_smoothing: float = 0.0) -> None:
        """Spread the share `label_smoothing` of each target evenly over its classes."""
        super().__init__()
        self.label_smoothing = label_smoothing

    def prepare(self, targets: Tensor) -> None:
        """Take in what has to be known of the targets (N, K) of all training faces."""

    def forward(
        self,
        logits: Tensor,
        features: Tensor | None,  # noqa: ARG002
        targets: Tensor,
    ) -> Tensor:
        """Return the batch's mean loss, a scalar.

        Args:
            logits: (N, K) float.
            features: (N, D) float, None where `needs_features` is False.
            targets: (N, K) float distributions.
        """
        return functional.cross_entropy(logits, smoothed(targets, self.label_smoothing))


def smoothed(targets: Tensor, share: float) -> Tensor:
    """Return (N, K) targets whose `share` is spread evenly over the classes, with the same sums."""
    if share == 0:
        return targets
    return (1 - share) * targets + share * targets.mean(dim=1, keepdim=True)


class MultiHeadCrossEntropy(Criterion):
    """The mean of the cross-entropies of several label sets whose logits stand side by side.

    Each set's is a mean over the faces which that set teaches. Where mixing left a face only a
    share of a label, it counts with that share.
    """

    def __init__(self, counts: tuple[int, ...], *, label_smoothing: float = 0.0) -> None:
        """Take the number of classes of each set, in the order of the logits."""
        super().__init__(label_smoothing=label_smoothing)
        self.counts = counts

    def forward(self, logits: Tensor, features: Tensor | None, targets: Tensor) -> Tensor:  # noqa: ARG002
        """Return the loss of logits (N, K) and targets (N, K), zeros where a set has no label."""
        pairs = zip(logits.split(self.counts, 1), targets.split(self.counts, 1), strict=True)
        losses = []
        for own, labels in pairs:
            wanted = smoothed(labels, self.label_smoothing)
            total = -(wanted * functional.log_softmax(own, dim=1)).sum()
            losses.append(total / labels.sum().clamp_min(1e-6))
        return torch.stack(losses).mean()


class ClassWeightedCrossEntropy(Criterion):
    """Cross-entropy in which rare classes weigh more: w_c = N / (m · s_c), paper 4's Eq. 2."""

    def __init__(self, num_classes: int, *, label_smoothing: float = 0.0) -> None:
        """Start with equal weights, until `prepare` has seen the targets."""
        super().__init__(label_smoothing=label_smoothing)
        self.weights: Tensor
        self.register_buffer("weights", torch.ones(num_classes))

    def prepare(self, targets: Tensor) -> None:
        """Take N, m and s_c, the sum of the targets of class c, from the targets (N, K)."""
        self.weights.copy_(class_weights(targets))

    def forward(self, logits: Tensor, features: Tensor | None, targets: Tensor) -> Tensor:  # noqa: ARG002
        """Return the weighted mean, as torch's weighted `cross_entropy` takes it over labels."""
        weighted = smoothed(targets, self.label_smoothing) * self.weights  # (N, K)
        losses = -(weighted * functional.log_softmax(logits, dim=1)).sum(dim=1)
        return losses.sum() / weighted.sum()


def class_weights(targets: Tensor) -> Tensor:
    """Return the (K,) weights w_c = N / (m · s_c) of paper 4's Eq. 2; 0 for a class without faces.

    Args:
        targets: (N, K) distributions of all training faces.
    """
    mass = targets.sum(dim=0)
    return torch.where(mass > 0, len(targets) / (targets.shape[1] * mass.clamp_min(1e-9)), 0.0)


class IslandLoss(nn.Module):
    """The centre loss and the likeness of the centres: L_C + λ1 · Σ_{j ≠ k} (cos(c_k, c_j) + 1).

    L_C is the mean of ½‖f − c_y‖² over the batch; the centre loss that papers 3 and 5 cite sums it.
    So λ means the same for every batch: 0.005 here is 0.005 / N before a sum over N faces. Paper 3
    prints no λ (Eq. 8); paper 5 prints λ = 0.005 and λ1 = 7, and not whether it sums. A recipe's
    `loss.island_weight` takes another.

    The centres are no parameters: as in the papers' algorithms, each batch moves them by a rule of
    its own, in which a rare class is hardly slower than others.

    Attributes:
        centres: (K, D) float, a buffer.
    """

    def __init__(self, num_classes: int, dim: int, separation: float) -> None:
        """Draw the centres with norms of about 1; `separation` is λ1."""
        super().__init__()
        self.centres: Tensor
        self.register_buffer("centres", torch.randn(num_classes, dim) / dim**0.5)
        self.separation = separation

    def forward(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the loss of a batch, a scalar.

        Args:
            features: (N, D) float.
            targets: (N, K) float distributions.
        """
        squares = (features.unsqueeze(1) - self.centres).square().sum(dim=2)  # (N, K)
        distance = (targets * squares).sum(dim=1).mean() / 2
        directions = functional.normalize(self.centres, dim=1)
        likeness = directions @ directions.T + 1  # (K, K)
        pairs = likeness.sum() - likeness.diagonal().sum()  # ordered, j ≠ k
        return distance + self.separation * pairs

    @torch.no_grad()
    def move_centres(self, features: Tensor, targets: Tensor, rate: float) -> None:
        """Move each centre c_j by -rate · Δc_j, Algorithm 1 of Cai et al.

        Δc_j = Σ_i t_ij (c_j − f_i) / (1 + Σ_i t_ij)
             + λ1 / (K − 1) · Σ_{k ≠ j} (c_k / (‖c_k‖ ‖c_j‖) − (c_k · c_j) c_j / (‖c_k‖ ‖c_j‖³))

        Args:
            features: (N, D) float.
            targets: (N, K) float distributions t.
            rate: the centre loss paper's α.
        """
        mass = targets.sum(dim=0).unsqueeze(1)  # (K, 1)
        pull = (mass * self.centres - targets.T @ features) / (1 + mass)
        norms = self.centres.norm(dim=1, keepdim=True).clamp_min(1e-6)
        directions = self.centres / norms
        others = directions.sum(dim=0) - directions  # (K, D)
        along = (others * directions).sum(dim=1, keepdim=True)
        push = (others - along * directions) / norms
        self.centres -= rate * (pull + self.separation / (len(norms) - 1) * push)


class JointLoss(Criterion):
    """Cross-entropy and a share of the island loss: L_s + λ · L_IL, paper 5's Eq. 7.

    In training mode each call moves the centres once its value is known, as batch norm moves its
    statistics.
    """

    needs_features = True

    def __init__(self, num_classes: int, dim: int, settings: Loss) -> None:
        """Build the island loss for features of `dim` numbers."""
        super().__init__(label_smoothing=settings.label_smoothing)
        self.island_weight = settings.island_weight
        self.centre_rate = settings.centre_rate
        self.island = IslandLoss(num_classes, dim, settings.separation)

    def forward(self, logits: Tensor, features: Tensor | None, targets: Tensor) -> Tensor:
        """Return the joint loss of logits (N, K), features (N, D) and distributions (N, K)."""
        if features is None:
            raise ValueError("the joint loss needs features")
        island = self.island(features, targets)
        if self.training:
            self.island.move_centres(features.detach(), targets, self.centre_rate)
        return super().forward(logits, features, targets) + self.island_weight * island


def build_criterion(
    settings: Loss,
    network: nn.Module,
    feature_layer: str,
    classes: int,
    *,
    label_counts: tuple[int, ...] = (),
) -> Criterion:
    """Return the loss that `settings` name.

    Args:
        settings: kind and weights.
        network: what is trained.
        feature_layer: name of its feature layer.
        classes: number of its logits.
        label_counts: how many of them each label set has, where there are several.

    Raises:
        UsageError: if several label sets are to be learned by another loss than cross-entropy.
    """
    several = len(label_counts) > 1
    if several and settings.kind != "cross_entropy":
        raise UsageError(f"Several label sets can't be learned by the {settings.kind} loss.")
    if several:
        return MultiHeadCrossEntropy(label_counts, label_smoothing=settings.label_smoothing)
    if settings.kind == "joint":
        return JointLoss(classes, feature_count(network, feature_layer), settings)
    if settings.kind == "class_weighted":
        return ClassWeightedCrossEntropy(classes, label_smoothing=settings.label_smoothing)
    return Criterion(label_smoothing=settings.label_smoothing)


class WithFeatures(nn.Module):
    """A network whose output is its logits (N, K) and the flattened output (N, D) of a layer.

    Its hook stays until `close`, so that the network can be compiled with it.
    """

    def __init__(self, network: nn.Module, feature_layer: str) -> None:
        """Wrap `network`; `feature_layer` is the layer's qualified name, its last call counts."""
        super().__init__()
        self.network = network
        self._seen: list[Tensor] = []
        self._hook = network.get_submodule(feature_layer).register_forward_hook(self._keep)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and features of images (N, 3, S, S)."""
        self._seen.clear()
        logits = self.network(images)
        return logits, self._seen.pop().flatten(1)

    def close(self) -> None:
        """Leave the network as it was."""
        self._hook.remove()

    def _keep(self, _module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._seen.append(output)


def forward_with_features(
    network: nn.Module, feature_layer: str, images: Tensor
) -> tuple[Tensor, Tensor]:
    """Return logits (N, K) and the flattened output (N, D) of a layer, from one forward pass.

    Args:
        network: any network.
        feature_layer: qualified name of the layer; its last call counts.
        images: (N, 3, S, S) input.
    """
    wrapped = WithFeatures(network, feature_layer)
    try:
        return wrapped(images)
    finally:
        wrapped.close()


def feature_count(network: nn.Module, feature_layer: str, size_px: int = 64) -> int:
    """Return how many numbers the feature vector has; the network's mode is as before."""
    training = network.training
    parameter = next(network.parameters())
    picture = torch.zeros(1, 3, size_px, size_px, device=parameter.device)
    try:
        with torch.no_grad():
            _, features = forward_with_features(network.eval(), feature_layer, picture)
    finally:
        network.train(training)
    return features.shape[1]
