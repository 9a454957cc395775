"""The six lessons, in the order in which a class may take them."""

from ferstudio.errors import UnknownNameError
from ferstudio.lessons.claims import (
    agrees_with_label,
    answer_needs_attention,
    changes,
    differs,
    gives_up,
    heat_on_cover,
    keeps,
    map_beats_chance,
    map_is_lost,
    outlasts,
    part_decides,
    people_agree,
    sides_differ,
)
from ferstudio.lessons.lesson import Lesson, Setting, Step

CSINET, ACSINET, TWIN = "csinet.ferplus", "acsinet.ferplus", "acsinet.ferplus_clean"
VGG16_GCCA = "vgg16_gcca.ferplus"
COMPARE, ATTENTION, EXPLAIN, ROBUSTNESS = "Compare", "Attention", "Explain", "Robustness"

MOUTH = Lesson(
    "mouth",
    "Cover the mouth",
    "A smile sits in the mouth: hide it, and networks see a calm face.",
    10,
    (
        Step(
            "What does this face show?",
            Setting(COMPARE, "happiness"),
            "Say it aloud before the networks do.",
            agrees_with_label(),
            "On a bare face, networks and people mostly agree.",
            guess=True,
        ),
        Step(
            "A surgical mask hides the mouth. What will the networks say?",
            Setting(COMPARE, "happiness", "surgical-mask"),
            "Guess what you see, then what a network sees.",
            changes(),
            "Without the mouth, the same happy face becomes another answer to most networks.",
            guess=True,
        ),
        Step(
            "And if sunglasses hide the eyes instead?",
            Setting(COMPARE, "happiness", "sunglasses"),
            "The mouth is free now.",
            keeps(0.8),
            "For happiness, the mouth says more to a network than the eyes.",
            guess=True,
        ),
        Step(
            "Is it the same for an angry face under a mask?",
            Setting(COMPARE, "anger", "surgical-mask"),
            "Look at the eyes and brows. Is the face still angry?",
            changes(),
            "A mask doesn't only hide a smile: what is left looks calm to a network.",
            guess=True,
        ),
        Step(
            "Which part of the bare, angry face carries the answer?",
            Setting(EXPLAIN, "anger", models=(ACSINET,)),
            "Look at the bars: how far the probability falls when a part is hidden.",
            part_decides(0.1),
            "Hide one part at a time, and you see what an answer hangs on.",
        ),
        Step(
            "How much of the mask does it take?",
            Setting(ROBUSTNESS, "happiness", "surgical-mask", models=(CSINET, ACSINET)),
            "Follow the curves from left to right until they bend.",
            gives_up(),
            "There is no warning: from one amount to the next, the answer is another one.",
        ),
    ),
)

TWINS = Lesson(
    "twins",
    "What mask wearers taught these networks",
    "Two networks of one design; only one of them has seen covered faces in training.",
    10,
    (
        Step(
            "Two networks, the same design. Do they agree on this face?",
            Setting(COMPARE, "happiness", models=(ACSINET, TWIN)),
            "The second one has never seen a covered face.",
            agrees_with_label(),
            "On bare faces, training with covers changes little.",
            guess=True,
        ),
        Step(
            "Mouth and chin are gone. Which twin still sees the smile?",
            Setting(COMPARE, "happiness", "lower", models=(ACSINET, TWIN)),
            "Vote for what the face shows; then look who agrees.",
            differs(),
            "Who has practised on covered faces reads what is left.",
            guess=True,
        ),
        Step(
            "How much of the face can each of them lose?",
            Setting(ROBUSTNESS, "happiness", "lower", models=(ACSINET, TWIN)),
            "Compare the two curves.",
            outlasts(ACSINET, TWIN),
            "Practice moves the point at which a network gives up.",
        ),
        Step(
            "An N95 mask over an angry face: who is right?",
            Setting(COMPARE, "anger", "n95-mask", models=(ACSINET, TWIN)),
            "This very mask was no part of the practice of either.",
            differs(),
            "What is learned on some covers helps under others.",
            guess=True,
        ),
        Step(
            "Does practice always help?",
            Setting(COMPARE, "sadness", "scarf", models=(ACSINET, TWIN)),
            "One of them has practised on scarves. Look at both answers, and at how sure they are.",
            differs(),
            "Practice also teaches what to expect: it can answer too quickly.",
            guess=True,
        ),
    ),
)

MAPS = Lesson(
    "maps",
    "Two heatmaps, one truth",
    "A heatmap looks convincing whether it is true or not: test it.",
    15,
    (
        Step(
            "Where does this network look?",
            Setting(COMPARE, "surprise", models=(VGG16_GCCA,), explainer="grad-cam"),
            "Describe the map in one sentence.",
            agrees_with_label(),
            "A heatmap is a picture of a calculation, not of a thought.",
        ),
        Step(
            "Is a map that looks good also true?",
            Setting(EXPLAIN, "surprise", models=(VGG16_GCCA,), explainer="layer-cam"),
            "Hide the hottest places first: does the answer fall faster than by chance?",
            map_beats_chance(),
            "A true map finds the places that the answer hangs on.",
            card="true",
        ),
        Step(
            "Now shuffle everything the network has learned. What happens to the map?",
            Setting(EXPLAIN, "surprise", models=(VGG16_GCCA,), explainer="layer-cam"),
            "Compare the first map with the last one in the row.",
            map_is_lost(),
            "A map that is about learning must change when learning is undone.",
            card="stages",
        ),
        Step(
            "The same network, the same face, another method. What happens to this map?",
            Setting(EXPLAIN, "surprise", models=(VGG16_GCCA,), explainer="eigen-cam"),
            "Compare the first map with the last one again.",
            map_is_lost(lost=False),
            "Some maps look alike whatever was learned: they show the design, not the reason.",
            card="stages",
        ),
        Step(
            "Cover the mouth: does the map follow?",
            Setting(EXPLAIN, "surprise", "surgical-mask", models=(VGG16_GCCA,)),
            "How much of the heat lies on the mask itself?",
            heat_on_cover(),
            "A map can point at a place where there is nothing left to see.",
            card="change",
        ),
    ),
)

