"""The page's account of itself names its limits, the law and its networks."""

from ferstudio.ui.about import about
from tests.ui.fake_studio import FakeStudio


def test_it_names_what_a_visitor_should_know_and_every_network() -> None:
    said = about(FakeStudio())
    for word in ("read feelings", "FER+", "2024/1689", "Article 5", "MIT", "ages, skin colours"):
        assert word in said
    for model in FakeStudio().models():
        assert model.title in said
        assert model.name in said
