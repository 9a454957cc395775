"""Checkpoints of one's own: what fits is told, what doesn't is refused, and nothing is run."""

import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ferstudio import cli
from ferstudio.errors import UsageError, WeightsError
from ferstudio.models import load_weights
from ferstudio.models.importing import fit, import_checkpoint, read_checkpoint
from ferstudio.types import InputSpec
from tests.made_files import lfs_pointer
from tests.models.test_black_box import Small, script_file
from tests.networks import network

SPEC = InputSpec(64, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25), grayscale=False)


def state() -> dict[str, Tensor]:
    return network("resnet18").state_dict()


@pytest.mark.parametrize("wrapped", ["bare", "state_dict", "model", "module."])
def test_the_usual_forms_are_read(tmp_path: Path, wrapped: str) -> None:
    own, file = state(), tmp_path / "mine.pth"
    if wrapped == "module.":
        torch.save({f"module.{name}": each for name, each in own.items()}, file)
    else:
        torch.save(own if wrapped == "bare" else {wrapped: own, "epoch": 3}, file)
    found = read_checkpoint(file)
    assert found.keys() == own.keys()
    assert all(torch.equal(found[name], each) for name, each in own.items())


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file(state(), tmp_path / "mine.safetensors")
    assert read_checkpoint(tmp_path / "mine.safetensors").keys() == state().keys()


class Runs:
    """Would make a file if it was unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.file),)


def test_no_code_is_run(tmp_path: Path) -> None:
    made = tmp_path / "made"
    for file, content in (("a.pth", Runs(made)), ("b.pth", {"state_dict": Runs(made)})):
        torch.save(content, tmp_path / file)
        with pytest.raises(WeightsError, match="holds more than tensors"):
            read_checkpoint(tmp_path / file)
    (tmp_path / "c.pth").write_bytes(pickle.dumps(Runs(made)))
    with pytest.raises(WeightsError):
        read_checkpoint(tmp_path / "c.pth")
    assert not made.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "holds more than tensors"), (b"text", "holds more than"), (None, "doesn't exist")],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    if content is not None:
        (tmp_path / "mine.pth").write_bytes(content)
    with pytest.raises(WeightsError, match=sentence):
        read_checkpoint(tmp_path / "mine.pth")


@pytest.mark.parametrize("name", ["mine.pth", "mine.safetensors", "mine.onnx"])
def test_a_pointer_in_place_of_a_checkpoint_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / name).write_bytes(lfs_pointer())
    assert cli.main(["import", str(tmp_path / name), "--labels", "ferplus"]) == 2
    said = capsys.readouterr().err
    assert f"{name} is a Git LFS pointer" in said and "run `git lfs pull`" in said


def test_what_fits_is_told() -> None:
    own = state()
    assert fit(own, "resnet18", "ferplus").fits
    del own["fc.bias"]
    own["extra"] = torch.zeros(1)
    found = fit(own, "resnet18", "fer2013")
    assert (found.missing, found.unknown) == (("fc.bias",), ("extra",))
    assert found.misshapen == ("fc.weight (8, 512) for (7, 512)",)
    assert "1 of another shape: fc.weight (8, 512) for (7, 512)." in found.text()


def test_an_imported_network_answers_as_its_checkpoint(tmp_path: Path) -> None:
    folder, changed = import_checkpoint(state(), "resnet18", "ferplus", SPEC, tmp_path / "mine")
    assert folder == tmp_path / "resnet18.mine"
    model = load_weights(folder)
    assert (model.card.input, model.card.labels, model.name) == (SPEC, "ferplus", "resnet18.mine")
    pictures = torch.randn(4, 3, 64, 64, generator=torch.manual_seed(0))
    with torch.inference_mode():
        before = network("resnet18").eval()(pictures).softmax(dim=1)
        after = model.module(pictures).softmax(dim=1)
    assert float((before - after).abs().max()) == pytest.approx(changed, abs=1e-6)
    assert changed < 0.05


def test_weights_that_are_there_are_never_replaced(tmp_path: Path) -> None:
    folder, _ = import_checkpoint(state(), "resnet18", "ferplus", SPEC, tmp_path / "mine")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(UsageError, match=r"resnet18\.mine is there already"):
        import_checkpoint(state(), "resnet18", "ferplus", SPEC, tmp_path / "mine")
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_what_does_not_fit_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="doesn't fit: .*2 of another shape"):
        import_checkpoint(state(), "resnet18", "fer2013", SPEC, tmp_path / "mine")
    with pytest.raises((WeightsError, UsageError)):
        import_checkpoint(state(), "resnet18", "ferplus", SPEC, tmp_path / "no name")
    assert list(tmp_path.iterdir()) == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(state(), tmp_path / "mine.pth")
    words = ["import", str(tmp_path / "mine.pth"), "--model", "resnet18", "--labels", "ferplus"]
    assert cli.main(words) == 0
    assert capsys.readouterr().out.endswith("tensors fit resnet18.\n")
    assert not (tmp_path / "weights").exists()
    assert cli.main([*words, "--input", "64", "--out", str(tmp_path / "weights" / "mine")]) == 0
    assert "resnet18.mine is ready" in capsys.readouterr().out
    assert cli.main([*words, "--mean", "0.5"]) == 2
    assert "Give three numbers" in capsys.readouterr().err
    assert cli.main([*words, "--mean", "nan,0,0", "--out", str(tmp_path / "weights" / "x")]) == 2
    assert "finite numbers" in capsys.readouterr().err
    assert not (tmp_path / "weights" / "resnet18.x").exists()
    torch.save({3: torch.zeros(2)}, tmp_path / "numbered.pth")
    assert cli.main(["import", str(tmp_path / "numbered.pth"), *words[2:]]) == 2
    assert "holds no state dict" in capsys.readouterr().err


def test_the_command_takes_a_black_box(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = script_file(tmp_path / "mine.pt", Small(), 1, 3, 48, 48)
    words = ["import", str(file), "--labels", "ferplus", "--input", "48"]
    assert cli.main(words) == 0
    told = "A black box of TorchScript that takes pictures of any size and three channels and gives"
    assert capsys.readouterr().out.startswith(told)
    out = ["--out", str(tmp_path / "weights" / "mine")]
    assert cli.main([*words, *out, "--model", "resnet18"]) == 2
    assert "leave --model out" in capsys.readouterr().err
    assert not (tmp_path / "weights").exists()
    assert cli.main([*words, *out]) == 0
    assert "torchscript.mine is ready" in capsys.readouterr().out
    assert cli.main(["models", "--weights", str(tmp_path / "weights")]) == 0
    (line,) = (
        row for row in capsys.readouterr().out.splitlines() if row.startswith("torchscript.mine ")
    )
    assert line.split()[1:4] == ["mine", "(TorchScript)", "-"]


@pytest.mark.parametrize("name", ["mine.pth", "none.onnx"])
def test_tensors_alone_need_a_network(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(state(), tmp_path / "mine.pth")
    assert cli.main(["import", str(tmp_path / name), "--labels", "ferplus"]) == 2
    said = "Say by --model which network" if name == "mine.pth" else "doesn't exist"
    assert said in capsys.readouterr().err