ATTENTION_LESSON = Lesson(
    "attention",
    "Attention is not explanation",
    "Networks weigh places by themselves. Switch that off and see what it was worth.",
    10,
    (
        Step(
            "This network pays attention. To what?",
            Setting(ATTENTION, "happiness", models=(CSINET,)),
            "Look at the map of its attention and at the shares of the parts.",
            agrees_with_label(),
            "Attention is a number that the network multiplies with, nothing more.",
            later="switch",
        ),
        Step(
            "We switch all of it off. What does the network answer now?",
            Setting(ATTENTION, "happiness", models=(CSINET,), options={"attention.off": "*"}),
            "Bet first: same answer, or another one?",
            answer_needs_attention(needs=False),
            "What looks important may not be needed.",
            guess=True,
        ),
        Step(
            "The attention is off. What does it answer behind a microphone?",
            Setting(
                ATTENTION,
                "sadness",
                "microphone",
                models=(CSINET,),
                options={"attention.off": "*"},
            ),
            "Bet again.",
            answer_needs_attention(needs=True),
            "On a face that is hard to read, attention can tip the balance.",
            guess=True,
        ),
        Step(
            "Do two networks attend to the same places?",
            Setting(ATTENTION, "anger", models=(ACSINET,)),
            "Compare this map with the one before.",
            agrees_with_label(),
            "Equal answers can come by different ways.",
        ),
        Step(
            "What does the answer hang on, if not on the map of attention?",
            Setting(EXPLAIN, "anger", models=(ACSINET,)),
            "Compare the bars of the parts with the map of attention.",
            part_decides(0.05),
            "To learn what matters, take it away and watch.",
        ),
    ),
)

HALVES = Lesson(
    "halves",
    "Which half of your face speaks",
    "Left or right, above or below: emotions live in different places.",
    10,
    (
        Step(
            "The left half of a face. What does it show?",
            Setting(COMPARE, "disgust", "right"),
            "Left and right are the person's own.",
            differs(),
            "Half a face is enough for some networks and too little for others.",
            guess=True,
        ),
        Step(
            "And the right half?",
            Setting(COMPARE, "disgust", "left"),
            "The same face, the other half.",
            changes(),
            "The two halves of a face don't say the same.",
            guess=True,
        ),
        Step(
            "Contempt lifts one corner of the mouth. Which half costs the answer more?",
            Setting(COMPARE, "contempt", "left"),
            "Take the other half's bar, too, and compare what is left of the answer.",
            sides_differ(),
            "Some expressions live in one half alone.",
        ),
        Step(
            "The mouth of a surprised face is hidden. Still surprised?",
            Setting(COMPARE, "surprise", "lower"),
            "Look at the eyes.",
            keeps(),
            "Surprise shows in eyes and brows, too.",
            guess=True,
        ),
        Step(
            "What about sadness, with the mouth hidden?",
            Setting(COMPARE, "sadness", "lower"),
            "Look at the brows. Do as many networks keep their answer as a step before?",
            changes(0.2),
            "Every emotion has its own place in the face.",
            guess=True,
        ),
    ),
)

PEOPLE = Lesson(
    "people",
    "Where networks disagree, people do",
    "Ten people judged every face. They didn't always agree, either.",
    15,
    (
        Step(
            "What does this face show?",
            Setting(COMPARE, "happiness"),
            "Easy, isn't it?",
            people_agree(0.95),
            "On a big smile, people and networks are of one mind.",
            guess=True,
        ),
        Step(
            "And this one?",
            Setting(COMPARE, "fear"),
            "Take your time, and look around: do you all say the same?",
            people_agree(0.4, 0.8),
            "What people confuse, networks confuse: they learned it from people.",
            guess=True,
        ),
        Step(
            "This one?",
            Setting(COMPARE, "contempt"),
            "One corner of the mouth tells.",
            people_agree(0.4, 0.8),
            "What is rare in the data is hardly ever answered.",
            guess=True,
        ),
        Step(
            "And this one, behind sunglasses?",
            Setting(COMPARE, "disgust", "sunglasses"),
            "What do the nose and the mouth say?",
            differs(),
            "With less to see, everyone guesses, and guesses differ.",
            guess=True,
        ),
        Step(
            "So who is right, when label, people and networks differ?",
            Setting(COMPARE, "fear", "scarf"),
            "Look at the mark beside each answer: it only says whether the label agrees.",
            people_agree(0.4, 0.8),
            "A label is what most people said. No face says for certain what somebody feels.",
        ),
    ),
)

LESSONS = (MOUTH, TWINS, MAPS, ATTENTION_LESSON, HALVES, PEOPLE)


def lesson(name: str) -> Lesson:
    """Return the lesson called `name`.

    Raises:
        UnknownNameError: if there is none.
    """
    for each in LESSONS:
        if each.name == name:
            return each
    raise UnknownNameError("lesson", name, [each.name for each in LESSONS])
