"""What every occluder promises, asked of the whole registry, of layers and of covers by heat."""

import copy
import importlib

import numpy as np
import pytest

from ferstudio.errors import UnknownNameError, UsageError
from ferstudio.occlusion import (
    Need,
    Occluded,
    Occluder,
    Overlay,
    composite,
    covered_share,
    list_occluders,
    occluder,
    register_occluder,
)
from ferstudio.occlusion.by_heat import HEAT, heat_occluder
from ferstudio.occlusion.kinds import kind, list_drawable, list_kinds, need
from ferstudio.occlusion.painted import OWN, Layer, layer_occluder
from ferstudio.regions import face_mask
from ferstudio.types import FaceCrop
from tests.occlusion.crops import POSES, noise_crop

every_occluder = pytest.mark.parametrize("name", list_kinds())
every_pose = pytest.mark.parametrize("pose", POSES)

TRANSLUCENT = ("blobs", "gauze")
"""Those that are opaque nowhere."""


def thing(name: str) -> Occluder:
    """Return an occluder; the layer is a ring with soft edges, the heat a slope with ties."""
    across, down = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(-1, 1, 64))
    if name in OWN:
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[:, :, 0] = 200
        pixels[:, :, 3] = np.clip(2000 * (0.3 - np.abs(np.hypot(across, down) - 0.4)), 0, 255)
        return layer_occluder(Layer(name, pixels))
    if name in HEAT:
        return heat_occluder(name, np.round(across + 3 * down).astype(np.float32))
    return occluder(name)


def cover(name: str, crop: FaceCrop, amount: float, seed: int = 7) -> Occluded:
    return thing(name).occlude(crop, amount, np.random.default_rng(seed))


@every_occluder
def test_it_draws_of_the_picture_if_and_only_if_it_needs_it(name: str) -> None:
    first = noise_crop()
    blocks = first.image.reshape(16, 3, 16, 3, 3)  # of which each keeps its mean: the same light
    mirrored = np.ascontiguousarray(blocks[:, :, :, ::-1]).reshape(first.image.shape)
    second = FaceCrop(mirrored, first.landmarks_xy_px, first.to_source)
    one, other = (thing(name).draw(crop, 0.7, np.random.default_rng(7)) for crop in (first, second))
    np.testing.assert_array_equal(one.opacity, other.opacity)
    drawn = one.opacity > 0
    alike = np.array_equal(one.colour[drawn], other.colour[drawn])
    assert alike == (kind(name).needs is not Need.PICTURE)


def test_what_a_cover_needs_is_what_makes_it() -> None:
    assert [name for name in list_kinds() if need(name) is Need.LAYER] == list(OWN)
    assert [name for name in list_kinds() if need(name) is Need.HEAT] == list(HEAT)
    assert list_drawable() == [name for name in list_kinds() if name not in OWN]
    with pytest.raises(UnknownNameError, match="no occluder named 'veil'"):
        need("veil")


@every_occluder
@every_pose
def test_same_seed_gives_same_result(name: str, pose: str) -> None:
    crop = noise_crop(pose)
    first, second = cover(name, crop, 0.7), cover(name, crop, 0.7)
    np.testing.assert_array_equal(first.crop.image, second.crop.image)
    np.testing.assert_array_equal(first.mask, second.mask)
    assert first.share == second.share


@pytest.mark.parametrize(
    "name",
    (
        "sunglasses glasses surgical-mask cloth-mask scarf hand hair microphone "
        "random blocks grid checks noise-patch blobs gauze"
    ).split(),
)
def test_other_seeds_give_variety(name: str) -> None:
    crop = noise_crop()
    results = {cover(name, crop, 0.7, seed).crop.image.tobytes() for seed in range(6)}
    assert len(results) > 1


@every_occluder
@every_pose
def test_amount_zero_covers_nothing(name: str, pose: str) -> None:
    crop = noise_crop(pose)
    result = cover(name, crop, 0)
    np.testing.assert_array_equal(result.crop.image, crop.image)
    assert not result.mask.any()
    assert result.share == 0


@every_occluder
@every_pose
def test_mask_only_grows_with_the_amount(name: str, pose: str) -> None:
    crop = noise_crop(pose)
    for seed in range(2):
        before = cover(name, crop, 0, seed)
        for amount in np.linspace(0, 1, 34)[1:]:
            result = cover(name, crop, float(amount), seed)
            assert result.share >= before.share
            assert not (before.mask & ~result.mask).any(), "a covered pixel came back"
            before = result
        assert before.share > 0.03


@every_occluder
@every_pose
@pytest.mark.parametrize("amount", [0.05, 0.7, 1.0])
def test_nothing_changes_outside_the_mask(name: str, pose: str, amount: float) -> None:
    crop = noise_crop(pose)
    result = cover(name, crop, amount)
    changed = (result.crop.image != crop.image).any(axis=2)
    assert not (changed & ~result.mask).any()


@every_occluder
def test_input_is_untouched_and_landmarks_stay(name: str) -> None:
    crop = noise_crop()
    before = crop.image.copy()
    result = cover(name, crop, 1)
    np.testing.assert_array_equal(crop.image, before)
    assert not np.shares_memory(result.crop.image, crop.image)
    assert result.crop.landmarks_xy_px is crop.landmarks_xy_px


