"""Losses against loops over numbers, and their gradients against finite differences."""

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from ferstudio.errors import UsageError
from ferstudio.models import build_model, model_entry
from training.engine.losses import (
    ClassWeightedCrossEntropy,
    Criterion,
    IslandLoss,
    JointLoss,
    MultiHeadCrossEntropy,
    build_criterion,
    class_weights,
    feature_count,
    forward_with_features,
    smoothed,
)
from training.recipes.settings import Loss

FACES, CLASSES, DIM = 7, 4, 5
JOINT = Loss(kind="joint", island_weight=0.3, separation=7.0)


def draw(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture
def logits() -> Tensor:
    return draw(FACES, CLASSES)


@pytest.fixture
def features() -> Tensor:
    return draw(FACES, DIM, seed=1)


@pytest.fixture
def targets() -> Tensor:
    return draw(FACES, CLASSES, seed=2).softmax(dim=1)


def hard_targets() -> Tensor:
    return functional.one_hot(torch.tensor([0, 0, 1, 2, 0, 2, 3]), CLASSES).double()


def log_probability(row: list[float], index: int) -> float:
    return row[index] - math.log(sum(math.exp(value) for value in row))


def slow_cross_entropy(logits: Tensor, targets: Tensor) -> float:
    total = 0.0
    for row, weights in zip(logits.tolist(), targets.tolist(), strict=True):
        total -= sum(t * log_probability(row, c) for c, t in enumerate(weights))
    return total / len(logits)


def slow_centre_loss(features: Tensor, centres: Tensor, targets: Tensor) -> float:
    total = 0.0
    for vector, weights in zip(features.tolist(), targets.tolist(), strict=True):
        for centre, weight in zip(centres.tolist(), weights, strict=True):
            total += weight * sum((f - c) ** 2 for f, c in zip(vector, centre, strict=True)) / 2
    return total / len(features)


def slow_separation(centres: Tensor) -> float:
    rows, total = centres.tolist(), 0.0
    for j, first in enumerate(rows):
        for k, second in enumerate(rows):
            if j != k:
                dot = sum(a * b for a, b in zip(first, second, strict=True))
                total += dot / (math.hypot(*first) * math.hypot(*second)) + 1
    return total


def test_cross_entropy_of_distributions(logits: Tensor, targets: Tensor) -> None:
    loss = Criterion()(logits, None, targets)
    assert loss.item() == pytest.approx(slow_cross_entropy(logits, targets), abs=1e-9)


def test_label_smoothing_spreads_a_share_over_all_classes(logits: Tensor, targets: Tensor) -> None:
    spread = smoothed(targets, 0.1)
    expected = [[0.9 * t + 0.1 / CLASSES for t in row] for row in targets.tolist()]
    torch.testing.assert_close(spread, torch.tensor(expected).double())
    loss = Criterion(label_smoothing=0.1)(logits, None, targets)
    assert loss.item() == pytest.approx(slow_cross_entropy(logits, spread), abs=1e-9)
    torchs = functional.cross_entropy(logits, targets, label_smoothing=0.1)
    torch.testing.assert_close(loss, torchs)
    assert smoothed(targets, 0.0) is targets
    assert smoothed(torch.zeros(2, 3), 0.3).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_every_loss_smooths_its_cross_entropy(
    logits: Tensor, features: Tensor, targets: Tensor
) -> None:
    torch.manual_seed(0)
    weighted = ClassWeightedCrossEntropy(CLASSES, label_smoothing=0.2).double()
    weighted.prepare(hard_targets())
    plain = ClassWeightedCrossEntropy(CLASSES).double()
    plain.prepare(hard_targets())
    expected = plain(logits, None, smoothed(targets, 0.2))
    torch.testing.assert_close(weighted(logits, None, targets), expected)
    joint = JointLoss(CLASSES, DIM, Loss(kind="joint", label_smoothing=0.2)).double().eval()
    island = 0.005 * joint.island(features, targets)
    expected = functional.cross_entropy(logits, targets, label_smoothing=0.2) + island
    torch.testing.assert_close(joint(logits, features, targets), expected)


def test_label_sets_are_learned_side_by_side_each_by_its_own_faces() -> None:
    logits, first, second = draw(4, 5), draw(4, 3, seed=1).softmax(1), draw(4, 2, seed=2).softmax(1)
    first[2] = 0  # a face that only the second set teaches
    second[0] = second[3] = 0
    targets = torch.cat([first, second], dim=1)
    one = slow_cross_entropy(logits[[0, 1, 3], :3], first[[0, 1, 3]])
    two = slow_cross_entropy(logits[[1, 2], 3:], second[[1, 2]])
    loss = MultiHeadCrossEntropy((3, 2))(logits, None, targets)
    assert loss.item() == pytest.approx((one + two) / 2, abs=1e-9)
    smooth = MultiHeadCrossEntropy((3, 2), label_smoothing=0.1)(logits, None, targets)
    one = slow_cross_entropy(logits[[0, 1, 3], :3], smoothed(first[[0, 1, 3]], 0.1))
    two = slow_cross_entropy(logits[[1, 2], 3:], smoothed(second[[1, 2]], 0.1))
    assert smooth.item() == pytest.approx((one + two) / 2, abs=1e-9)


def test_a_share_of_a_label_counts_with_that_share_and_no_label_not_at_all() -> None:
    logits = draw(2, 5).requires_grad_()
    targets = torch.tensor([[1.0, 0, 0, 0, 0], [0, 0.25, 0, 0, 0]]).double()
    loss = MultiHeadCrossEntropy((3, 2))(logits, None, targets)
    rows = logits[:, :3].tolist()
    total = -log_probability(rows[0], 0) - 0.25 * log_probability(rows[1], 1)
    assert loss.item() == pytest.approx(total / 1.25 / 2, abs=1e-9)
    loss.backward()
    assert logits.grad is not None and not logits.grad[:, 3:].any()
    assert logits.grad[:, :3].abs().min() > 0


def test_several_label_sets_need_cross_entropy() -> None:
    network = Tiny()
    several = build_criterion(Loss(label_smoothing=0.1), network, "pool", 15, label_counts=(8, 7))
    assert isinstance(several, MultiHeadCrossEntropy) and several.label_smoothing == 0.1
    assert several.counts == (8, 7)
    single = build_criterion(Loss(label_smoothing=0.1), network, "pool", 8, label_counts=(8,))
    assert type(single) is Criterion and single.label_smoothing == 0.1
    for kind in ("class_weighted", "joint"):
        with pytest.raises(UsageError, match=f"{kind} loss"):
            build_criterion(Loss(kind=kind), network, "pool", 15, label_counts=(8, 7))


def test_class_weights_are_the_papers(targets: Tensor) -> None:
    expected = [FACES / (CLASSES * sum(row[c] for row in targets.tolist())) for c in range(CLASSES)]
    torch.testing.assert_close(class_weights(targets), torch.tensor(expected).double())
    counts = torch.tensor([3, 1, 2, 1])
    torch.testing.assert_close(class_weights(hard_targets()), 7 / (4 * counts.double()))


def test_a_class_without_faces_weighs_nothing() -> None:
    weights = class_weights(torch.eye(3)[[0, 0, 1]])
    assert weights.tolist() == [0.5, 1.0, 0.0]


def test_class_weighted_loss_is_torchs_on_labels(logits: Tensor) -> None:
    criterion = ClassWeightedCrossEntropy(CLASSES).double()
    criterion.prepare(hard_targets())
    labels = hard_targets().argmax(dim=1)
    expected = functional.cross_entropy(logits, labels, weight=class_weights(hard_targets()))
    torch.testing.assert_close(criterion(logits, None, hard_targets()), expected)
    assert abs(expected - functional.cross_entropy(logits, labels)) > 0.01


def test_class_weighted_loss_of_distributions(logits: Tensor, targets: Tensor) -> None:
    criterion = ClassWeightedCrossEntropy(CLASSES).double()
    criterion.prepare(hard_targets())
    weights = [7 / (4 * count) for count in (3, 1, 2, 1)]
    total = mass = 0.0
    for row, shares in zip(logits.tolist(), targets.tolist(), strict=True):
        for c, share in enumerate(shares):
            total -= weights[c] * share * log_probability(row, c)
            mass += weights[c] * share
    assert criterion(logits, None, targets).item() == pytest.approx(total / mass, abs=1e-9)


def test_joint_loss_is_the_papers(logits: Tensor, features: Tensor, targets: Tensor) -> None:
    criterion = JointLoss(CLASSES, DIM, JOINT).double().eval()
    centres = criterion.island.centres
    island = slow_centre_loss(features, centres, targets) + 7 * slow_separation(centres)
    assert criterion.island(features, targets).item() == pytest.approx(island, abs=1e-9)
    expected = slow_cross_entropy(logits, targets) + 0.3 * island
    assert criterion(logits, features, targets).item() == pytest.approx(expected, abs=1e-9)


def test_evenly_spread_centres_are_the_least_alike() -> None:
    loss = IslandLoss(3, 2, 1.0).double()
    angles = torch.tensor([0.0, 2 / 3, 4 / 3], dtype=torch.float64) * math.pi
    spread = torch.stack([angles.cos(), angles.sin()], dim=1)
    loss.centres.copy_(spread)
    value = loss(spread, torch.eye(3).double())
    assert value.item() == pytest.approx(6 * 0.5, abs=1e-9)  # each cosine is -1/2
    loss.move_centres(spread, torch.eye(3).double(), 0.5)
    torch.testing.assert_close(loss.centres, spread, rtol=0, atol=1e-9)


def test_centres_move_by_the_papers_rule(features: Tensor, targets: Tensor) -> None:
    torch.manual_seed(3)
    loss = IslandLoss(CLASSES, DIM, 7.0).double()
    before = loss.centres.tolist()
    loss.move_centres(features, targets, 0.5)
    for j, centre in enumerate(before):
        shares = [row[j] for row in targets.tolist()]
        for d in range(DIM):
            pull = sum(
                t * (centre[d] - f[d]) for t, f in zip(shares, features.tolist(), strict=True)
            )
            push = 0.0
            for k, other in enumerate(before):
                if k != j:
                    dot = sum(a * b for a, b in zip(centre, other, strict=True))
                    mine, theirs = math.hypot(*centre), math.hypot(*other)
                    push += other[d] / (theirs * mine) - dot * centre[d] / (theirs * mine**3)
            step = pull / (1 + sum(shares)) + 7 / (CLASSES - 1) * push
            assert loss.centres[j, d].item() == pytest.approx(centre[d] - 0.5 * step, abs=1e-9)


def test_centres_settle_near_the_means_of_their_classes() -> None:
    torch.manual_seed(0)
    loss, means = IslandLoss(7, 64, 7.0), 2 * torch.rand(7, 64)
    for _ in range(300):
        labels = torch.randint(7, (32,))
        features = means[labels] + 0.3 * torch.randn(32, 64)
        loss.move_centres(features, torch.eye(7)[labels], 0.5)
    distances = torch.cdist(loss.centres, means)
    assert torch.equal(distances.argmin(dim=1), torch.arange(7))
    assert distances.diagonal().max() < 0.35 * means.norm(dim=1).min()


def test_centres_move_in_training_only_and_need_no_gradient(
    logits: Tensor, features: Tensor, targets: Tensor
) -> None:
    criterion = JointLoss(CLASSES, DIM, JOINT).double()
    assert list(criterion.parameters()) == []
    before = criterion.island.centres.clone()
    criterion.eval()(logits, features, targets)
    assert torch.equal(criterion.island.centres, before)
    value = criterion.train()(logits, features.requires_grad_(), targets)
    value.backward()
    assert features.grad is not None and features.grad.abs().max() > 0
    assert not torch.allclose(criterion.island.centres, before)


@pytest.mark.parametrize("kind", ["class_weighted", "joint"])
def test_gradients_match_finite_differences(
    kind: str, logits: Tensor, features: Tensor, targets: Tensor
) -> None:
    torch.manual_seed(0)
    if kind == "class_weighted":
        weighted = ClassWeightedCrossEntropy(CLASSES).double()
        weighted.prepare(hard_targets())
        assert torch.autograd.gradcheck(
            lambda x: weighted(x, None, targets), (logits.requires_grad_(),)
        )
        return
    joint = JointLoss(CLASSES, DIM, JOINT).double().eval()
    centres = joint.island.centres.clone().requires_grad_()

    def loss(logits: Tensor, features: Tensor, centres: Tensor) -> Tensor:
        given = {"island.centres": centres}
        return torch.func.functional_call(joint, given, (logits, features, targets))

    inputs = (logits.requires_grad_(), features.requires_grad_(), centres)
    assert torch.autograd.gradcheck(loss, inputs)


def test_joint_loss_without_features_is_refused(logits: Tensor, targets: Tensor) -> None:
    with pytest.raises(ValueError, match="needs features"):
        JointLoss(CLASSES, DIM, JOINT)(logits, None, targets)


class Tiny(nn.Module):
    """A network whose feature layer gives three numbers per picture."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.pool(self.norm(self.conv(x))).flatten(1))


def test_features_are_what_the_head_reads() -> None:
    network, images = Tiny(), torch.rand(4, 3, 8, 8)
    logits, features = forward_with_features(network, "pool", images)
    assert features.shape == (4, 3)
    torch.testing.assert_close(network.head(features), logits)
    assert not network.pool._forward_hooks


def test_no_hook_is_left_after_an_error() -> None:
    network = Tiny()
    with pytest.raises(RuntimeError):
        forward_with_features(network, "pool", torch.rand(4, 5, 8, 8))
    assert not network.pool._forward_hooks


def test_counting_features_changes_nothing() -> None:
    network = Tiny().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    assert feature_count(network, "pool") == 3
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize(("name", "dim"), [("resnet18", 512), ("acsinet", 512), ("vgg16", 512)])
def test_centres_have_the_feature_layers_dimension(name: str, dim: int) -> None:
    network = build_model(name, num_classes=7)
    criterion = build_criterion(Loss(kind="joint"), network, model_entry(name).feature_layer, 7)
    assert isinstance(criterion, JointLoss)
    assert criterion.island.centres.shape == (7, dim)
