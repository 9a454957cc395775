"""One face, one cover and one set of models: chosen once, carried through all tabs."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from ferstudio.studio.results import MenuEntry, ModelSummary
from ferstudio.studio.selection import NONE
from ferstudio.studio.studio import Studio
from ferstudio.ui import theme
from ferstudio.ui import words as text
from ferstudio.ui.parts.amounts import FIRST_AMOUNT, Amounts, usual_amount
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.faces import THUMB_SIDE_PX, FaceHandlers
from ferstudio.ui.parts.paint import paint_tools, painted, stuck, wants_sticker
from ferstudio.ui.parts.preview import Preview

FIRST_SAMPLE = "happiness"
FIRST_OCCLUDER = "surgical-mask"
FIRST_SEED = 7
FIRST_EXPLAINER = "grad-cam"
MODELS_AT_FIRST = 5
PAPERS_MODELS = tuple(
    f"{model}.ferplus" for model in ("csinet", "acsinet", "psa_resnet50", "agfer", "vgg16_gcca")
)
"""A network of each paper, ticked first; others fill up where one isn't there."""

MODEL_EVENTS: dict[str, Any] = {
    "concurrency_id": "models",
    "concurrency_limit": 1,
    "trigger_mode": "always_last",
    "api_visibility": "private",
}
"""How every event that runs networks is queued: one at a time, the newest wish last."""

QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""How events are shown that are done before anybody could wonder."""

_PICK_FACE = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-index]');
  if (button) trigger('select', {index: Number(button.dataset.index)});
});
"""


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The components that every tab reads.

    Attributes:
        face: the `ChosenFace`, or None before the first.
        occluder: name of the occluder, or "none".
        amount: severity in [0, 1].
        seed: seed of everything random.
        layers: what was painted or brought.
        models: names of the ticked weights.
        explainer: name of the heatmap method, or "none".
        scale: "one" or "own".
        ask: the main button.
        tab: title of the tab that is looked at.
        chosen: name of the weights that the tabs about one model show, "" before the first pick.
        goto: title of the tab that a tab wants shown, "" before the first time.
        amounts: the `Amounts` so far; it changes with every pick of an occluder, once the amount
            that goes with it is set.
    """

    face: gr.State
    occluder: Choice
    amount: gr.Slider
    seed: gr.Number
    layers: gr.State
    models: gr.CheckboxGroup
    explainer: gr.Dropdown
    scale: Choice
    ask: gr.Button
    tab: gr.State
    chosen: gr.State
    goto: gr.State
    amounts: gr.State

    @property
    def request(self) -> list[Any]:
        """The inputs of an event that asks the models, in the order of `selection_of`."""
        cover = [self.occluder, self.amount, self.seed]
        return [self.face, self.models, *cover, self.explainer, self.layers]

    @property
    def changes(self) -> list[Any]:
        """The triggers of such an event: everything that changes the answer, and the button."""
        return [
            self.face.change,
            self.models.input,
            self.amounts.change,
            self.amount.release,
            self.seed.change,
            self.layers.change,
            self.explainer.input,
            self.ask.click,
        ]


def build_sidebar(page: gr.Blocks, studio: Studio) -> Sidebar:
    """Lay out the sidebar of `page` and wire what happens inside it."""
    face, layers, tab = gr.State(None), gr.State(()), gr.State(text.COMPARE_TAB)
    chosen, goto, amounts = gr.State(""), gr.State(""), gr.State(Amounts())
    with gr.Column(elem_id="sidebar", min_width=0):
        _caption(text.FACE_SECTION)
        picture, easel = _build_face_section(page, studio, face)
        with gr.Row(elem_id="cover-row"):
            _caption(text.COVER_SECTION, f"{text.AMOUNT_TIP} {text.SEED_TIP}")
            seed = gr.Number(
                FIRST_SEED, label=text.SEED, precision=0, minimum=0, elem_id="seed", min_width=0
            )
            reroll = gr.HTML(_reroll_button(), elem_id="reroll")
        occluder = Choice(
            _menu(studio.occluders(), Option(NONE, text.NOTHING, text.NOTHING_TIP)),
            value=FIRST_OCCLUDER,
            label=text.OCCLUDERS_LABEL,
            elem_id="occluders",
        )
        sticker = gr.UploadButton(
            text.STICKER, file_types=["image"], size="sm", elem_id="sticker", visible=False
        )
        trouble = gr.HTML(elem_id="sticker-note")
        with gr.Row(elem_id="amount-row"):
            amount = gr.Slider(
                0, 1, FIRST_AMOUNT, step=0.05, label=text.AMOUNT, elem_id="amount",
                buttons=[], min_width=0,
            )  # fmt: skip
            share = gr.HTML(elem_id="share")
        _caption(text.ASK_SECTION)
        models = _models_menu(studio.models())
        methods = [*_menu(studio.explainers()), Option(NONE, text.NO_HEAT, text.NO_HEAT_TIP)]
        explainer = gr.Dropdown(
            [(method.title, method.value) for method in methods],
            value=FIRST_EXPLAINER,
            label=text.EXPLAINERS_LABEL,
            show_label=False,
            container=False,
            elem_id="explainers",
            min_width=0,
        )
        notes = {method.value: f"<p>{escape(method.tip)}</p>" for method in methods}
        note = gr.HTML(notes[FIRST_EXPLAINER], elem_id="explainer-note")
        scale = Choice(
            [
                Option("one", text.ONE_SCALE, text.ONE_SCALE_TIP),
                Option("own", text.OWN_SCALE, text.OWN_SCALE_TIP),
            ],
            value="one",
            label=text.SCALE_LABEL,
            elem_id="scale",
        )
        ask = gr.Button(text.COMPARE_BUTTON, variant="primary", elem_id="ask")
    sidebar = Sidebar(
        face, occluder, amount, seed, layers, models, explainer, scale, ask, tab, chosen, goto,
        amounts,
    )  # fmt: skip
    occluder.input(usual_amount, [occluder, amount, amounts], [amount, amounts], **QUIET)
    occluder.change(wants_sticker, occluder, [sticker, trouble], **QUIET)
    easel.select(painted, layers, layers, **QUIET)
    sticker.upload(stuck, [sticker, layers], [layers, trouble], **QUIET)
    reroll.click(next_seed, seed, seed, **QUIET)
    explainer.input(lambda name: notes[name], explainer, note, **QUIET)
    gr.on(
        [face.change, occluder.change, amount.change, seed.change, layers.change],
        Preview(studio).show,
        sidebar.request,
        [picture, share],
        trigger_mode="always_last",
        **QUIET,
    )
    return sidebar


def next_seed(seed: float | None) -> int:
    """Return the seed after `seed`."""
    return int(seed or 0) + 1


def toggle_camera(is_open: bool) -> tuple[bool, gr.Image]:
    """Return the camera open where it was closed, and the other way round."""
    return not is_open, gr.Image(None, visible=not is_open)


def close_camera() -> tuple[bool, gr.Image]:
    """Return the camera closed and without its last picture."""
    return False, gr.Image(None, visible=False)


def _build_face_section(page: gr.Blocks, studio: Studio, face: gr.State) -> tuple[gr.HTML, gr.HTML]:
    """Return the big face and the easel over it."""
    handlers, camera_open = FaceHandlers(studio), gr.State(False)
    with gr.Column(elem_id="easel", min_width=0):
        picture = gr.HTML(elem_id="face")
        easel = gr.HTML(paint_tools(), elem_id="paint", js_on_load=theme.paint_js())
    camera = gr.Image(
        sources=["webcam"], type="filepath", visible=False, elem_id="camera", show_label=False,
        buttons=[], height=220,
    )  # fmt: skip
    samples = Choice(
        [
            Option(
                emotion,
                text.face_alt(emotion),
                text.sample_tip(emotion),
                data_uri(studio.sample(emotion).image, THUMB_SIDE_PX),
            )
            for emotion in studio.samples()
        ],
        value=FIRST_SAMPLE,
        label=text.SAMPLES_LABEL,
        elem_id="samples",
    )
    with gr.Row(elem_id="sources"):
        upload = gr.UploadButton(
            text.UPLOAD, file_types=["image"], size="sm", elem_id="upload", min_width=0
        )
        webcam = gr.Button(text.WEBCAM, size="sm", elem_id="webcam", min_width=0)
        gr.HTML(
            f'<button type="button" class="chip" data-action="paste" data-empty="'
            f'{escape(text.PASTE_EMPTY)}" data-blocked="{escape(text.PASTE_BLOCKED)}" '
            f'title="{escape(text.PASTE_TIP)}">{text.PASTE}</button>'
        )
    note = gr.HTML(elem_id="note", js_on_load=_PICK_FACE)
    shown = [face, samples, note]
    samples.input(handlers.sample, samples, shown, **QUIET)
    upload.upload(handlers.picture, [upload, face], shown, **QUIET)
    note.select(handlers.pick, face, shown, **QUIET)
    camera.input(handlers.picture, [camera, face], shown, **QUIET)
    webcam.click(toggle_camera, camera_open, [camera_open, camera], **QUIET)
    face.change(close_camera, None, [camera_open, camera], **QUIET)
    page.load(handlers.sample, samples, shown, **QUIET)
    return picture, easel


def _menu(choices: Sequence[MenuEntry], *first: Option) -> list[Option]:
    groups = text.OCCLUDER_GROUPS
    return [
        *first,
        *(
            Option(choice.name, choice.title, choice.summary, group=groups.get(choice.group, ""))
            for choice in choices
        ),
    ]


def _models_menu(models: tuple[ModelSummary, ...]) -> gr.CheckboxGroup:
    names = sorted((model.name for model in models), key=lambda name: name not in PAPERS_MODELS)
    ticked = names[:MODELS_AT_FIRST]
    return gr.CheckboxGroup(
        [(model.title, model.name) for model in models],
        value=[model.name for model in models if model.name in ticked],
        label=text.MODELS_LABEL,
        show_label=False,
        elem_id="models",
    )


def _caption(words: str, tip: str = "") -> None:
    gr.HTML(f'<h2 class="caption" title="{escape(tip)}">{escape(words)}</h2>')


def _reroll_button() -> str:
    tip = escape(text.REROLL_TIP)
    return f'<button type="button" title="{tip}" aria-label="{tip}">{text.REROLL}</button>'