@every_occluder
@every_pose
@pytest.mark.parametrize("size_px", [32, 48, 64, 256])
def test_shapes_and_ranges_at_every_size(name: str, pose: str, size_px: int) -> None:
    crop = noise_crop(pose, size_px)
    overlay = thing(name).draw(crop, 0.7, np.random.default_rng(7))
    assert overlay.colour.shape == (size_px, size_px, 3)
    assert overlay.colour.dtype == np.uint8
    assert overlay.opacity.shape == (size_px, size_px)
    assert overlay.opacity.dtype == np.float32
    assert overlay.opacity.min() >= 0
    if name in TRANSLUCENT:
        assert 0 < overlay.opacity.max() < 1, "the face shows through"
    else:
        assert overlay.opacity.max() == 1, "the middle of the thing is opaque"
    result = cover(name, crop, 0.7)
    assert result.mask.shape == (size_px, size_px)
    assert result.mask.dtype == bool
    assert 0 <= result.share <= 1


@every_occluder
def test_share_hardly_depends_on_the_size(name: str) -> None:
    small, large = (cover(name, noise_crop("frontal", size), 1).share for size in (48, 192))
    assert small == pytest.approx(large, abs=0.05)


@every_occluder
@pytest.mark.parametrize("amount", [-0.01, 1.01, float("nan")])
def test_amount_out_of_range_is_refused(name: str, amount: float) -> None:
    with pytest.raises(UsageError, match=r"must lie in \[0, 1\]"):
        cover(name, noise_crop(), amount)


@every_occluder
def test_generator_is_left_alike_by_every_amount(name: str) -> None:
    following = set()
    for amount in (0.1, 0.5, 1.0):
        rng = np.random.default_rng(3)
        thing(name).draw(noise_crop(), amount, rng)
        following.add(float(rng.random()))
    assert len(following) == 1


@every_occluder
def test_words_are_fit_for_people(name: str) -> None:
    entry = kind(name)
    assert entry.name == thing(name).name == name
    assert (entry.noun, entry.group) == (thing(name).noun, thing(name).group)
    assert entry.title[0].isupper()
    assert entry.noun[0].isupper()
    assert entry.summary.endswith(".")


def test_order_is_the_one_shown() -> None:
    expected = ["sunglasses", "glasses", "surgical-mask", "cloth-mask", "n95-mask", "scarf"]
    expected += ["hand", "hair", "vr-headset", "microphone"]
    expected += ["upper", "middle", "lower", "left", "right", "random", "blocks", "grid"]
    expected += ["checks", "noise-patch", "blobs", "gauze"]
    expected += ["blur", "motion-blur", "noise", "darkness", "low-resolution", "jpeg"]
    assert list_occluders() == expected


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(UnknownNameError) as caught:
        occluder("umbrella")
    assert "'umbrella'" in str(caught.value)
    assert all(name in str(caught.value) for name in list_occluders())
    with pytest.raises(UnknownNameError) as caught:
        kind("umbrella")
    assert all(name in str(caught.value) for name in [*list_occluders(), *OWN, *HEAT])


@pytest.fixture
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test register what the next one doesn't see."""
    module = importlib.import_module("ferstudio.occlusion.occluder")
    monkeypatch.setattr(module, "_occluders", copy.copy(module._occluders))


def _register_veil() -> None:
    @register_occluder("veil", title="Veil", summary="A veil.", noun="A veil", plural=False)
    def draw_veil(crop: FaceCrop, amount: float, rng: np.random.Generator) -> Overlay:
        shape = (crop.size, crop.size)
        opacity = np.full(shape, 0.5 * amount, dtype=np.float32)
        return Overlay(np.full((*shape, 3), 255, dtype=np.uint8), opacity)


@pytest.mark.usefixtures("_own_registry")
def test_registered_occluder_is_found_and_duplicate_raises() -> None:
    _register_veil()
    assert list_occluders()[-1] == "veil"
    assert cover("veil", noise_crop(), 1).share == 1
    with pytest.raises(ValueError, match="'veil' is registered already"):
        _register_veil()


def test_composite_mixes_by_opacity() -> None:
    image = np.full((2, 2, 3), 100, dtype=np.uint8)
    opacity = np.array([[0, 0.25], [0.5, 1]], dtype=np.float32)
    mixed = composite(image, Overlay(np.full((2, 2, 3), 200, dtype=np.uint8), opacity))
    np.testing.assert_array_equal(mixed[:, :, 0], [[100, 125], [150, 200]])


def test_covered_share_counts_the_face_only() -> None:
    crop = noise_crop()
    face = face_mask(crop.landmarks_xy_px, crop.size)
    assert covered_share(face, crop) == 1
    assert covered_share(~face, crop) == 0
    upper = face.copy()
    upper[crop.size // 2 :] = False
    assert covered_share(upper, crop) == pytest.approx(upper.sum() / face.sum())


def test_a_kind_gives_all_it_says_to_what_draws_it() -> None:
    for name in list_kinds():
        drawn, said = thing(name), kind(name)
        again = said.drawn_by(drawn.draw)
        assert again == drawn
        assert (again.name, again.group, again.needs) == (name, said.group, said.needs)
