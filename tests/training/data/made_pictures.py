"""Made pictures in the official forms of data sets that can only be had on request."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ferstudio.faces.samples import read_sample
from ferstudio.labels import described

TINTS = np.array([(1.0, 0.8, 0.7), (0.9, 0.9, 1.0), (0.8, 0.7, 0.6)])


def tinted(emotion: str, number: int, side_px: int = 100) -> NDArray[np.uint8]:
    """Return a sample face in colour, each number's light and hue its own."""
    face = np.asarray(Image.fromarray(read_sample(emotion)).resize((side_px, side_px)), float)
    light = 0.8 + 0.05 * (number % 5)
    return np.clip(face * light * TINTS[number % 3], 0, 255).astype(np.uint8)


def write_rafdb(folder: Path, per_emotion: int = 4) -> Path:
    """Write aligned pictures and `list_patition_label.txt` as RAF-DB has them; return the list."""
    images = folder / "Image" / "aligned"
    images.mkdir(parents=True)
    lines, counts = [], {"train": 0, "test": 0}
    for code, emotion in described("rafdb").codes.items():
        for number in range(per_emotion):
            split = "test" if number == 0 else "train"
            counts[split] += 1
            name = f"{split}_{counts[split]:05d}"
            Image.fromarray(tinted(emotion, number)).save(images / f"{name}_aligned.jpg")
            lines.append(f"{name}.jpg {code}")
    listed = folder / "EmoLabel" / "list_patition_label.txt"
    listed.parent.mkdir()
    listed.write_text("\n".join(lines) + "\n")
    return listed


AFFECTNET_HEAD = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,"
    "valence,arousal"
)


def write_affectnet(folder: Path) -> list[Path]:
    """Write pictures with a margin, and training.csv and validation.csv; return the lists."""
    lists = []
    for name in ("training", "validation"):
        lines = [AFFECTNET_HEAD]
        for code, emotion in enumerate(("neutral", "happiness", "contempt", "fear")):
            number = (0, 1, 7, 4)[code]
            picture = np.zeros((160, 200, 3), np.uint8)
            picture[30:130, 50:150] = tinted(emotion, code)
            file = Path(f"{code}") / f"{name}.png"
            (folder / file.parent).mkdir(exist_ok=True)
            Image.fromarray(picture).save(folder / file)
            lines.append(f"{file},50,30,100,100,1;2,{number},0.1,0.2")
        lines.append(f"{file},0,0,10,10,1;2,10,-2,-2")  # 10: no face
        listed = folder / f"{name}.csv"
        listed.write_text("\n".join(lines) + "\n")
        lists.append(listed)
    return lists
