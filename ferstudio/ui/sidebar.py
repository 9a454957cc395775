"""One face, one cover and one set of models: chosen once, carried through all tabs."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr

from ferstudio.lessons.lesson import PAPERS_NETWORKS
from ferstudio.studio.results import MenuEntry, ModelSummary
from ferstudio.studio.selection import NONE, Selection
from ferstudio.studio.studio import Studio
from ferstudio.studio.works import Watch, unwatched
from ferstudio.ui import words
from ferstudio.ui.events import CLICKS, Updates, Values
from ferstudio.ui.messages import public, warning
from ferstudio.ui.mode import LITE_MODELS, Mode
from ferstudio.ui.parts.amounts import FIRST_AMOUNT, Amounts
from ferstudio.ui.parts.choice import Choice, Option
from ferstudio.ui.parts.data_uri import data_uri
from ferstudio.ui.parts.faces import THUMB_SIDE_PX, Faces, note
from ferstudio.ui.parts.paint import paint_tools, painted, stuck
from ferstudio.ui.parts.preview import preview
from ferstudio.ui.scripts import script
from ferstudio.ui.selection import Choices
from ferstudio.ui.templates import render
from ferstudio.ui.uploads import MAX_UPLOAD_MB

FIRST_SAMPLE = "happiness"
FIRST_OCCLUDER = "surgical-mask"
FIRST_SEED = 7
FIRST_EXPLAINER = "grad-cam"
MODELS_AT_FIRST = 5


@dataclass(frozen=True, slots=True)
class Followers:
    """What the sidebar itself shows of the choices made in it.

    Attributes:
        picture: the big face under its cover.
        share: how much is covered.
        note: what there is to say about a photograph, and its other faces.
        method: what the heatmap method does.
    """

    picture: gr.HTML
    share: gr.HTML
    note: gr.HTML
    method: gr.HTML


class Sidebar:
    """The sidebar as it is laid out: what is chosen in it, and what follows from that."""

    def __init__(self, studio: Studio, first_view: str, mode: Mode = Mode()) -> None:  # noqa: B008
        """Lay it out and wire what happens inside it; `first_view` is the tab that shows first."""
        self.studio = studio
        self.mode = mode
        self.faces = Faces(studio)
        methods = [
            *_menu(mode.explainers(studio.explainers())),
            Option(NONE, words.NO_HEAT, words.NO_HEAT_TIP),
        ]
        self._method_notes = {method.value: method.tip for method in methods}
        with gr.Column(elem_id="sidebar", min_width=0):
            gr.HTML(render("parts/fold.html", words=words), elem_id="fold")
            _caption(words.FACE_SECTION)
            layers, photo = gr.State(()), gr.State(None)
            picture = _easel(layers)
            samples, photo_note = _sources(self.faces, photo, mode)
            seed = _cover_caption()
            occluder = Choice(
                _menu(
                    mode.occluders(studio.occluders()),
                    Option(NONE, words.NOTHING, words.NOTHING_TIP),
                ),
                value=FIRST_OCCLUDER,
                label=words.OCCLUDERS_LABEL,
                elem_id="occluders",
            )
            if not mode.kiosk:
                _sticker(layers)
            with gr.Row(elem_id="amount-row"):
                amount = gr.Slider(
                    0, 1, FIRST_AMOUNT, step=0.05, label=words.AMOUNT, elem_id="amount",
                    buttons=[], min_width=0,
                )  # fmt: skip
                share = gr.HTML(elem_id="share")
            _caption(words.ASK_SECTION)
            if mode.lite:
                gr.HTML(warning(words.lite(LITE_MODELS)), elem_id="lite")
            models = _models_menu(studio.models(), mode)
            for sentence in studio.damaged():
                gr.HTML(warning(public(sentence)), elem_classes="left-out")
            explainer = gr.Dropdown(
                [(method.title, method.value) for method in methods],
                value=FIRST_EXPLAINER,
                label=words.EXPLAINERS_LABEL,
                show_label=False,
                container=False,
                elem_id="explainers",
                min_width=0,
            )
            method = gr.HTML(elem_id="explainer-note")
            scale = _scale()
            self.ask = gr.Button(words.COMPARE_BUTTON, variant="primary", elem_id="ask")
        self.choices = Choices(
            gr.State(first_view), samples, photo, occluder, amount, seed, layers, models,
            explainer, scale, gr.State(""), gr.State(""), gr.State(Amounts()), gr.State(""),
        )  # fmt: skip
        self.followers = Followers(picture, share, photo_note, method)

    def selection(self, values: Values) -> Selection:
        """Return what the studio is asked."""
        models = self.choices.models
        asked = {**values, models: self.mode.asked(values[models])}
        return self.choices.selection(self.faces, asked)

    def follow(self, values: Values, watch: Watch = unwatched) -> Updates:
        """Return what follows a change: the face under its cover, and the amount that goes with it.

        Args:
            values: holds the choices and the amounts so far.
            watch: is told how the work stands that heat asks for; raises where nobody waits.
        """
        choices, shown = self.choices, self.followers
        amount, amounts = values[choices.amounts].under(
            values[choices.occluder], values[choices.amount]
        )
        selection = self.selection({**values, choices.amount: amount})
        sample = values[choices.samples]
        alt = words.face_alt(sample) if sample else words.CURRENT_FACE
        picture, share = preview(self.studio, selection, alt, watch)
        return {
            shown.picture: picture,
            shown.share: share,
            shown.note: note(values[choices.photo], sample),
            shown.method: render("parts/method_note.html", note=self._method_note(selection)),
            choices.amount: gr.skip() if amount == values[choices.amount] else amount,
            choices.amounts: amounts,
        }

    def _method_note(self, selection: Selection) -> str:
        """Return what the heatmap method does, and how long that will take where it is long."""
        said, foreseen_s = (
            self._method_notes[selection.explainer],
            self.studio.foreseen_s(selection),
        )
        return said if foreseen_s is None else f"{said} {words.cost(foreseen_s)}".strip()


def _easel(layers: gr.State) -> gr.HTML:
    """Lay out the big face with the easel over it; return the face."""
    with gr.Column(elem_id="easel", min_width=0):
        picture = gr.HTML(elem_id="face")
        easel = gr.HTML(paint_tools(), elem_id="paint", js_on_load=script("paint"))
    easel.select(painted, layers, layers, **CLICKS)
    return picture


def _sources(faces: Faces, photo: gr.State, mode: Mode) -> tuple[Choice, gr.HTML]:
    """Lay out where a face may come from; return the samples and the note about a photograph."""
    if not mode.kiosk:
        gr.HTML(
            render("parts/snapshot.html", words=words),
            elem_id="camera",
            js_on_load=script("camera", "snapshot"),
        )
    samples = Choice(
        [
            Option(
                emotion,
                words.face_alt(emotion),
                words.sample_tip(emotion),
                data_uri(crop.image, THUMB_SIDE_PX),
            )
            for emotion, crop in faces.samples.items()
        ],
        value=FIRST_SAMPLE,
        label=words.SAMPLES_LABEL,
        elem_id="samples",
    )
    if mode.kiosk:
        gr.HTML(render("parts/kiosk.html", words=words), elem_id="kiosk")
        return samples, gr.HTML(elem_id="note")
    with gr.Row(elem_id="sources"):
        # of any type: what is no picture is refused in the studio's own words
        upload = gr.UploadButton(words.UPLOAD, size="sm", elem_id="upload", min_width=0)
        gr.HTML(render("parts/sources.html", words=words, limit_mb=MAX_UPLOAD_MB))
    photo_note = gr.HTML(elem_id="note", js_on_load=script("pick"))
    shown = [photo, samples, photo_note]
    upload.upload(faces.upload, [upload, photo, samples], shown, **CLICKS)
    photo_note.select(faces.pick, photo, photo, **CLICKS)
    return samples, photo_note


def _cover_caption() -> gr.Number:
    """Lay out the heading over the covers; return the seed beside it."""
    with gr.Row(elem_id="cover-row"):
        _caption(words.COVER_SECTION, f"{words.AMOUNT_TIP} {words.SEED_TIP}")
        seed = gr.Number(FIRST_SEED, label=words.SEED, precision=0, elem_id="seed", min_width=0)
        reroll = gr.HTML(render("parts/reroll.html", words=words), elem_id="reroll")
    reroll.click(None, seed, seed, js=script("next_seed"), api_visibility="private")
    return seed


def _sticker(layers: gr.State) -> None:
    """Lay out what brings a sticker; the stylesheet shows it where one covers the face."""
    sticker = gr.UploadButton(words.STICKER, size="sm", elem_id="sticker")
    trouble = gr.HTML(elem_id="sticker-note")
    sticker.upload(stuck, [sticker, layers], [layers, trouble], **CLICKS)


def _scale() -> Choice:
    return Choice(
        [
            Option("own", words.OWN_SCALE, words.OWN_SCALE_TIP),
            Option("one", words.ONE_SCALE, words.ONE_SCALE_TIP),
        ],
        value="own",
        label=words.SCALE_LABEL,
        elem_id="scale",
    )


def _menu(entries: Sequence[MenuEntry], *first: Option) -> list[Option]:
    groups = words.OCCLUDER_GROUPS
    return [
        *first,
        *(
            Option(entry.name, entry.title, entry.summary, group=groups.get(entry.group, ""))
            for entry in entries
        ),
    ]


def _models_menu(models: tuple[ModelSummary, ...], mode: Mode) -> gr.CheckboxGroup:
    # a network of each paper is ticked first; others fill up where one isn't there
    names = sorted((model.name for model in models), key=lambda name: name not in PAPERS_NETWORKS)
    ticked = mode.asked(names[:MODELS_AT_FIRST])
    return gr.CheckboxGroup(
        [(model.title, model.name) for model in models],
        value=[model.name for model in models if model.name in ticked],
        label=words.MODELS_LABEL,
        show_label=False,
        elem_id="models",
    )


def _caption(caption: str, tip: str = "") -> None:
    gr.HTML(render("parts/caption.html", caption=caption, tip=tip))
